"""The project's wheel for tests, built from a copy of the checkout.

Never from the checkout itself: setuptools leaves a build/ there, and what lies in it gets into the next wheel, so that
a file lost from setup.cfg would not be missed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {
    "multitrust_datasets": "multitrust_datasets",
    "multitrust_eval": "multitrust_eval",
    "metrics": "multitrust_metrics",
}
"""Folder of the checkout -> the package that it is installed as."""
FILES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "ATTRIBUTION.md", "run_eval.py")


def built_wheel(factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once a test process with the setuptools that is installed."""
    folder = factory.getbasetemp() / "built-wheel"
    if not (found := list(folder.glob("multitrust-*.whl"))):
        folder.mkdir(exist_ok=True)
        _build(_copy(factory.mktemp("tree")), folder)
        found = list(folder.glob("multitrust-*.whl"))
    return found[0]


def _copy(tree: Path) -> Path:
    for part in PACKAGES:
        shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, tree / file)
    return tree


def _build(tree: Path, folder: Path) -> None:
    build = "import sys, setuptools.build_meta as b; b.build_wheel(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", build, folder], cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
