"""Text from strangers on a terminal."""

import unicodedata


def plain(text: str) -> str:
    """One line of printable characters: control characters, line ends and bidirectional marks become `?`."""
    return "".join("?" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else c for c in text)
