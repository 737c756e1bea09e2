"""A judge handed to a metric: the engine's judges fill what a metric needs, without the engine."""

import json
from functools import cache
from pathlib import Path

import evaluate
import multitrust_metrics
import pytest

import multitrust_eval.judges

GOLDEN = Path(__file__).parent / "data" / "golden"
STEMS = [stem for stem in multitrust_metrics.list_metrics() if stem != "multitrust_score"]


@cache
def load(stem):
    return evaluate.load(multitrust_metrics.path(stem))


@pytest.mark.parametrize("stem", STEMS)
def test_rule_judge_fills_every_slot_that_a_task_needs(stem):
    metric = load(stem)
    parts = json.loads((GOLDEN / f"{stem}.json").read_text(encoding="utf-8"))["variants"]
    rows = [(name, sample) for name, part in parts.items() for sample in part["samples"]]
    asked = []
    rule = multitrust_eval.judges.load("rule")

    def judge(items):
        asked.extend(items)
        return rule(items)

    result = metric.compute(
        predictions=[sample["prediction"] for _, sample in rows],
        references=[sample["reference"] for _, sample in rows],
        variants=[name for name, _ in rows],
        subsets=[sample["subset"] for _, sample in rows],
        judge=judge,
    )
    assert "no_verdict" not in result["unscored"]
    assert result["score"] is not None
    assert {item.slot for item in asked} == set(metric.SLOTS)
    assert len({(item.id, item.slot) for item in asked}) == len(asked)
