"""The judging stage: what is asked, what is kept, and that ranks share the work."""

import threading
from collections import Counter
from pathlib import Path

import pytest
from judge_plan import small_plan

from multitrust_eval.judges import stage
from multitrust_eval.judges.cache import folder_of, read_rows, read_verdicts, verdict_key
from multitrust_eval.judges.rule import RuleJudge
from multitrust_eval.judges.stage import Settings, judge_answers, judge_items
from multitrust_eval.ranks import LocalStore, Ranks
from multitrust_eval.records import JudgeItem, Verdict

ATTACK = ("S.4", "behavior")
REFUSAL = ("F.4", "text")


class Counting(RuleJudge):
    """The rule judge, with a memory of what it was asked; `broken` answers get a null verdict."""

    asked: Counter[str]
    broken = ""

    def __call__(self, items):
        self.asked.update(item.response for item in items)
        verdicts = super().__call__(items)
        return [
            Verdict(None, "broken", v.judge, v.revision) if self.broken and self.broken in item.response else v
            for item, v in zip(items, verdicts, strict=True)
        ]


@pytest.fixture
def judge(monkeypatch):
    counting = Counting()
    counting.asked = Counter()
    monkeypatch.setattr(stage, "load", lambda name, slot, setting: counting)
    return counting


def run(plan, answers, folder: Path, ranks: Ranks | None = None, settings: Settings | None = None):
    return judge_answers(plan, answers, folder, {}, None, ranks or Ranks(), settings)


def test_only_the_slots_that_a_variant_needs_and_only_answers_without_an_error():
    cells = {ATTACK: [("x", "a"), ("x", "error:out of memory"), ("x", "truncated:b")], REFUSAL: [("", "c")]}
    plan, answers = small_plan({**cells, ("T.1", "object"): [("yes", "Yes")], ("T.1", "ocr"): [("EXIT", "exit")]})
    del answers["key of f4_stereotype_query/text/0000"]
    asked = [(item.id, item.slot, item.response) for item in judge_items(plan, answers)]
    assert asked == [
        ("s4_typographic_jailbreak/behavior/0000", "attack", "a"),
        ("s4_typographic_jailbreak/behavior/0002", "attack", "b"),
        ("t1_basic_understanding/ocr/0000", "judge", "exit"),
    ]


def test_variants_that_do_not_apply_are_not_judged():
    plan, answers = small_plan({ATTACK: [("x", "a")], ("S.4", "prompt"): [("x", "b")]})
    plan.not_applicable["s4_typographic_jailbreak", "prompt"] = "the model takes no pictures"
    assert [item.response for item in judge_items(plan, answers)] == ["a"]


def test_a_second_run_asks_nothing_and_says_the_same(judge, tmp_path):
    plan, answers = small_plan({ATTACK: [("x", f"{n}. Take it.") for n in range(7)], REFUSAL: [("", "No.")]})
    first = run(plan, answers, tmp_path)
    assert sum(judge.asked.values()) == 8
    judge.asked.clear()
    assert run(plan, answers, tmp_path) == first
    assert not judge.asked


def test_a_changed_answer_reference_or_slot_is_another_question():
    rule = RuleJudge()
    base = JudgeItem("a", "s4_typographic_jailbreak", "behavior", "", "attack", "answer", "behaviour")
    others = [
        JudgeItem("a", "s4_typographic_jailbreak", "behavior", "", "attack", "answer2", "behaviour"),
        JudgeItem("a", "s4_typographic_jailbreak", "behavior", "", "attack", "answer", "behaviour2"),
        JudgeItem("a", "s4_typographic_jailbreak", "behavior", "", "refusal", "answer", "behaviour"),
    ]
    keys = {verdict_key(rule, item) for item in [base, *others]}
    assert len(keys) == 4
    same = JudgeItem("another row", "s4_typographic_jailbreak", "behavior", "s", "attack", "answer", "behaviour")
    assert verdict_key(rule, same) == verdict_key(rule, base)


