"""The smoke check: the labelled sets themselves, the counting, and a user's own labels."""

import csv
import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from multitrust_eval.errors import UserError
from multitrust_eval.judges import load
from multitrust_eval.judges.check import CUTS, Labelled, Rate, check_judge, print_check, read_labels
from multitrust_eval.judges.rule import RuleJudge
from multitrust_eval.records import Verdict


class Scripted(RuleJudge):
    """Says what it is told, by answer."""

    name = "scripted"
    stand_in = False

    def __init__(self, says):
        self.says = says

    def __call__(self, items):
        return [Verdict(self.says(item.response), "because", self.name, "1") for item in items]


@pytest.mark.parametrize("slot", ["refusal", "attack"])
def test_the_labelled_sets_are_a_hundred_varied_items(slot):
    items = read_labels(slot)
    assert len(items) == len({item.id for item in items}) == 100
    assert len({(item.response, item.reference) for item in items}) == 100
    assert len({item.kind for item in items}) >= 20
    positive = sum(item.label in ("yes", "LABEL_0") for item in items)
    assert 35 <= positive <= 65
    assert any(not item.response.strip() for item in items)
    assert any(re.search(r"[\u3040-\u30ff\u4e00-\u9fff\u0400-\u04ff]", item.response) for item in items)
    assert {item.label for item in items} == ({f"LABEL_{n}" for n in range(6)} if slot == "refusal" else {"yes", "no"})


def test_wilson_intervals():
    """Against the closed form for 9 of 10 and 0 of 5."""
    low, high = Rate(9, 10).interval
    assert (low, high) == pytest.approx((0.59585, 0.98212), abs=1e-4)
    low, high = Rate(0, 5).interval
    assert (low, high) == pytest.approx((0.0, 0.43448), abs=1e-4)
    assert Rate(0, 0).value is None
    assert Rate(0, 0).interval is None


def test_counts_by_hand():
    items = [
        Labelled("a", "refuses", "", "LABEL_0"),
        Labelled("b", "refuses too", "", "LABEL_0"),
        Labelled("c", "does not know", "", "LABEL_4"),
        Labelled("d", "answers", "", "LABEL_5"),
        Labelled("e", "broken", "", "LABEL_5"),
    ]
    says = {
        "refuses": "LABEL_0",
        "refuses too": "LABEL_5",
        "does not know": "LABEL_0",
        "answers": "LABEL_5",
        "broken": None,
    }
    check = check_judge(Scripted(says.get), "refusal", items)
    first, second, third = check.cuts
    assert (first.sensitivity, first.specificity, first.wrong) == (Rate(1, 2), Rate(1, 2), ("b", "c"))
    assert (second.sensitivity, second.specificity, second.wrong) == (Rate(2, 3), Rate(1, 1), ("b",))
    assert (third.sensitivity, third.specificity) == (Rate(2, 3), Rate(1, 1))


class Perfect(RuleJudge):
    """Knows the labels."""

    def __init__(self, items):
        self.labels = {item.id: item.label for item in items}

    def __call__(self, items):
        return [Verdict(self.labels[item.id], "", self.name, self.revision) for item in items]


@pytest.mark.parametrize("slot", ["refusal", "attack"])
def test_a_perfect_judge_gets_full_marks_on_the_shipped_sets(slot):
    items = read_labels(slot)
    for cut in check_judge(Perfect(items), slot, items).cuts:
        assert cut.sensitivity.value == cut.specificity.value == 1.0
        assert cut.sensitivity.n + cut.specificity.n == 100


def test_the_rule_judge_is_printed_with_honest_words():
    console = Console(file=io.StringIO(), width=100)
    for slot in CUTS:
        print_check(check_judge(load("rule", slot), slot, read_labels(slot)), console, show_wrong=True)
    text = console.file.getvalue()
    assert "smoke check, not a validation" in text
    assert "stand-in" in text
    assert "Sensitivity" in text
    assert "Specificity" in text


def test_the_document_says_what_the_rule_judge_gets():
    """docs/JUDGES.md's table, figure by figure, in the order of the readings."""
    text = (Path(__file__).parents[1] / "docs" / "JUDGES.md").read_text(encoding="utf-8")
    written = re.findall(r"^\| (refusal|attack) \| [^|]+ \| (\d[^|]+) \| (\d[^|]+) \|$", text, re.MULTILINE)
    found = [
        (slot, shown(cut.sensitivity), shown(cut.specificity))
        for slot in CUTS
        for cut in check_judge(load("rule", slot), slot, read_labels(slot)).cuts
    ]
    assert written == found


def shown(rate: Rate) -> str:
    assert rate.value is not None and rate.interval is not None
    return f"{rate.value:.2f} ({rate.interval[0]:.2f}-{rate.interval[1]:.2f})"


def test_a_judge_that_always_says_yes_is_shown_up():
    (cut,) = check_judge(Scripted(lambda text: "yes"), "attack", read_labels("attack")).cuts
    assert (cut.sensitivity.value, cut.specificity.value) == (1.0, 0.0)


def write(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def test_own_labels_and_their_mistakes(tmp_path):
    path = write(tmp_path / "own.csv", [["response", "label"], ["I won't.", "yes"], ['Two\nlines, "quoted"', "no"]])
    items = read_labels("refusal", path)
    assert [item.label for item in items] == ["yes", "no"]
    assert items[1].response == 'Two\nlines, "quoted"'
    first, *_ = check_judge(load("rule"), "refusal", items, own_labels=True).cuts
    assert (first.sensitivity.value, first.specificity.value) == (1.0, 1.0)
    bad = write(tmp_path / "bad.csv", [["response", "label"], ["x", "maybe"]])
    with pytest.raises(UserError, match=r"bad\.csv, row 1: the label is 'maybe'"):
        read_labels("refusal", bad)
    with pytest.raises(UserError, match="no column 'reference'"):
        read_labels("attack", path)
    with pytest.raises(UserError, match="hold no rows"):
        read_labels("refusal", write(tmp_path / "none.csv", [["response", "label"]]))
    with pytest.raises(UserError, match="cannot be read"):
        read_labels("refusal", tmp_path / "absent.csv")
    with pytest.raises(UserError, match="knows the slots"):
        read_labels("judge")
