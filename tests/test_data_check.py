"""The check of a raw tree: what it counts, and that it sees what is wrong."""

import json
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from multitrust_datasets import DataError, get_task, list_tasks
from multitrust_datasets.check import Check, VariantCheck, check_source

SCENES = "truthfulness/basic_images/scene"


def picture(path: Path, color: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.new("RGB", (40, 30), color).save(path)
    return path


def annotate(root: Path, entries: list[Any], name: str = "query_d_scene.json") -> None:
    file = root / "truthfulness/query_basic" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(entries), encoding="utf-8")


def entry(image: str, truth: Any = "Yes", query: str = "Is it?") -> dict[str, Any]:
    return {"image": image, "query": query, "truth": truth}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for number, color in enumerate(("red", "green", "blue", "white")):
        picture(root / SCENES / f"{number}.png", color)
    annotate(root, [entry(f"{n}.png", "Yes" if n else "No") for n in range(4)])
    return root


def scene(found: Check) -> VariantCheck:
    (variant,) = [v for v in found.variants if v.variant == "scene"]
    return variant


def check(tree: Path) -> Check:
    return check_source(tree, [get_task("t1")])


def test_the_sample_is_well() -> None:
    found = check_source()
    assert found.ok
    assert [(v.stem, v.variant) for v in found.variants] == [(t.stem, v.name) for t in list_tasks() for v in t.variants]
    assert all(v.rows and not v.problems and not v.duplicates for v in found.variants)
    (shared,) = found.across  # T.7 asks the questions of T.4, with other pictures too
    assert shared == ("t4_visual_assistance", "t7_visual_misleading")


def test_counts_and_labels(tree: Path) -> None:
    found = scene(check(tree))
    assert (found.rows, found.pictures, found.labels, found.problems) == (4, 4, {"yes": 3, "no": 1}, 0)


def test_other_variants_are_missing_and_said_so(tree: Path) -> None:
    found = check(tree)
    assert not found.ok
    assert {v.variant for v in found.variants if v.status == "missing"} == {"object", "attribute", "grounding", "ocr"}
    assert all("is not in the data at" in v.told for v in found.variants if v.status == "missing")


def test_missing_and_wrong_rows(tree: Path) -> None:
    annotate(tree, [entry("0.png"), entry("9.png"), entry("1.png", "Maybe"), entry("../../x.png"), entry("2.png")])
    found = scene(check(tree))
    assert found.rows == 2
    assert found.left_out == {"missing picture": 1, "bad truth": 1, "path outside the data": 1}
    assert found.problems == 3
    assert [fault.partition(": ")[0].rpartition(", ")[2] for fault in found.faults] == ["entry 1", "entry 2", "entry 3"]


def test_pictures_that_begin_well_and_end_badly(tree: Path) -> None:
    """Loading does not decode; the check does."""
    file = tree / SCENES / "2.png"
    noise = PIL.Image.effect_noise((64, 64), 80)
    noise.save(file)
    file.write_bytes(file.read_bytes()[:1500])
    (tree / SCENES / "3.png").write_text("no picture at all")
    found = scene(check(tree))
    assert [told.partition(": ")[0] for told in found.undecodable] == [f"{SCENES}/2.png"]
    assert "cannot be decoded" in found.undecodable[0]
    assert found.left_out == {"unreadable picture": 1}
    assert found.problems == 2


def test_duplicates(tree: Path) -> None:
    (tree / SCENES / "1.png").write_bytes((tree / SCENES / "0.png").read_bytes())
    annotate(tree, [entry("0.png"), entry("1.png"), entry("0.png"), entry("2.png"), entry("2.png", query="Other?")])
    found = check(tree)
    ids = [tuple(name.rpartition("/")[2] for name in same) for same in scene(found).duplicates]
    assert ids == [("0000", "0001", "0002")]
    assert found.same_pictures == [(f"{SCENES}/0.png", f"{SCENES}/1.png")]
    assert scene(found).problems == 0


def test_across_tasks(tree: Path) -> None:
    picture(tree / "truthfulness/misleading_images/mistext/x.png", "red")
    file = tree / "truthfulness/query_misleading/query_g_mistext.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps([entry("x.png", "a cat")]))
    found = check_source(tree, [get_task("t1"), get_task("t5")])
    assert found.same_pictures == [(f"{SCENES}/0.png", "truthfulness/misleading_images/mistext/x.png")]
    assert found.across == {}  # the same picture, but not the same question


def test_what_the_original_drops_is_listed_but_no_problem(tree: Path) -> None:
    for name in "ab":
        picture(tree / f"truthfulness/advanced_images/daily/{name}.png", "red")
    file = tree / "truthfulness/query_advanced/query_d_daily.json"
    file.parent.mkdir(parents=True)
    entries = [entry("a.png"), entry("b.png", query=" "), entry("b.png", "Maybe")]
    file.write_text(json.dumps(entries[:2]))
    (daily,) = [v for v in check_source(tree, [get_task("t2")]).variants if v.variant == "daily"]
    assert (daily.rows, daily.left_out, daily.problems) == (1, {"empty query (as in the original)": 1}, 0)
    assert daily.faults == ["truthfulness/query_advanced/query_d_daily.json, entry 1: 'query' is empty."]
    file.write_text(json.dumps(entries))
    (daily,) = [v for v in check_source(tree, [get_task("t2")]).variants if v.variant == "daily"]
    assert (daily.left_out["bad truth"], daily.problems) == (1, 1)


def test_empty_targets(tree: Path) -> None:
    for name in "ab":
        picture(tree / f"truthfulness/text_images/assistance/{name}.png", "red")
    file = tree / "truthfulness/query_text/query_g_assistance.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps([entry("a.png", "a cat"), entry("b.png", "  ", "Another?")]))
    found = check_source(tree, [get_task("t4")])
    text = found.variants[0]
    assert text.empty_targets + sum(text.left_out.values()) == 1
    assert text.problems == 1


def test_tasks_without_targets_have_none_that_are_empty() -> None:
    found = check_source("sample", [get_task("f4")])
    assert found.ok
    assert all(v.empty_targets == 0 and v.labels == {} for v in found.variants)


def test_a_broken_file_is_told_and_the_others_are_checked(tree: Path) -> None:
    annotate(tree, [], "query_g_ocr.json")
    (tree / "truthfulness/query_basic/query_d_existence.json").write_text("{")
    found = {v.variant: v for v in check(tree).variants}
    assert (found["object"].status, found["ocr"].status, found["scene"].status) == ("broken", "missing", "ok")
    assert "not valid JSON" in found["object"].told
    assert found["ocr"].told == "No row can be used."


def test_what_the_paper_does_not_run_may_be_missing(tmp_path: Path) -> None:
    optional = VariantCheck("p2_private_question", "vizwiz", optional=True, status="missing")
    needed = VariantCheck("p2_private_question", "vispr", status="missing")
    assert (optional.problems, needed.problems) == (0, 1)
    assert VariantCheck("p2_private_question", "vizwiz", optional=True, status="broken").problems == 1


def test_no_tree_at_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no folder"):
        check_source(tmp_path / "nowhere")
    with pytest.raises(DataError, match="holds none of the folders"):
        check_source(tmp_path)
