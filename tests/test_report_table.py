"""The table: readable at 80 and 120 columns and in a pipe, silent about nothing, deaf to what models write."""

import io

import pytest
from judge_plan import context, small_plan
from rich.console import Console

from multitrust_datasets import list_tasks
from multitrust_eval.judges.stage import judge_answers
from multitrust_eval.ranks import Ranks
from multitrust_eval.report.table import in_order, print_table
from multitrust_eval.report.text import plain
from multitrust_eval.score import score_run


def printed(results, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_table(results, console)
    return console.file.getvalue()


@pytest.fixture
def results(tmp_path):
    cells = {
        ("F.4", "text"): [("", "No.")] * 3,
        ("T.5", "default"): [("cat", "A cat.")] * 8 + [("cat", "error:out of memory")] * 2,
        ("T.2", "spatial"): [("yes", "truncated:Yes"), ("no", "perhaps")],
        ("P.3", "text"): [(50.0, "50"), (0.0, "who knows")],
    }
    plan, answers = small_plan(cells)
    plan.left_out["t5_text_misleading", "default"] = {"missing picture": 2}
    verdicts = judge_answers(plan, answers, tmp_path, {}, None, Ranks())
    return score_run(plan, answers, verdicts, context(limit=10, stand_in_sample=True))


@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_terminal(results, width):
    lines = printed(results, width).splitlines()
    assert max(map(len, lines)) <= width
    assert all("…" not in line for line in lines)


def test_every_task_has_its_line_in_the_papers_order(results):
    text = printed(results, 120)
    places = [text.index(f"\n {name} ") for name in ("T.2", "T.5", "F.4", "P.3")]
    assert places == sorted(places)
    everything = {task.stem: {"id": task.id} for task in reversed(list_tasks())}
    assert [task["id"] for task in in_order(everything)] == [task.id for task in list_tasks()]


def test_a_low_coverage_withholds_the_score_and_gives_the_bounds(results):
    text = printed(results, 120)
    (line,) = [line for line in text.splitlines() if line.startswith(" T.5")]
    assert "withheld" in line
    assert "80%" in line
    assert "rule*" in line
    assert "100.00" not in line
    assert "would be 80.00 or 100.00" in " ".join(text.split())


def test_the_notes_say_what_the_figures_are_not(results):
    text = " ".join(printed(results, 80).split())
    for part in (
        "not comparable to the paper's",
        "embedded sample",
        "--limit 10",
        "a stand-in that counts words",
        "T.5 unscored: 2 error:out of memory",
        "T.5 default left out: 2 missing picture",
        "T.2 has no score: nothing scored in",
    ):
        assert part in text
    assert "Overall" not in text


def test_the_scale_in_the_footnote_is_that_of_the_tasks_shown(results):
    """P.3 is a correlation: the table shows bounds of -100 and 100 for it."""
    assert "0-100 (P.3: -100 to 100), higher is better" in " ".join(printed(results, 80).split())
    del results["tasks"]["p3_infoflow"]
    assert "0-100, higher is better" in " ".join(printed(results, 80).split())


def test_a_withheld_strict_score_is_explained(results):
    assert "Strict is withheld" in " ".join(printed(results, 120).split())
    shares = {
        "t5_text_misleading": (80.0, 0.8),
        "f4_stereotype_query": (100.0, 1.0),
        "t2_advanced_inference": (None, 0.5),
    }
    results["tasks"] = {stem: results["tasks"][stem] for stem in shares}
    for stem, (score, coverage) in shares.items():
        results["tasks"][stem]["strict"] |= {"score": score, "coverage": coverage}
    text = " ".join(printed(results, 120).split())
    assert "Strict is withheld where its rules score less than 95% of the samples: T.5 80%. " in text
    results["tasks"]["t5_text_misleading"]["strict"]["coverage"] = 1.0
    assert "Strict is withheld" not in " ".join(printed(results, 120).split())


def test_hostile_names_stay_text(results):
    evil = "[bold red]x[/]\x1b[31m\u202e\n"
    results["tasks"]["t5_text_misleading"]["title"] = evil
    results["judges"]["judge"]["name"] = evil
    results["comparable_to_paper"]["reasons"].append(evil)
    text = printed(results, 120)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.count("[bold red]x[/]") == 3


def test_plain_keeps_words_in_every_script():
    assert plain("naïve 漢字 – “x”") == "naïve 漢字 – “x”"
    assert plain("a\nb\tc\x00") == "a?b?c?"
