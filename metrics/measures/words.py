"""What the strict rules share: plain text, whole words, negation.

Patterns run only on texts that hold their literals at all: most answers hold none, and `in` is fast.
"""

import re
from collections.abc import Collection
from functools import cache

# Curly apostrophes and the dashes that models write for a minus, to their ASCII forms.
_PLAIN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "−": "-", "‐": "-", "‑": "-", "–": "-", "—": " - "})

# Kept out of `plain`, which a paper rule uses too: the minus signs beside its dashes, and the words for them.
_MINUS = str.maketrans(dict.fromkeys("\uff0d\ufe63\u2012\u207b\u2796", "-"))
_MINUS_WORD = re.compile(r"\b(?:minus|negative)[\s*_\"'-]+(?=\d)|(?<![\w-])-\*+(?=\d)")
_MINUS_SPELLED = re.compile(r"(?:\b(?:minus|negative)[\s*_\"'-]+|(?<![\w-])-)(?=fifty\b|one hundred\b)")

# "not", "n't" and their kin, up to three words before what they negate, in the same clause.
_NEGATION = re.compile(
    r"(?:\b(?:not|no|never|nor|neither|without|cannot|hardly|far from|unlikely to|fails? to)|n't)"
    r"(?:\s+[\w'/-]+){0,3}?\s*[\"'*\[(]*$"
)
# These negate the rest of their clause, however long, but for what stands in quotes.
_DISBELIEF = re.compile(
    r"(?:(?:\b(?:not|never|cannot)|n't)(?: \w+)? (?:(?:think|believe|say|feel|suppose|claim|agree|conclude)\b(?! so\b)"
    r"|(?:said|concluded|claimed|true|the case)\b)|\bi (?:\w+ )?doubt\b"
    r"|\bno (?:evidence|indication|reason|sign|suggestion)\b|\b(?:nobody|no[ -]one|none|nothing)\b)"
    r"(?P<rest>[^\"“”]*)[\"“”*\[(]*$"
)
# These say nothing about the rest of their clause.
_UNKNOWING = re.compile(
    r"\b(?:cannot|can not|can't|could not|couldn't|unable to|(?:hard|difficult|impossible|not possible) to)"
    r"(?: \w+)? (?:say|tell|told|decide|determined?|known?|judged?|assess(?:ed)?|confirm(?:ed)?|verify|verified)\b"
    r"|\b(?:do|does|did)(?: not|n't) (?:\w+ )?know\b"
    r"|(?:\bnot|n't) (?:\w+ )?(?:sure|certain|clear|known|obvious)\b"
    r"|\b(?:unsure|unclear|uncertain) (?:whether|if|that)\b"
)
# These sound like negations and are none.
_ASSURANCE = re.compile(
    r"\bnot (?:only|just|merely)\b|\bwithout (?:a |any )?(?:doubt|question)\b|\bno (?:doubt|question)\b"
    r"|(?:\bnot|n't) (?:a |any )?doubt\b|\b(?:cannot|can't|can not) (?:deny|be denied)\b"
)
_CLAUSE = re.compile(
    r"[.,;:!?\n]|\b(?:but|rather|because|although|whereas)\b|\s-\s|\bso(?= (?:yes|no|it|they|she|he)\b)"
)
# How far back a clause is followed, in characters.
_REACH = 200
# "yes" and "no" are denied only by what belongs to them: "there is no cat so yes" says yes.
_UNSAID = re.compile(
    r"(?:\b(?:not|never|cannot)|n't)(?:\s+(?:really|simply|be|say|answer|reply|call|it|a|an|the|clear|definite|with)){0,5}"
    r"\s*[\"'*\[(]*$"
)


def plain(text: str) -> str:
    """Lower case, with ASCII apostrophes and dashes."""
    return text.lower() if text.isascii() else text.translate(_PLAIN).lower()


def figures(text: str) -> str:
    """`plain` text with an ASCII minus before every negative figure, and "minus" before every negative number word."""
    text = plain(text if text.isascii() else text.translate(_MINUS))
    if not any(sign in text for sign in ("minus", "negative", "-*", "-fifty", "-one")):
        return text
    return _MINUS_SPELLED.sub("minus ", _MINUS_WORD.sub("-", text))


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


def is_negated(text: str, start: int) -> bool | None:
    """Whether a negation precedes position `start` of plain text within its clause.

    None where the clause leaves it open: "I cannot tell whether", or one negation inside another.
    """
    clause = _ASSURANCE.sub(" ", _clause(text, start))
    if _UNKNOWING.search(clause):
        return None
    disbelief = _DISBELIEF.search(clause)
    if not disbelief:
        return _NEGATION.search(clause) is not None
    return None if _NEGATION.search(disbelief["rest"]) else True


def is_unsaid(text: str, start: int) -> bool:
    """Whether plain text refuses the word yes or no at `start`: "I would not say yes", "I cannot tell if yes"."""
    clause = _clause(text, start)
    return any(pattern.search(clause) for pattern in (_UNSAID, _UNKNOWING, _DISBELIEF))


def _clause(text: str, start: int) -> str:
    return _CLAUSE.split(text[max(0, start - _REACH) : start])[-1]


def claims(text: str, phrases: Collection[str]) -> list[tuple[str, bool]]:
    """Each of `phrases` that stands in plain `text`, and whether it is denied; what is left open is left out."""
    found = [(phrase, is_negated(text, start)) for start, phrase in whole_words(text, phrases)]
    return [(phrase, denied) for phrase, denied in found if denied is not None]


def claimed(text: str, phrases: Collection[str]) -> bool | None:
    """Whether plain `text` claims one of `phrases` (True), denies it (False), or does neither or both (None)."""
    found = {not denied for _, denied in claims(text, phrases)}
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
