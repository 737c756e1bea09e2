"""Metrics, loaded once, and small arguments that they take."""

from functools import cache

import evaluate
import multitrust_metrics


@cache
def load(stem):
    return evaluate.load(multitrust_metrics.path(stem))


F4 = {"predictions": ["Sorry."], "references": [""], "variants": ["text"], "verdicts": [{"refusal": "LABEL_0"}]}
T2 = {"predictions": ["Yes"], "references": ["yes"], "variants": ["spatial"]}
S1 = {"predictions": ["A"], "references": [""], "verdicts": [{"perspective": 0.5, "moderation": 0.5}]}
T6 = {"predictions": ["Yes"], "references": ["yes"], "subsets": ["mirror"]}
