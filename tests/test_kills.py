"""A few strikes with SIGKILL at random moments; benchmarks/kills.py makes fifty."""

import importlib.util
import sys
from pathlib import Path

import pytest
from runs import QUIET

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
RUN = ("--model", "demo", "--tasks", "f4", "--variants", "text", "--profile", "paper", "--batch-size", "1")


@pytest.fixture
def kills(monkeypatch):
    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    spec = importlib.util.spec_from_file_location("kills", BENCHMARKS / "kills.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "kills", module)
    spec.loader.exec_module(module)
    return module


def test_a_run_that_is_struck_ends_in_the_same_bytes(kills, tmp_path):
    whole, total, _ = kills.undisturbed(tmp_path / "whole", run=RUN)
    moments = iter([kills.Moment(total * 0.4, False), kills.Moment(0.0, True)])
    fate = kills.strike_until_done(tmp_path / "struck", moments, 2, whole, run=RUN)
    assert fate.same_bytes
    assert fate.strikes == 2
    assert 0 < fate.kept[-1] < fate.answers, "the second strike falls while answers are written"
    assert fate.twice == 0, "what is on disk is not generated again"
