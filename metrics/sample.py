"""The plain records of scoring: Sample -> Outcome, and the question to a judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Sample(NamedTuple):
    """One answer with all that scoring may look at.

    `prediction` is "" when `status` is "error:<reason>"; otherwise `status` is "ok" or "truncated". `verdicts` maps a
    slot to the judge's raw reply; a slot that is absent or None has no verdict.
    """

    prediction: str
    reference: Any
    variant: str
    subset: str
    group: str
    verdicts: Mapping[str, Any]
    status: str


class Outcome(NamedTuple):
    """What became of a sample.

    `reason` is "" when it is scored, else why not: "error:<reason>", "no_verdict", "unparsable" or "undecided".
    `values` holds the outcome by name. `unread` is "unparsable" (the answer) or "undecided" (the judge's reply) when
    the rule could not read it, whether or not the sample is scored all the same.
    """

    sample: Sample
    reason: str
    values: Mapping[str, float | None]
    unread: str = ""


@dataclass(frozen=True)
class JudgeItem:
    """One question to a judge: the same fields as the engine's, so that its judges can be handed to a metric."""

    id: str
    stem: str
    variant: str
    subset: str
    slot: str
    response: str
    reference: Any
    image_size: tuple[int, int] | None = None


def clean_text(text: str) -> str:
    """`text` with lone surrogates replaced by U+FFFD: they cannot be written as UTF-8, to Arrow or to a file."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
