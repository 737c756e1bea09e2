"""Large variants: bounded memory, and no second building of what has not changed."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from multitrust_datasets import list_tasks, load_dataset
from multitrust_datasets.builder import TaskBuilder

# VmHWM, not getrusage: ru_maxrss of a new process starts at the peak of the one that started it, here pytest's.
BUILD = """
import json, pathlib, re, sys
from multitrust_datasets import load_dataset
rows = len(load_dataset("t1", "scene", source=sys.argv[1], cache_dir=sys.argv[2]))
peak = re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())
print(json.dumps([rows, int(peak[1]) / 1024]))
"""


def large_tree(root: Path, rows: int, pictures: int = 50) -> Path:
    folder = root / "truthfulness/basic_images/scene"
    folder.mkdir(parents=True)
    for number in range(pictures):
        PIL.Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"{number}.png")
    entries = [
        {"image": f"{n % pictures}.png", "query": f"Is {n} in this picture? {'x' * 100}", "truth": "Yes"}
        for n in range(rows)
    ]
    (root / "truthfulness/query_basic").mkdir()
    (root / "truthfulness/query_basic/query_d_scene.json").write_text(json.dumps(entries))
    return root


def test_fifty_thousand_rows_stay_under_500_megabytes(tmp_path: Path) -> None:
    root = large_tree(tmp_path / "tree", 50_000)
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(root), str(tmp_path / "hf")],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    rows, peak = json.loads(done.stdout.splitlines()[-1])
    assert rows == 50_000
    assert peak < 500


def test_an_unchanged_tree_is_not_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = [(task.stem, variant.name) for task in list_tasks() for variant in task.variants]
    some = every[::9]
    first = [load_dataset(*cell, cache_dir=tmp_path)["id"] for cell in some]

    def refuse(*_: Any) -> None:
        raise AssertionError("built again")

    monkeypatch.setattr(TaskBuilder, "_generate_examples", refuse)
    assert [load_dataset(*cell, cache_dir=tmp_path)["id"] for cell in some] == first


def test_building_decodes_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = large_tree(tmp_path / "tree", 20)

    def refuse(*_: Any) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(PIL.Image.Image, "load", refuse)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", refuse)
    assert load_dataset("t1", "scene", source=root, cache_dir=tmp_path / "hf").num_rows == 20


def test_every_step_of_the_benchmark_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(__file__).parent.parent / "benchmarks/build.py"
    spec = importlib.util.spec_from_file_location("build_benchmark", file)
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    benchmark.write_tree(tmp_path / "tree", 30)
    assert list(benchmark.STEPS) == ["loop", "build", "again", "read", "export"]
    for step in benchmark.STEPS:
        benchmark.measure(step, tmp_path / "tree", tmp_path / "cache", 1)
        got = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert got["rows"] == 30
        assert got["peak"] > 10
