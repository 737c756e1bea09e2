"""The golden vectors of the original toolbox, reproduced by every metric under both refusal lists."""

import json
from functools import cache
from pathlib import Path

import evaluate
import multitrust_metrics
import pytest

GOLDEN = Path(__file__).parent / "data" / "golden"
STEMS = sorted(path.stem for path in GOLDEN.glob("[tsrfp][0-9]_*.json"))
# The files know two refusal lists: keys ending in `_paper`, and the present list.
LISTS = {"paper": "_paper", "main": ""}


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
