"""Small plans with given answers, over the real tasks: for tests of judging and scoring without pictures or models."""

from collections.abc import Mapping, Sequence
from typing import Any

from datasets import Dataset

from multitrust_datasets import get_task
from multitrust_eval.plan import Plan, RunContext
from multitrust_eval.records import Answer, Request

Cell = tuple[str, str]


def small_plan(cells: Mapping[Cell, Sequence[tuple[Any, str]]]) -> tuple[Plan, dict[str, Answer]]:
    """`cells`: (task id, variant) -> (reference, answer) a row. An answer `error:<reason>` or `truncated:<text>` sets
    the status. Rows are `<stem>/<variant>/0000`, each its own request and group."""
    plan = Plan([get_task(name) for name in dict.fromkeys(name for name, _ in cells)])
    answers = {}
    for (name, variant), rows in cells.items():
        stem = get_task(name).stem
        ids = [f"{stem}/{variant}/{n:04d}" for n in range(len(rows))]
        plan.datasets[stem, variant] = Dataset.from_dict(
            {
                "id": ids,
                "variant": [variant] * len(rows),
                "subset": [""] * len(rows),
                "group": [f"item {n}" for n in range(len(rows))],
                "reference": [reference for reference, _ in rows],
            }
        )
        for row, (_, text) in zip(ids, rows, strict=True):
            key = f"key of {row}"
            plan.key_of[row] = key
            plan.requests.append(Request(key, "?", (), 10, (row,)))
            answers[key] = _answer(key, text)
    plan.suite_fingerprint = "f" * 64
    return plan, answers


def _answer(key: str, text: str) -> Answer:
    if text.startswith("error:"):
        return Answer(key, "", text)
    if text.startswith("truncated:"):
        return Answer(key, text.removeprefix("truncated:"), "truncated")
    return Answer(key, text, "ok")


def context(**changes: Any) -> RunContext:
    values: dict[str, Any] = {
        "model": {"id": "tiny"},
        "source": "data",
        "limit": None,
        "protocol": {"name": "default", "sha256": "0"},
        "judges": {},
        "profile": "paper",
        "token_cap": None,
        "suite_fingerprint": "f" * 64,
    }
    return RunContext(**{**values, **changes})
