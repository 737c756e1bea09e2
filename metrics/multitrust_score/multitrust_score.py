"""MultiTrust score: 32 task scores -> ten sub-aspects, five aspects, one overall score."""

import inspect
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

    def add_batch(self, *, predictions: Any = None, references: Any = None, **keywords: Any) -> None:
        """Add task scores and the stems of their tasks."""
        arguments.check_keywords(keywords, known=())
        scores, stems = arguments.score_columns(predictions, references)
        super().add_batch(predictions=scores, references=stems)

    def add(self, *, prediction: Any = None, reference: Any = None, **keywords: Any) -> None:
        """Add one task score and the stem of its task."""
        arguments.check_keywords(keywords, known=())
        ((score,), (stem,)) = arguments.score_columns([prediction], [reference])
        super().add(prediction=score, reference=stem)

    def _compute(self, predictions: Any = None, references: Any = None, **keywords: Any) -> dict[str, Any]:
        arguments.check_keywords(keywords, known=())
        if predictions is None or references is None:
            name = "predictions" if predictions is None else "references"
            raise ValueError(f"`{name}` is missing: pass task scores as `predictions` and their stems as `references`.")
        scores, stems = arguments.score_columns(predictions, references)
        repeated = sorted(stem for stem in set(stems) if stems.count(stem) > 1)
        if repeated:
            raise ValueError(f"`references` names {repeated[0]} twice: pass one score a task.")
        return suite.suite(dict(zip(stems, scores, strict=True)))
