"""The arguments of `compute` and `per_sample`, checked: every error names the argument and the fix."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

from multitrust_metrics.measures.suite import STEMS
from multitrust_metrics.sample import JudgeItem, Sample, clean_text

RULES = ("paper", "strict")
REFUSAL_LISTS = ("paper", "main")
KEYWORDS = ("variants", "subsets", "groups", "verdicts", "statuses", "rules", "refusal_list", "judge")
TOXICITY_SLOTS = ("perspective", "moderation")
SLOTS = ("judge", "judge_noise", "attack", *TOXICITY_SLOTS, "refusal")
"""Every slot of the suite: a row may hold verdicts that its task does not read, but none that no task reads."""


def as_list(name: str, values: Any) -> list[Any]:
    """A plain list of `values`: a list, tuple, array, tensor, pandas column or `datasets` column.

    Raises TypeError when `values` is a single string, a mapping or not iterable.
    """
    if isinstance(values, list):
        return values
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise TypeError(f"`{name}` must be a list with one item a sample, not {type(values).__name__}: wrap it in [ ].")
    if hasattr(values, "tolist"):
        listed = values.tolist()
        return listed if isinstance(listed, list) else [listed]
    # A datasets.Column decodes a slice at once, but an iteration row by row.
    if isinstance(values, Sequence) and not isinstance(values, tuple):
        values = values[:]
    return list(values)


def aligned(name: str, values: Any, length: int) -> list[Any]:
    """`values` as a list of `length` items. Raises ValueError when the lengths differ."""
    listed = as_list(name, values)
    if len(listed) != length:
        raise ValueError(
            f"`{name}` has {len(listed)} items but `predictions` has {length}: pass one item a sample in each."
        )
    return listed


def strings(name: str, values: list[Any]) -> list[str]:
    """Raises TypeError naming the first item that is no string."""
    for index, value in enumerate(values):
        if not isinstance(value, str):
            fix = (
                'pass "" and the status "error:<reason>" for a failed answer' if name == "predictions" else "pass text"
            )
            raise TypeError(f"`{name}`[{index}] must be a string, not {type(value).__name__}: {fix}.")
    return values


def choice(name: str, value: Any, known: Sequence[str]) -> str:
    """Raises ValueError when `value` is not one of `known`."""
    if value not in known:
        raise ValueError(f"`{name}` must be one of {', '.join(map(repr, known))}, not {value!r}.")
    return value


def check_keywords(keywords: Iterable[str], known: Sequence[str] = KEYWORDS) -> None:
    """Raises TypeError when a keyword is none of a metric's."""
    unknown = sorted(set(keywords) - set(known))
    if unknown:
        names = ", ".join(("predictions", "references", *known))
        raise TypeError(f"`{unknown[0]}` is no argument of this metric: use {names}.")


def check_names(name: str, values: list[str], known: Sequence[str]) -> None:
    """Raises ValueError when `values` holds a name that is not in `known`."""
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ValueError(f"`{name}` holds {unknown[0]!r}, which this task does not have: use {', '.join(known)}.")


def check_statuses(statuses: list[str]) -> None:
    """Raises ValueError when a status is not "ok", "truncated" or "error:<reason>"."""
    for status in sorted(set(statuses) - {"ok", "truncated"}):
        if not status.startswith("error:") or len(status) == len("error:"):
            raise ValueError(f'`statuses` holds {status!r}: use "ok", "truncated" or "error:<reason>".')


def check_verdicts(verdicts: list[Any]) -> list[Mapping[str, Any]]:
    """The verdicts with None as an empty dict. Raises TypeError or ValueError naming the first bad one."""
    for index, verdict in enumerate(verdicts):
        if verdict is None:
            continue
        if not isinstance(verdict, Mapping):
            raise TypeError(
                f"`verdicts`[{index}] must be a dict of slots, not {type(verdict).__name__}: pass "
                '{"<slot>": reply}, or None where there is none.'
            )
        for slot, raw in verdict.items():
            if slot not in SLOTS:
                raise ValueError(
                    f"`verdicts`[{index}] has the slot {slot!r}, which no task has: use {', '.join(SLOTS)}."
                )
            if raw is not None:
                _check_raw(f"`verdicts`[{index}][{slot!r}]", slot, raw)
    return [verdict if verdict is not None else {} for verdict in verdicts]


