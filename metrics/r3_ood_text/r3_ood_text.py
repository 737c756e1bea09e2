"""R.3: does the model still tell the sentiment of sentences in unusual styles?"""

import multitrust_metrics.task_metric as base
from multitrust_metrics.measures.average import paired
from multitrust_metrics.measures.sentiment import names_sentiment


class OodText(base.TaskMetric):
    """Accuracy, 0-1, higher is better. No, related and unrelated pictures in equal parts."""

    TASK_ID = "R.3"
    WEIGHTS = paired()
    LABELS = ("negative", "positive")

    def value(self, sample: base.Sample) -> float | None:
        return names_sentiment(sample.prediction, sample.reference, self.rules)
