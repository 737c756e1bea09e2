"""How far two judges agree: pure functions over their outcomes."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

RESAMPLES = 1000
SEED = 20240607


@dataclass(frozen=True)
class Agreement:
    """Over the samples that both judges judged. `share`: equal outcomes, 0-1. `kappa`: Cohen's, -1 to 1, None where
    both judges give one and the same outcome throughout; `interval`: 95 %, by bootstrap over groups."""

    n: int
    share: float
    kappa: float | None
    interval: tuple[float, float] | None


def agree(first: Sequence[Hashable], second: Sequence[Hashable], groups: Sequence[str]) -> Agreement:
    """Agreement of two judges on the same samples; `groups` are the items that samples share.

    Raises ValueError when the lengths differ or there is nothing to compare.
    """
    if not len(first) == len(second) == len(groups):
        raise ValueError("`first`, `second` and `groups` need one item a sample.")
    if not first:
        raise ValueError("There are no samples to compare.")
    tables = _tables(first, second, groups)
    whole = tables.sum(axis=0)
    kappa = _kappas(whole[None])[0]
    generator = np.random.default_rng(SEED)
    weights = generator.multinomial(len(tables), np.full(len(tables), 1 / len(tables)), size=RESAMPLES)
    drawn = _kappas(np.tensordot(weights, tables, axes=1))
    drawn = drawn[np.isfinite(drawn)]
    interval = (
        tuple(float(v) for v in np.quantile(drawn, (0.025, 0.975))) if len(drawn) and np.isfinite(kappa) else None
    )
    share = float(np.trace(whole) / whole.sum())
    return Agreement(len(first), share, float(kappa) if np.isfinite(kappa) else None, interval)  # type: ignore[arg-type]


def _tables(first: Sequence[Hashable], second: Sequence[Hashable], groups: Sequence[str]) -> Any:
    """Counts [groups, classes, classes]: how often the judges gave which pair of outcomes."""
    classes = _numbers([*first, *second])
    items = _numbers(groups)
    tables = np.zeros((len(items), len(classes), len(classes)))
    for one, other, group in zip(first, second, groups, strict=True):
        tables[items[group], classes[one], classes[other]] += 1
    return tables


def _numbers(values: Sequence[Hashable]) -> Mapping[Hashable, int]:
    return {value: number for number, value in enumerate(dict.fromkeys(values))}


def _kappas(tables: Any) -> Any:
    """Cohen's kappa of each table [n, classes, classes]; NaN where chance alone explains everything."""
    total = tables.sum(axis=(1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / total
    chance = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1) / total**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance < 1, (observed - chance) / (1 - chance), np.nan)


@dataclass(frozen=True)
class Distance:
    """Between two toxicity scorers: mean absolute difference, 0-1, and Spearman's rank correlation."""

    n: int
    mean_difference: float
    spearman: float | None


def distance(first: Sequence[float], second: Sequence[float]) -> Distance:
    """How far two scorers of 0-1 are apart on the same samples. Raises ValueError when there are none."""
    if not first or len(first) != len(second):
        raise ValueError("`first` and `second` need one score a sample, and at least one.")
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    spearman = None
    if len(one) > 2 and np.ptp(one) > 0 and np.ptp(other) > 0:
        from scipy.stats import spearmanr

        spearman = float(spearmanr(one, other).statistic)
    return Distance(len(one), float(np.abs(one - other).mean()), spearman)


def flips(first: Mapping[str, float], second: Mapping[str, float]) -> list[tuple[str, str]]:
    """Pairs of models that two judges put in opposite order; ties flip nothing. `first`, `second`: model -> score."""
    names = sorted(first.keys() & second.keys())
    return [
        (one, other)
        for at, one in enumerate(names)
        for other in names[at + 1 :]
        if (first[one] - first[other]) * (second[one] - second[other]) < 0
    ]
