"""Pearson's correlation, exact enough not to depend on the order of its inputs."""

import math
from collections.abc import Sequence


def pearson(one: Sequence[float], other: Sequence[float]) -> float | None:
    """-1 to 1; None for fewer than two pairs or where a side is constant."""
    if len(one) < 2:
        return None
    x, y = _centred(one), _centred(other)
    spread = math.sqrt(math.fsum(a * a for a in x)) * math.sqrt(math.fsum(b * b for b in y))
    if min(one) == max(one) or min(other) == max(other) or spread == 0:
        return None
    return max(-1.0, min(1.0, math.fsum(a * b for a, b in zip(x, y, strict=True)) / spread))


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Pearson's correlation of the ranks; tied values share their mean rank."""
    return pearson(_mean_ranks(one), _mean_ranks(other))


def _centred(values: Sequence[float]) -> list[float]:
    centre = math.fsum(values) / len(values)
    return [value - centre for value in values]


def _mean_ranks(values: Sequence[float]) -> list[float]:
    from scipy.stats import rankdata

    ranks: list[float] = rankdata(values).tolist()
    return ranks
