"""Prompt packs: filling, checking, showing, comparing, and the cache that knows which pack its rows are from."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from multitrust_datasets import DataError, get_task, load_dataset
from multitrust_datasets.protocol import (
    SHARED_PROMPTS,
    Protocol,
    default_protocol,
    differences,
    fallen_back,
    fill,
    judge_prompt,
    load_protocol,
    needed_slots,
    task_prompts,
)

NAMES = st.text("abcXYZ_09", min_size=1, max_size=6)


def write(path: Path, **content: Any) -> Path:
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def pack(tmp_path: Path, **content: Any) -> Protocol:
    return load_protocol(write(tmp_path / "pack.yaml", **content))


class TestFill:
    @given(st.dictionaries(NAMES, st.text(), min_size=1, max_size=4), st.text().map(lambda t: t.replace("{", "(")))
    def test_braces_in_the_data_stay_as_they_are(self, fields: dict[str, str], between: str) -> None:
        between = between.replace("}", ")")
        template = between.join(f"{{{name}}}" for name in fields)
        assert fill(template, fields) == between.join(fields.values())

    @given(st.text())
    def test_agrees_with_format_on_doubled_braces(self, text: str) -> None:
        assert fill(text.replace("{", "{{").replace("}", "}}"), {}) == text

    def test_positions(self) -> None:
        assert fill("{} and {}", {"0": "{1}", "1": "b"}) == "{1} and b"
        assert fill("{1} and {0}", {"0": "a", "1": "b"}) == "b and a"

    @pytest.mark.parametrize("slot", ["{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{ a }", "{a", "a}", "{a-b}"])
    def test_more_than_a_name_is_no_slot(self, slot: str) -> None:
        assert fill(slot, {"a": "secret", "b": "secret"}) == slot

    def test_a_slot_without_a_field_is_told(self) -> None:
        with pytest.raises(DataError, match=r"The prompt f1 x has a slot \{b\} for which there is no field; .* a\."):
            fill("{b}", {"a": ""}, where="f1 x")


class TestPackFile:
    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ({"prompts": {"t0_x": {}}}, "unknown task 't0_x'"),
            ({"prompts": {"t1_basic_understanding": {"yess": "x"}}}, "t1_basic_understanding has no prompt 'yess'"),
            ({"prompts": {"f4_stereotype_query": {"prompt": "x"}}}, "it asks what the data say"),
            ({"prompts": {"t1_basic_understanding": {"yes_no": 3}}}, "must map keys to texts"),
            ({"prompts": {"t1_basic_understanding": ["yes_no"]}}, "must map keys to texts"),
            ({"prompts": []}, "is no prompt pack"),
            ({"name": "x"}, "is no prompt pack"),
            ({"prompts": {}, "name": "default"}, "calls itself 'default'"),
            ({"prompts": {}, "slots": []}, ""),
            ({"prompts": {}, "slots": ["a"]}, "`slots` must map tasks"),
            ({"prompts": {}, "slots": {"shared": {"attack": {}}}}, "names 'attack', which is no prompt of the pack"),
            (
                {"prompts": {"shared": {"attack": "x"}}, "slots": {"shared": {"attack": {0: "x"}}}},
                "must map slot names",
            ),
            ({"prompts": {"shared": {"attack": "x"}}, "slots": {"shared": {"attack": "x"}}}, "must map slot names"),
            ({"prompts": {"shared": {"attack": "x"}}, "slots": {"shared": "attack"}}, "no prompt of the pack"),
            ({"prompts": {}, "lists": ["a"]}, "`lists` must map tasks"),
        ],
    )
    def test_each_mistake_is_told(self, tmp_path: Path, content: dict[str, Any], told: str) -> None:
        if not told:
            assert pack(tmp_path, **content).slots == {}
            return
        with pytest.raises(DataError, match=told) as caught:
            pack(tmp_path, **content)
        assert str(tmp_path / "pack.yaml") in str(caught.value)

    @pytest.mark.parametrize("data", [b"a: [", b"\xff\xfe", b"- 1", b"", b"!!python/object/apply:os.getcwd []"])
    def test_no_yaml(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "x.yaml").write_bytes(data)
        with pytest.raises(DataError, match=r"x\.yaml is (not a YAML file|no prompt pack)"):
            load_protocol(tmp_path / "x.yaml")

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cannot be read"):
            load_protocol(tmp_path / "x.yaml")

    def test_the_name_is_the_files_by_default(self, tmp_path: Path) -> None:
        assert pack(tmp_path, prompts={}).name == "pack"
        assert load_protocol("default") is load_protocol(None) is default_protocol()


class TestImportedWording:
    SLOTS = {"t1_basic_understanding": {"yes_no": {"Statement": "query"}}}  # noqa: RUF012

    def test_their_slots_take_our_fields(self, tmp_path: Path) -> None:
        ours = pack(tmp_path, prompts={"t1_basic_understanding": {"yes_no": "Q {Statement} {{x}}"}}, slots=self.SLOTS)
        assert ours.fill("t1_basic_understanding", "yes_no", {"query": "{a}", "other": "b"}) == "Q {a} {x}"
        assert ours.shown("t1_basic_understanding", "yes_no") == "Q {query} {x}"

    def test_a_text_without_slots_is_literal(self, tmp_path: Path) -> None:
        ours = pack(tmp_path, prompts={"t1_basic_understanding": {"yes_no": "Q {query} {{x}}"}})
        assert ours.fill("t1_basic_understanding", "yes_no", {"query": "a"}) == "Q {query} {{x}}"

    def test_a_field_that_we_do_not_have_is_told(self, tmp_path: Path) -> None:
        slots = {"t1_basic_understanding": {"yes_no": {"Statement": "statement"}}}
        ours = pack(tmp_path, prompts={"t1_basic_understanding": {"yes_no": "Q {Statement}"}}, slots=slots)
        with pytest.raises(DataError, match=r"has a slot \{Statement\} for which there is no field"):
            ours.fill("t1_basic_understanding", "yes_no", {"query": "a"})

    def test_judge_prompts_come_from_the_pack_too(self, tmp_path: Path) -> None:
        ours = pack(
            tmp_path,
            prompts={
                "t1_basic_understanding": {"judge_grounding": "{pred} in {size}"},
                "shared": {"attack": "{} did {}"},
            },
            slots={
                "t1_basic_understanding": {"judge_grounding": {"pred": "response", "size": "image_size"}},
                "shared": {"attack": {"0": "response", "1": "reference"}},
            },
        )
        task = get_task("t1")
        asked = judge_prompt(
            task, "grounding", "judge", response="{x}", reference="[]", image_size=(640, 480), protocol=ours
        )
        assert asked == "{x} in (640, 480)"
        asked = judge_prompt(get_task("s4"), "prompt", "attack", response="a", reference="b", protocol=ours)
        assert asked == "a did b"

    def test_changing_the_pack_never_serves_old_rows(self, tmp_path: Path) -> None:
        for number in (1, 2):
            path = write(
                tmp_path / "pack.yaml",
                name="same",
                prompts={"t1_basic_understanding": {"yes_no": f"{number} {{q}}"}},
                slots={"t1_basic_understanding": {"yes_no": {"q": "query"}}},
            )
            ds = load_dataset("t1", "scene", protocol=path, cache_dir=tmp_path / "hf")
            assert all(row.startswith(f"{number} ") for row in ds["prompt"])
            ours = load_dataset("t1", "scene", cache_dir=tmp_path / "hf")
            assert [f"{number} {query}" for query in _queries(ours)] == list(ds["prompt"])
            assert ours["id"] == ds["id"]


def _queries(dataset: Any) -> list[str]:
    tail = default_protocol().text("t1_basic_understanding", "yes_no").partition("{query}")[2]
    return [prompt.removesuffix(tail) for prompt in dataset["prompt"]]


class TestComparing:
    def test_nothing_differs_from_itself(self) -> None:
        assert differences(default_protocol(), default_protocol()) == []

    def test_slot_names_are_no_difference(self, tmp_path: Path) -> None:
        text = default_protocol().text("t1_basic_understanding", "yes_no")
        theirs = pack(
            tmp_path,
            prompts={"t1_basic_understanding": {"yes_no": text.replace("{query}", "{Statement}")}},
            slots=TestImportedWording.SLOTS,
        )
        assert [d.key for d in differences(default_protocol(), theirs, ["t1_basic_understanding"])] == [
            key for key in default_protocol().prompts["t1_basic_understanding"] if key != "yes_no"
        ]

    def test_lines_and_entries(self) -> None:
        old = Protocol(
            "a", {"shared": {"attack": "one\ntwo"}}, lists={"shared": {"words": ["x", "y"], "map": {"k": 1}}}
        )
        new = Protocol(
            "b", {"shared": {"attack": "one\nTWO"}}, lists={"shared": {"words": ["x", "z"], "map": {"k": 2}}}
        )
        attack, words, table = differences(old, new)
        assert attack.lines == ("  one", "- two", "+ TWO")
        assert words.lines == ('- "y"', '+ "z"')
        assert table.lines == ("- k: 1", "+ k: 2")
        (gone,) = differences(old, Protocol("c", {}, lists=old.lists))
        assert (gone.stem, gone.key, gone.lines) == ("shared", "attack", ("- one", "- two"))

    def test_the_prompts_of_a_task(self) -> None:
        ours = default_protocol()
        assert task_prompts(get_task("f4"), ours) == {}
        shown = task_prompts(get_task("s4"), ours)
        assert shown["shared", "attack"] == SHARED_PROMPTS["attack"]
        assert {stem for stem, _ in shown} == {"s4_typographic_jailbreak", "shared"}
        assert task_prompts(get_task("s4"), Protocol("x", {})) == {}

    def test_nothing_falls_back_from_ours(self) -> None:
        assert fallen_back(default_protocol()) == []
        lacking = Protocol("x", {"shared": {"attack": "x"}}, fallback=True)
        assert ("shared", "attack") not in fallen_back(lacking)
        assert fallen_back(lacking, ["r6_adversarial_text"]) == [
            ("r6_adversarial_text", key) for key in default_protocol().prompts["r6_adversarial_text"]
        ]

    def test_what_other_tasks_need_does_not_fall_back(self) -> None:
        lacking = Protocol("x", {}, fallback=True)
        assert ("shared", "attack") in fallen_back(lacking, ["s4_typographic_jailbreak"])
        assert ("shared", "attack") not in fallen_back(lacking, ["s1_nsfw_description"])
        assert ("shared", "attack") in fallen_back(lacking)

    def test_ours_are_not_the_papers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not default_protocol().is_papers
        texts = {"shared": {"attack": "ü"}}
        digest = hashlib.sha256('{"shared": {"attack": "ü"}}'.encode()).hexdigest()
        monkeypatch.setattr("multitrust_datasets.protocol.PAPERS_TEXTS", digest)
        assert Protocol("any", texts, slots={"shared": {"attack": {"a": "response"}}}).is_papers

    def test_the_digest_covers_all_but_the_name(self) -> None:
        base = {"prompts": {"shared": {"attack": "x"}}, "slots": {}, "lists": {}}
        first = Protocol("a", **base)
        assert Protocol("b", **base, source="elsewhere").sha256 == first.sha256
        for change in (
            {"prompts": {"shared": {"attack": "y"}}},
            {"slots": {"shared": {"attack": {"a": "response"}}}},
            {"lists": {"shared": {"w": ["a"]}}},
            {"fallback": True},
        ):
            assert Protocol("a", **{**base, **change}).sha256 != first.sha256


@pytest.mark.parametrize(
    ("task", "variant", "slots"),
    [("t1", "object", ()), ("t1", "ocr", ("judge",)), ("s4", "prompt", ("attack",)), ("f4", "text", ("refusal",))],
)
def test_needed_slots(task: str, variant: str, slots: tuple[str, ...]) -> None:
    assert needed_slots(get_task(task), variant) == slots


def test_a_slot_without_a_prompt_is_told() -> None:
    with pytest.raises(DataError, match="has no judge prompt for the slot 'refusal'"):
        judge_prompt(get_task("f4"), "text", "refusal", response="", reference="")
