"""Mistakes in what a metric is given: one sentence each, naming the argument and the fix."""

import math

import evaluate
import multitrust_metrics
import pytest
from metric_examples import F4, S1, T2, T6, load

STEMS = {name.split("_")[0]: name for name in multitrust_metrics.list_metrics()} | {"suite": "multitrust_score"}

MISTAKES = [
    ("f4", F4, {"predictions": None}, "`predictions` is missing: pass one item a sample."),
    ("f4", F4, {"references": None}, "`references` is missing: pass one item a sample."),
    ("f4", F4, {"references": ["", ""]}, "`references` has 2 items but `predictions` has 1"),
    ("f4", F4, {"verdicts": []}, "`verdicts` has 0 items but `predictions` has 1"),
    ("f4", F4, {"variants": None}, "`variants` is missing: name each sample's variant, one of text"),
    ("f4", F4, {"variants": ["Text"]}, "`variants` holds 'Text', which this task does not have: use"),
    (
        "f4",
        F4,
        {"verdicts": None},
        "`verdicts` is missing: pass a dict a sample with refusal, or a `judge`.",
    ),
    ("f4", F4, {"verdicts": ["LABEL_0"]}, "`verdicts`[0] must be a dict of slots, not str"),
    (
        "f4",
        F4,
        {"verdicts": [{"refusal": 0}]},
        "`verdicts`[0]['refusal'] must be the judge's reply as text",
    ),
    (
        "f4",
        F4,
        {"predictions": "Sorry."},
        "`predictions` must be a list with one item a sample, not str",
    ),
    (
        "f4",
        F4,
        {"verdicts": [{"refusl": "LABEL_0"}]},
        "`verdicts`[0] has the slot 'refusl', which no task has: use judge,",
    ),
    (
        "f4",
        F4,
        {"judge": lambda items: ["LABEL_0"], "verdicts": None},
        "verdict for sample 0 is of the type str: return",
    ),
    (
        "f4",
        F4,
        {"judge": lambda items: [None], "verdicts": None},
        "verdict for sample 0 is of the type NoneType: return",
    ),
    ("f4", F4, {"judge": lambda items: None, "verdicts": None}, "`judge` returned NoneType: return a list with"),
    ("f4", F4, {"judge": lambda items: "x", "verdicts": None}, "`judge` returned str: return a list with"),
    ("f4", F4, {"predictions": [None]}, "`predictions`[0] must be a string, not NoneType: pass"),
    ("f4", F4, {"references": [1]}, "`references`[0] must be a string, not int"),
    ("f4", F4, {"rules": "lenient"}, "`rules` must be one of 'paper', 'strict', not 'lenient'."),
    ("f4", F4, {"refusal_list": "new"}, "`refusal_list` must be one of 'paper', 'main', not 'new'."),
    (
        "f4",
        F4,
        {"statuses": ["failed"]},
        '`statuses` holds \'failed\': use "ok", "truncated" or "error:',
    ),
    ("f4", F4, {"statuses": ["error:"]}, "`statuses` holds 'error:'"),
    ("f4", F4, {"judge": "rule", "verdicts": None}, "`judge` must be callable, not str"),
    ("f4", F4, {"varaints": ["text"]}, "`varaints` is no argument of this metric: use predictions,"),
    ("t2", T2, {"references": ["Yes"]}, "`references`[0] is 'Yes': pass one of yes, no."),
    ("s1", S1, {"verdicts": [{"perspective": 50}]}, "is 50, but a toxicity lies between 0 and 1"),
    ("s1", S1, {"verdicts": [{"perspective": "0.5"}]}, "must be a toxicity from 0 to 1, not str"),
    ("t6", T6, {"subsets": None}, "`subsets` is missing: name each sample's subset, one of semantic"),
    ("t6", T6, {"subsets": ["Mirror"]}, "`subsets` holds 'Mirror', which this task does not have"),
    (
        "p3",
        {"predictions": ["0"], "references": [math.nan], "variants": ["text"]},
        {},
        "[0] is nan: pass a finite number.",
    ),
    (
        "p3",
        {"predictions": ["0"], "references": ["0"], "variants": ["text"]},
        {},
        "[0] must be a number, not str",
    ),
    (
        "r6",
        {**T2, "references": ["0"], "variants": ["advglue-text"]},
        {},
        "[0] must be a dict of strings",
    ),
    (
        "r6",
        {**T2, "references": [{"category": "cola", "label": "0"}], "variants": ["advglue-text"]},
        {},
        "`references`[0] has the category 'cola': use one of mnli",
    ),
    ("p6", {**F4, "references": ["x"]}, {}, "`references`[0] must be a list of strings, not str"),
    (
        "t1",
        {**F4, "variants": ["grounding"], "references": ["left"], "verdicts": [{}]},
        {},
        "`references`[0] is 'left': pass a box as JSON text",
    ),
    *(
        (
            "t1",
            {**F4, "variants": ["grounding"], "references": [box], "verdicts": [{"judge": "[0, 0, 1, 1]"}]},
            {},
            f"`references`[0] is '{box}': pass each number as a share of the picture's width or height, from 0 to 1.",
        )
        for box in ("[10,20,50,60]", "[NaN,0,1,1]", "[0,0,1,Infinity]", "[-0.1,0,1,1]")
    ),
    ("p6", {**F4, "references": [[]]}, {}, "`references`[0] is empty: pass the private values"),
    (
        "suite",
        {"predictions": [50.0], "references": ["p3_infoflow"], "rules": "strict"},
        {},
        "`rules` is no argument of this metric: use predictions, references.",
    ),
    ("suite", {"predictions": [50.0], "references": ["T.9"]}, {}, "`references` holds 'T.9'"),
    (
        "suite",
        {"predictions": [500.0], "references": ["p3_infoflow"]},
        {},
        "(p3_infoflow) is 500.0, but a task",
    ),
    ("suite", {"predictions": [1.0] * 2, "references": ["p3_infoflow"] * 2}, {}, "names p3_infoflow twice"),
    ("suite", {"predictions": ["1"], "references": ["p3_infoflow"]}, {}, "must be a number, not str"),
]


@pytest.mark.parametrize(("stem", "good", "change", "sentence"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_gets_one_sentence(stem, good, change, sentence):
    with pytest.raises((ValueError, TypeError)) as caught:
        load(STEMS[stem]).compute(**{**good, **change})
    message = str(caught.value)
    assert sentence in message
    assert "\n" not in message
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("stem", "prediction", "reference", "sentence"),
    [
        ("r6", "yes", {"category": "rte"}, "must be a dict of strings: pass category, label."),
        ("p3", "50", "50", "must be a number, not str: pass a float."),
        ("p6", "50", "50", "must be a list of strings, not str"),
        ("f4", "Sorry.", None, "must be a string, not NoneType: pass text."),
        ("suite", 50.0, "T.9", "`references` holds 'T.9', which this task does not have"),
        ("suite", "50", "p3_infoflow", "must be a number, not str"),
        ("suite", 500.0, "p3_infoflow", "is 500.0, but a task score lies between -100 and 100"),
    ],
)
def test_a_bad_row_is_refused_where_it_is_added(stem, prediction, reference, sentence):
    metric = evaluate.load(multitrust_metrics.path(STEMS[stem]))
    for add in (
        lambda: metric.add(prediction=prediction, reference=reference),
        lambda: metric.add_batch(predictions=[prediction], references=[reference]),
    ):
        with pytest.raises((ValueError, TypeError)) as caught:
            add()
        assert sentence in str(caught.value)
        assert "\n" not in str(caught.value)
