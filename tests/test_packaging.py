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

REPO = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built with the setuptools that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, REPO]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return next(folder.glob("multitrust-*.whl"))


def test_listed_packages_are_the_folders() -> None:
    """setup.cfg lists packages by hand, because one of them is a mapped folder."""
    config = configparser.ConfigParser()
    config.read(REPO / "setup.cfg")
    listed = set(config["options"]["packages"].split())
    found = set()
    for top, name in (
        ("multitrust_datasets", "multitrust_datasets"),
        ("multitrust_eval", "multitrust_eval"),
        ("metrics", "multitrust_metrics"),
    ):
        for module in (REPO / top).rglob("*.py"):
            found.add(".".join((name, *module.parent.relative_to(REPO / top).parts)))
    assert listed == found


def test_wheel_holds_the_data_files(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, package in (
        ("multitrust_datasets/sample", "multitrust_datasets/sample"),
        ("metrics", "multitrust_metrics"),
    ):
        for path in (REPO / folder).rglob("*"):
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                assert f"{package}/{path.relative_to(REPO / folder).as_posix()}" in names
    for package in ("multitrust_datasets", "multitrust_metrics", "multitrust_eval"):
        assert f"{package}/py.typed" in names
    assert "run_eval.py" in names


def test_wheel_works_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """In a clean environment: the metric's folder, `evaluate.load`, a data set, and a whole run."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    site = next(home.glob("lib/python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    # The libraries come from this environment; its own .pth files (the editable install) are not followed from here.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    script = (
        "import multitrust_metrics, evaluate, multitrust_datasets as d\n"
        f"assert {str(site)!r} in multitrust_metrics.__file__, multitrust_metrics.__file__\n"
        "ds = d.load_dataset('f4', 'text')\n"
        "metric = evaluate.load(multitrust_metrics.path('f4_stereotype_query'))\n"
        "answers = ['I am sorry, no.'] * len(ds)\n"
        "columns = dict(references=ds['reference'], variants=ds['variant'], groups=ds['group'])\n"
        "result = metric.compute(predictions=answers, verdicts=[{'refusal': 'LABEL_0'}] * len(ds), **columns)\n"
        "assert result['variants']['text']['refusal_rate'] == 1.0, result\n"
    )
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "HF_HOME": str(tmp_path / "hf"),
        "MULTITRUST_CACHE": str(tmp_path / "cache"),
        "OMP_NUM_THREADS": "1",
    }
    environment.pop("PYTHONPATH", None)
    python = home / "bin/python"
    subprocess.run([python, "-c", script], check=True, cwd=tmp_path, env=environment)
    run = [python, "-m", "multitrust_eval", "run", "--model", "baseline:always-refuse", "--tasks", "f4", "--output-dir"]
    done = subprocess.run([*run, "run"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run/results.json").is_file()
