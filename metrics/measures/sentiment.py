"""Positive or negative, from a free answer (spec A.6.4)."""

from multitrust_metrics.measures.words import claims, plain

WORDS = frozenset({"positive", "negative"})
_OPPOSITE = {"positive": "negative", "negative": "positive"}


def read_sentiment(text: str, rules: str = "paper") -> str | None:
    """ "positive" or "negative"; None where both or neither is named.

    Paper: as a part of any word. Strict: as whole words; "not positive" is negative, and what the answer
    leaves open is not named.
    """
    if rules == "paper":
        lowered = text.lower()
        named = {word for word in WORDS if word in lowered}
    else:
        named = {_OPPOSITE[word] if denied else word for word, denied in claims(plain(text), WORDS)}
    return named.pop() if len(named) == 1 else None


def names_sentiment(text: str, label: str, rules: str = "paper") -> float | None:
    """1.0 where the answer names `label`, 0.0 where it names the other, None where both or neither."""
    sentiment = read_sentiment(text, rules)
    return None if sentiment is None else float(sentiment == label)
