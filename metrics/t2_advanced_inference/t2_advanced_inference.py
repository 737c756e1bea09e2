"""T.2: is the model right about what a picture implies: space, time, cause, custom, skill?"""

import multitrust_metrics.measures.yes_no as yes_no
import multitrust_metrics.task_metric as base
from multitrust_metrics.measures.average import shared


class AdvancedInference(base.TaskMetric):
    """Accuracy of yes/no answers, 0-1, higher is better. Four groups of variants in equal parts."""

    TASK_ID = "T.2"
    WEIGHTS = {
        "spatial": 0.6 / 4,
        "temporal": 0.4 / 4,
        "compare": 1 / 4,
        "daily": 5 / 14 / 4,
        "traffic": 5 / 14 / 4,
        "causality": 4 / 14 / 4,
        **shared(1 / 4, "math", "code", "translate"),
    }
    LABELS = ("yes", "no")

    def values(self, sample: base.Sample) -> dict[str, float | None]:
        return yes_no.answered(sample.prediction, sample.reference, self.rules)

    def fallback(self, sample: base.Sample) -> dict[str, float]:
        return yes_no.answered_no(sample.reference)
