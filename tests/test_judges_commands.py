"""The judge options of the commands: what a budget stops, what is reused, and what is told instead of passed over."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from servers import Script, set_up
from typer.testing import CliRunner

from multitrust_eval.cli import app, main

SPENT = "--judge-budget is spent"
JUDGE = ("--judge", "attack=openai:scripted")
SIX = ("run", "--model", "baseline:always-comply", "--tasks", "s4", "--variants", "behavior", "--limit", 6)
"""A run whose judge has six different questions to answer."""


def multitrust(*words: object) -> Any:
    """The command line, in this process."""
    return CliRunner().invoke(app, [str(word) for word in words])


def told(capsys, *words: object) -> tuple[int, str]:
    """The exit code, and what went to stderr, of a command with a mistake in it."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0), " ".join(capsys.readouterr().err.split())


@pytest.fixture
def server(monkeypatch):
    with set_up(monkeypatch) as script:
        yield script


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "stored"
    result = multitrust(*SIX, "--output-dir", folder)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def run(stored, tmp_path) -> Path:
    """A run of its own, judged by the rules."""
    return Path(shutil.copytree(stored, tmp_path / "run"))


def asked(server: Script) -> int:
    return sum(server.calls.values())


def judged_by(folder: Path) -> str:
    return json.loads((folder / "results.json").read_text())["judges"]["attack"]["name"]


def test_a_spent_budget_of_judge_is_told_and_the_same_command_goes_on(server, run):
    first = multitrust("judge", run, *JUDGE, "--judge-budget", 4)
    assert (first.exit_code, asked(server)) == (0, 4)
    assert first.stderr.splitlines()[-1].startswith(f"2 questions were not asked: {SPENT}.")
    second = multitrust("judge", run, *JUDGE, "--judge-budget", 4)
    assert (second.exit_code, asked(server)) == (0, 6)
    assert SPENT not in second.output
    assert set(server.calls.values()) == {1}


def test_a_spent_budget_of_run_is_told(server, tmp_path):
    words = (*SIX, "--output-dir", tmp_path / "run", *JUDGE)
    result = multitrust(*words, "--judge-budget", 5)
    assert asked(server) == 5
    assert f"1 question was not asked: {SPENT}." in result.stderr
    assert SPENT not in multitrust(*words).output
    assert asked(server) == 6


def test_judge_takes_over_the_verdicts_of_another_run_only_when_told(server, run, tmp_path):
    other = Path(shutil.copytree(run, tmp_path / "other"))
    third = Path(shutil.copytree(run, tmp_path / "third"))
    assert multitrust("judge", other, *JUDGE).exit_code == 0
    paid = asked(server)
    assert paid == 6
    assert multitrust("judge", run, *JUDGE, "--reuse", other).exit_code == 0
    assert asked(server) == paid
    assert (run / "results.json").read_bytes() == (other / "results.json").read_bytes()
    assert multitrust("judge", third, *JUDGE).exit_code == 0
    assert asked(server) == 2 * paid


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--judge-budget", "-1"), "--judge-budget -1: give a number of at least 1."),
        (("--judge-budget", "0"), "--judge-budget 0: give a number of at least 1."),
        (("--reuse", "NONE"), "there are no verdicts; give the folder of a run that was judged."),
    ],
)
def test_a_senseless_option_of_judge_is_refused_and_the_run_stays_as_it_is(server, run, tmp_path, capsys, words, why):
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    given = [tmp_path if word == "NONE" else word for word in words]
    code, text = told(capsys, "judge", run, *JUDGE, *given)
    assert code == 2
    assert why in text
    assert text.startswith(f"{given[0]} {given[1]}: ")
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    assert asked(server) == 0


def test_a_judge_for_a_slot_that_no_task_needs_is_told(server, run):
    before = (run / "results.json").read_bytes()
    result = multitrust("judge", run, "--judge", "refusal=classifier")
    assert result.exit_code == 0
    last = "--judge refusal=classifier had nothing to judge: no task of this run needs the slot refusal."
    assert result.stderr.splitlines()[-1] == last
    assert json.loads(before)["tasks"] == json.loads((run / "results.json").read_text())["tasks"]
    assert "nothing to judge" not in multitrust("judge", run, *JUDGE).output
    assert judged_by(run) == "openai:scripted"


def test_judge_check_keeps_to_its_budget(server, capsys):
    result = multitrust("judge-check", "--judge", "openai:scripted", "--slot", "attack", "--judge-budget", 7)
    assert (result.exit_code, asked(server)) == (0, 7)
    assert "93 of 100 unjudged; the first because: budget spent" in result.stdout
    wrong = ("judge-check", "--judge", "openai:scripted", "--slot", "attack", "--judge-budget", -1)
    assert told(capsys, *wrong) == (2, "--judge-budget -1: give a number of at least 1.")
    assert asked(server) == 7


def test_a_wrong_option_names_those_of_its_own_command(capsys):
    code, said = told(capsys, "judge-compare", "run", "--reus", "x")
    assert code == 2 and "There is no option --reus." in said and "--reuse" not in said
