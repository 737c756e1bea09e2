"""--verify-batching: is an answer that was generated in a batch the one that its request gets alone?

In float32 it is. In half precision a batch of another shape rounds otherwise, now and then by enough to turn a word; a
model whose padding leaks into its answers shows itself here too.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from multitrust_eval.backends.base import Backend
from multitrust_eval.records import Answer, Request


def verify_batching(
    backend: Backend,
    requests: Sequence[Request],
    answers: Mapping[str, Answer],
    count: int,
    check: Callable[[], None],
) -> dict[str, Any]:
    """Generate `count` of the requests again, each alone, and compare: what the manifest says about it.

    `answers` are those on disk, by request key; requests without a good one are not chosen. `check` is called between
    the requests and may raise.
    """
    chosen = choose(requests, answers, count)
    changed, failed = [], []
    for request in chosen:
        check()
        alone = _alone(backend, request)
        if alone is None:
            failed.append(request.ids[0])
        elif _said(alone) != _said(answers[request.key]):
            changed.append(request.ids[0])
    return _entry([request.ids[0] for request in chosen], changed, failed)


def together(before: Mapping[str, Any] | None, found: Mapping[str, Any]) -> dict[str, Any]:
    """What earlier runs on the folder found, and this one: a run that goes on hides no mismatch."""
    if before is None:
        return dict(found)
    return _entry(*([*before[name], *found[name]] for name in ("ids", "mismatched_ids", "failed_ids")))


def _entry(ids: list[str], changed: list[str], failed: list[str]) -> dict[str, Any]:
    compared = len(ids) - len(failed)
    return {
        "compared": compared,
        "mismatches": len(changed),
        "mismatch_rate": len(changed) / compared if compared else None,
        "ids": ids,
        "mismatched_ids": changed,
        "failed_ids": failed,
    }


def choose(requests: Sequence[Request], answers: Mapping[str, Answer], count: int) -> list[Request]:
    """The requests with the lowest hashes: the same on every machine, in any order, and spread over all tasks."""
    good = [r for r in requests if r.key in answers and not answers[r.key].status.startswith("error:")]
    return sorted(good, key=lambda request: hashlib.sha256(f"verify {request.key}".encode()).digest())[:count]


def warning(found: Mapping[str, Any], dtype: str) -> str:
    """What the user is told, or "" when every answer stayed the same."""
    if not found["mismatches"]:
        return ""
    if dtype == "float32":
        why = "In float32 that is no rounding: this model does not batch well. Use --batch-size 1."
    else:
        why = f"Rounding in {dtype} does that; scores move a little with the batch size. --dtype fp32 rules it out."
    return (
        f"Warning: {found['mismatches']} of {found['compared']} answers came out otherwise when generated alone "
        f"(manifest.json names them; the first is {found['mismatched_ids'][0]}). {why}"
    )


def _said(answer: Answer) -> tuple[str, str, str]:
    return answer.status, answer.reasoning, answer.text


def _alone(backend: Backend, request: Request) -> Answer | None:
    """The answer of a batch of one; None when it fails this time."""
    try:
        batch = backend.prepare([request])
        answers = backend.decode(batch, backend.generate(batch)) if batch.requests else []
    except Exception:  # it is counted as failed; the answer on disk stays as it is
        return None
    return answers[0] if answers else None
