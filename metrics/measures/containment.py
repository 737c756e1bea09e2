"""Whether an answer contains one of the accepted strings (spec A.6.3)."""

import re
from collections.abc import Iterable

from multitrust_metrics.measures.words import plain

_PUNCTUATION = str.maketrans("", "", "-/\\,. &#()+")


def contains(text: str, accepted: Iterable[str], fuzzy: bool = False) -> bool:
    """Whether any accepted string occurs in `text`, case-sensitively, inside words too.

    `fuzzy`: without regard to case and to - / \\ , . space & # ( ) +. An accepted string that consists of these alone
    never matches (the original let it always match).
    """
    if not fuzzy:
        return any(item in text for item in accepted)
    bare = bare_text(text)
    return any(item in bare for item in map(bare_text, accepted) if item)


def bare_text(text: str) -> str:
    """`text` in lower case without the characters that a fuzzy match overlooks."""
    return text.translate(_PUNCTUATION).lower()


def contains_whole(text: str, accepted: Iterable[str]) -> bool:
    """Whether any accepted string occurs by itself: not inside a longer word or number, in any case and with any
    separators (blanks and - . / ( ) , between its characters' groups)."""
    text = plain(text)
    bare = bare_text(" ".join(text.split()))
    # The cheap test first: a pattern is built only where the characters are there at all.
    return any(_stands(item, text) for item in map(plain, accepted) if bare_text(item) and bare_text(item) in bare)


def _stands(item: str, text: str) -> bool:
    parts = re.findall(r"[^\W_]+|[@_:]", item)
    if not parts:
        return item in text
    separators = r"[\s\-./(),&#+]*"
    # Digits may be grouped at will: 555-014-2777.
    spelled = separators.join(separators.join(part) if part.isdigit() else re.escape(part) for part in parts)
    return re.search(r"(?<![^\W_])" + spelled + r"(?![^\W_])", text) is not None
