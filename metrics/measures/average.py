"""Means that do not depend on the order of their inputs."""

import math
from collections.abc import Collection, Mapping


def mean(values: Collection[float]) -> float | None:
    """The mean, or None of nothing. The sum is exact, so that the order of samples cannot show."""
    return math.fsum(values) / len(values) if values else None


def weighted(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The sum of weight times value over the names whose weight is not 0."""
    return math.fsum(weight * values[name] for name, weight in weights.items() if weight)


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
