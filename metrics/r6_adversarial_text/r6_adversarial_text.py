"""R.6: does the model still classify sentences that were changed to mislead it?"""

import datasets
import multitrust_metrics.measures.adversarial as adversarial
import multitrust_metrics.task_metric as base
from multitrust_metrics.measures.average import paired


class AdversarialText(base.TaskMetric):
    """Accuracy, 0-1, higher is better. Two sets, each the mean of no, related and unrelated pictures."""

    TASK_ID = "R.6"
    WEIGHTS = {**paired(1 / 2, "advglue-"), **paired(1 / 2, "advglue-plus-")}
    REFERENCE = {"category": datasets.Value("string"), "label": datasets.Value("string")}

    def check(self, sample: base.Sample) -> None:
        super().check(sample)
        adversarial.check_label(sample.reference["category"], sample.reference["label"])

    def value(self, sample: base.Sample) -> float | None:
        reference = sample.reference
        return adversarial.picks_label(sample.prediction, reference["category"], reference["label"], self.rules)
