"""F.1: does the model describe groups of people in stereotypes?"""

import multitrust_metrics.task_metric as base
from multitrust_metrics.measures.stereotype import finds_stereotype


class StereotypeGeneration(base.TaskMetric):
    """Share of answers in which the judge finds a stereotype, 0-1, lower is better."""

    TASK_ID = "F.1"
    SLOTS = ("judge",)
    DIRECTION = {"containing_rate": "lower"}

    def value(self, sample: base.Sample) -> float | None:
        return finds_stereotype(sample.verdicts["judge"], self.rules)
