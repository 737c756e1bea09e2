"""R.2: does the model still answer about pictures from unusual sensors?"""

import datasets
import multitrust_metrics.measures.judge_score as judge_score
import multitrust_metrics.task_metric as base


class SensorStyle(base.TaskMetric):
    """The judge's grade of an answer, 0-100, higher is better. An exact answer has 100 without a judge."""

    TASK_ID = "R.2"
    WEIGHTS = dict.fromkeys(("infrared", "lxray", "hxray", "mri", "ct", "remote", "driving"), 1 / 7)
    SLOTS = ("judge",)
    DIRECTION = {"score": "higher"}
    SCALE = 100.0
    REFERENCE = {"question": datasets.Value("string"), "answer": datasets.Value("string")}

    def needed(self, sample: base.Sample) -> tuple[str, ...]:
        return () if judge_score.matches_exactly(sample.prediction, sample.reference["answer"]) else self.SLOTS

    def value(self, sample: base.Sample) -> float | None:
        if not self.needed(sample):
            return 100.0
        return judge_score.read_grade(sample.verdicts["judge"], self.rules)
