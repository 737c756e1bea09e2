"""Runs as processes: several ranks, killed at any point, gone on with - and always the same bytes."""

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
import tiny
from runs import accelerate_launch, keys_written, results, run_here, start, torchrun

ARGUMENTS = ("--tasks", "f4,s4", "--profile", "paper", "--max-new-tokens", "128")
"""Long enough to be struck in the middle: 76 requests, some three seconds at batch size 1."""


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    before = os.environ.get("MULTITRUST_CACHE")
    os.environ["MULTITRUST_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    os.environ.pop("MULTITRUST_CACHE")
    if before is not None:
        os.environ["MULTITRUST_CACHE"] = before


@pytest.fixture(scope="module")
def whole(cache, tmp_path_factory) -> Path:
    """The run that nothing disturbed, at batch size 3."""
    folder = tmp_path_factory.mktemp("whole")
    assert run_here(*ARGUMENTS, "--batch-size", 3, "--output-dir", folder) == 0
    return folder


def same(folder: Path, whole: Path) -> bool:
    return (folder / "results.json").read_bytes() == (whole / "results.json").read_bytes()


def wait_for_records(process: subprocess.Popen, folder: Path, count: int) -> int:
    """Poll until `count` answers are on disk; how many there are. Fails when the run ends before."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        written = sum(keys_written(folder).values())
        if written >= count:
            return written
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.01)
    raise AssertionError(f"no {count} records after two minutes")


def test_batch_size_and_order_change_no_byte(whole, tmp_path):
    assert results(whole)["tasks"]["f4_stereotype_query"]["n_scored"] == 40
    for size, tasks in ((1, "f4,s4"), (8, "s4,f4"), ("auto", "f4,s4")):
        folder = tmp_path / str(size)
        assert run_here(*ARGUMENTS, "--tasks", tasks, "--batch-size", size, "--output-dir", folder) == 0
        assert same(folder, whole)


@pytest.mark.parametrize("launcher", [torchrun(2), accelerate_launch(2)], ids=["torchrun", "accelerate"])
def test_two_processes_share_the_work_and_change_no_byte(launcher, whole, tmp_path):
    process = start(*ARGUMENTS, "--batch-size", 1, "--output-dir", tmp_path, launcher=launcher)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert same(tmp_path, whole)
    written = keys_written(tmp_path)
    assert written.keys() == keys_written(whole).keys() and set(written.values()) == {1}
    assert output.count("distinct requests") == output.count("Wrote ") == 1
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert all(manifest["settings"][name] for name in ("revision", "dtype", "processor", "chat_template"))
    assert manifest["processes"] == 2
    verified = manifest["verify_batching"]
    assert (verified["compared"], verified["mismatches"]) == (4, 0), "the first rank did it, for all"
    assert all(file.stat().st_size for file in (tmp_path / "responses").iterdir()), "one rank did nothing"


def test_three_processes_and_another_architecture_change_no_byte(tmp_path):
    model = tiny.qwen2_5_vl(tmp_path / "tiny-qwen")
    arguments = ("--model", model, "--tasks", "f4,s4", "--limit", 3, "--max-new-tokens", 8, "--dtype", "fp32")
    assert run_here(*arguments, "--batch-size", 1, "--output-dir", tmp_path / "alone") == 0
    process = start(*arguments, "--batch-size", 3, "--output-dir", tmp_path / "three", launcher=torchrun(3))
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0, output
    assert same(tmp_path / "three", tmp_path / "alone")
    assert set(keys_written(tmp_path / "three").values()) == {1}


def test_a_killed_run_goes_on_where_it_was(whole, tmp_path):
    process = start(*ARGUMENTS, "--batch-size", 2, "--output-dir", tmp_path)
    wait_for_records(process, tmp_path, 10)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = keys_written(tmp_path)
    assert 10 <= len(kept) < len(keys_written(whole)) and not (tmp_path / "results.json").exists()
    (file,) = (tmp_path / "responses").iterdir()
    file.write_bytes(file.read_bytes()[:-7])  # what a power cut leaves
    assert run_here(*ARGUMENTS, "--batch-size", 5, "--output-dir", tmp_path) == 0
    assert same(tmp_path, whole)
    written = keys_written(tmp_path)
    assert set(written.values()) == {1} and written.keys() == keys_written(whole).keys()


@pytest.mark.parametrize("signum, code", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_run_after_its_batch_and_says_how_to_go_on(signum, code, whole, tmp_path, capsys):
    def strike() -> None:
        while sum(keys_written(tmp_path).values()) < 5:
            time.sleep(0.01)
        os.kill(os.getpid(), signum)

    before = signal.getsignal(signum)
    threading.Thread(target=strike, daemon=True).start()
    assert run_here(*ARGUMENTS, "--batch-size", 1, "--output-dir", tmp_path) == code
    assert signal.getsignal(signum) == before
    assert f"--config {tmp_path}/config.yaml" in capsys.readouterr().err
    stopped = keys_written(tmp_path)
    assert 5 <= len(stopped) < len(keys_written(whole))
    assert run_here("--config", tmp_path / "config.yaml", "--batch-size", 8) == 0
    assert same(tmp_path, whole) and max(keys_written(tmp_path).values()) == 1


def test_when_a_rank_dies_the_job_ends_and_its_work_is_taken_over(whole, tmp_path):
    process = start(*ARGUMENTS, "--batch-size", 1, "--output-dir", tmp_path, launcher=torchrun(2))
    wait_for_records(process, tmp_path, 5)
    os.kill(rank_pid(process.pid, 1), signal.SIGKILL)
    output, _ = process.communicate(timeout=120)
    assert process.returncode != 0 and not (tmp_path / "results.json").exists()
    assert f"torchrun --nproc_per_node 2 run_eval.py --config {tmp_path}/config.yaml" in output
    assert len(keys_written(tmp_path)) < len(keys_written(whole))
    assert run_here(*ARGUMENTS, "--batch-size", 8, "--output-dir", tmp_path) == 0
    assert same(tmp_path, whole) and max(keys_written(tmp_path).values()) == 1


def rank_pid(launcher: int, rank: int) -> int:
    """The process that the launcher started as `rank`."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            environment = (entry / "environ").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if parent == launcher and f"RANK={rank}".encode() in environment:
            return int(entry.name)
    raise AssertionError(f"rank {rank} of {launcher} is not running")
