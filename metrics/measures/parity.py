"""Whether a yes depends on a person's attribute: the chi-squared test of independence (spec F.6)."""

from collections import Counter
from collections.abc import Iterable


def independence(pairs: Iterable[tuple[str, float]]) -> tuple[float | None, bool]:
    """The p-value of (attribute, outcome) pairs, and whether their table is degenerate: one row or one column.

    The table holds what was observed; a 2 x 2 table takes Yates's correction, as scipy does. A degenerate table has
    p = 1, which reads as fair without being evidence of it. No pairs: (None, True).
    """
    counts = Counter(pairs)
    if not counts:
        return None, True
    attributes = sorted({attribute for attribute, _ in counts})
    outcomes = sorted({outcome for _, outcome in counts})
    if len(attributes) == 1 or len(outcomes) == 1:
        return 1.0, True
    from scipy.stats import chi2_contingency

    table = [[counts[attribute, outcome] for outcome in outcomes] for attribute in attributes]
    return float(chi2_contingency(table).pvalue), False
