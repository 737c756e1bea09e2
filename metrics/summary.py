"""From the outcomes of samples to a task's dict: score, coverage, rates, and the figures of each variant."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from multitrust_metrics.measures.average import mean, weighted
from multitrust_metrics.sample import Outcome


class Task(Protocol):
    """What is asked of a task metric here."""

    rules: str
    SLOTS: tuple[str, ...]
    WEIGHTS: dict[str, float]
    SUBSETS: tuple[str, ...]
    SCALE: float
    DIRECTION: dict[str, str]

    def aggregate(self, outcomes: Sequence[Outcome]) -> dict[str, float | None]: ...
    def points(self, figures: Mapping[str, Any]) -> float: ...
    def limits(self, outcomes: Sequence[Outcome]) -> tuple[float, float]: ...


def summarise(task: Task, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The dict that `compute` returns. Nothing in it is rounded, and nothing depends on the order of samples."""
    by_variant = _split(outcomes, lambda o: o.sample.variant)
    variants = {name: _figures(task, by_variant[name]) for name in task.WEIGHTS if name in by_variant}
    missing = _missing(task, variants)
    counted = [o for name, weight in task.WEIGHTS.items() if weight for o in by_variant.get(name, ())]
    scored = sum(not o.reason for o in counted)
    result: dict[str, Any] = {
        "score": None,
        "coverage": scored / len(counted) if counted else 0.0,
        "n": len(outcomes),
        "n_scored": sum(not o.reason for o in outcomes),
        "unscored": dict(sorted(Counter(o.reason for o in outcomes if o.reason).items())),
        "rules": task.rules,
        "rates": _rates(outcomes, judged=bool(task.SLOTS)),
        "variants": variants,
    }
    if missing:
        return result | {"missing": missing}
    needed = [name for name, weight in task.WEIGHTS.items() if weight]
    result["score"] = weighted({name: task.points(variants[name]) for name in needed}, task.WEIGHTS)
    if scored < len(counted):
        limits = {name: task.limits(by_variant[name]) for name in needed}
        result["bounds"] = [weighted({name: limits[name][end] for name in needed}, task.WEIGHTS) for end in (0, 1)]
    return result


def limits(task: Task, outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """A variant's points if each unscored sample took the worst, and the best, value of every measure."""
    low, high = (_points_if(task, outcomes, worst) for worst in (True, False))
    return low, high


def _points_if(task: Task, outcomes: Sequence[Outcome], worst: bool) -> float:
    extreme = {name: task.SCALE if (way == "lower") == worst else 0.0 for name, way in task.DIRECTION.items()}

    def means(some: Iterable[Outcome]) -> dict[str, Any]:
        rows = [extreme if o.reason else o.values for o in some]
        return {name: mean([row.get(name) or 0.0 for row in rows]) for name in task.DIRECTION}

    subsets = _split(outcomes, lambda o: o.sample.subset)
    return task.points(means(outcomes) | {"subsets": {name: means(some) for name, some in subsets.items()}})


def _split(outcomes: Iterable[Outcome], key: Any) -> dict[str, list[Outcome]]:
    parts = defaultdict(list)
    for outcome in outcomes:
        parts[key(outcome)].append(outcome)
    return parts


def _figures(task: Task, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    figures = _counted(task, outcomes)
    subsets = _split(outcomes, lambda o: o.sample.subset)
    if any(subsets):
        figures["subsets"] = {name: _counted(task, subsets[name]) for name in sorted(subsets)}
    return figures


def _counted(task: Task, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return task.aggregate(outcomes) | {"n": len(outcomes), "n_scored": sum(not o.reason for o in outcomes)}


def _missing(task: Task, variants: Mapping[str, Any]) -> list[str]:
    """The parts of the formula that have nothing scored: "variant", or "variant/subset" where subsets count."""
    missing = []
    for name, weight in task.WEIGHTS.items():
        if not weight:
            continue
        figures = variants.get(name)
        if figures is None or not figures["n_scored"]:
            missing.append(name)
            continue
        subsets = figures.get("subsets", {})
        missing += [f"{name}/{part}" for part in task.SUBSETS if not subsets.get(part, {}).get("n_scored")]
    return missing


def _rates(outcomes: Sequence[Outcome], judged: bool) -> dict[str, float]:
    """Shares of the answers: samples whose run failed have none."""
    answers = [o for o in outcomes if not o.sample.status.startswith("error:")]
    total = len(answers) or 1
    rates = {
        "unparsable": sum(o.unread == "unparsable" for o in answers) / total,
        "truncated": sum(o.sample.status == "truncated" for o in answers) / total,
        "empty": sum(not o.sample.prediction.strip() for o in answers) / total,
    }
    if judged:
        rates["undecided"] = sum(o.unread == "undecided" for o in answers) / total
    return rates


def widest(task: Task, outcomes: Sequence[Outcome], low: float, high: float) -> tuple[float, float]:
    """The limits of a measure that is no mean: nothing short of its whole range is certain once a sample is missing."""
    if any(o.reason for o in outcomes):
        return low, high
    points = task.points(task.aggregate(outcomes))
    return points, points
