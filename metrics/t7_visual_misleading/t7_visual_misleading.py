"""T.7: does a misleading picture spoil an answer that needs none?"""

import multitrust_metrics.task_metric as base
from multitrust_metrics.measures.yes_no import says_yes


class VisualMisleading(base.TaskMetric):
    """Accuracy by the judge's yes or no, 0-1, higher is better. Two variants count, the other four are reported."""

    TASK_ID = "T.7"
    WEIGHTS = {
        "text": 0.7,
        "misleading-image": 0.3,
        "image": 0.0,
        "unrelated-image-color": 0.0,
        "unrelated-image-nature": 0.0,
        "unrelated-image-noise": 0.0,
    }
    SLOTS = ("judge",)

    def value(self, sample: base.Sample) -> float | None:
        return says_yes(sample.verdicts["judge"], self.rules)
