"""Answers and verdicts -> metrics -> the content of results.json.

Everything is matched by row id. Wall times, hardware and paths are not here: equal runs give equal bytes.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import multitrust_metrics

from multitrust_datasets.task import Task
from multitrust_eval.comparable import reasons_not_comparable
from multitrust_eval.plan import Plan, RunContext
from multitrust_eval.records import Answer, Verdict
from multitrust_eval.store import write_atomic

SCHEMA = 1
COVERAGE_FLOOR = 0.95
"""Below this share of scored samples a score is shown as withheld, and enters no sub-aspect."""

NOT_GENERATED = "error:not generated"
Verdicts = Mapping[str, Mapping[str, Verdict]]
"""Row id -> slot -> verdict."""


def score_run(plan: Plan, answers: Mapping[str, Answer], verdicts: Verdicts, context: RunContext) -> dict[str, Any]:
    """The content of results.json. `answers` by request key, `verdicts` by row id and slot.

    Nothing raises for an unscored sample: it lowers the coverage and its reason is counted.
    """
    judges = _judges(verdicts, context)
    tasks = {task.stem: _score_task(task, plan, answers, verdicts, judges) for task in plan.tasks}
    reasons = reasons_not_comparable(plan, context, judges, tasks)
    results = {
        "schema": SCHEMA,
        "suite_fingerprint": plan.suite_fingerprint,
        "base_fingerprint": plan.base_fingerprint,
        "profile": context.profile,
        "system_prompt": {"sha256": context.model["system_prompt"]} if "system_prompt" in context.model else None,
        "comparable_to_paper": {"ok": not reasons, "reasons": reasons},
        "source": context.source,
        "limit": context.limit,
        "protocol": dict(context.protocol),
        "model": dict(context.model),
        "judges": judges,
        "tasks": tasks,
        **_suite_scores(tasks, context.stand_in_sample),
    }
    return finite(results)


def write_results(run_dir: Path, results: Mapping[str, Any]) -> Path:
    """Write results.json: under a temporary name, then renamed; sorted keys, no NaN. Raises OSError."""
    path = run_dir / "results.json"
    text = json.dumps(results, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomic(path, (text + "\n").encode("utf-8", "replace"))
    return path


def finite(value: Any) -> Any:
    """The same structure with NaN and infinities as None: JSON has neither."""
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _judges(verdicts: Verdicts, context: RunContext) -> dict[str, dict[str, Any]]:
    """Slot -> the judge that filled it. Raises nothing: a slot without verdicts names the judge asked for."""
    from multitrust_eval.judges import is_stand_in

    judges: dict[str, dict[str, Any]] = {}
    for slots in verdicts.values():
        for slot, verdict in slots.items():
            if slot not in judges:
                name = verdict.judge
                judges[slot] = {"name": name, "revision": verdict.revision, "stand_in": is_stand_in(name)}
    return dict(sorted(judges.items()))


def task_columns(task: Task, plan: Plan, answers: Mapping[str, Answer], verdicts: Verdicts) -> dict[str, list[Any]]:
    """The keyword arguments of the task's metric: one item a row, over the variants that were run, and their `ids`."""
    names = ("references", "variants", "subsets", "groups")
    columns: dict[str, list[Any]] = {name: [] for name in ("ids", "predictions", "statuses", "verdicts", *names)}
    for (stem, variant), dataset in plan.datasets.items():
        if stem != task.stem or (stem, variant) in plan.not_applicable:
            continue
        plain = dataset.select_columns(["id", "reference", "variant", "subset", "group"])[:]
        rows = [at for at, row in enumerate(plain["id"]) if row in plan.key_of]
        ids = [plain["id"][at] for at in rows]
        columns["ids"] += ids
        for name in names:
            columns[name] += [plain[name.removesuffix("s")][at] for at in rows]
        for row in ids:
            answer = answers.get(plan.key_of[row])
            columns["predictions"].append(answer.text if answer else "")
            columns["statuses"].append(answer.status if answer else NOT_GENERATED)
            columns["verdicts"].append({slot: verdict.raw for slot, verdict in verdicts.get(row, {}).items()})
    return columns


def _score_task(
    task: Task, plan: Plan, answers: Mapping[str, Answer], verdicts: Verdicts, judges: Mapping[str, Any]
) -> dict[str, Any]:
    columns = task_columns(task, plan, answers, verdicts)
    ids = columns.pop("ids")
    metric = load_metric(task.stem)
    scored: dict[str, Any] = metric.compute(**columns, rules="paper")
    used = {slot for row in ids for slot in verdicts.get(row, ())}
    return {
        "id": task.id,
        "title": task.title,
        **scored,
        "strict": metric.compute(**columns, rules="strict"),
        "judges": {slot: judges[slot] for slot in sorted(used)},
        "left_out": _of_task(plan.left_out, task.stem),
        "not_applicable": _of_task(plan.not_applicable, task.stem),
    }


def _of_task(cells: Mapping[tuple[str, str], Any], stem: str) -> dict[str, Any]:
    return {variant: value for (owner, variant), value in sorted(cells.items()) if owner == stem and value}


def load_metric(stem: str) -> Any:
    """The metric of a stem, as a user would load it. Raises ValueError for an unknown stem."""
    import evaluate

    return evaluate.load(multitrust_metrics.path(stem))


def shown_score(task: Mapping[str, Any]) -> float | None:
    """A task's score where its coverage reaches the floor, else None: withheld."""
    score = task.get("score")
    return score if score is not None and task.get("coverage", 0.0) >= COVERAGE_FLOOR else None


def _suite_scores(tasks: Mapping[str, Any], stand_in_sample: bool) -> dict[str, Any]:
    """Sub-aspects, aspects and the overall, over the scores that are not withheld; no overall on the sample."""
    scores = {stem: shown_score(task) for stem, task in tasks.items()}
    predictions = [math.nan if score is None else score for score in scores.values()]
    suite = load_metric("multitrust_score").compute(predictions=predictions, references=list(scores))
    parts = {name: suite[name] for name in ("sub_aspects", "aspects", "overall")}
    if stand_in_sample:
        parts["overall"] = None
    return parts