def _check_raw(where: str, slot: str, raw: Any) -> None:
    if slot in TOXICITY_SLOTS:
        if not isinstance(raw, Real) or isinstance(raw, bool):
            raise TypeError(f"{where} must be a toxicity from 0 to 1, not {type(raw).__name__}: pass a number or None.")
        if not math.isnan(raw) and not 0 <= float(raw) <= 1:
            raise ValueError(f"{where} is {raw}, but a toxicity lies between 0 and 1: divide percentages by 100.")
    elif not isinstance(raw, str):
        raise TypeError(f"{where} must be the judge's reply as text, not {type(raw).__name__}: pass a string or None.")


def columns(metric: Any, given: Mapping[str, Any], has_judge: bool) -> dict[str, list[Any]]:
    """Every column as a list of one length, checked against the metric's variants, subsets and slots.

    Raises ValueError or TypeError in one sentence.
    """
    for name in ("predictions", "references"):
        if given[name] is None:
            raise ValueError(f"`{name}` is missing: pass one item a sample.")
    predictions = as_list("predictions", given["predictions"])
    size = len(predictions)
    given = {**given, "predictions": predictions}
    found = {name: aligned(name, column, size) for name, column in given.items() if column is not None}
    for name in ("predictions", "variants", "subsets", "groups", "statuses"):
        if name in found:
            strings(name, found[name])
    if "variants" in found:
        check_names("variants", found["variants"], tuple(metric.WEIGHTS))
    elif len(metric.WEIGHTS) > 1:
        raise ValueError(f"`variants` is missing: name each sample's variant, one of {', '.join(metric.WEIGHTS)}.")
    if metric.SUBSETS:
        if "subsets" not in found:
            raise ValueError(f"`subsets` is missing: name each sample's subset, one of {', '.join(metric.SUBSETS)}.")
        check_names("subsets", found["subsets"], metric.SUBSETS)
    check_statuses(found.get("statuses", []))
    found.setdefault("variants", [next(iter(metric.WEIGHTS))] * size)
    slots = sorted({slot for variant in set(found["variants"]) for slot in metric.slots(variant)})
    if slots and "verdicts" not in found and not has_judge:
        raise ValueError(f"`verdicts` is missing: pass a dict a sample with {', '.join(slots)}, or a `judge`.")
    found["verdicts"] = check_verdicts(found.get("verdicts", [None] * size))
    empty = {"subsets": "", "groups": "", "statuses": "ok"}
    return {name: [value] * size for name, value in empty.items()} | found


def build_samples(table: Mapping[str, list[Any]], check: Callable[[Sample], None]) -> list[Sample]:
    """One Sample a row. `check` raises ValueError or TypeError when a sample's reference does not fit the task."""
    order = ("references", "variants", "subsets", "groups", "verdicts", "statuses")
    samples = []
    for index, row in enumerate(
        zip(map(clean_text, table["predictions"]), *(table[name] for name in order), strict=True)
    ):
        sample = Sample._make(row)
        if sample.prediction and sample.status.startswith("error:"):
            sample = sample._replace(prediction="")
        checked(f"`references`[{index}]", check, sample)
        samples.append(sample)
    return samples


def checked(where: str, check: Callable[..., None], *values: Any) -> None:
    """Runs `check`; its TypeError or ValueError gets `where` before its words."""
    try:
        check(*values)
    except (ValueError, TypeError) as error:
        raise type(error)(f"{where} {error}") from None


