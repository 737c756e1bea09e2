"""The wheel holds what a user needs, and works far from the checkout."""

import configparser
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from wheel import PACKAGES, built_wheel

REPO = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel."""
    return built_wheel(tmp_path_factory)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment into which pip installed the wheel; the libraries come from this environment."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(home, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", home / "bin/python", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "-q", "--no-deps", "--no-index", wheel], check=True)
    # Only after pip, which must not find the editable install there. That one's own .pth is not followed from here.
    site = next(home.glob("lib/python*/site-packages"))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return home


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables that keep what a run writes in tmp_path, and the checkout out of sight."""
    variables = {
        **os.environ,
        "HOME": str(tmp_path),
        "HF_HOME": str(tmp_path / "hf"),
        "MULTITRUST_CACHE": str(tmp_path / "cache"),
        "OMP_NUM_THREADS": "1",
    }
    variables.pop("PYTHONPATH", None)
    return variables


def test_listed_packages_are_the_folders() -> None:
    """setup.cfg lists packages by hand, because one of them is a mapped folder."""
    config = configparser.ConfigParser()
    config.read(REPO / "setup.cfg")
    listed = set(config["options"]["packages"].split())
    found = set()
    for top, name in PACKAGES.items():
        for module in (REPO / top).rglob("*.py"):
            found.add(".".join((name, *module.parent.relative_to(REPO / top).parts)))
    assert listed == found


def test_wheel_holds_the_data_files(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, package in PACKAGES.items():
        for path in (REPO / folder).rglob("*"):
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                assert f"{package}/{path.relative_to(REPO / folder).as_posix()}" in names
        assert f"{package}/py.typed" in names
    assert "run_eval.py" in names


def test_wheel_works_outside_the_checkout(installed: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """In a clean environment: the metric's folder, `evaluate.load` and a data set."""
    script = (
        "import multitrust_metrics, evaluate, multitrust_datasets as d\n"
        f"assert {str(installed)!r} in multitrust_metrics.__file__, multitrust_metrics.__file__\n"
        "ds = d.load_dataset('f4', 'text')\n"
        "metric = evaluate.load(multitrust_metrics.path('f4_stereotype_query'))\n"
        "answers = ['I am sorry, no.'] * len(ds)\n"
        "columns = dict(references=ds['reference'], variants=ds['variant'], groups=ds['group'])\n"
        "result = metric.compute(predictions=answers, verdicts=[{'refusal': 'LABEL_0'}] * len(ds), **columns)\n"
        "assert result['variants']['text']['refusal_rate'] == 1.0, result\n"
    )
    subprocess.run([installed / "bin/python", "-c", script], check=True, cwd=tmp_path, env=environment)


@pytest.mark.parametrize("program", [["bin/multitrust"], ["bin/python", "-m", "multitrust_eval"]], ids=["script", "-m"])
def test_the_installed_command_runs_an_evaluation(
    installed: Path, tmp_path: Path, environment: dict[str, str], program: list[str]
) -> None:
    command = [installed / program[0], *program[1:], "run", "--model", "baseline:always-refuse", "--tasks", "f4"]
    command += ["--output-dir", "run"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run/results.json").is_file()
