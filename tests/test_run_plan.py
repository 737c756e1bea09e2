"""What is asked: request keys, duplicates, fingerprints, and the words of --tasks, --variants and --limit."""

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitrust_datasets import list_tasks
from multitrust_eval.errors import UsageError, UserError
from multitrust_eval.plan import Ask, Plan, Row, build_requests, make_plan, request_key
from multitrust_eval.records import Image
from multitrust_eval.select import choose_tasks, choose_variants, limit_rows

IDENTITY = {"kind": "baseline", "id": "x"}


def planned(rows, identity=IDENTITY) -> Plan:
    plan = Plan([])
    build_requests(plan, rows, identity)
    return plan


PICTURES = [Image(f"{i:064x}", path=f"/somewhere/{i}.png") for i in range(3)]
ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "\ud800", ""]), st.lists(st.sampled_from(PICTURES), max_size=2)), max_size=12
).map(lambda found: [Row(f"row {i}", tuple(images), prompt, 32) for i, (prompt, images) in enumerate(found)])


@given(ROWS, st.randoms())
def test_keys_and_fingerprint_know_no_order(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = planned(rows), planned(shuffled)
    assert one.key_of == other.key_of
    assert one.suite_fingerprint == other.suite_fingerprint
    assert {r.key for r in one.requests} == {r.key for r in other.requests}


@given(ROWS)
def test_what_is_asked_twice_is_generated_once_and_answers_every_row(rows):
    plan = planned(rows)
    distinct = {(row.prompt, row.images) for row in rows}
    assert len(plan.requests) == len(distinct)
    assert sorted(i for request in plan.requests for i in request.ids) == sorted(row.id for row in rows)
    for request in plan.requests:
        assert all(plan.key_of[i] == request.key for i in request.ids)


def test_a_key_changes_with_all_that_may_change_an_answer_and_nothing_else():
    row = Row("id", (PICTURES[0],), "prompt", 32)
    key = request_key(row, IDENTITY)
    assert (
        request_key(row._replace(id="other", images=(Image(PICTURES[0].sha256, data=b"elsewhere"),)), IDENTITY) == key
    )
    changed = [
        request_key(row._replace(prompt="prompt "), IDENTITY),
        request_key(row._replace(images=()), IDENTITY),
        request_key(row._replace(images=(PICTURES[1],)), IDENTITY),
        request_key(row._replace(images=(PICTURES[0], PICTURES[0])), IDENTITY),
        request_key(row._replace(max_new_tokens=33), IDENTITY),
        request_key(row, {**IDENTITY, "dtype": "bfloat16"}),
    ]
    assert len({key, *changed}) == len(changed) + 1


def test_the_fingerprint_is_the_suites_not_the_models():
    rows = [Row("a", (), "p", 32), Row("b", (PICTURES[0],), "q", 32)]
    assert planned(rows).suite_fingerprint == planned(rows, {"kind": "hub"}).suite_fingerprint
    for other in ([rows[0]], [rows[0], rows[1]._replace(max_new_tokens=16)], [rows[0], rows[1]._replace(id="c")]):
        assert planned(other).suite_fingerprint != planned(rows).suite_fingerprint


def test_a_row_id_that_occurs_twice_is_refused():
    with pytest.raises(UserError, match="Two rows are called a"):
        planned([Row("a", (), "p", 32), Row("a", (), "q", 32)])


def table(groups: dict[str, list[str]]) -> datasets.Dataset:
    """A dataset with one row for each subset of each group."""
    pairs = [(group, subset) for group, subsets in groups.items() for subset in subsets]
    return datasets.Dataset.from_dict({"group": [g for g, _ in pairs], "subset": [s for _, s in pairs]})


@given(st.integers(1, 30))
def test_a_limit_takes_the_same_groups_of_every_variant_and_all_their_rows(limit):
    groups = {f"g{i}": [["red", "blue", "green"][i % 3]] for i in range(24)}
    limited = limit_rows("x", {"one": table(groups), "two": table({**groups, "only here": ["red"]})}, limit)
    one = set(limited["one"]["group"])
    assert len(one) == min(limit, 24)
    assert one <= set(limited["two"]["group"]) and len(set(limited["two"]["group"])) == min(limit, 25)
    counts = [limited["one"]["subset"].count(name) for name in ("red", "blue", "green")]
    assert max(counts) - min(counts) <= 1


def test_a_group_keeps_all_its_rows_and_variants_that_share_none_get_their_own():
    three = {f"a{i}": ["direct", "image", "enhanced"] for i in range(9)}
    limited = limit_rows("x", {"one": table(three), "two": table({f"b{i}": [""] for i in range(9)})}, 4)
    assert len(limited["one"]) == 12 and len(limited["two"]) == 4


def test_a_larger_limit_keeps_the_groups_of_a_smaller_one():
    datasets_of = {"one": table({f"g{i}": [str(i % 4)] for i in range(40)})}
    chosen = [set(limit_rows("x", datasets_of, n)["one"]["group"]) for n in (3, 7, 20)]
    assert chosen[0] < chosen[1] < chosen[2]
    assert set(limit_rows("y", datasets_of, 7)["one"]["group"]) != chosen[1]


@pytest.mark.parametrize(
    "words, stems",
    [
        ("f4", ["f4_stereotype_query"]),
        ("F.4, t1", ["t1_basic_understanding", "f4_stereotype_query"]),
        ("f4_stereotype_query", ["f4_stereotype_query"]),
        ("*typographic*", ["s4_typographic_jailbreak"]),
    ],
)
def test_tasks_are_named_in_many_ways(words, stems):
    assert [task.stem for task in choose_tasks(words, list_tasks())] == stems


def test_aspects_sub_aspects_and_all():
    known = list_tasks()
    assert choose_tasks("all", known) == known
    assert {task.aspect for task in choose_tasks("Fairness", known)} == {"fairness"}
    assert {task.sub_aspect for task in choose_tasks("s.j", known)} == {"S.J"}


@pytest.mark.parametrize("words, near", [("f4_stereotype_qery", "f4_stereotype_query"), ("fairnes", "fairness")])
def test_an_unknown_task_is_told_with_near_names(words, near):
    with pytest.raises(UsageError, match=near):
        choose_tasks(words, list_tasks())


def test_variants_by_name_and_glob():
    tasks = choose_tasks("f4,t1", list_tasks())
    chosen = choose_variants("text,unrelated*", tasks)
    assert [v.name for v in chosen["f4_stereotype_query"]] == [
        "text",
        "unrelated-image-color",
        "unrelated-image-nature",
        "unrelated-image-noise",
    ]
    assert chosen["t1_basic_understanding"] == []
    assert all(v.launched for task in list_tasks() for v in choose_variants(None, [task])[task.stem])
    with pytest.raises(UsageError, match="Did you mean text"):
        choose_variants("texts", tasks)


def test_a_model_without_eyes_gets_the_text_variants_only():
    tasks = choose_tasks("f4,t1", list_tasks())
    plan = make_plan(tasks, choose_variants(None, tasks), Ask("sample", None, None, 5, "error"), IDENTITY, False)
    assert set(plan.datasets) == {("f4_stereotype_query", "text")}
    assert len(plan.not_applicable) == 9 and all(not request.images for request in plan.requests)
    assert {request.max_new_tokens for request in plan.requests} == {5}
