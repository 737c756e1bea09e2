"""The builder: the row contract, bad pictures, what the cache's hash knows, order over processes."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import PIL.Image
import pytest

from multitrust_datasets import DataError, left_out, load_dataset
from multitrust_datasets.builder import builder_class
from multitrust_datasets.errors import MissingData
from multitrust_datasets.sources import SAMPLE, resolve

TASK, VARIANT = "t1_basic_understanding", "scene"
ANNOTATIONS = "truthfulness/query_basic/query_d_scene.json"
PICTURES = "truthfulness/basic_images/scene"
GIVEN = "s4_typographic_jailbreak"  # a task that does not excuse missing pictures


def picture(path: Path, color: str = "red", **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.new("RGB", (4, 3), color).save(path, **options)
    return path


def scene_tree(root: Path, entries: list[Any], pictures: list[str]) -> Path:
    for name in pictures:
        picture(root / PICTURES / name)
    (root / ANNOTATIONS).parent.mkdir(parents=True, exist_ok=True)
    (root / ANNOTATIONS).write_text(json.dumps(entries), encoding="utf-8")
    return root


def entry(image: str = "a.png", truth: str = "Yes", query: str = "Is it?") -> dict[str, str]:
    return {"image": image, "query": query, "truth": truth}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return scene_tree(tmp_path / "tree", [entry(f"{n}.png") for n in range(5)], [f"{n}.png" for n in range(5)])


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Any]:
    def load(source: Path, variant: str = VARIANT, task: str = TASK, **options: Any) -> Any:
        return load_dataset(task, variant, source=source, cache_dir=tmp_path / "hf", **options)

    return load


def jailbreaks(root: Path, rows: str, pictures: tuple[str, ...] = ("a.png",)) -> Path:
    folder = root / "safety/typographic_jailbreak"
    for name in pictures:
        picture(folder / "prompt_graph" / name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prompt_graph.csv").write_bytes(b"id,image_path,question\r\n" + rows.encode())
    return root


class TestBadPictures:
    @pytest.mark.parametrize(
        ("name", "told", "reason"),
        [
            ("gone.png", "the picture safety/typographic_jailbreak/prompt_graph/gone.png is not in", "missing picture"),
            ("text.png", "prompt_graph/text.png cannot be read", "unreadable picture"),
            ("empty.png", "prompt_graph/empty.png cannot be read", "unreadable picture"),
            ("folder.png", "prompt_graph/folder.png cannot be read", "unreadable picture"),
            ("cut.png", "prompt_graph/cut.png cannot be read", "unreadable picture"),
            ("nul\0.png", "is not in the data", "missing picture"),
            ("x" * 300, "is not in the data", "missing picture"),
            ("../secret.png", "lies outside the data", "path outside the data"),
            ("../../../../secret.png", "lies outside the data", "path outside the data"),
            ("{outside}", "lies outside the data", "path outside the data"),
            ("/etc/passwd", "the picture /etc/passwd lies outside the data", "path outside the data"),
        ],
    )
    def test_told_with_file_and_row_or_left_out(
        self, tmp_path: Path, load: Callable[..., Any], name: str, told: str, reason: str
    ) -> None:
        outside = picture(tmp_path / "secret.png")
        name = name.format(outside=outside)
        rows = f'7,a.png,first\r\n8,"{name}",second\r\n9,a.png,third\r\n'
        root = jailbreaks(tmp_path / "tree", rows)
        folder = root / "safety/typographic_jailbreak/prompt_graph"
        picture(folder.parent / "secret.png")
        (folder / "text.png").write_text("<html>")
        (folder / "empty.png").touch()
        (folder / "folder.png").mkdir()
        (folder / "cut.png").write_bytes((folder / "a.png").read_bytes()[:20])
        with pytest.raises(DataError) as caught:
            load(root, "prompt", GIVEN)
        assert str(caught.value).startswith("safety/typographic_jailbreak/prompt_graph.csv, line 3: ")
        assert told in str(caught.value)
        assert "\n" not in str(caught.value)
        skipped = load(root, "prompt", GIVEN, on_bad_row="skip")
        assert skipped["id"] == [f"{GIVEN}/prompt/{key}" for key in ("7-0", "7-1", "9-0", "9-1")]
        assert left_out(skipped) == {reason: 1}

    def test_a_link_is_followed_as_in_a_snapshot_of_the_hub(self, tmp_path: Path, load: Callable[..., Any]) -> None:
        blob = picture(tmp_path / "blobs/0123.png")
        root = scene_tree(tmp_path / "tree", [entry("a.png")], [])
        (root / PICTURES).mkdir(parents=True)
        (root / PICTURES / "a.png").symlink_to(blob)
        assert load(root)[0]["images"][0].size == (4, 3)

    def test_where_the_original_skips_skipping_is_the_default_and_counted(
        self, tree: Path, load: Callable[..., Any]
    ) -> None:
        (tree / PICTURES / "2.png").unlink()
        (tree / PICTURES / "4.png").unlink()
        dataset = load(tree)
        assert [row.rpartition("/")[2] for row in dataset["id"]] == ["0000", "0001", "0003"]
        assert left_out(dataset) == {"missing picture": 2}
        (tree / PICTURES / "3.png").write_text("no picture")
        with pytest.raises(DataError, match=r"query_d_scene\.json, entry 3: the picture .*3\.png cannot be read"):
            load(tree)

    @pytest.mark.parametrize("source", ["../tree", "../elsewhere/../tree"])
    def test_dots_in_the_source_excuse_none_in_a_name(
        self, tmp_path: Path, load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, source: str
    ) -> None:
        root = jailbreaks(tmp_path / "tree", "7,a.png,first\r\n8,../secret.png,second\r\n")
        picture(root / "safety/typographic_jailbreak/secret.png")
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        with pytest.raises(DataError, match=r"prompt_graph\.csv, line 3: .* lies outside the data"):
            load(source, "prompt", GIVEN)
        assert len(load(source, "prompt", GIVEN, on_bad_row="skip")) == 2

    def test_a_folder_that_is_not_there_is_missing_data_and_no_bad_row(
        self, tmp_path: Path, load: Callable[..., Any]
    ) -> None:
        root = jailbreaks(tmp_path / "tree", "7,a.png,first\r\n8,b.png,second\r\n", ())
        with pytest.raises(MissingData) as caught:
            load(root, "prompt", GIVEN)
        assert str(caught.value) == (
            f"The folder safety/typographic_jailbreak/prompt_graph is not in the data at {root}; a.png of {GIVEN} "
            "should lie in it."
        )
        with pytest.raises(MissingData, match=r"no row can be used \(missing picture: 2\)"):
            load(root, "prompt", GIVEN, on_bad_row="skip")

    def test_a_wrong_folder_in_one_row_costs_that_row(self, tmp_path: Path, load: Callable[..., Any]) -> None:
        root = jailbreaks(tmp_path / "tree", "7,a.png,first\r\n8,typo/b.png,second\r\n")
        skipped = load(root, "prompt", GIVEN, on_bad_row="skip")
        assert (len(skipped), left_out(skipped)) == (2, {"missing picture": 1})

    def test_where_the_original_skips_a_folder_that_is_not_there_is_counted(
        self, tmp_path: Path, load: Callable[..., Any]
    ) -> None:
        root = scene_tree(tmp_path / "tree", [entry("a.png"), entry("sub/b.png")], ["a.png"])
        assert left_out(load(root)) == {"missing picture": 1}


class TestBadRows:
    def test_a_word_for_bad_rows_that_is_none_is_refused(self, tree: Path, load: Callable[..., Any]) -> None:
        with pytest.raises(ValueError, match=r"^on_bad_row is 'ignore'; give one of error, skip\.$"):
            load(tree, on_bad_row="ignore")

    def test_duplicate_ids(self, tmp_path: Path, load: Callable[..., Any]) -> None:
        root = jailbreaks(tmp_path / "tree", "7,a.png,first\n8,a.png,second\n7,a.png,third\n")
        with pytest.raises(DataError, match=r"prompt_graph\.csv, line 4: .*/prompt/7-0: this id occurs twice"):
            load(root, "prompt", GIVEN)
        skipped = load(root, "prompt", GIVEN, on_bad_row="skip")
        assert len(set(skipped["id"])) == len(skipped) == 4
        assert left_out(skipped) == {"duplicate id": 1}

    @pytest.mark.parametrize("truth", ["yes", "True", "", " Yes", 1, None, ["Yes"]])
    def test_wrong_labels(self, tmp_path: Path, load: Callable[..., Any], truth: Any) -> None:
        root = scene_tree(tmp_path / "tree", [entry(), entry() | {"truth": truth}], ["a.png"])
        with pytest.raises(DataError, match=r"^truthfulness/query_basic/query_d_scene\.json, entry 1: 'truth' "):
            load(root)
        assert load(root, on_bad_row="skip").num_rows == 1

    def test_two_encodings_in_one_file(self, tmp_path: Path, load: Callable[..., Any]) -> None:
        root = jailbreaks(tmp_path / "tree", "7,a.png,café\n8,a.png,x\n")
        file = root / "safety/typographic_jailbreak/prompt_graph.csv"
        file.write_bytes(file.read_bytes() + "9,a.png,café\n".encode("latin-1"))
        with pytest.raises(DataError, match=r"line 4: 'question' is not UTF-8; save the file as UTF-8"):
            load(root, "prompt", GIVEN)
        skipped = load(root, "prompt", GIVEN, on_bad_row="skip")
        assert skipped[0]["reference"] == "café"
        assert left_out(skipped) == {"not UTF-8": 1}

    @pytest.mark.parametrize("on_bad_row", ["error", "skip"])
    def test_a_broken_file_is_never_skipped(self, tree: Path, load: Callable[..., Any], on_bad_row: str) -> None:
        text = (tree / ANNOTATIONS).read_text()
        (tree / ANNOTATIONS).write_text(text[:-9])
        with pytest.raises(DataError, match=r"query_d_scene\.json, line 1: not valid JSON"):
            load(tree, on_bad_row=on_bad_row)

    def test_no_row_that_can_be_used(self, tmp_path: Path, load: Callable[..., Any]) -> None:
        root = scene_tree(tmp_path / "tree", [], [])
        with pytest.raises(DataError, match=rf"{TASK} scene: no row can be used \(there are none\) in the data at"):
            load(root)
        scene_tree(root, [entry("x.png")] * 3, [])
        with pytest.raises(DataError, match=r"no row can be used \(missing picture: 3\)"):
            load(root, streaming=True)

    def test_counts_travel_with_the_dataset(self, tmp_path: Path, load: Callable[..., Any]) -> None:
        root = scene_tree(tmp_path / "tree", [entry(), entry(truth="?"), entry("x.png")], ["a.png"])
        counts = {"bad truth": 1, "missing picture": 1}
        for dataset in (load(root, on_bad_row="skip"), load(root, on_bad_row="skip", streaming=True)):
            assert left_out(dataset) == counts
        load(root, on_bad_row="skip").save_to_disk(tmp_path / "saved")
        assert left_out(datasets.load_from_disk(str(tmp_path / "saved"))) == counts
        assert left_out(load(resolve(SAMPLE))) == {}


class TestContract:
    def test_ids_are_of_the_raw_row_whatever_is_dropped_before(self, tree: Path, load: Callable[..., Any]) -> None:
        before = {row["id"]: row["prompt"] for row in load(tree)}
        (tree / PICTURES / "0.png").unlink()
        after = {row["id"]: row["prompt"] for row in load(tree)}
        assert after == {name: prompt for name, prompt in before.items() if not name.endswith("/0000")}

    def test_pictures_come_as_they_are_stored(self, tmp_path: Path, load: Callable[..., Any]) -> None:
        """Bytes untouched: no conversion of palettes, no rotation by an EXIF tag."""
        root = scene_tree(tmp_path / "tree", [entry("p.png"), entry("r.jpg"), entry("a.PNG")], [])
        exif = PIL.Image.Exif()
        exif[0x0112] = 6
        picture(root / PICTURES / "r.jpg", exif=exif)
        PIL.Image.new("RGBA", (4, 3), (9, 9, 9, 9)).save(root / PICTURES / "a.PNG")
        PIL.Image.new("P", (4, 3)).save(root / PICTURES / "p.png")
        dataset = load(root).cast_column("images", datasets.List(datasets.Image(decode=False)))
        for row, name in zip(dataset, ("p.png", "r.jpg", "a.PNG"), strict=True):
            (image,) = row["images"]
            data = image["bytes"] or Path(image["path"]).read_bytes()
            assert data == (root / PICTURES / name).read_bytes()
            assert row["group"] == f"{PICTURES}/{name}"

    def test_streaming_gives_the_same_rows(self, tree: Path, load: Callable[..., Any]) -> None:
        plain, stream = load(tree), load(tree, streaming=True)
        assert list(plain.remove_columns("images")) == list(stream.remove_columns("images"))
        assert [row["images"][0].tobytes() for row in plain] == [row["images"][0].tobytes() for row in stream]

    def test_an_unrelated_picture_is_drawn_from_the_item_and_the_names_alone(self, tmp_path: Path) -> None:
        root = tmp_path / "tree"
        shutil.copytree(resolve(SAMPLE) / "fairness", root / "fairness")
        for number in range(9):
            picture(root / f"unrelated_images/color_{number}.png")
            picture(root / f"unrelated_images/noise_{number}.png")
        builder = builder_class("f4_stereotype_query")("unrelated-image-color", source=root)
        groups = [f"{number:04d}" for number in range(60)]
        first = {group: builder.unrelated(group, "color", 3) for group in groups}
        assert all(len(set(drawn)) == 3 for drawn in first.values())
        assert len({drawn[0] for drawn in first.values()}) == 9
        assert [builder.unrelated(group, "color")[0] for group in groups] == [d[0] for d in first.values()]
        picture(root / "unrelated_images/color_9.png")
        builder = builder_class("f4_stereotype_query")("unrelated-image-noise", source=root)
        moved = sum(builder.unrelated(group, "color")[0] != first[group][0] for group in groups)
        assert 0 < moved < 20  # a tenth of them, not all

    def test_several_variants_or_none(self) -> None:
        with pytest.raises(ValueError, match="has several variants; name one of object, attribute"):
            load_dataset("t1")
        with pytest.raises(ValueError, match="has no variant 'tex'"):
            load_dataset("f4", "tex")
        with pytest.raises(ValueError, match=r"There is no task 'stereotype_query'. Did you mean f4_stereotype_query"):
            load_dataset("stereotype_query")


class TestCache:
    """What the rows depend on is in the hash, and nothing else."""

    def hash_of(self, source: Path, variant: str = VARIANT, **options: Any) -> str:
        return builder_class(TASK)(variant, source=source, **options).hash

    @pytest.mark.parametrize(
        "change",
        [
            lambda tree: picture(tree / PICTURES / "1.png", "blue"),
            lambda tree: os.utime(tree / PICTURES / "1.png", ns=(5, 5)),
            lambda tree: (tree / PICTURES / "4.png").unlink(),
            lambda tree: scene_tree(tree, [entry(f"{n}.png", "No") for n in range(5)], []),
            lambda tree: (tree / ANNOTATIONS).write_bytes((tree / ANNOTATIONS).read_bytes() + b"\n"),
        ],
        ids=["other pixels", "other time", "a picture less", "other labels", "other bytes"],
    )
    def test_a_change_of_its_own_files_is_seen(
        self, tree: Path, load: Callable[..., Any], change: Callable[[Path], Any]
    ) -> None:
        before = self.hash_of(tree)
        rows = list(load(tree)["reference"])
        change(tree)
        assert self.hash_of(tree) != before
        assert len(load(tree)) in (4, 5)
        assert rows == ["yes"] * 5

    def test_a_change_of_other_files_is_not(self, tree: Path) -> None:
        before = self.hash_of(tree)
        picture(tree / PICTURES / "unused.png")
        picture(tree / "truthfulness/basic_images/ocr/a.png")
        (tree / "truthfulness/query_basic/query_g_ocr.json").write_text("[]")
        (tree / "safety").mkdir()
        assert self.hash_of(tree) == before

    def test_the_ways_of_asking_are_kept_apart(self, tree: Path, tmp_path: Path) -> None:
        pack = tmp_path / "pack.yaml"
        pack.write_text(
            "name: x\nprompts: {t1_basic_understanding: {yes_no: 'Now {q}'}}\n"
            "slots: {t1_basic_understanding: {yes_no: {q: query}}}\n"
        )
        shutil.copytree(tree, tmp_path / "copy")
        hashes = {
            self.hash_of(tree),
            self.hash_of(tree, protocol=pack),
            self.hash_of(tree, on_bad_row="skip"),
            self.hash_of(tmp_path / "copy"),  # pictures are kept as paths
        }
        assert len(hashes) == 4

    def test_the_cache_of_an_unchanged_tree_is_used(self, tree: Path, load: Callable[..., Any]) -> None:
        assert load(tree)._fingerprint == load(tree)._fingerprint
        assert load(tree).cache_files == load(tree).cache_files


class TestProcesses:
    @pytest.mark.parametrize("rows", [1, 3, 40])
    def test_rows_keep_their_order(self, tmp_path: Path, rows: int) -> None:
        root = scene_tree(tmp_path / "tree", [entry(query=f"Is {n}?") for n in range(rows)], ["a.png"])
        one, several = (
            load_dataset(TASK, VARIANT, source=root, cache_dir=tmp_path / f"hf{processes}", num_proc=processes)
            for processes in (None, 3)
        )
        assert several["id"] == one["id"]
        assert several["prompt"] == one["prompt"]
