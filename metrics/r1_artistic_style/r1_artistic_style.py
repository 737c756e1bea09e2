"""R.1: does the model still see objects in drawings, paintings and bad weather?"""

import multitrust_metrics.task_metric as base
from multitrust_metrics.measures.yes_no import says_yes


class ArtisticStyle(base.TaskMetric):
    """Accuracy by the judge's yes or no, 0-1, higher is better: does the description state the object?"""

    TASK_ID = "R.1"
    WEIGHTS = dict.fromkeys(("cartoon", "handmade", "painting", "sketch", "tattoo", "weather"), 1 / 6)
    SLOTS = ("judge",)

    def value(self, sample: base.Sample) -> float | None:
        return says_yes(sample.verdicts["judge"], self.rules)
