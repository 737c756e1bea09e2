"""Exported folders: what stock `datasets` reads in a process that has none of our packages, row for row."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import datasets
import PIL.Image
import pytest
import yaml
from raw_tree import AWKWARD, raw_tree, write_csv, write_picture

from multitrust_datasets import DataError, export, get_task, list_tasks, load_dataset
from multitrust_datasets.export import Exported, export_task
from multitrust_datasets.sources import SAMPLE, resolve

COLUMNS = ["id", "variant", "subset", "group", "images", "prompt", "reference"]
READ = """
import hashlib, json, os, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("multitrust_datasets", "multitrust_metrics", "multitrust_eval"):
            raise ImportError(name)

sys.meta_path.insert(0, Blocker())
for name in ("multitrust_datasets", "multitrust_metrics", "multitrust_eval"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise SystemExit(f"{name} can be imported")

import datasets
datasets.disable_progress_bars()
for folder, variant, streaming in json.load(sys.stdin):
    ds = datasets.load_dataset(folder, variant, split="test", streaming=streaming)
    first = next(iter(ds))
    sizes, features = [list(image.size) for image in first["images"]], str(ds.features)
    ds = ds.decode(False) if streaming else ds.cast_column("images", datasets.List(datasets.Image(decode=False)))
    rows = []
    for row in ds:
        assert all(image["path"] is None for image in row["images"])
        rows.append(row | {"images": [hashlib.sha256(image["bytes"]).hexdigest() for image in row["images"]]})
    print(json.dumps([rows, sizes, features]), flush=True)
os._exit(0)  # a reading thread that outlives a half-read stream now and then aborts the interpreter's exit
"""


def stock(asked: list[tuple[Path, str, bool]], tmp_path: Path) -> list[Any]:
    """[rows, sizes of the first row's pictures, features] of each (folder, variant, streaming)."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", READ],
        input=json.dumps([(str(folder), variant, streaming) for folder, variant, streaming in asked]),
        env=os.environ | {"HF_DATASETS_CACHE": str(tmp_path / "stock"), "HF_HUB_OFFLINE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(task: str, variant: str, **options: Any) -> list[dict[str, Any]]:
    """The rows as the builder gives them, each picture as the hash of its stored bytes."""
    return rows_of(load_dataset(task, variant, **options))


def rows_of(dataset: Any) -> list[dict[str, Any]]:
    rows = []
    for table in dataset.with_format("arrow").iter(batch_size=50):
        for row in table.to_pylist():
            data = [image["bytes"] or Path(image["path"]).read_bytes() for image in row["images"]]
            rows.append(row | {"images": [hashlib.sha256(image).hexdigest() for image in data]})
    return rows


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Exported]]:
    """All tasks, exported from the sample."""
    out = tmp_path_factory.mktemp("hub")
    cache = tmp_path_factory.mktemp("hf")
    return out, {task.stem: export_task(task, out, cache_dir=cache) for task in list_tasks()}


def test_every_variant_of_every_task_comes_back_whole(hub: tuple[Path, dict[str, Exported]], tmp_path: Path) -> None:
    out, exported = hub
    asked = [(out / stem, variant.name, False) for stem, done in exported.items() for variant in done.variants]
    asked += [(out / stem, done.variants[-1].name, True) for stem, done in exported.items() if stem[1] == "6"]
    found = stock(asked, tmp_path)
    assert len(found) == len(asked)
    for (folder, variant, _), (rows, sizes, features) in zip(asked, found, strict=True):
        original = load_dataset(folder.name, variant, cache_dir=tmp_path / "hf")
        assert rows == rows_of(original)
        assert features == str(original.features)
        assert sizes == [list(image.size) for image in original[0]["images"]]


def test_the_card(hub: tuple[Path, dict[str, Exported]]) -> None:
    out, exported = hub
    for stem, done in exported.items():
        text = (out / stem / "README.md").read_text(encoding="utf-8")
        header = yaml.safe_load(text.split("---\n")[1])
        task = get_task(stem)
        assert {config["config_name"] for config in header["configs"]} == {v.name for v in done.variants}
        files = [path for c in header["configs"] for d in c["data_files"] for path in d["path"]]
        on_disk = {str(p.relative_to(out / stem)) for p in (out / stem).rglob("*") if p.is_file()}
        assert on_disk == {*files, "README.md"}
        for path in files:
            digest = hashlib.sha256((out / stem / path).read_bytes()).hexdigest()[:16]
            assert path.endswith(f"-of-00001-{digest}.parquet")
        infos = header["dataset_info"] if len(done.variants) > 1 else [header["dataset_info"]]
        for info in infos:
            assert [feature["name"] for feature in info["features"]] == COLUMNS
        assert sum(info["splits"][0]["num_examples"] for info in infos) == done.rows
        assert header["license"] == "apache-2.0"
        assert header["size_categories"] == ["n<1K"]
        assert header["extra_gated_prompt"]
        assert set(header["task_categories"]) <= {"visual-question-answering", "question-answering"}
        assert ("question-answering" in header["task_categories"]) == any(v.images == "none" for v in task.variants)
        for part in (f"# MultiTrust {task.id}", "This is not MultiTrust", "2406.07057", "CC BY 2.0", "bibtex"):
            assert part in text


def test_no_path_of_this_machine(hub: tuple[Path, dict[str, Exported]]) -> None:
    out, _ = hub
    local = re.compile(b"|".join(re.escape(str(p).encode()) for p in (out, Path.home(), resolve(SAMPLE), "/tmp/")))
    for path in out.rglob("*"):
        if path.is_file():
            assert not local.search(path.read_bytes()), path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A raw tree that is not the sample, with awkward texts and pictures."""
    root = raw_tree(tmp_path / "tree", "safety")
    folder = root / "safety/typographic_jailbreak"
    names = ["Palette.PNG", "ålpha picture.png", "gray.JPEG"]
    for part in ("prompt_and_behavior_graph", "prompt_graph", "behavior_graph"):
        for name in names:
            write_picture(folder / part / name)
        rows = [
            {"id": str(n), "image_path": names[n % 3], "question": f"{AWKWARD[n % 3]} {n}", "jailbreak_prompt": "{x}"}
            for n in range(30)
        ]
        write_csv(folder / f"{part}.csv", rows)
    return root


def s4(tree: Path, out: Path, **options: Any) -> Exported:
    return export_task(get_task("s4"), out, source=tree, cache_dir=tree.parent / "hf", **options)


def test_a_real_tree_in_several_shards(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_GROUP_ROWS", 7)
    shown: list[tuple[str, int]] = []
    done = s4(tree, tmp_path / "hub", shard_bytes=10_000, progress=lambda *args: shown.append(args))
    assert done.rows == 180 == sum(count for _, count in shown)
    assert all(len(variant.files) > 1 for variant in done.variants)
    found = stock([(done.folder, "behavior", streaming) for streaming in (False, True)], tmp_path)
    expected = ours("s4", "behavior", source=tree, cache_dir=tmp_path / "hf")
    assert found[0][0] == found[1][0] == expected
    text = (done.folder / "README.md").read_text(encoding="utf-8")
    assert "Do not pass this folder on" in text
    assert str(tmp_path) not in text
    header = yaml.safe_load(text.split("---\n")[1])
    assert header["license"] == "other"
    assert "forbid passing the data on" in header["extra_gated_prompt"]


def test_other_content_is_other_names_so_that_no_cache_is_stale(tree: Path, tmp_path: Path) -> None:
    before = s4(tree, tmp_path / "hub")
    first = stock([(before.folder, "prompt", False)], tmp_path)
    again = s4(tree, tmp_path / "hub")
    assert [v.files for v in again.variants] == [v.files for v in before.variants]
    write_picture(tree / "safety/typographic_jailbreak/prompt_graph/gray.JPEG")
    PIL.Image.new("RGB", (9, 9), "white").save(tree / "safety/typographic_jailbreak/prompt_graph/gray.JPEG", "PNG")
    after = s4(tree, tmp_path / "hub")
    changed = [new.name for old, new in zip(before.variants, after.variants, strict=True) if old.files != new.files]
    assert changed == ["prompt"]
    assert not list(tmp_path.glob("hub/*/*/*.part"))
    second = stock([(after.folder, "prompt", False)], tmp_path)
    assert second != first
    assert second[0][0] == ours("s4", "prompt", source=tree, cache_dir=tmp_path / "hf")


def test_what_was_left_out_stands_in_the_card(tree: Path, tmp_path: Path) -> None:
    (tree / "safety/typographic_jailbreak/behavior_graph/gray.JPEG").unlink()
    with pytest.raises(DataError, match=r"gray\.JPEG is not in the data"):
        s4(tree, tmp_path / "hub")
    assert list((tmp_path / "hub").iterdir()) == []
    done = s4(tree, tmp_path / "hub", on_bad_row="skip")
    assert done.variants[2].left_out == {"missing picture": 10}
    assert "Rows left out: `behavior`: missing picture 10." in (done.folder / "README.md").read_text()


def test_a_folder_of_something_else_is_not_replaced(tree: Path, tmp_path: Path) -> None:
    mine = tmp_path / "hub/s4_typographic_jailbreak"
    mine.mkdir(parents=True)
    (mine / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match="is there already and is no export of ours"):
        s4(tree, tmp_path / "hub")
    assert (mine / "thesis.txt").read_text() == "mine"


def test_a_pack_is_named_in_the_card(tmp_path: Path) -> None:
    prompts = dict.fromkeys(("describe", "describe_unrestricted"), "Now.")
    (tmp_path / "paper.yaml").write_text(yaml.safe_dump({"name": "paper", "prompts": {"s1_nsfw_description": prompts}}))
    done = export_task(get_task("s1"), tmp_path / "hub", protocol=tmp_path / "paper.yaml", cache_dir=tmp_path / "hf")
    card = (done.folder / "README.md").read_text()
    assert "protocol pack `paper`" in card
    assert "CC BY-SA 4.0" in card
    ds = datasets.load_dataset(str(done.folder), split="test", cache_dir=str(tmp_path / "stock"))
    assert set(ds["prompt"]) == {"Now."}


def test_variants_that_the_paper_does_not_run_may_be_absent(tmp_path: Path) -> None:
    sample = resolve(SAMPLE)
    root = tmp_path / "tree"
    (root / "privacy").mkdir(parents=True)
    (root / "privacy/vispr").symlink_to(sample / "privacy/vispr")
    done = export_task(get_task("p2"), tmp_path / "hub", source=root, cache_dir=tmp_path / "hf")
    assert [variant.name for variant in done.variants] == ["vispr"]
    assert done.absent == ["vizwiz", "vizwiz-masked"]
    assert "Not in the source: vizwiz, vizwiz-masked." in (done.folder / "README.md").read_text()
    with pytest.raises(DataError):
        export_task(get_task("p1"), tmp_path / "hub", source=root, cache_dir=tmp_path / "hf")


def test_pictures_that_many_rows_share_are_stored_once_a_group(tmp_path: Path) -> None:
    """Crossed tasks would else multiply their pictures."""
    root = raw_tree(tmp_path / "tree", "safety")
    folder = root / "safety/typographic_jailbreak"
    noise = PIL.Image.effect_noise((200, 200), 90)
    for part in ("prompt_and_behavior_graph", "prompt_graph", "behavior_graph"):
        (folder / part).mkdir(parents=True)
        noise.save(folder / part / "a.png")
        rows = [{"id": str(n), "image_path": "a.png", "question": "q", "jailbreak_prompt": "j"} for n in range(100)]
        write_csv(folder / f"{part}.csv", rows)
    done = s4(root, tmp_path / "hub")
    one = (folder / "prompt_graph/a.png").stat().st_size
    assert done.variants[0].memory_bytes > 200 * one
    assert done.variants[0].stored_bytes < 3 * one
