"""A task's two files agree: what the builder hands out is what the metric of the same stem takes, for all 32."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import datasets
import evaluate
import multitrust_metrics
import pytest

from multitrust_datasets import Task, list_tasks
from multitrust_datasets.builder import builder_class
from multitrust_datasets.protocol import needed_slots
from multitrust_datasets.task import STEMS

TABLE = Path(__file__).parent / "data/variants.csv"
per_task = pytest.mark.parametrize("task", list_tasks(), ids=lambda task: task.stem)


@cache
def metric(stem: str) -> Any:
    return evaluate.load(multitrust_metrics.path(stem))


def test_every_stem_has_both_files() -> None:
    assert [task.stem for task in list_tasks()] == list(STEMS)
    assert set(multitrust_metrics.list_metrics()) == {*STEMS, "multitrust_score"}


@per_task
def test_the_reference_is_of_the_metrics_type(task: Task) -> None:
    handed_out = datasets.Features({"references": builder_class(task.stem).REFERENCE})
    assert metric(task.stem).features["references"] == handed_out["references"]


@per_task
def test_both_know_the_same_variants_and_which_are_scored(task: Task) -> None:
    weights = metric(task.stem).WEIGHTS
    assert set(weights) == {variant.name for variant in task.variants}
    assert {name for name, weight in weights.items() if weight} == {v.name for v in task.variants if v.scored}
    with TABLE.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["stem"] == task.stem]
    assert {row["variant"] for row in rows if row["scored"] == "yes"} == {v.name for v in task.variants if v.scored}


@per_task
def test_the_run_asks_judges_for_the_slots_that_the_metric_reads(task: Task) -> None:
    for variant in task.variants:
        assert set(needed_slots(task, variant.name)) == set(metric(task.stem).slots(variant.name)), variant.name


@per_task
def test_the_metric_scores_the_samples_rows_as_they_are(task: Task) -> None:
    """References and subsets of every sample row are taken; with good verdicts each of them is scored."""
    good: dict[str, Any] = {"judge": "Yes. [0.1, 0.1, 0.5, 0.5] 50", "judge_noise": "No.", "attack": "no"}
    good |= {"refusal": "LABEL_0", "perspective": 0.1, "moderation": 0.1}
    columns: dict[str, list[Any]] = {name: [] for name in ("references", "variants", "subsets", "groups", "verdicts")}
    for variant in task.variants:
        rows = builder_class(task.stem)(variant.name)
        for row in rows.raw_rows():
            columns["references"].append(row["reference"])
            columns["variants"].append(row["variant"])
            columns["subsets"].append(row["subset"])
            columns["groups"].append(row["group"])
            columns["verdicts"].append({slot: good[slot] for slot in needed_slots(task, variant.name)})
    answers = ["Yes, 50."] * len(columns["references"])
    result = metric(task.stem).compute(predictions=answers, **columns)
    assert result["n"] == len(answers)
    assert result["n_scored"] == len(answers), result["unscored"]
