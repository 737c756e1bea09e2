"""The embedded sample of T.2 to T.7: loads whole, is balanced, and is what its writer draws."""

from collections import Counter
from pathlib import Path

import pytest

from multitrust_datasets import get_task, load_dataset
from multitrust_datasets.builder import left_out
from multitrust_datasets.sources import resolve


@pytest.mark.parametrize("task", ["t2", "t3", "t4", "t5", "t6", "t7"])
def test_sample(tmp_path: Path, task: str) -> None:
    for variant in get_task(task).variants:
        dataset = load_dataset(task, variant.name, cache_dir=tmp_path)
        assert left_out(dataset) == {}
        assert 8 <= len(set(dataset["id"])) == len(dataset) <= 24
        for subset in set(dataset["subset"]):
            labels = Counter(row["reference"] for row in dataset if row["subset"] == subset)
            assert task not in ("t2", "t6") or labels["yes"] == labels["no"] == labels.total() / 2
        assert all(len(images) == (variant.images != "none") for images in dataset["images"])


def test_sample_is_what_its_writer_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("skimage", reason="the photographs come from scikit-image")

    monkeypatch.syspath_prepend(Path(__file__).parents[1])
    from scripts.make_sample import truthfulness

    for name in ("once", "again"):
        truthfulness.write(tmp_path / name)
    shipped = resolve("sample") / "truthfulness"
    drawn = {path.relative_to(tmp_path / "once/truthfulness"): path for path in (tmp_path / "once").rglob("*.*")}
    assert set(drawn) == {path.relative_to(shipped) for path in shipped.rglob("*.*")}
    for name, path in drawn.items():
        assert path.read_bytes() == (tmp_path / "again/truthfulness" / name).read_bytes()
        # Pictures may differ in bytes under another version of Pillow; what is asked about them may not.
        assert name.suffix != ".json" or path.read_bytes() == (shipped / name).read_bytes()
