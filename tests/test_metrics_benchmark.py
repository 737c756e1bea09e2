"""The benchmark of the metrics runs: every task, under either rules."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parent.parent / "benchmarks" / "metrics.py"


@pytest.fixture
def benchmark():
    spec = importlib.util.spec_from_file_location("benchmark_of_metrics", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("rules", ["paper", "strict"])
def test_every_task_is_timed(benchmark, monkeypatch, capsys, rules):
    monkeypatch.setattr(sys, "argv", ["metrics.py", "--samples", "30", "--rules", rules])
    benchmark.main()
    first, *rows, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"30 samples a task, {rules} rules")
    assert len([row for row in rows if re.fullmatch(r"[tsrfp]\d_\w+ +\d+\.\d\d s +[\d,]+ samples/s", row)]) == 32
    assert len(rows) == 32
    assert last.startswith("slowest: ")


def test_tasks_are_chosen_by_the_start_of_their_stem(benchmark, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["metrics.py", "--samples", "3", "--tasks", "t5,f4"])
    benchmark.main()
    assert [row.split()[0] for row in capsys.readouterr().out.splitlines()[1:-1]] == [
        "f4_stereotype_query",
        "t5_text_misleading",
    ]
