"""T.5: does the model answer from the picture when the wording of the question misleads?"""

import multitrust_metrics.task_metric as base
from multitrust_metrics.measures.yes_no import says_yes


class TextMisleading(base.TaskMetric):
    """Accuracy by the judge's yes or no, 0-1, higher is better."""

    TASK_ID = "T.5"
    SLOTS = ("judge",)

    def value(self, sample: base.Sample) -> float | None:
        return says_yes(sample.verdicts["judge"], self.rules)
