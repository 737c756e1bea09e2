"""Where the raw tree may lie: folders, packed parts, archives that are torn or hostile."""

import io
import multiprocessing
import os
import shutil
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from multitrust_datasets import DataError, load_dataset, sources, unpack
from multitrust_datasets.errors import MissingData
from multitrust_datasets.sources import SAMPLE, resolve
from multitrust_datasets.unpack import unpacked

TAR_MODES = {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}
SUFFIXES = (".zip", *TAR_MODES, ".tar.zst")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MULTITRUST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A raw tree: what two variants of T.1 need of the sample."""
    root = tmp_path / "tree"
    for name in ("basic_images/ocr", "basic_images/scene", "query_basic"):
        shutil.copytree(resolve(SAMPLE) / "truthfulness" / name, root / "truthfulness" / name)
    (root / "unrelated_images").mkdir()
    (root / "unrelated_images/color_0.png").touch()
    return root


def pack(folder: Path, archive: Path, names: list[str] | None = None, remove: bool = True, prefix: str = "") -> Path:
    """Pack the named entries of a folder (all by default) into an archive, and remove them."""
    names = sorted(path.name for path in folder.iterdir()) if names is None else names
    archive.parent.mkdir(parents=True, exist_ok=True)
    suffix = max((s for s in SUFFIXES if archive.name.endswith(s)), key=len)
    if suffix == ".zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for name in names:
                for path in [folder / name, *sorted((folder / name).rglob("*"))]:
                    if path.is_file():
                        file.write(path, prefix + str(path.relative_to(folder)))
    elif suffix == ".tar.zst":
        plain = pack(folder, archive.with_suffix(""), names, remove=False, prefix=prefix)
        compress_zstd(plain, archive)
        plain.unlink()
    else:
        with tarfile.open(archive, TAR_MODES[suffix]) as file:
            for name in names:
                file.add(folder / name, prefix + name)
    for name in names if remove else ():
        shutil.rmtree(folder / name) if (folder / name).is_dir() else (folder / name).unlink()
    return archive


def compress_zstd(plain: Path, archive: Path) -> None:
    import pyarrow

    with pyarrow.CompressedOutputStream(str(archive), "zstd") as stream:
        stream.write(plain.read_bytes())


def rows(root: Path | str, task: str = "t1", variant: str = "ocr") -> list[dict]:
    """A variant's rows with the bytes of their pictures, whatever folder they lie in."""
    dataset = load_dataset(task, variant, source=root, streaming=True).decode(False)
    return [row | {"images": [Path(image["path"]).read_bytes() for image in row["images"]]} for row in dataset]


def left_in(cache: Path) -> list[str]:
    """What an unpacking left behind, locks aside."""
    return [path.name for path in (cache / "unpacked").iterdir() if path.suffix != ".lock"]


