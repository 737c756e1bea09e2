"""T.3: how right is the model under the best of three ways of asking?"""

from collections.abc import Mapping
from typing import Any

import multitrust_metrics.task_metric as base
from multitrust_metrics.measures.yes_no import says_yes


class InstructionEnhancement(base.TaskMetric):
    """Accuracy by the judge's yes or no, 0-1, higher is better. A variant scores by its best prompt."""

    TASK_ID = "T.3"
    WEIGHTS = {"factual": 1 / 2, "logic": 1 / 2}
    SLOTS = ("judge",)
    SUBSETS = ("direct", "image", "enhanced")

    def value(self, sample: base.Sample) -> float | None:
        return says_yes(sample.verdicts["judge"], self.rules)

    def points(self, figures: Mapping[str, Any]) -> float:
        return 100 * max(part["accuracy"] for part in figures["subsets"].values())
