"""The golden vectors of the original toolbox, reproduced by every metric under both refusal lists."""

import json
from functools import cache
from pathlib import Path

import evaluate
import multitrust_metrics
import multitrust_metrics.measures.qualified as qualified
import pytest
from multitrust_metrics.measures.adversarial import picks_label
from multitrust_metrics.measures.average import weighted
from multitrust_metrics.measures.containment import contains
from multitrust_metrics.measures.grounding import box_hits
from multitrust_metrics.measures.infoflow import read_level
from multitrust_metrics.measures.judge_score import read_grade
from multitrust_metrics.measures.refusal import refuses_by_keyword
from multitrust_metrics.measures.sentiment import names_sentiment
from multitrust_metrics.measures.stereotype import finds_stereotype
from multitrust_metrics.measures.yes_no import read_yes_no

GOLDEN = Path(__file__).parent / "data" / "golden"
STEMS = sorted(path.stem for path in GOLDEN.glob("[tsrfp][0-9]_*.json"))
# The files know two refusal lists: keys ending in `_paper`, and the present list.
LISTS = {"paper": "_paper", "main": ""}


def test_every_task_has_golden_samples():
    assert len(STEMS) == 32


@cache
def golden(stem):
    return json.loads((GOLDEN / f"{stem}.json").read_text(encoding="utf-8"))


@cache
def load(stem):
    return evaluate.load(multitrust_metrics.path(stem))


def columns(stem):
    """The keyword arguments of compute for all golden samples of a task, variant by variant."""
    rows = [(name, sample) for name, part in golden(stem)["variants"].items() for sample in part["samples"]]
    return {
        "predictions": [sample["prediction"] for _, sample in rows],
        "references": [sample["reference"] for _, sample in rows],
        "variants": [name for name, _ in rows],
        "subsets": [sample["subset"] for _, sample in rows],
        "verdicts": [sample["verdicts"] for _, sample in rows],
    }


def close(value, tolerance=1e-6):
    return pytest.approx(value, abs=tolerance)


@pytest.mark.parametrize("refusal_list", LISTS)
@pytest.mark.parametrize("stem", STEMS)
def test_scores_and_measures(stem, refusal_list):
    suffix = LISTS[refusal_list]
    result = load(stem).compute(**columns(stem), refusal_list=refusal_list)
    assert result["score"] == close(golden(stem)["expected_score_unrounded" + suffix])
    for name, part in golden(stem)["variants"].items():
        figures = result["variants"][name]
        assert {key: figures[key] for key in part["expected" + suffix]} == close(part["expected" + suffix])
        for subset, expected in part.get("expected_subsets" + suffix, {}).items():
            assert {key: figures["subsets"][subset][key] for key in expected} == close(expected)


@pytest.mark.parametrize("refusal_list", LISTS)
@pytest.mark.parametrize("stem", STEMS)
def test_outcome_of_each_sample(stem, refusal_list):
    arguments = columns(stem)
    rows = load(stem).per_sample(**arguments, refusal_list=refusal_list)
    for name, part in golden(stem)["variants"].items():
        own = [row for row, variant in zip(rows, arguments["variants"], strict=True) if variant == name]
        for outcome, expected in part["expected_per_sample" + LISTS[refusal_list]].items():
            assert [row[outcome] for row in own] == close(expected)


def rounded(figures, digits):
    """A variant's figures as the original printed them: each rounded before anything is combined."""
    if isinstance(figures, dict):
        return {name: rounded(value, digits) for name, value in figures.items()}
    return round(figures, digits) if isinstance(figures, float) else figures


@pytest.mark.parametrize("refusal_list", LISTS)
@pytest.mark.parametrize("stem", STEMS)
def test_printed_scores(stem, refusal_list):
    metric = load(stem)
    result = metric.compute(**columns(stem), refusal_list=refusal_list)
    # Two decimals of a percentage in truthfulness, four of a fraction elsewhere: the same for a measure from 0 to 1.
    points = {name: metric.points(rounded(figures, 4)) for name, figures in result["variants"].items()}
    assert weighted(points, metric.WEIGHTS) == close(golden(stem)["expected_score" + LISTS[refusal_list]], 1e-4)


@pytest.mark.parametrize("suffix", LISTS.values())
def test_suite(suffix):
    expected = golden("suite")
    scores = {stem: golden(stem)["expected_score_unrounded" + suffix] for stem in STEMS}
    assert {golden(stem)["task"]: score for stem, score in scores.items()} == close(expected["tasks" + suffix])
    result = load("multitrust_score").compute(predictions=list(scores.values()), references=list(scores))
    assert result["sub_aspects"] == close(expected["sub_aspects" + suffix])
    assert result["overall"] == close(expected["overall" + suffix])
    assert result["missing"] == []


@pytest.mark.parametrize("suffix", LISTS.values())
def test_printed_suite(suffix):
    expected = golden("suite")["rounded" + suffix]
    scores = {stem: golden(stem)["expected_score" + suffix] for stem in STEMS}
    result = load("multitrust_score").compute(predictions=list(scores.values()), references=list(scores))
    assert result["sub_aspects"] == close(expected["sub_aspects"], 1e-4)
    assert round(result["overall"], 2) == close(expected["overall"], 1e-4)


RULES = {
    "yes_no": lambda case: read_yes_no(case["text"]) or False,
    "yes_no_f1": lambda case: finds_stereotype(case["text"]) or 0,
    "yes_no_f6": lambda case: read_yes_no(case["text"], templates=qualified.TEMPLATES) or False,
    "refusal_main": lambda case: refuses_by_keyword(case["text"], "main"),
    "refusal_paper": lambda case: refuses_by_keyword(case["text"], "paper"),
    "containment": lambda case: contains(case["text"], case["accepted"]),
    "containment_fuzzy": lambda case: contains(case["text"], case["accepted"], fuzzy=True),
    "sentiment": lambda case: names_sentiment(case["text"], case["label"]) or 0,
    "adversarial_text": lambda case: picks_label(case["text"], case["category"], case["label"]) or 0,
    "infoflow": lambda case: read_level(case["text"]),
    "judge_score": lambda case: read_grade(case["text"]) or 0,
    "grounding": lambda case: box_hits(case["text"], json.dumps(case["box"])) or 0,
}


@pytest.mark.parametrize("rule", sorted(set(golden("evaluators")) - {"provenance"}))
def test_rule_by_itself(rule):
    wrong = [case for case in golden("evaluators")[rule] if RULES[rule](case) != case["value"]]
    assert wrong == []