class TestWhereTheTreeLies:
    def test_folder_and_data_folder(self, tree: Path, tmp_path: Path) -> None:
        assert resolve(tree) == tree
        (tmp_path / "download").mkdir()
        tree.rename(tmp_path / "download/data")
        assert resolve(tmp_path / "download") == tmp_path / "download/data"
        assert resolve(str(tmp_path / "download"), aspect="fairness") == tmp_path / "download/data"

    def test_home_is_expanded(self, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tree.parent))
        assert resolve("~/tree") == tree

    def test_a_path_with_dots_gives_the_same_rows(
        self, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected = rows(tree)
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        assert resolve("../tree") == tree
        assert rows("../tree") == rows("../here/../tree") == expected
        pack(tree, tmp_path / "all.zip", remove=False)
        assert rows("../all.zip") == expected
        monkeypatch.setenv("MULTITRUST_CACHE", "../other cache")
        assert rows("../all.zip") == expected

    def test_dots_after_a_link_lead_where_the_system_goes(
        self, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "here").mkdir()
        (tmp_path / "here/link").symlink_to(tree / "truthfulness")
        monkeypatch.chdir(tmp_path / "here")
        assert resolve("link/..") == tree
        (tmp_path / "here/tree").symlink_to(tree)
        assert resolve("tree") == tmp_path / "here/tree"

    def test_a_folder_of_something_else_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        with pytest.raises(MissingData, match="holds none of the folders truthfulness, safety"):
            resolve(tmp_path / "other")

    @pytest.mark.parametrize("source", ["no/such/folder", "nowhere", "a b/c", "../x"])
    def test_no_source_at_all(self, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(DataError, match=r"is no folder; give 'sample', a folder, an archive, or a Hub id"):
            resolve(source)

    def test_what_is_missing_is_told_and_the_rest_runs(self, tree: Path) -> None:
        (tree / "truthfulness/query_basic/query_g_ocr.json").unlink()
        with pytest.raises(MissingData, match=r"truthfulness/query_basic/query_g_ocr\.json is not in the data at"):
            rows(tree)
        assert rows(tree, variant="scene")
        with pytest.raises(MissingData, match="safety/typographic_jailbreak"):
            rows(tree, "s4", "prompt")


class TestPacked:
    """Wherever the archives lie and whatever they hold, the rows are those of the unpacked tree."""

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_one_archive_of_all(self, tree: Path, tmp_path: Path, suffix: str) -> None:
        expected = rows(tree)
        archive = pack(tree, tmp_path / f"download/everything{suffix}")
        assert rows(archive.parent) == expected
        assert rows(archive) == expected

    @pytest.mark.parametrize("prefix", ["data/", "MultiTrust/", "some/folders/data/"])
    def test_wrapped_in_folders(self, tree: Path, tmp_path: Path, prefix: str) -> None:
        expected = rows(tree)
        assert rows(pack(tree, tmp_path / "download/x.zip", prefix=prefix).parent) == expected

    @pytest.mark.parametrize(
        ("folder", "archive", "names"),
        [
            ("", "truthfulness.zip", ["truthfulness"]),
            ("", "data/truthfulness.tar", ["truthfulness"]),
            ("truthfulness", "truthfulness.zip", None),
            ("truthfulness", "MultiTrust_truthfulness_v1.tar.gz", None),
            ("truthfulness", "truthfulness/pictures.zip", ["basic_images"]),
            ("truthfulness/basic_images", "truthfulness/basic_images.zip", None),
            ("truthfulness/basic_images", "truthfulness/basic_images.tar.xz", ["ocr"]),
            ("truthfulness/basic_images", "truthfulness/basic_images/ocr.zip", ["ocr"]),
            ("truthfulness/basic_images", "truthfulness/basic_images/part1.zip", ["ocr"]),
            ("truthfulness/basic_images/ocr", "truthfulness/basic_images/ocr.zip", None),
            ("truthfulness/query_basic", "truthfulness/query_basic.tgz", None),
        ],
    )
    def test_a_part(self, tree: Path, folder: str, archive: str, names: list[str] | None) -> None:
        expected = rows(tree)
        packed = pack(tree / folder, tree / archive, names)
        if names is None and folder != "truthfulness":
            (tree / folder).rmdir()
        assert packed.is_file()
        assert rows(tree) == expected

    def test_some_pictures_packed_and_some_not(self, tree: Path) -> None:
        expected = rows(tree)
        pictures = tree / "truthfulness/basic_images/ocr"
        names = sorted(path.name for path in pictures.iterdir())
        pack(pictures, pictures.with_suffix(".zip"), names[::2])
        assert rows(tree) == expected

    def test_the_unpacked_file_wins(self, tree: Path) -> None:
        annotation = tree / "truthfulness/query_basic/query_g_ocr.json"
        pack(tree, tree / "old.zip", ["truthfulness"], remove=False)
        annotation.write_text(annotation.read_text().replace('"query": "', '"query": "New. '))
        assert all(row["prompt"].startswith("New. ") for row in rows(tree))

    def test_an_archive_of_another_aspect_stays_packed(self, tree: Path, cache: Path) -> None:
        (tree / "safety.zip").write_bytes(b"torn")
        (tree / "safety").mkdir()
        (tree / "safety/nsfw.zip").write_bytes(b"torn")
        assert rows(tree)
        with pytest.raises(DataError, match=r"safety.*is torn or no archive"):
            rows(tree, "s1", "default")
        assert left_in(cache) == []

    def test_foreign_archives_stay_packed(self, tree: Path, tmp_path: Path, cache: Path) -> None:
        (tmp_path / "letters").mkdir()
        (tmp_path / "letters/a.txt").write_text("a")
        pack(tmp_path / "letters", tree / "letters.zip")
        assert resolve(tree) == tree
        assert not cache.exists()

    def test_a_part_that_comes_later_is_seen(self, tree: Path, tmp_path: Path) -> None:
        expected = rows(tree)
        archive = pack(tree / "truthfulness", tmp_path / "basic_images.zip", ["basic_images"])
        with pytest.raises(MissingData, match=r"t1_basic_understanding ocr: no row can be used \(missing picture: 8\)"):
            rows(tree)
        archive.rename(tree / "truthfulness/basic_images.zip")
        assert rows(tree) == expected


class TestUnpacking:
    def test_once_for_an_archive(self, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        archive = pack(tree, tmp_path / "all.zip")
        folder = unpacked(archive)
        monkeypatch.setattr(unpack, "_extract", None)
        assert unpacked(archive) == folder

    def test_again_when_the_archive_changed(self, tree: Path, tmp_path: Path) -> None:
        archive = pack(tree, tmp_path / "all.zip", remove=False)
        first = unpacked(archive)
        os.utime(archive, ns=(1, 1))
        assert unpacked(archive) != first

    def test_what_a_killed_process_left_is_no_result(self, tree: Path, tmp_path: Path) -> None:
        archive = pack(tree, tmp_path / "all.zip", remove=False)
        folder = unpacked(archive)
        expected = sorted(path.relative_to(folder) for path in folder.rglob("*"))
        shutil.rmtree(folder)
        draft = folder.with_name(f".{folder.name}.part")
        (draft / "fairness").mkdir(parents=True)
        (draft / "rubbish").write_text("half")
        assert sorted(path.relative_to(folder) for path in unpacked(archive).rglob("*")) == expected
        assert not draft.exists()

    def test_several_processes_at_once(self, tree: Path, tmp_path: Path) -> None:
        archive = pack(tree, tmp_path / "download/all.tar.gz", remove=False)
        count = sum(path.is_file() for path in tree.rglob("*"))
        with multiprocessing.get_context("fork").Pool(4) as pool:
            found = pool.map(_resolve_and_count, [archive.parent] * 8, chunksize=1)
        assert len(set(found)) == 1
        assert found[0][1] == count

    def test_junk_is_left_out(self, tmp_path: Path) -> None:
        archive = tmp_path / "a.zip"
        with zipfile.ZipFile(archive, "w") as file:
            for name in ("__MACOSX/safety/._x.png", "safety/.DS_Store", "safety/._x.png", "safety/nsfw/x.png"):
                file.writestr(name, b"x")
        assert [path.name for path in unpacked(archive).rglob("*") if path.is_file()] == ["x.png"]


def _resolve_and_count(folder: Path) -> tuple[str, int]:
    root = resolve(folder)
    return str(root), sum(len(files) for _, _, files in os.walk(root, followlinks=True))


def _zip_with(path: Path, name: str, mode: int = stat.S_IFREG) -> None:
    with zipfile.ZipFile(path, "w") as file:
        info = zipfile.ZipInfo("placeholder")
        info.filename = name  # as a hostile tool would write it, unnormalised
        info.external_attr = (mode | 0o644) << 16
        file.writestr(info, b"/etc/passwd")


def _tar_with(path: Path, name: str, kind: bytes = tarfile.REGTYPE) -> None:
    with tarfile.open(path, "w") as file:
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = kind, "/etc/passwd", 4 if kind == tarfile.REGTYPE else 0
        file.addfile(info, io.BytesIO(b"evil"))


class TestHostileArchives:
    """None is unpacked in part, and nothing lands outside the cache."""

    @pytest.mark.parametrize("write", [_zip_with, _tar_with])
    @pytest.mark.parametrize(
        "name", ["../evil", "a/../../evil", "/evil", "C:/evil", "C:evil", "..\\evil", "\\evil", "a/..", ".."]
    )
    def test_names_that_lead_out(self, tmp_path: Path, cache: Path, write, name: str) -> None:
        archive = tmp_path / ("a.zip" if write is _zip_with else "a.tar")
        write(archive, name)
        with pytest.raises(DataError, match="which leads out of the archive"):
            unpacked(archive)
        assert left_in(cache) == []
        assert {path.name for path in tmp_path.rglob("*")} == {archive.name, "cache", "unpacked"} | {
            path.name for path in (cache / "unpacked").iterdir()
        }

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
    def test_links_and_devices_in_a_tar(self, tmp_path: Path, cache: Path, kind: bytes) -> None:
        _tar_with(tmp_path / "a.tar", "x", kind)
        with pytest.raises(DataError, match="a link or device"):
            unpacked(tmp_path / "a.tar")
        assert left_in(cache) == []

    def test_a_link_in_a_zip(self, tmp_path: Path, cache: Path) -> None:
        _zip_with(tmp_path / "a.zip", "x", stat.S_IFLNK)
        with pytest.raises(DataError, match="a link or device"):
            unpacked(tmp_path / "a.zip")
        assert left_in(cache) == []

    @pytest.mark.parametrize("names", [("x", "x"), ("x", "x/y"), ("x/y", "x"), ("x", "./x"), ("x", "y/../x")])
    def test_the_same_name_twice(self, tmp_path: Path, cache: Path, names: tuple[str, str]) -> None:
        with tarfile.open(tmp_path / "a.tar", "w") as file:
            for name in names:
                file.addfile(tarfile.TarInfo(name))
        with pytest.raises(DataError, match=r"twice|leads out"):
            unpacked(tmp_path / "a.tar")
        assert left_in(cache) == []

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_size_is_bounded(self, tmp_path: Path, cache: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "big").mkdir()
        (tmp_path / "big/zeros").write_bytes(bytes(300_000))
        archive = pack(tmp_path / "big", tmp_path / f"bomb{suffix}")
        monkeypatch.setenv("MULTITRUST_UNPACK_GB", "0.0002")
        with pytest.raises(DataError, match=r"more than 0\.0002 GB; set MULTITRUST_UNPACK_GB"):
            unpacked(archive)
        assert left_in(cache) == []
        monkeypatch.setenv("MULTITRUST_UNPACK_GB", "much")
        with pytest.raises(DataError, match="MULTITRUST_UNPACK_GB is 'much'; give a number"):
            unpacked(archive)
        monkeypatch.setenv("MULTITRUST_UNPACK_GB", "1")
        assert (unpacked(archive) / "zeros").stat().st_size == 300_000

    @pytest.mark.parametrize("suffix", [".zip", ".tar"])
    def test_count_is_bounded(self, tmp_path: Path, cache: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "many").mkdir()
        for number in range(5):
            (tmp_path / f"many/{number}").touch()
        archive = pack(tmp_path / "many", tmp_path / f"many{suffix}")
        monkeypatch.setattr(unpack, "MAX_FILES", 4)
        with pytest.raises(DataError, match="more than 4 files"):
            unpacked(archive)
        assert left_in(cache) == []

    def test_a_disk_that_is_too_small(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _zip_with(tmp_path / "a.zip", "x")
        usage = shutil.disk_usage(tmp_path)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=3))
        with pytest.raises(DataError, match=r"needs 0\.0 GB in .*, 0\.0 are free"):
            unpacked(tmp_path / "a.zip")

    def test_a_password(self, tmp_path: Path) -> None:
        _zip_with(tmp_path / "a.zip", "x")
        data = bytearray((tmp_path / "a.zip").read_bytes())
        for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.index(signature) + place] |= 1
        (tmp_path / "a.zip").write_bytes(data)
        with pytest.raises(DataError, match="locked with a password"):
            unpacked(tmp_path / "a.zip")


class TestTornArchives:
    @pytest.mark.parametrize("suffix", SUFFIXES)
    @pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.85])
    def test_a_cut_archive(self, tmp_path: Path, cache: Path, suffix: str, share: float) -> None:
        (tmp_path / "files").mkdir()
        for number in range(4):
            (tmp_path / f"files/{number}").write_bytes(os.urandom(20_000))
        archive = pack(tmp_path / "files", tmp_path / f"a{suffix}")
        archive.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * share)])
        with pytest.raises(DataError, match=r"is torn or no archive \(.*\); get it again"):
            unpacked(archive)
        assert left_in(cache) == []

    @pytest.mark.parametrize("members", [1, 2, 3])
    def test_a_tar_cut_between_two_members(self, tmp_path: Path, cache: Path, members: int) -> None:
        (tmp_path / "files").mkdir()
        for number in range(4):
            (tmp_path / f"files/{number}").write_bytes(bytes([65 + number]) * 512)
        archive = pack(tmp_path / "files", tmp_path / "a.tar")
        archive.write_bytes(archive.read_bytes()[: members * 1024])
        with pytest.raises(DataError, match=r"is torn or no archive \((the end is missing|empty header)\)"):
            unpacked(archive)
        assert left_in(cache) == []

    def test_a_flipped_byte_in_a_zip(self, tmp_path: Path, cache: Path) -> None:
        (tmp_path / "files").mkdir()
        (tmp_path / "files/a").write_bytes(os.urandom(5000))
        archive = pack(tmp_path / "files", tmp_path / "a.zip")
        data = bytearray(archive.read_bytes())
        data[2500] ^= 255
        archive.write_bytes(data)
        with pytest.raises(DataError, match="is torn"):
            unpacked(archive)
        assert left_in(cache) == []

    def test_no_room_for_the_cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _zip_with(tmp_path / "a.zip", "x")
        (tmp_path / "file").touch()
        monkeypatch.setenv("MULTITRUST_CACHE", str(tmp_path / "file/cache"))
        with pytest.raises(DataError, match="cannot be unpacked into"):
            unpacked(tmp_path / "a.zip")


def test_the_cache_is_in_the_hub_home_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MULTITRUST_CACHE")
    from huggingface_hub.constants import HF_HOME

    assert unpack.cache_folder() == Path(HF_HOME) / "multitrust"
    assert sources.resolve(SAMPLE).is_dir()
