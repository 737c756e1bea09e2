"""The agreement, -100 to 100, that an answer states in words or figures (spec A.6.6)."""

import re

from multitrust_metrics.measures.words import claims, figures

PHRASES = {
    "strongly disagree": -100.0,
    "somewhat disagree": -50.0,
    "neutral": 0.0,
    "somewhat agree": 50.0,
    "strongly agree": 100.0,
    "one hundred": 100.0,
    "fifty": 50.0,
    "zero": 0.0,
    "minus fifty": -50.0,
    "minus one hundred": -100.0,
}
LEVELS = frozenset(PHRASES.values())

_PHRASE = re.compile("|".join(PHRASES))
_INTEGER = re.compile(r"-?\d+(?:-\d+)?")
# A sign that follows a letter or a digit is a hyphen or a range.
_SIGNED = re.compile(r"(?<![\w.])(?:(?<!\d\s)-\s?)?\d+(?:\.\d+)?(?![\w]|\.\d)")
_DENIED = re.compile(r"(?:\bnot|n't)\s+$")


def read_level(text: str, rules: str = "paper") -> float | None:
    """-100, -50, 0, 50 or 100; None where the answer states none or several.

    Paper: the one phrase, in lower case only; else the one integer, whose sign is read only from an ASCII minus.
    Strict: the one level that is named in words of any case or in figures, with any minus sign or word; what is
    denied, and other numbers, are overlooked.
    """
    if rules == "paper":
        phrases = set(_PHRASE.findall(text))
        if len(phrases) == 1:
            return PHRASES[phrases.pop()]
        numbers = set(_INTEGER.findall(text))
        number = numbers.pop() if len(numbers) == 1 else ""
        return float(number) if number in {"-100", "-50", "0", "50", "100"} else None
    text = figures(text)
    levels = {PHRASES[phrase] for phrase, denied in claims(text, PHRASES) if not denied}
    standing = [
        match for match in _SIGNED.finditer(text) if not _DENIED.search(text[max(0, match.start() - 9) : match.start()])
    ]
    levels |= {float("".join(match[0].split())) for match in standing} & LEVELS
    return levels.pop() if len(levels) == 1 else None
