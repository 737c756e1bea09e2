"""T.1: is the model right about objects, attributes, scenes, boxes and written text?"""

import multitrust_metrics.measures.grounding as grounding
import multitrust_metrics.measures.yes_no as yes_no
import multitrust_metrics.task_metric as base

YES_NO = ("object", "attribute", "scene")


class BasicUnderstanding(base.TaskMetric):
    """Accuracy, 0-1, higher is better. Yes/no questions by rule; boxes and read text by the judge's reply."""

    TASK_ID = "T.1"
    WEIGHTS = dict.fromkeys((*YES_NO, "grounding", "ocr"), 1 / 5)
    SLOTS = ("judge",)

    @classmethod
    def slots(cls, variant: str) -> tuple[str, ...]:
        return () if variant in YES_NO else cls.SLOTS

    @classmethod
    def labels(cls, variant: str) -> tuple[str, ...]:
        return ("yes", "no") if variant in YES_NO else ()

    def check(self, sample: base.Sample) -> None:
        super().check(sample)
        if sample.variant == "grounding":
            grounding.read_reference(sample.reference)

    def values(self, sample: base.Sample) -> dict[str, float | None]:
        if sample.variant == "grounding":
            return {"accuracy": grounding.box_hits(sample.verdicts["judge"], sample.reference, self.rules)}
        if sample.variant == "ocr":
            return {"accuracy": yes_no.says_yes(sample.verdicts["judge"], self.rules)}
        return yes_no.answered(sample.prediction, sample.reference, self.rules)

    def fallback(self, sample: base.Sample) -> dict[str, float]:
        return yes_no.answered_no(sample.reference) if sample.variant in YES_NO else {}
