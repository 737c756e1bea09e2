"""The run over HTTP against `transformers serve`, beside the in-process run of the same model: equal answers."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny
from runs import QUIET, results, run_here

from multitrust_eval.store import read_records

ARGUMENTS = ("--tasks", "f4,s4,t6", "--limit", "3", "--profile", "paper", "--max-new-tokens", "24")
"""Rows with and without pictures: a few of each variant."""


@pytest.fixture(autouse=True)
def quiet(monkeypatch, tmp_path):
    monkeypatch.setenv("MULTITRUST_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return tiny.llava(tmp_path_factory.mktemp("models") / "tiny-llava")


@pytest.fixture(scope="module")
def address(model, tmp_path_factory) -> Iterator[str]:
    """A server of the model in float32, on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    program = (sys.executable, "-c", "from transformers.cli.transformers import main; main()", "serve")
    options = ("--host", "127.0.0.1", "--port", str(port), "--dtype", "float32", "--device", "cpu")
    with log.open("wb") as file:
        server = subprocess.Popen(
            [*program, str(model), *options], env={**os.environ, **QUIET}, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_well(server, port, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        server.wait()


def _wait_until_well(server: subprocess.Popen, port: int, log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as reply:
                assert reply.status == 200
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the server does not come up: {log.read_text()}")


def by_row(folder: Path) -> dict[str, tuple[str, int]]:
    """Row id -> text and number of tokens. Keys differ between the two runs: they hold who was asked."""
    whole = [record for record in read_records(folder / "responses") if record is not None]
    return {row: (record["text"], record["new_tokens"]) for record in whole for row in record["ids"]}


def but_truncation(value: Any) -> Any:
    """Results without the rate of truncated answers. `transformers serve` calls an answer cut off whose end token is
    the very last that the limit allows; we do not."""
    if isinstance(value, dict):
        return {name: but_truncation(item) for name, item in value.items() if name != "truncated"}
    return value


def test_over_http_the_same_answers_and_the_same_scores(model, address, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    assert run_here("--model", model, "--dtype", "fp32", *ARGUMENTS, "--output-dir", here) == 0
    assert run_here("--model", f"openai:{model}", "--base-url", address, *ARGUMENTS, "--output-dir", there) == 0
    answers = by_row(here)
    assert len({text for text, _ in answers.values()}) > len(answers) / 2, "the model says the same to everything"
    assert by_row(there) == answers
    first, second = results(here), results(there)
    assert first["suite_fingerprint"] == second["suite_fingerprint"]
    assert but_truncation(first["tasks"]) == but_truncation(second["tasks"])
    assert first["sub_aspects"] == second["sub_aspects"]
    assert any(task["score"] not in (None, 0, 100) for task in first["tasks"].values())
    assert second["model"]["id"] == "openai:tiny-llava"
    assert str(model.parent) not in (there / "results.json").read_text()


def verdicts_of(folder: Path) -> Counter:
    """(slot, raw, reason) -> how many distinct questions got it, over the files of the one judge."""
    whole = [record for record in read_records(next((folder / "verdicts").iterdir())) if record is not None]
    return Counter((record["slot"], record["raw"], record["reason"]) for record in whole)


def test_a_judge_behind_a_server_says_what_it_says_here(model, address, tmp_path, monkeypatch):
    """The path of a judging run, not its quality: a random model's replies are mostly none. None of them is a score."""
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    monkeypatch.setenv("OPENAI_API_KEY", "no-secret")
    asked = ("--model", "baseline:echo", "--tasks", "t4,s4", "--limit", "3")
    here, there = tmp_path / "here", tmp_path / "there"
    assert run_here(*asked, "--judge", f"chat:{model}", "--output-dir", here) == 0
    assert run_here(*asked, "--judge", f"openai:{model}", "--output-dir", there) == 0
    assert verdicts_of(there) == verdicts_of(here)
    first, second = results(here)["tasks"], results(there)["tasks"]
    for stem, task in second.items():
        assert {slot: judge["stand_in"] for slot, judge in task["judges"].items()} == dict.fromkeys(
            task["judges"], False
        )
        for name in ("score", "n", "n_scored", "unscored", "coverage", "variants", "rates"):
            assert task[name] == first[stem][name], (stem, name)
    assert sum(verdicts_of(there).values()) > 20
