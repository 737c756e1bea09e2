"""Ranks of models by score."""

from collections.abc import Mapping


def ranks(scores: Mapping[str, float]) -> dict[str, int]:
    """1 for the highest score. Equal scores share the better rank, and stand in the order of their names.

    >>> ranks({"b": 50.0, "a": 50.0, "c": 70.0})
    {'c': 1, 'a': 2, 'b': 2}
    """
    ordered = sorted(scores, key=lambda name: (-scores[name], name))
    rank: dict[str, int] = {}
    for place, name in enumerate(ordered, start=1):
        tied = place > 1 and scores[ordered[place - 2]] == scores[name]
        rank[name] = rank[ordered[place - 2]] if tied else place
    return rank
