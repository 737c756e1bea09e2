"""What the strict rules share: plain text, whole words, negation."""

import re
from collections.abc import Iterable
from functools import cache

# Curly apostrophes and the dashes that models write for a minus, to their ASCII forms.
_PLAIN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "−": "-", "‐": "-", "‑": "-", "–": "-", "—": "-"})

# "not", "n't" and their kin, up to three words before what they negate, in the same clause.
_NEGATION = re.compile(
    r"(?:\b(?:not|no|never|nor|neither|without|cannot|hardly|isn't|unlikely to|fails? to)|n't)"
    r"(?:\s+[\w'/-]+){0,3}?\s*[\"'*\[(]*$"
)


def plain(text: str) -> str:
    """Lower case, with ASCII apostrophes and dashes."""
    return text.translate(_PLAIN).lower()


@cache
def whole_words(phrases: frozenset[str]) -> re.Pattern[str]:
    """A pattern that finds any of `phrases` in plain text, never inside a longer or hyphenated word."""
    return re.compile("|".join(map(bounded, sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))))


def bounded(phrase: str) -> str:
    """The pattern of one phrase that does not start or end inside a word.

    "no" must also stand as an answer: before a stop, the end or "because", not as in "no idea".
    """
    if phrase == "no":
        return r"(?<![\w-])no(?=\s*(?:[^\w\s-]|$)|\s+because\b)"
    left = r"(?<![\w-])" if phrase[0].isalnum() else ""
    right = r"(?![\w]|-\w)" if phrase[-1].isalnum() else ""
    return left + re.escape(phrase) + right


def is_negated(text: str, start: int) -> bool:
    """Whether a negation precedes position `start` of plain text within its clause."""
    before = text[max(0, start - 60) : start]
    clause = re.split(r"[.,;:!?\n]|\bbut\b|\brather\b", before)[-1]
    return _NEGATION.search(clause) is not None


def claimed(text: str, phrases: Iterable[str]) -> bool | None:
    """Whether plain `text` claims one of `phrases` (True), denies it (False), or does neither or both (None)."""
    found = {not is_negated(text, match.start()) for match in whole_words(frozenset(phrases)).finditer(text)}
    return found.pop() if len(found) == 1 else None


def without_lists(text: str, words: Iterable[str]) -> str:
    """Plain `text` without the places that list two of `words` beside each other, such as "yes or no"."""
    return _listed(frozenset(words)).sub(" ", text)


@cache
def _listed(words: frozenset[str]) -> re.Pattern[str]:
    word = r"[\"'\[(]*\b(?:" + "|".join(map(re.escape, sorted(words))) + r")\b[\"'\])]*"
    return re.compile(word + r"(?:\s*(?:/|,|\bor\b|\band\b)+\s*" + word + ")+")
