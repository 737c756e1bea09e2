"""Metrics load by evaluate.load from the wheel, outside the checkout, offline."""

import os
import subprocess
import sys
import zipfile

import pytest
from wheel import ROOT, built_wheel

USE = """
import evaluate, multitrust_metrics, multitrust_eval.leaderboard
assert multitrust_metrics.__file__.startswith({wheel!r}), multitrust_metrics.__file__
for stem in multitrust_metrics.list_metrics():
    metric = evaluate.load(multitrust_metrics.path(stem))
    module = __import__(type(metric).__module__, fromlist=["x"])
    assert module.base.__file__.startswith({wheel!r}), module.base.__file__
metric = evaluate.load(multitrust_metrics.path("t2_advanced_inference"))
result = metric.compute(predictions=["Yes"], references=["yes"], variants=["math"])
print(len(multitrust_metrics.list_metrics()), result["variants"]["math"]["accuracy"])
print(len(multitrust_eval.leaderboard.leaderboard_tables().models))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, unpacked."""
    unpacked = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(built_wheel(tmp_path_factory)) as archive:
        archive.extractall(unpacked)
    return unpacked


def test_wheel_holds_scripts_cards_and_the_leaderboard(wheel):
    metrics = wheel / "multitrust_metrics"
    for folder in (ROOT / "metrics").iterdir():
        if (folder / f"{folder.name}.py").exists():
            assert (metrics / folder.name / f"{folder.name}.py").exists()
            assert (metrics / folder.name / "README.md").exists()
    assert (metrics / "py.typed").exists()
    assert (metrics / "multitrust_score" / "leaderboard.csv").exists()


def test_every_metric_loads_from_the_wheel(wheel, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(wheel), "HF_HOME": str(tmp_path / "hf")}
    environment |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_EVALUATE_OFFLINE": "1"}
    code = USE.format(wheel=str(wheel))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["33", "1.0", "43"]
