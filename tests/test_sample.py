"""The embedded sample: what its writers draw, aspect by aspect; T.2 to T.7 load whole and are balanced."""

import importlib
from collections import Counter
from pathlib import Path

import pytest

from multitrust_datasets import get_task, load_dataset
from multitrust_datasets.builder import left_out
from multitrust_datasets.sources import TOP_FOLDERS, resolve


@pytest.mark.parametrize("task", ["t2", "t3", "t4", "t5", "t6", "t7"])
def test_sample(tmp_path: Path, task: str) -> None:
    for variant in get_task(task).variants:
        dataset = load_dataset(task, variant.name, cache_dir=tmp_path)
        assert left_out(dataset) == {}
        assert 8 <= len(set(dataset["id"])) == len(dataset) <= 48
        for subset in set(dataset["subset"]):
            labels = Counter(row["reference"] for row in dataset if row["subset"] == subset)
            assert task not in ("t2", "t6") or labels["yes"] == labels["no"] == labels.total() / 2
        assert all(len(images) == (variant.images != "none") for images in dataset["images"])


@pytest.mark.parametrize("aspect", TOP_FOLDERS)
def test_sample_is_what_its_writer_draws(aspect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[1])
    writer = importlib.import_module(f"scripts.make_sample.{aspect}")
    for name in ("once", "again"):
        writer.write(tmp_path / name)
    shipped = resolve("sample") / aspect
    drawn = {path.relative_to(tmp_path / "once" / aspect): path for path in (tmp_path / "once").rglob("*.*")}
    assert set(drawn) == {path.relative_to(shipped) for path in shipped.rglob("*.*")}
    for name, path in drawn.items():
        assert path.read_bytes() == (tmp_path / "again" / aspect / name).read_bytes()
        # Pictures may differ in bytes under another version of Pillow; what is asked about them may not.
        assert name.suffix in (".png", ".jpg", ".jpeg") or path.read_bytes() == (shipped / name).read_bytes()