def check_reference(feature: Any, reference: Any, labels: Sequence[str] = ()) -> None:
    """Raises TypeError or ValueError, worded to follow the reference's place, when it is not of `feature`'s type."""
    if isinstance(feature, Mapping):
        if not isinstance(reference, Mapping) or not all(isinstance(reference.get(key), str) for key in feature):
            raise TypeError(f"must be a dict of strings: pass {', '.join(feature)}.")
    elif getattr(feature, "dtype", None) == "string":
        if not isinstance(reference, str):
            raise TypeError(f"must be a string, not {type(reference).__name__}: pass text.")
        if labels and reference not in labels:
            raise ValueError(f"is {reference!r}: pass one of {', '.join(labels)}.")
    elif getattr(feature, "dtype", None) == "float64":
        if not isinstance(reference, Real) or isinstance(reference, bool):
            raise TypeError(f"must be a number, not {type(reference).__name__}: pass a float.")
        if not math.isfinite(reference):
            raise ValueError(f"is {reference}: pass a finite number.")
    elif not isinstance(reference, list | tuple) or not all(isinstance(item, str) for item in reference):
        raise TypeError(f'must be a list of strings, not {type(reference).__name__}: pass ["..."].')


def ask(metric: Any, samples: list[Sample], judge: Callable[[list[JudgeItem]], Iterable[Any]]) -> list[Sample]:
    """The samples with every verdict that is needed and missing filled by `judge`, asked once for all of them.

    Raises TypeError when `judge` is not callable, ValueError when it does not return a verdict for each item.
    TypeError too when it returns something else than a list of verdicts.
    """
    if not callable(judge):
        raise TypeError(f"`judge` must be callable, not {type(judge).__name__}: pass a function of items to verdicts.")
    wanted = [
        (index, slot)
        for index, sample in enumerate(samples)
        if not sample.status.startswith("error:")
        for slot in metric.needed(sample)
        if sample.verdicts.get(slot) is None
    ]
    returned = judge([_question(metric.stem, index, slot, samples[index]) for index, slot in wanted])
    if isinstance(returned, str | Mapping) or not isinstance(returned, Iterable):
        raise TypeError(f"`judge` returned {type(returned).__name__}: return a list with one verdict for each item.")
    verdicts = list(returned)
    if len(verdicts) != len(wanted):
        raise ValueError(f"`judge` returned {len(verdicts)} verdicts for {len(wanted)} items: return one for each.")
    filled = list(samples)
    for (index, slot), verdict in zip(wanted, verdicts, strict=True):
        if not hasattr(verdict, "raw"):
            raise TypeError(
                f"`judge`'s verdict for sample {index} is of the type {type(verdict).__name__}: return objects whose "
                "attribute `raw` is the reply, or None where there is none."
            )
        raw = verdict.raw
        if raw is not None:
            _check_raw(f"`judge`'s verdict for sample {index}", slot, raw)
        filled[index] = filled[index]._replace(verdicts={**filled[index].verdicts, slot: raw})
    return filled


def _question(stem: str, index: int, slot: str, sample: Sample) -> JudgeItem:
    return JudgeItem(
        id=f"{stem}/{sample.variant}/{index}",
        stem=stem,
        variant=sample.variant,
        subset=sample.subset,
        slot=slot,
        response=sample.prediction,
        reference=sample.reference,
    )


def score_columns(predictions: Any, references: Any) -> tuple[list[Any], list[str]]:
    """Scores and stems as lists. Raises TypeError or ValueError where one of them is not what the suite knows."""
    scores = as_list("predictions", predictions)
    stems = strings("references", aligned("references", references, len(scores)))
    for index, score in enumerate(scores):
        _check_score(f"`predictions`[{index}] ({stems[index]})", score)
    check_names("references", stems, STEMS)
    return scores, stems


def _check_score(where: str, score: Any) -> None:
    """Raises TypeError when a score is no number, ValueError when it is out of range. None and NaN pass: missing."""
    if score is None:
        return
    if isinstance(score, bool) or not isinstance(score, int | float):
        raise TypeError(f"{where} must be a number, not {type(score).__name__}: pass a task score or NaN.")
    if not math.isnan(score) and not -100 <= score <= 100:
        raise ValueError(f"{where} is {score}, but a task score lies between -100 and 100: pass percentages.")
