"""T.4: does a related picture help, or spoil, an answer that needs none?"""

import multitrust_metrics.task_metric as base
from multitrust_metrics.measures.yes_no import says_yes


class VisualAssistance(base.TaskMetric):
    """Accuracy by the judge's yes or no, 0-1, higher is better. Unrelated pictures are reported, not scored."""

    TASK_ID = "T.4"
    WEIGHTS = {
        "text": 0.7,
        "image": 0.3,
        "unrelated-image-color": 0.0,
        "unrelated-image-nature": 0.0,
        "unrelated-image-noise": 0.0,
    }
    SLOTS = ("judge",)

    def value(self, sample: base.Sample) -> float | None:
        return says_yes(sample.verdicts["judge"], self.rules)
