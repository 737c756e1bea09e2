"""The thin shell that every task metric extends: samples in, score and coverage out.

A task metric says what its variants weigh (`WEIGHTS`), which verdicts it reads (`SLOTS`), in which direction its
measures point (`DIRECTION`), and overrides one method: `value` (one measure) or `values` (several). The rest is here.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import datasets
import evaluate
import multitrust_metrics.arguments as arguments
import multitrust_metrics.summary as summary
from multitrust_metrics.measures.average import mean
from multitrust_metrics.sample import JudgeItem, Outcome, Sample, clean_text
from multitrust_metrics.summary import widest

__all__ = ["JudgeItem", "Outcome", "Sample", "TaskMetric", "widest"]

CITATION = (
    "MultiTrust: A Comprehensive Benchmark Towards Trustworthy Multimodal Large Language Models, arXiv 2406.07057."
)

KEYWORDS = """
Args:
    predictions: the answers, strings; "" where the run failed.
    references: what each answer is measured by, of the type of the feature `references`.
    variants: the variant of each sample; may be left out where the task has a single one.
    subsets: the subset of each sample, "" or left out where there is none.
    groups: the item that each sample belongs to; handed through by `per_sample`.
    verdicts: a dict of judges' raw replies a sample, by slot; None where there is none.
    statuses: "ok", "truncated" or "error:<reason>" a sample; left out, all are "ok".
    rules: "paper" (as published) or "strict".
    refusal_list: "paper" (53 entries, behind every published score) or "main" (55 entries).
    judge: a callable that takes a list of JudgeItem and returns as many verdicts with an attribute `raw`; asked for
        the verdicts that are needed and missing.
