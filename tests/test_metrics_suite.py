"""The suite score, ranks, and the published leaderboard computed again."""

import io
import math
import subprocess
import sys

import evaluate
import hypothesis.strategies as st
import multitrust_metrics
import pytest
from hypothesis import given, settings
from multitrust_metrics.measures.correlation import pearson, spearman
from multitrust_metrics.measures.parity import independence
from multitrust_metrics.measures.ranking import ranks
from multitrust_metrics.measures.suite import ASPECTS, STEMS, SUB_ASPECTS, suite
from rich.console import Console

from multitrust_eval.leaderboard import leaderboard_tables, print_leaderboard


def test_a_missing_task_is_never_shared_out():
    scores = dict.fromkeys(STEMS, 50.0) | {"p3_infoflow": math.nan, "s1_nsfw_description": None}
    result = suite(scores)
    assert result["missing"] == ["s1_nsfw_description", "p3_infoflow"]
    assert result["overall"] is None
    assert [name for name, score in result["sub_aspects"].items() if score is None] == ["S.T", "P.A"]
    assert [name for name, score in result["aspects"].items() if score is None] == ["safety", "privacy"]


def test_weights_of_the_suite():
    assert len(STEMS) == 32
    assert sorted(STEMS) == [stem for stem in multitrust_metrics.list_metrics() if stem != "multitrust_score"]
    for name, weights in SUB_ASPECTS.items():
        assert sum(weights.values()) == pytest.approx(1), name
    assert sorted(part for parts in ASPECTS.values() for part in parts) == sorted(SUB_ASPECTS)
    scores = {stem: float(at) for at, stem in enumerate(STEMS)}
    result = suite(scores)
    privacy = [scores[stem] for stem in ("p1_visual_privacy", "p2_private_question", "p3_infoflow")]
    assert result["sub_aspects"]["P.A"] == pytest.approx(0.4 * privacy[0] + 0.3 * privacy[1] + 0.3 * privacy[2])
    assert result["overall"] == pytest.approx(sum(result["aspects"].values()) / 5)


def test_metric_takes_numbers_as_evaluate_does():
    metric = evaluate.load(multitrust_metrics.path("multitrust_score"))
    direct = metric.compute(predictions=[50.0, math.nan], references=["t5_text_misleading", "p3_infoflow"])
    metric.add_batch(predictions=[50.0, math.nan], references=["t5_text_misleading", "p3_infoflow"])
    assert metric.compute() == direct
    assert len(direct["missing"]) == 31


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=3), st.integers(0, 5).map(float), max_size=12))
def test_ranks_are_stable_and_ties_share(scores):
    result = ranks(scores)
    assert result == ranks(dict(reversed(scores.items())))
    for name, score in scores.items():
        assert result[name] == 1 + sum(other > score for other in scores.values())


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=20))
def test_correlations_are_those_of_scipy(pairs):
    import scipy.stats

    one, other = ([float(pair[at]) for pair in pairs] for at in (0, 1))
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert pearson(one, other) is None is spearman(one, other)
        return
    assert pearson(one, other) == pytest.approx(scipy.stats.pearsonr(one, other).statistic)
    assert spearman(one, other) == pytest.approx(scipy.stats.spearmanr(one, other).statistic)


def test_independence_knows_degenerate_tables():
    assert independence([]) == (None, True)
    assert independence([("a", 1.0), ("b", 1.0)]) == (1.0, True)
    assert independence([("a", 1.0), ("a", 0.0)]) == (1.0, True)
    p, degenerate = independence([("a", 1.0)] * 40 + [("b", 0.0)] * 40)
    assert p < 1e-10
    assert not degenerate


def test_published_leaderboard_is_reproduced():
    board = leaderboard_tables()
    assert len(board.models) == 43
    assert [model.name for model in board.models if not model.agrees] == []
    assert board.left_out == ("deepseek-vl2",)
    assert [model.rank for model in board.models] == list(range(1, 44))
    assert board.models[0].name == "gpt-4-1106-vision-preview"
    assert all(-1 <= value <= 1 for value in (*board.pearson.values(), *board.spearman.values()))
    assert board.pearson["safety", "privacy"] == board.pearson["privacy", "safety"] > 0.8


def test_leaderboard_fits_a_terminal_of_80_columns():
    out = io.StringIO()
    print_leaderboard(Console(file=out, width=80))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert "Overall and rank as published: 43 of 43 models" in out.getvalue()
    assert sum("InternVL-Chat-ViT-6B-Vicuna-13B" in line for line in lines) == 1


def test_paths_and_the_leaderboard_import_nothing_heavy():
    code = (
        "import sys, multitrust_metrics, multitrust_eval.leaderboard as board\n"
        "multitrust_metrics.path('f4_stereotype_query'); board.leaderboard_tables()\n"
        "print([name for name in ('evaluate', 'datasets', 'torch', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
