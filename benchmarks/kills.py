"""Strikes with SIGKILL at random moments: every run, gone on with, must end in the same bytes.

    python benchmarks/kills.py --strikes 50 [--processes 2] [--seed 0]

A run of the demo model is started as a user would start it, struck, started again by the same command, struck again,
until it gets through; then the next folder. Half of the moments are anywhere in a run's life (imports, data, scoring),
half are while answers are being written. All processes of a run are struck at once. A run that was never struck gives
the bytes of results.json that all must end in.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import bench

ROOT = Path(__file__).resolve().parents[1]
RUN = ("--model", "demo", "--tasks", "t1,s4,f4", "--profile", "paper", "--max-new-tokens", "96", "--batch-size", "2")
"""116 requests, some four seconds of answering."""


MOST = 4
"""Strikes on one folder: once all is answered, more of them would only hit imports and scoring."""


@dataclass(frozen=True)
class Moment:
    """When to strike: so many seconds after the start, or (`answering`) after the run's first new answer."""

    seconds: float
    answering: bool


@dataclass
class Fate:
    """What became of one folder: the strikes it took, and the records that hold an answer a second time."""

    strikes: int = 0
    same_bytes: bool = False
    answers: int = 0
    twice: int = 0
    torn: int = 0
    kept: list[int] = field(default_factory=list)
    """Answers on disk after each strike."""


def start(folder: Path, processes: int = 1, run: Sequence[str] = RUN) -> subprocess.Popen[bytes]:
    launcher = [sys.executable]
    if processes > 1:
        launcher += ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    command = [*launcher, str(ROOT / "run_eval.py"), *run, "--output-dir", str(folder)]
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def undisturbed(folder: Path, processes: int = 1, run: Sequence[str] = RUN) -> tuple[bytes, float, float]:
    """The bytes to end in, the seconds that a whole run takes, and those of them spent answering."""
    began = time.monotonic()
    process = start(folder, processes, run)
    _wait_for_answer(process, folder, 0)
    first = time.monotonic()
    last, size = first, 0
    while process.poll() is None:
        if _size(folder) != size:
            last, size = time.monotonic(), _size(folder)
        time.sleep(0.005)
    if process.returncode != 0:
        raise SystemExit((folder.parent / f"{folder.name}.log").read_text())
    return (folder / "results.json").read_bytes(), time.monotonic() - began, last - first


def strike_until_done(
    folder: Path, moments: Iterator[Moment], most: int, whole: bytes, processes: int = 1, run: Sequence[str] = RUN
) -> Fate:
    """Start and strike, `most` times at most, until the run gets through."""
    from multitrust_eval.store import read_records

    fate = Fate()
    while True:
        process = start(folder, processes, run)
        if fate.strikes == most or not _strike(process, folder, next(moments)):
            break
        fate.strikes += 1
        fate.kept.append(sum(record is not None for record in read_records(folder / "responses")))
    if process.wait() != 0:
        raise SystemExit((folder.parent / f"{folder.name}.log").read_text())
    records = list(read_records(folder / "responses"))
    times = Counter(record["key"] for record in records if record is not None)
    fate.answers, fate.twice = len(times), sum(times.values()) - len(times)
    fate.torn = records.count(None)
    fate.same_bytes = (folder / "results.json").read_bytes() == whole
    return fate


def _strike(process: subprocess.Popen[bytes], folder: Path, moment: Moment) -> bool:
    """Kill the whole session at that moment. False when the run was through before."""
    if moment.answering:
        _wait_for_answer(process, folder, _size(folder))
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(moment.seconds)
        return False
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True


def _wait_for_answer(process: subprocess.Popen[bytes], folder: Path, before: int) -> None:
    while process.poll() is None and _size(folder) <= before:
        time.sleep(0.005)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "responses").glob("*.jsonl"))


def draw(seed: int, total: float, answering: float) -> Iterator[Moment]:
    """Moments without end, half of them while answers are written."""
    dice = random.Random(seed)
    while True:
        while_answering = dice.random() < 0.5
        yield Moment(dice.uniform(0, answering if while_answering else total), while_answering)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strikes", type=int, default=50)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    fates: list[Fate] = []
    left = options.strikes
    with tempfile.TemporaryDirectory() as scratch:
        whole, total, answering = undisturbed(Path(scratch) / "whole", options.processes)
        print(f"undisturbed: {total:.1f} s, {answering:.1f} s of it answering")
        moments = draw(options.seed, total, answering)
        while left:
            folder = Path(scratch) / f"run-{len(fates)}"
            fates.append(strike_until_done(folder, moments, min(left, MOST), whole, options.processes))
            left -= fates[-1].strikes
            print(f"folder {len(fates)}: {fates[-1]}", flush=True)
    rows = [
        ["strikes", str(sum(fate.strikes for fate in fates))],
        ["folders", str(len(fates))],
        ["folders that end in the same bytes", str(sum(fate.same_bytes for fate in fates))],
        ["answers that had to be there", str(sum(fate.answers for fate in fates))],
        ["answers written twice", str(sum(fate.twice for fate in fates))],
        ["torn lines", str(sum(fate.torn for fate in fates))],
    ]
    bench.print_table(f"kills, {options.processes} process(es), seed {options.seed}", ["", ""], rows)
    if not all(fate.same_bytes for fate in fates):
        raise SystemExit("A run ended in other bytes.")


if __name__ == "__main__":
    main()