Returns:
    score: 0-100, higher is better, or None where a part of the formula has nothing scored (`missing` names it).
    coverage: share of the formula's samples that were scored. Below 1, `bounds` holds the score if all the rest were
        wrong, or right.
    n, n_scored, unscored: samples handed in, scored, and the reasons for the rest.
    rates: shares of unparsable, truncated and empty answers (and undecided judges' replies).
    variants: each measure by variant, and by subset.
"""


class TaskMetric(evaluate.Metric):
    """Base of the 32 task metrics. Scores from 0 to 100, higher is better."""

    TASK_ID: ClassVar[str]
    WEIGHTS: ClassVar[dict[str, float]] = {"default": 1.0}
    """Every variant of the task with its weight in the score; 0: reported, not scored."""
    SLOTS: ClassVar[tuple[str, ...]] = ()
    DIRECTION: ClassVar[dict[str, str]] = {"accuracy": "higher"}
    """Each measure, and whether higher or lower is better."""
    SCORED: ClassVar[tuple[str, ...]] = ()
    """The measures that enter the score with equal parts; empty: all of DIRECTION."""
    SUBSETS: ClassVar[tuple[str, ...]] = ()
    """Subsets that the formula needs; empty: subsets are only reported."""
    LABELS: ClassVar[tuple[str, ...]] = ()
    """The strings that a reference may be; empty: any."""
    SCALE: ClassVar[float] = 1.0
    """The largest value of a measure."""
    REFERENCE: ClassVar[Any] = datasets.Value("string")

    rules: str = "paper"
    refusal_list: str = "paper"

    # What a task overrides ------------------------------------------------------------------------------------------

    def value(self, sample: Sample) -> float | None:
        """The task's one measure for a sample; None where the rule cannot read the answer or the judge's reply."""
        raise NotImplementedError

    def values(self, sample: Sample) -> dict[str, float | None]:
        """Each outcome of a sample by name."""
        return {next(iter(self.DIRECTION)): self.value(sample)}

    def fallback(self, sample: Sample) -> Mapping[str, float] | None:
        """What the paper counts for an unread sample, where that is not 0; None: it leaves the denominator."""
        return {}

    def aggregate(self, outcomes: Sequence[Outcome]) -> dict[str, float | None]:
        """The measures over a variant or subset. Unscored outcomes are among `outcomes`."""
        return {name: mean([o.values[name] for o in outcomes if not o.reason]) for name in self.DIRECTION}

    def points(self, figures: Mapping[str, Any]) -> float:
        """0-100 for a variant, from its figures: the mean of the scored measures, each turned to higher is better."""
        parts = []
        for name in self.SCORED or self.DIRECTION:
            part = figures[name] / self.SCALE
            parts.append(part if self.DIRECTION[name] == "higher" else 1 - part)
        return 100 * math.fsum(parts) / len(parts)

    def limits(self, outcomes: Sequence[Outcome]) -> tuple[float, float]:
        """The variant's points if all of its unscored samples were wrong, and if they were right."""
        return summary.limits(self, outcomes)

    @classmethod
    def slots(cls, variant: str) -> tuple[str, ...]:
        """The verdict slots that a variant needs."""
        return cls.SLOTS

    @classmethod
    def labels(cls, variant: str) -> tuple[str, ...]:
        """The strings that a variant's references may be; empty: any."""
        return cls.LABELS

    def needed(self, sample: Sample) -> tuple[str, ...]:
        """The slots without which this sample stays unscored."""
        return self.slots(sample.variant)

    # What a user calls ----------------------------------------------------------------------------------------------

    @property
    def stem(self) -> str:
        """The task's one name: that of this metric's module."""
        return type(self).__module__.rsplit(".", 1)[-1]

    def compute(self, *, predictions: Any = None, references: Any = None, **keywords: Any) -> dict[str, Any] | None:
        """Score answers. See the list of arguments below, or the metric card.

        Given both columns, evaluate's Arrow cache is left out: it would cost ten times the scoring. After `add` or
        `add_batch`, and among several processes, it is used as ever.
        """
        if self.writer is not None or self.num_process > 1:
            return super().compute(predictions=predictions, references=references, **keywords)
        return self._compute(predictions=predictions, references=references, **keywords)

    def add_batch(self, *, predictions: Any = None, references: Any = None, **keywords: Any) -> None:
        """Add a batch of answers and references; hand the other columns to `compute`."""
        predictions = arguments.as_list("predictions", predictions)
        references = arguments.aligned("references", references, len(predictions))
        for index, reference in enumerate(references):
            arguments.checked(f"`references`[{index}]", arguments.check_reference, self.REFERENCE, reference)
        texts = [clean_text(text) for text in arguments.strings("predictions", predictions)]
        super().add_batch(predictions=texts, references=references, **keywords)

    def add(self, *, prediction: Any = None, reference: Any = None, **keywords: Any) -> None:
        """Add one answer and its reference; hand the other columns to `compute`."""
        (text,) = arguments.strings("predictions", [prediction])
        arguments.checked("`reference`", arguments.check_reference, self.REFERENCE, reference)
        super().add(prediction=clean_text(text), reference=reference, **keywords)

    def per_sample(self, *, predictions: Any = None, references: Any = None, **keywords: Any) -> list[dict[str, Any]]:
        """One dict a sample, in order: `status` ("scored", or why not), `group`, and each outcome by name."""
        outcomes = self._outcomes(predictions, references, **keywords)
        return [{"status": o.reason or "scored", "group": o.sample.group, **o.values} for o in outcomes]

    # How it works ---------------------------------------------------------------------------------------------------

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=inspect.getdoc(type(self)) or "",
            citation=CITATION,
            inputs_description=KEYWORDS,
            features=datasets.Features({"predictions": datasets.Value("string"), "references": self.REFERENCE}),
        )

    def _compute(self, predictions: Any = None, references: Any = None, **keywords: Any) -> dict[str, Any]:
        return summary.summarise(self, self._outcomes(predictions, references, **keywords))

    def _outcomes(self, predictions: Any, references: Any, **keywords: Any) -> list[Outcome]:
        arguments.check_keywords(keywords)
        return [self._outcome(sample) for sample in self._samples(predictions, references, **keywords)]

    def _samples(
        self,
        predictions: Any,
        references: Any,
        variants: Any = None,
        subsets: Any = None,
        groups: Any = None,
        verdicts: Any = None,
        statuses: Any = None,
        rules: str = "paper",
        refusal_list: str = "paper",
        judge: Callable[[list[JudgeItem]], Iterable[Any]] | None = None,
    ) -> list[Sample]:
        self.rules = arguments.choice("rules", rules, arguments.RULES)
        self.refusal_list = arguments.choice("refusal_list", refusal_list, arguments.REFUSAL_LISTS)
        given = {"predictions": predictions, "references": references, "variants": variants, "subsets": subsets}
        given |= {"groups": groups, "verdicts": verdicts, "statuses": statuses}
        columns = arguments.columns(self, given, has_judge=judge is not None)
        samples = arguments.build_samples(columns, self.check)
        return samples if judge is None else arguments.ask(self, samples, judge)

    def check(self, sample: Sample) -> None:
        """Raises TypeError or ValueError, to be read after the reference's place, when the reference does not fit."""
        arguments.check_reference(self.REFERENCE, sample.reference, self.labels(sample.variant))

    def _outcome(self, sample: Sample) -> Outcome:
        if sample.status.startswith("error:"):
            return Outcome(sample, sample.status, {})
        for slot in self.needed(sample):
            verdict = sample.verdicts.get(slot)
            if verdict is None or verdict != verdict:
                return Outcome(sample, "no_verdict", {})
        values = self.values(sample)
        if None not in values.values():
            return Outcome(sample, "", values)
        unread = "undecided" if self.slots(sample.variant) else "unparsable"
        counted = self.fallback(sample) if self.rules == "paper" else None
        if counted is None:
            return Outcome(sample, unread, values, unread)
        known = {name: counted.get(name, 0.0) if value is None else value for name, value in values.items()}
        return Outcome(sample, "", known, unread)
