# `make demo` shows the whole path on the embedded sample; `make test` checks everything. Both need only Python 3.11+.
PYTHON ?= python3
VENV := .venv
RUN := OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false $(VENV)/bin/python

.PHONY: demo test lint clean

demo: $(VENV)/installed
	$(RUN) run_eval.py

test: $(VENV)/installed-dev
	$(RUN) -m pytest -n 2 --dist loadfile

lint: $(VENV)/installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("multitrust needs Python 3.11 or newer; try: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# The constraints file keeps pip from bringing gigabytes of CUDA; a GPU user installs without it (see README).
$(VENV)/installed: $(VENV)/bin/python setup.cfg constraints-cpu.txt
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c constraints-cpu.txt -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/bin/python setup.cfg constraints-cpu.txt
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c constraints-cpu.txt -e ".[dev]"
	@touch $(VENV)/installed $@

clean:
	rm -rf $(VENV) build dist *.egg-info
