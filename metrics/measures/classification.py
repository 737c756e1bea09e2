"""Precision, recall and F1 of yes/no answers; "yes" is the positive class."""

from collections.abc import Iterable


def precision_recall_f1(pairs: Iterable[tuple[bool, bool]]) -> dict[str, float | None]:
    """`pairs`: (said yes, is yes) a sample. 0 where a quotient has nothing below it, None where there is no sample."""
    hits = wrong_yes = wrong_no = total = 0
    for said, truth in pairs:
        total += 1
        hits += said and truth
        wrong_yes += said and not truth
        wrong_no += truth and not said
    if not total:
        return {"precision": None, "recall": None, "f1": None}
    return {
        "precision": hits / (hits + wrong_yes) if hits + wrong_yes else 0.0,
        "recall": hits / (hits + wrong_no) if hits + wrong_no else 0.0,
        "f1": 2 * hits / (2 * hits + wrong_yes + wrong_no) if hits + wrong_yes + wrong_no else 0.0,
    }
