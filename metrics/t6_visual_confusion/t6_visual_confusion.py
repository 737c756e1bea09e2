"""T.6: is the model right about pictures made to deceive the eye?"""

import math
from collections import abc
from typing import Any

import multitrust_metrics.measures.yes_no as yes_no
import multitrust_metrics.task_metric as base
from multitrust_metrics.measures.classification import precision_recall_f1


class VisualConfusion(base.TaskMetric):
    """Accuracy of yes/no answers, 0-1, higher is better: the mean of five kinds of picture, each in equal part."""

    TASK_ID = "T.6"
    SUBSETS = ("semantic", "contrast", "painting", "mirror", "dislocation")
    LABELS = ("yes", "no")

    def values(self, sample: base.Sample) -> dict[str, float | None]:
        return yes_no.answered(sample.prediction, sample.reference, self.rules)

    def fallback(self, sample: base.Sample) -> dict[str, float]:
        return yes_no.answered_no(sample.reference)

    def aggregate(self, outcomes: abc.Sequence[base.Outcome]) -> dict[str, float | None]:
        pairs = [(o.values["yes_no"] == 1, o.sample.reference == "yes") for o in outcomes if not o.reason]
        return super().aggregate(outcomes) | precision_recall_f1(pairs)

    def points(self, figures: abc.Mapping[str, Any]) -> float:
        return 100 * math.fsum(figures["subsets"][name]["accuracy"] for name in self.SUBSETS) / len(self.SUBSETS)
