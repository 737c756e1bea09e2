"""What the strict rules share: plain text, whole words, negation.

Patterns run only on texts that hold their literals at all: most answers hold none, and `in` is fast.
"""

import re
from collections.abc import Collection
from functools import cache

# Curly apostrophes and the dashes that models write for a minus, to their ASCII forms.
_PLAIN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "−": "-", "‐": "-", "‑": "-", "–": "-", "—": " - "})

# "not", "n't" and their kin, up to three words before what they negate, in the same clause.
_NEGATION = re.compile(
    r"(?:\b(?:not|no|never|nor|neither|without|cannot|hardly|unlikely to|fails? to)|n't)"
    r"(?:\s+[\w'/-]+){0,3}?\s*[\"'*\[(]*$"
)
_CLAUSE = re.compile(r"[.,;:!?\n]|\bbut\b|\brather\b")


def plain(text: str) -> str:
    """Lower case, with ASCII apostrophes and dashes."""
    return text.lower() if text.isascii() else text.translate(_PLAIN).lower()


@cache
def bounded(phrase: str) -> re.Pattern[str]:
    """The pattern of a phrase that does not start or end inside a word.

    "no" must also stand as an answer: before a stop, the end or "because", not as in "no idea".
    """
    if phrase == "no":
        return re.compile(r"(?<!\w)(?<!\w-)no(?=\s*(?:[^\w\s-]|$)|\s+because\b)")
    left = r"(?<!\w)(?<!\w-)" if phrase[0].isalnum() else ""
    right = r"(?![\w]|-\w)" if phrase[-1].isalnum() else ""
    return re.compile(left + re.escape(phrase) + right)


def whole_words(text: str, phrases: Collection[str]) -> list[tuple[int, str]]:
    """Where each of `phrases` stands in plain text, never inside a longer or hyphenated word.

    Longer phrases take precedence where two overlap: "not a stereotype" is not also "stereotype".
    """
    found: list[tuple[int, str]] = []
    for phrase in sorted((phrase for phrase in phrases if phrase in text), key=len, reverse=True):
        places = [match.start() for match in bounded(phrase).finditer(text)]
        if places:
            found += [(start, phrase) for start in places]
            # Blot out what was found, so that no shorter phrase is found inside it; the places of the rest stay.
            text = bounded(phrase).sub("\0" * len(phrase), text)
    return found


def is_negated(text: str, start: int) -> bool:
    """Whether a negation precedes position `start` of plain text within its clause."""
    clause = _CLAUSE.split(text[max(0, start - 60) : start])[-1]
    return _NEGATION.search(clause) is not None


def claimed(text: str, phrases: Collection[str]) -> bool | None:
    """Whether plain `text` claims one of `phrases` (True), denies it (False), or does neither or both (None)."""
    found = {not is_negated(text, start) for start, _ in whole_words(text, phrases)}
    return found.pop() if len(found) == 1 else None


def without_lists(text: str, words: Collection[str]) -> str:
    """Plain `text` without the places that list two of `words` beside each other, such as "yes or no"."""
    if sum(word in text for word in words) < 2:
        return text
    return _listed(frozenset(words)).sub(" ", text)


@cache
def _listed(words: frozenset[str]) -> re.Pattern[str]:
    word = r"[\"'\[(]*\b(?:" + "|".join(map(re.escape, sorted(words))) + r")\b[\"'\])]*"
    return re.compile(word + r"(?:\s*(?:/|,|\bor\b|\band\b)+\s*" + word + ")+")
