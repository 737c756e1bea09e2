"""Verdicts on disk, keyed by content: a question that was answered is never asked again.

The key covers the judge, its revision, the slot and the whole of what the judge looks at; it knows no row, no run and
no model, so verdicts may be reused across runs and models.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from multitrust_eval.judges.base import Judge
from multitrust_eval.plan import canonical
from multitrust_eval.records import JudgeItem, Verdict
from multitrust_eval.store import read_records, write_atomic

ROWS = "rows.json"


def verdict_key(judge: Judge, item: JudgeItem) -> str:
    """sha256 over judge, revision, slot and question."""
    asked = {"judge": judge.name, "revision": judge.revision, "slot": item.slot, "question": judge.question(item)}
    return hashlib.sha256(canonical(asked)).hexdigest()


def folder_of(run_dir: Path, judge: Judge) -> Path:
    """`verdicts/<judge>`: the name in safe characters, and a digest of name and revision that keeps folders apart."""
    safe = re.sub(r"[^A-Za-z0-9]+", "-", judge.name).strip("-")[-60:]
    digest = hashlib.sha256(f"{judge.name}@{judge.revision}".encode()).hexdigest()[:8]
    return run_dir / "verdicts" / f"{safe}-{digest}"


def record_of(key: str, slot: str, verdict: Verdict) -> dict[str, Any]:
    return {
        "key": key,
        "slot": slot,
        "raw": verdict.raw,
        "reason": verdict.reason,
        "judge": verdict.judge,
        "revision": verdict.revision,
    }


def read_verdicts(folders: Iterable[Path]) -> dict[str, Verdict]:
    """The verdicts by key. A good one wins over a failure, else the first in file order; torn lines are left out."""
    found: dict[str, Verdict] = {}
    for folder in folders:
        for record in read_records(folder):
            if record is None:
                continue
            old = found.get(record["key"])
            if old is None or (old.raw is None and record["raw"] is not None):
                found[record["key"]] = _verdict(record)
    return found


def write_rows(folder: Path, judge: Judge, rows: Mapping[str, Mapping[str, str]]) -> None:
    """Note beside the verdicts which question is whose: slot -> row id -> key. Slots that are not given stay."""
    found = read_rows(folder)
    slots = {**(found["slots"] if found else {}), **rows}
    content = {"judge": judge.name, "revision": judge.revision, "slots": slots}
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / ROWS, canonical(content) + b"\n")


def read_rows(folder: Path) -> dict[str, Any] | None:
    """What `write_rows` left: `judge`, `revision` and `slots`; None where there is nothing."""
    try:
        content: dict[str, Any] = json.loads((folder / ROWS).read_bytes())
    except FileNotFoundError:
        return None
    return content


def _verdict(record: Mapping[str, Any]) -> Verdict:
    return Verdict(record["raw"], record["reason"], record["judge"], record["revision"])
