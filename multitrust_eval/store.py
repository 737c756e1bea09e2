"""Append-only records on disk: what was answered stays answered, whatever kills the run.

A file is a list of JSON lines. Each line ends with a checksum of the rest, `"check":"<crc32>"`, so that a torn or
damaged line is recognised and left out. A process writes only to a file that it alone holds the lock of.
"""

import fcntl
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from multitrust_eval.errors import UserError
from multitrust_eval.records import Answer

_CHECK = ',"check":"'
_TAIL = len(_CHECK) + 8 + 2  # the eight digits, the closing quote and brace


def to_line(record: Mapping[str, Any]) -> bytes:
    """One record as a checked JSON line. ASCII only: lone surrogates of a model survive as escapes."""
    body = json.dumps(record, separators=(",", ":"))[:-1]
    return f'{body}{_CHECK}{zlib.crc32(body.encode("ascii")):08x}"}}\n'.encode("ascii")


def from_line(line: bytes) -> dict[str, Any] | None:
    """The record, or None when the line is torn or damaged."""
    line = line.rstrip(b"\n")
    body, tail = line[:-_TAIL], line[-_TAIL:]
    if tail != f'{_CHECK}{zlib.crc32(body):08x}"}}'.encode("ascii"):
        return None
    record: dict[str, Any] = json.loads(body + b"}")
    return record


def read_records(folder: Path) -> Iterator[dict[str, Any] | None]:
    """Every record of a folder's *.jsonl files, files in name order; None for a line that is torn or damaged."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                yield from_line(line)


class Appender:
    """One process's file in `folder`. Opens it, or the next free name when an orphan of an earlier run still has it."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for n in range(1000):
            self.path = folder / (f"{name}.jsonl" if n == 0 else f"{name}.{n}.jsonl")
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            if _try_lock(self._fd):
                break
            os.close(self._fd)
        else:
            raise UserError(f"No free file for this process in {folder}: a thousand are locked.")
        self._end_torn_line()

    def append(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Write the records and hand them to the operating system before returning. Raises OSError: disk full."""
        data = memoryview(b"".join(to_line(record) for record in records))
        while data:
            data = data[os.write(self._fd, data) :]

    def flush(self) -> None:
        """Push what was written to the disk or file server: on several machines the first rank reads it next."""
        os.fsync(self._fd)

    def close(self) -> None:
        os.close(self._fd)

    def _end_torn_line(self) -> None:
        size = os.fstat(self._fd).st_size
        if size and os.pread(self._fd, 1, size - 1) != b"\n":
            os.write(self._fd, b"\n")


class RunLock:
    """Held by the one run that may write to a folder. Freed by the operating system when its process ends."""

    def __init__(self, folder: Path) -> None:
        self._fd = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        if not _try_lock(self._fd):
            os.close(self._fd)
            raise UserError(
                f"Another run is writing to {folder}. Wait for it, stop it, or give this one its own --output-dir."
            )

    def release(self) -> None:
        os.close(self._fd)


@dataclass(frozen=True)
class Answers:
    """What a run folder holds: the answers by request key, and how many lines were torn or damaged."""

    by_key: dict[str, Answer]
    damaged: int

    def done(self) -> set[str]:
        """Keys that need no generation. An error is tried again by the next run."""
        return {key for key, answer in self.by_key.items() if not answer.status.startswith("error:")}


def answer_record(answer: Answer, ids: tuple[str, ...]) -> dict[str, Any]:
    """The line of an answer. The ids are for human readers: an answer is found by its key."""
    return {**asdict(answer), "ids": list(ids)}


def read_answers(run_dir: Path, wanted: Iterable[str] | None = None) -> Answers:
    """The answers in `run_dir/responses`. For a key with several records a good one wins over an error, else the
    first in file order."""
    keys = None if wanted is None else frozenset(wanted)
    found: dict[str, Answer] = {}
    damaged = 0
    for record in read_records(run_dir / "responses"):
        if record is None:
            damaged += 1
            continue
        record.pop("ids", None)
        answer = Answer(**record)
        if keys is not None and answer.key not in keys:
            continue
        old = found.get(answer.key)
        if old is None or (old.status.startswith("error:") and not answer.status.startswith("error:")):
            found[answer.key] = answer
    return Answers(found, damaged)


def digest(keys: Iterable[str]) -> str:
    """One hash for a list of keys, by which ranks see that they mean the same list."""
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def write_atomic(path: Path, data: bytes) -> None:
    """Write under a temporary name, then rename: readers see the old file or the new one, never half of one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(data)
    temporary.replace(path)


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
