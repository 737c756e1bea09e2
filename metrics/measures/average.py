"""Means that do not depend on the order of their inputs."""

import math
from collections.abc import Collection, Mapping


def mean(values: Collection[float]) -> float | None:
    """The mean, or None of nothing. The sum is exact, so that the order of samples cannot show."""
    return math.fsum(values) / len(values) if values else None


def weighted(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The mean of `values` by `weights` that sum to 1; names of weight 0 may be absent.

    It is kept between the least and the greatest value: rounding would take the mean of 100s a little above 100.
    """
    counted = [(weight, values[name]) for name, weight in weights.items() if weight]
    total = math.fsum(weight * value for weight, value in counted)
    return min(max(total, min(value for _, value in counted)), max(value for _, value in counted))


def shared(weight: float, *names: str) -> dict[str, float]:
    """`weight` in equal parts over `names`.

    >>> shared(0.5, "math", "code")
    {'math': 0.25, 'code': 0.25}
    """
    return {name: weight / len(names) for name in names}


def paired(weight: float = 1.0, prefix: str = "") -> dict[str, float]:
    """The paper's three pairings in equal parts: no picture, a related one, an unrelated one (mean of three kinds).

    >>> list(paired(prefix="advglue-"))[:3]
    ['advglue-text', 'advglue-image', 'advglue-unrelated-image-color']
    """
    unrelated = shared(weight / 3, *(f"{prefix}unrelated-image-{kind}" for kind in ("color", "nature", "noise")))
    return {f"{prefix}text": weight / 3, f"{prefix}image": weight / 3, **unrelated}