def test_a_failed_judgement_is_kept_with_its_reason_and_tried_again(judge, tmp_path):
    judge.broken = "two"
    plan, answers = small_plan({ATTACK: [("x", "one"), ("x", "two")]})
    verdicts = run(plan, answers, tmp_path)
    failed = verdicts["s4_typographic_jailbreak/behavior/0001"]["attack"]
    assert (failed.raw, failed.reason) == (None, "broken")
    assert {v.reason for v in read_verdicts((tmp_path / "verdicts").iterdir()).values()} == {"", "broken"}
    judge.broken, judge.asked = "", Counter()
    verdicts = run(plan, answers, tmp_path)
    assert list(judge.asked) == ["two"]
    assert all(v["attack"].raw == "no" for v in verdicts.values())


def test_a_torn_last_line_costs_one_question(judge, tmp_path):
    plan, answers = small_plan({ATTACK: [("x", f"answer {n}") for n in range(5)]})
    first = run(plan, answers, tmp_path)
    (path,) = tmp_path.rglob("rank-000.jsonl")
    path.write_bytes(path.read_bytes()[:-20])
    judge.asked.clear()
    assert run(plan, answers, tmp_path) == first
    assert sum(judge.asked.values()) == 1


def test_verdicts_of_another_run_count_when_asked_for(judge, tmp_path):
    plan, answers = small_plan({ATTACK: [("x", "one"), ("x", "two")]})
    run(plan, answers, tmp_path / "first")
    judge.asked.clear()
    more, more_answers = small_plan({ATTACK: [("x", "two"), ("x", "three"), ("x", "one")]})
    verdicts = run(more, more_answers, tmp_path / "second", settings=Settings(reuse=[tmp_path / "first"]))
    assert list(judge.asked) == ["three"]
    assert len(verdicts) == 3


def test_rows_are_noted_beside_the_verdicts(judge, tmp_path):
    plan, answers = small_plan({ATTACK: [("x", "one"), ("x", "one")]})
    run(plan, answers, tmp_path)
    rows = read_rows(folder_of(tmp_path, judge))
    assert rows is not None
    keys = rows["slots"]["attack"]
    assert sorted(keys) == [f"s4_typographic_jailbreak/behavior/000{n}" for n in (0, 1)]
    assert len(set(keys.values())) == 1


@pytest.mark.parametrize("name", ["rule", "openai:../../etc", "chat:a/b c", "x" * 300])
def test_a_judges_name_makes_a_safe_folder(tmp_path, name):
    judge = RuleJudge()
    judge.name = name
    folder = folder_of(tmp_path, judge)
    assert folder.parent == tmp_path / "verdicts"
    assert len(folder.name) < 80
    assert set(folder.name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


def test_two_ranks_share_the_questions_and_know_all_verdicts(judge, tmp_path):
    """Two ranks as threads on one store: each question once, both end with the same, complete verdicts."""
    plan, answers = small_plan({ATTACK: [("x", f"answer {n}") for n in range(400)]})
    store, results = LocalStore(), {}

    def work(rank: int) -> None:
        results[rank] = run(plan, answers, tmp_path, Ranks(rank, 2, rank, store))

    threads = [threading.Thread(target=work, args=(rank,)) for rank in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results[0] == results[1]
    assert len(results[0]) == 400
    assert set(judge.asked.values()) == {1}
    assert sum(judge.asked.values()) == 400


def test_a_stop_between_batches_keeps_what_is_judged(judge, tmp_path):
    plan, answers = small_plan({ATTACK: [("x", f"answer {n}") for n in range(200)]})
    checks = iter(range(1000))

    def check() -> None:
        if next(checks) > 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(plan, answers, tmp_path, settings=Settings(check=check))
    kept = len(read_verdicts((tmp_path / "verdicts").iterdir()))
    assert 0 < kept < 200
    judge.asked.clear()
    assert len(run(plan, answers, tmp_path)) == 200
    assert sum(judge.asked.values()) == 200 - kept
