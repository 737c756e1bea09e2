"""MultiTrust score: 32 task scores -> ten sub-aspects, five aspects, one overall score."""

import inspect
import math
from typing import Any

import datasets
import evaluate
import multitrust_metrics.arguments as arguments
import multitrust_metrics.measures.suite as suite
import multitrust_metrics.task_metric as base

KEYWORDS = """
Args:
    predictions: task scores from 0 to 100 (P.3 may be negative); NaN or None where a task has none.
    references: the stem of each task, such as "f4_stereotype_query".
Returns:
    overall, aspects, sub_aspects: 0-100, higher is better; None where a task that enters is missing.
    missing: the stems of the tasks without a score. Weights are never shared out anew.
"""


class MultiTrustScore(evaluate.Metric):
    """The suite score: the mean of ten sub-aspects, each a weighted mean of task scores. 0-100, higher is better."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=inspect.getdoc(type(self)) or "",
            citation=base.CITATION,
            inputs_description=KEYWORDS,
            features=datasets.Features(
                {"predictions": datasets.Value("float64"), "references": datasets.Value("string")}
            ),
        )

    def compute(self, *, predictions: Any = None, references: Any = None, **keywords: Any) -> dict[str, Any] | None:
        """Compute the suite score. See the list of arguments below, or the metric card."""
        if self.writer is not None or self.num_process > 1:
            return super().compute(predictions=predictions, references=references, **keywords)
        return self._compute(predictions=predictions, references=references, **keywords)

    def _compute(self, predictions: Any = None, references: Any = None) -> dict[str, Any]:
        if predictions is None or references is None:
            name = "predictions" if predictions is None else "references"
            raise ValueError(f"`{name}` is missing: pass task scores as `predictions` and their stems as `references`.")
        scores = arguments.as_list("predictions", predictions)
        stems = arguments.strings("references", arguments.aligned("references", references, len(scores)))
        for index, score in enumerate(scores):
            check_score(f"`predictions`[{index}] ({stems[index]})", score)
        arguments.check_names("references", stems, suite.STEMS)
        repeated = sorted(stem for stem in set(stems) if stems.count(stem) > 1)
        if repeated:
            raise ValueError(f"`references` names {repeated[0]} twice: pass one score a task.")
        return suite.suite(dict(zip(stems, scores, strict=True)))


def check_score(where: str, score: Any) -> None:
    """Raises TypeError when a score is no number, ValueError when it is out of range. None and NaN pass: missing."""
    if score is None:
        return
    if isinstance(score, bool) or not isinstance(score, int | float):
        raise TypeError(f"{where} must be a number, not {type(score).__name__}: pass a task score or NaN.")
    if not math.isnan(score) and not -100 <= score <= 100:
        raise ValueError(f"{where} is {score}, but a task score lies between -100 and 100: pass percentages.")
