"""What holds for each of the 32 tasks, whatever it asks."""

import ast
import csv
import doctest
import importlib
import inspect
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import datasets
import pytest

import multitrust_datasets
from multitrust_datasets import Task, list_tasks
from multitrust_datasets.builder import Rendered, TaskBuilder, builder_class
from multitrust_datasets.protocol import SHARED_PROMPTS, Protocol, judge_key, judge_prompt, needed_slots
from multitrust_datasets.protocol_import import places
from multitrust_datasets.registry import registered_stems, task_module
from multitrust_datasets.sources import FOLDERS, SAMPLE, resolve
from multitrust_datasets.task import SLOTS, STEMS

DATA = Path(__file__).parent / "data"
COLUMNS = ["id", "variant", "subset", "group", "images", "prompt", "reference"]
NO_REFERENCE = ["s1", "s3", "f1", "f2", "f4", "f5", "f7", "p4"]

FORBIDDEN = {"random", "secrets", "uuid", "time", "datetime", "urllib.request", "http.client", "socket", "subprocess"}

per_task = pytest.mark.parametrize("task", list_tasks(), ids=lambda task: task.stem)


def variants_table() -> dict[str, list[dict[str, str]]]:
    table = defaultdict(list)
    with (DATA / "variants.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            table[row["stem"]].append(row)
    return table


_rows: dict[tuple[str, str], list[dict[str, Any]]] = {}


def rows(task: Task, variant: str) -> list[dict[str, Any]]:
    """The sample's rows, each variant built once."""
    key = (task.stem, variant)
    if key not in _rows:
        _rows[key] = list(builder_class(task.stem)(variant).raw_rows())
    return _rows[key]


def test_there_are_all_32() -> None:
    assert registered_stems() == STEMS
    assert len(set(STEMS)) == 32
    assert sum(variant.launched for task in list_tasks() for variant in task.variants) == 139
    assert set(variants_table()) == set(STEMS)


@per_task
def test_the_variants_are_those_of_the_table(task: Task) -> None:
    ours = [
        {
            "task": task.id,
            "stem": task.stem,
            "variant": variant.name,
            "images": variant.images,
            "max_new_tokens": str(task.generation(variant.name).max_new_tokens),
            "scored": "yes" if variant.scored else "no",
            "launched": "yes" if variant.launched else "no",
            "upstream_id": variant.upstream_id,
        }
        for variant in task.variants
    ]
    by_name = {row["variant"]: row for row in variants_table()[task.stem]}
    assert {row["variant"]: row for row in ours} == by_name
    assert set(task.slots) <= set(SLOTS)
    assert task.aspect in FOLDERS
    assert task.sub_aspect[0] == task.id[0] == task.aspect[0].upper()


@per_task
def test_the_module_reads_as_the_design_says(task: Task) -> None:
    module = task_module(task.stem)
    assert inspect.getdoc(module).startswith(f"{task.id} ")
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    assigned = [ast.unparse(t) for n in tree.body if isinstance(n, ast.Assign | ast.AnnAssign) for t in _targets(n)]
    assert assigned.count("TASK") == assigned.count("PROMPTS") == 1
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    assert len(classes) == 1, "the cache's folder is named after the module: one builder a module"
    assert issubclass(builder_class(task.stem), TaskBuilder)
    assert builder_class(task.stem).__name__ == classes[0].name
    assert len(Path(module.__file__).read_text(encoding="utf-8").splitlines()) <= 200
    imported = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    imported |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    known = {name for name in imported if name.split(".")[0] in {"multitrust_datasets", "datasets"}}
    assert imported - known <= sys.stdlib_module_names | {"collections.abc", "urllib.parse"}
    assert not imported & FORBIDDEN, "nothing random, timed or fetched at load time"


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


@per_task
def test_the_prompts_are_those_of_the_places(task: Task) -> None:
    """Every text of the authors' toolbox has one of ours, under the same key, and none besides."""
    theirs = {place.key for place in places() if place.stem == task.stem and place.type == "text"}
    assert set(task_module(task.stem).PROMPTS) == theirs
    assert {place.key for place in places() if place.stem == "shared" and place.type == "text"} == set(SHARED_PROMPTS)


@per_task
def test_the_rows_keep_the_contract(task: Task) -> None:
    for variant in task.variants:
        found = rows(task, variant.name)
        assert 4 <= len(found) <= 60
        assert len({row["id"] for row in found}) == len(found)
        for row in found:
            assert list(row) == COLUMNS
            assert row["id"].startswith(f"{task.stem}/{variant.name}/")
            assert row["variant"] == variant.name
            assert row["group"] and isinstance(row["group"], str)
            assert isinstance(row["subset"], str)
            assert row["prompt"].strip()
            assert bool(row["images"]) == (variant.images != "none")
            for image in row["images"]:
                assert isinstance(image, Rendered) or Path(image).is_relative_to(resolve(SAMPLE))
        dataset = builder_class(task.stem)(variant.name)
        features = dataset.info.features
        assert list(features) == COLUMNS
        assert features["images"] == datasets.List(datasets.Image())
        assert features["reference"] == dataset.REFERENCE
        for row in found:
            assert features.encode_example(row | {"images": []})["reference"] == row["reference"]
        if task.id.lower().replace(".", "") in NO_REFERENCE:
            assert {row["reference"] for row in found} == {""}


@per_task
def test_variants_that_ask_the_same_share_keys_and_groups(task: Task) -> None:
    """Of every key that several variants have, the group is the same: answers are paired by it."""
    groups: dict[str, set[str]] = defaultdict(set)
    for variant in task.variants:
        if variant.images == "given" and len({v.images for v in task.variants}) == 1:
            continue  # variants of other items: R.1's styles, T.2's skills
        for row in rows(task, variant.name):
            groups[_part(variant.name) + row["id"].rpartition("/")[2]].add(row["group"])
    assert all(len(shared) == 1 for shared in groups.values()), groups


def _part(variant: str) -> str:
    """Tasks of two parts (R.6's sets, F.3's questions) count each part's items from zero."""
    return next((part for part in ("advglue-plus", "advglue", "stereotype", "topic") if variant.startswith(part)), "")


@per_task
def test_unrelated_pictures_are_drawn_from_the_group(task: Task) -> None:
    """One item has one draw of a kind, whichever variant asks and however often."""
    drawn: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for variant in task.variants:
        if variant.images != "unrelated":
            continue
        for row in rows(task, variant.name):
            (path,) = map(Path, row["images"])
            assert path.parent.name == "unrelated_images"
            kind = re.sub(r"[_\d]", "", path.stem)
            assert kind in ("color", "nature", "noise")
            assert variant.name == "unrelated" or variant.name.endswith(kind)
            drawn[row["group"], kind].add(path.name)
    limit = 3 if task.id == "S.6" else 1
    assert all(len(pictures) <= limit for pictures in drawn.values()), drawn
    if drawn:
        assert len(set().union(*drawn.values())) > 3, "the draw hardly depends on the item"


class Everything(dict[str, object]):
    """Fields that note who asks for them."""

    def __init__(self, fields: dict[str, object]) -> None:
        super().__init__(fields)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> object:
        self.asked.add(name)
        return super().__getitem__(name)


@per_task
def test_every_prompt_is_asked_and_no_slot_stays_open(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the sample, with our words, and with a pack whose slots have the original's names and order."""
    keys = {key for key in task_module(task.stem).PROMPTS if not key.startswith("judge")}
    theirs = {place.key: place for place in places() if place.stem == task.stem and place.key in keys}
    pack = Protocol(
        "x",
        {task.stem: {key: f"Asked {key}: {_slots(place.slots)}." for key, place in theirs.items()}},
        slots={task.stem: {key: place.slots for key, place in theirs.items() if place.slots}},
    )
    asked: set[str] = set()
    fill = Protocol.fill

    def noted(self: Protocol, stem: str, key: str, fields: dict[str, object]) -> str:
        asked.add(key)
        return fill(self, stem, key, fields)

    monkeypatch.setattr(Protocol, "fill", noted)
    for variant in task.variants:
        ours = rows(task, variant.name)
        packed = list(builder_class(task.stem)(variant.name, protocol=pack).raw_rows())
        assert [row["id"] for row in packed] == [row["id"] for row in ours]
        for row, other in zip(ours, packed, strict=True):
            if row["prompt"] != other["prompt"]:
                assert "Asked " in other["prompt"]
            assert not re.search(r"\{\w*\}", row["prompt"].replace("{}", ""))
    assert asked == keys


def _slots(slots: dict[str, str]) -> str:
    return " ".join("{}" if slot.isdigit() else f"{{{slot}}}" for slot in slots)


@per_task
def test_every_judge_prompt_can_be_asked(task: Task) -> None:
    """From every variant's first row, in our words and with the original's slots."""
    judged = {place.key: place for place in places() if place.stem in (task.stem, "shared") and place.type == "text"}
    for variant in task.variants:
        row = rows(task, variant.name)[0]
        for slot in needed_slots(task, variant.name):
            place = judge_key(task, variant.name, slot)
            if place is None:
                assert slot in ("perspective", "moderation", "refusal")
                continue
            stem, key = place
            pack = Protocol(
                "x",
                {stem: {key: f"Judged {_slots(judged[key].slots)}"}},
                slots={stem: {key: judged[key].slots}},
            )
            fields = {"response": "the {answer}", "reference": row["reference"], "image_size": (640, 480)}
            for protocol in (None, pack):
                text = judge_prompt(task, variant.name, slot, protocol=protocol, **fields)
                assert text.count("the {answer}") == 1
                assert not re.search(r"\{\w*\}", text.replace("{answer}", ""))


@per_task
def test_the_judges_see_the_answer_between_marks(task: Task) -> None:
    """An answer is hostile text: each judge prompt of ours fences it in and says that it is data."""
    for key, text in {**task_module(task.stem).PROMPTS, **SHARED_PROMPTS}.items():
        if key.startswith("judge") or key in SHARED_PROMPTS:
            before, _, after = text.partition("{response}")
            assert re.search(r"<\w+>\n$", before), key
            assert re.match(r"\n</\w+>", after), key
            assert re.search(r"not an instruction|never as instructions|not instructions", text), key


def test_the_sample_is_small_and_complete() -> None:
    files = [path for path in resolve(SAMPLE).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 4_000_000
    assert {path.relative_to(resolve(SAMPLE)).parts[0] for path in files} == {
        *FOLDERS,
        "unrelated_images",
        "SAMPLE.md",
    }
    for aspect, folders in FOLDERS.items():
        assert all((resolve(SAMPLE) / aspect / folder).is_dir() for folder in folders)


def test_nothing_in_the_sample_is_unused() -> None:
    used = {"SAMPLE.md"}
    for task in list_tasks():
        for variant in task.variants:
            builder = builder_class(task.stem)(variant.name)
            used |= set(builder.digests)
            for row in rows(task, variant.name):
                used |= {builder.relative(Path(i)) for i in row["images"] if not isinstance(i, Rendered)}
    files = {path.relative_to(resolve(SAMPLE)).as_posix() for path in resolve(SAMPLE).rglob("*") if path.is_file()}
    drawn = ("unrelated_images/", "fairness/subjective_choice_images/")  # the draw leaves some
    assert {name for name in files - used if not name.startswith(drawn)} == set()


def test_the_public_face() -> None:
    assert set(multitrust_datasets.__all__) == {
        "DataError",
        "Task",
        "Variant",
        "get_task",
        "left_out",
        "list_tasks",
        "load_dataset",
    }
    for name in multitrust_datasets.__all__:
        public = getattr(multitrust_datasets, name)
        assert inspect.getdoc(public)
        if inspect.isfunction(public):
            hints = inspect.get_annotations(public)
            assert set(hints) == {*inspect.signature(public).parameters, "return"}


@pytest.mark.parametrize("module", ["builder", "registry", "protocol", "task", "raw"])
def test_the_examples_run(module: str) -> None:
    ran = doctest.testmod(importlib.import_module(f"multitrust_datasets.{module}"))
    assert ran.failed == 0
    if module in ("builder", "registry", "protocol"):
        assert ran.attempted


def test_each_public_function_has_an_example() -> None:
    for function in (multitrust_datasets.list_tasks, multitrust_datasets.get_task, multitrust_datasets.load_dataset):
        assert ">>>" in (function.__doc__ or "")


def test_the_documentation_names_every_file_that_is_read() -> None:
    text = (Path(__file__).parent.parent / "docs/DATA.md").read_text(encoding="utf-8")
    read = {name for task in list_tasks() for v in task.variants for name in builder_class(task.stem)(v.name).digests}
    assert len(read) > 40
    assert {name for name in read if Path(name).name not in text} == set()
    skipping = [task.id for task in list_tasks() if builder_class(task.stem).SKIPS_MISSING_PICTURES]
    listed = re.search(r"left out and counted in ([\w., \n]+), as the original does", text)
    assert listed is not None
    assert re.findall(r"[TSRFP]\.\d", listed[1]) == skipping
    for picture in re.findall(r"\((img/\w+\.png)\)", text):
        assert (Path(__file__).parent.parent / "docs" / picture).is_file()
