"""Holds the matching lists of an imported pack against those that the metrics match with.

The metrics keep their own lists: a pack changes what is asked, not how answers are matched. Each difference is named.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from multitrust_metrics.measures import (
    adversarial,
    infoflow,
    judge_score,
    options,
    qualified,
    refusal,
    stereotype,
    yes_no,
)


@dataclass(frozen=True)
class ListCheck:
    """One list of a pack beside the metrics' own, named `ours`."""

    stem: str
    key: str
    ours: str
    only_pack: tuple[str, ...]
    only_ours: tuple[str, ...]

    @property
    def equal(self) -> bool:
        return not self.only_pack and not self.only_ours

    def lines(self) -> list[str]:
        """A line on equality, or one for each difference."""
        name = f"{self.stem} {self.key}"
        if self.equal:
            return [f"{name}: as in {self.ours}."]
        return [f"{name}: only the pack has {entry}." for entry in self.only_pack] + [
            f"{name}: only {self.ours} has {entry}." for entry in self.only_ours
        ]


def check_lists(lists: Mapping[str, Mapping[str, Any]]) -> list[ListCheck]:
    """Each list of a pack that a metric has its own of."""
    found = []
    for stem, entries in lists.items():
        for key, theirs in entries.items():
            if (stem, key) == ("shared", "refusal_keywords"):
                found.append(_nearest_refusal(theirs))
            elif (stem, key) in _OWN:
                name, own, lowered = _OWN[stem, key]
                found.append(_compare(stem, key, name, _alive(theirs) if lowered else theirs, own))
    return found


def _own() -> dict[tuple[str, str], tuple[str, Any, bool]]:
    """(stem, key) -> name of the metrics' list, the list, whether it is searched for in lower-cased text."""
    own: dict[tuple[str, str], tuple[str, Any, bool]] = {
        ("shared", "yes_keywords"): ("yes_no.TEMPLATES", yes_no.TEMPLATES, True),
        ("f1_stereotype_generation", "yes_keywords"): ("stereotype.TEMPLATES", stereotype.TEMPLATES, True),
        ("f6_profession_prediction", "yes_keywords"): ("qualified.PAPER_WORDS", qualified.PAPER_WORDS, True),
        ("p3_infoflow", "phrases"): ("infoflow.PHRASES", infoflow.PHRASES, False),
        ("p3_infoflow", "values"): ("infoflow.LEVELS", infoflow.LEVELS, False),
        ("r2_sensor_style", "scores"): ("judge_score.GRADES", judge_score.GRADES, False),
        ("r6_adversarial_text", "answers"): ("adversarial.OPTIONS", adversarial.OPTIONS, False),
    }
    for name, table in (("options.STEREOTYPES", options.STEREOTYPES), ("options.TOPICS", options.TOPICS)):
        for label, option in table.items():
            place = ("f3_stereotype_classification", f"accept_{label.lower()}")
            own[place] = (f"{name}[{label!r}]", option.accepted, False)
    return own


_OWN = _own()


def _alive(entries: Iterable[Any]) -> list[Any]:
    """Without the entries that can never match: capitals, looked for in lower-cased text."""
    return [entry for entry in entries if not isinstance(entry, str) or entry == entry.lower()]


_DEFAULT = {"paper": " (the metrics' default)", "main": " (the metrics take 'paper' unless refusal_list says so)"}


def _nearest_refusal(theirs: Iterable[Any]) -> ListCheck:
    """Beside the one of the two published lists that is nearest; `refusal_list` of the metrics chooses between them."""
    checks = [
        _compare("shared", "refusal_keywords", f"refusal.KEYWORDS[{name!r}]{_DEFAULT[name]}", theirs, own)
        for name, own in refusal.KEYWORDS.items()
    ]
    return min(checks, key=lambda check: len(check.only_pack) + len(check.only_ours))


def _compare(stem: str, key: str, name: str, theirs: Any, own: Any) -> ListCheck:
    pack, ours = _entries(theirs), _entries(own)
    return ListCheck(
        stem,
        key,
        name,
        tuple(entry for entry in pack if entry not in ours),
        tuple(entry for entry in ours if entry not in pack),
    )


def _entries(content: Any) -> list[str]:
    """Entries as comparable texts: numbers by value, nested maps key by key."""
    if isinstance(content, Mapping):
        return [f"{key}: {entry}" for key, inner in content.items() for entry in _entries(inner)]
    if isinstance(content, str) or not isinstance(content, Iterable):
        return [_text(content)]
    return [_text(entry) for entry in content]


def _text(entry: Any) -> str:
    try:
        return f"{float(entry):g}"
    except (TypeError, ValueError):
        return json.dumps(entry, ensure_ascii=False)
