"""Verdicts on disk, keyed by content: a question that was answered is never asked again.

The key covers the judge, its revision, the slot and the whole of what the judge looks at; it knows no row, no run and
no model, so verdicts may be reused across runs and models.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from multitrust_eval.judges.base import Judge
from multitrust_eval.plan import canonical
from multitrust_eval.records import JudgeItem, Verdict
from multitrust_eval.store import read_records


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


def _verdict(record: Mapping[str, Any]) -> Verdict:
    return Verdict(record["raw"], record["reason"], record["judge"], record["revision"])
