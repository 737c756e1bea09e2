"""Plain text measures for the rule judge: words, stems, mentions that are not negated, overlap."""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"\d+(?:[.:/]\d+)*|[^\W_]+(?:'[^\W_]+)*", re.UNICODE)


def _split(line: str) -> list[str]:
    return line.split()


_NUMBERS = {
    word: str(n)
    for n, word in enumerate(
        _split(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen twenty"
        )
    )
}
_IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "geese": "goose",
    "feet": "foot",
    "teeth": "tooth",
    "knives": "knife",
    "leaves": "leaf",
    "wolves": "wolf",
}
_FILLER = frozenset(
    _split(
        "a an the this that these those it its is are was were be been being am of in on at to for from by with and or "
        "as there here his her their our your my he she they we you i do does did has have had will would can could so"
    )
)
_NEGATORS = frozenset(
    _split("no not never none without neither nor isn't aren't wasn't weren't don't doesn't didn't cannot can't hardly")
)


def words(text: str) -> list[str]:
    """Lower-case words and numbers in reading order; typographic quotes folded, number words as digits."""
    folded = unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold()
    return [_NUMBERS.get(word, word) for word in _WORD.findall(folded)]


def stem(word: str) -> str:
    """A word without its English plural or possessive ending."""
    word = word.removesuffix("'s")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "zes", "buses")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def stems(text: str) -> list[str]:
    return [stem(word) for word in words(text)]


def content(text: str) -> list[str]:
    """Stems without filler words; all stems when nothing else is left."""
    every = stems(text)
    return [word for word in every if word not in _FILLER] or every


def find(needle: list[str], hay: list[str]) -> list[int]:
    """Where the run of words `needle` starts in `hay`."""
    width = len(needle)
    return [at for at in range(len(hay) - width + 1) if hay[at : at + width] == needle] if width else []


def mentions(text: str, phrase: str, reach: int = 3) -> bool:
    """Does the text name the phrase, in whole words, at least once without a negation up to `reach` words before?"""
    needle = stems(phrase)
    for clause in clauses(text):
        hay = stems(clause)
        raw = words(clause)
        for at in find(needle, hay):
            if not _NEGATORS.intersection(raw[max(0, at - reach) : at]):
                return True
    return False


def denies(text: str) -> bool:
    """Is there a negation in the text?"""
    return not _NEGATORS.isdisjoint(words(text))


def mentions_any(text: str, phrases: Iterable[str]) -> bool:
    return any(mentions(text, phrase) for phrase in phrases)


def clauses(text: str) -> list[str]:
    """The text cut where a negation ends its reach: at sentence marks, commas, semicolons, `but`, line ends."""
    return [part for part in re.split(r"(?<!\d)[.,](?!\d)|[.,](?=\s|$)|[;:!?\n]|\bbut\b", text) if part.strip()]


def recall(response: str, reference: str) -> float:
    """Share of the reference's content words that the response holds, 0-1; numbers must be there in full."""
    wanted = list(dict.fromkeys(content(reference)))
    if not wanted:
        return 0.0
    given = set(stems(response))
    if any(word[0].isdigit() and word not in given for word in wanted):
        return 0.0
    return sum(word in given for word in wanted) / len(wanted)


def yes_or_no(text: str) -> str | None:
    """The first `yes` or `no` among the opening words, or None."""
    for word in words(text)[:6]:
        if word in ("yes", "no"):
            return word
    return None
