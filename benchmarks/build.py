"""Rows a second and peak memory of building a large variant, beside a plain loop that reads the same files into a list.

    OMP_NUM_THREADS=1 python benchmarks/build.py [--rows 50000] [--processes 1] [--keep FOLDER]

The tree is invented: a yes-no question and a small picture a row. Each measurement is a process of its own, since the
peak of a process only grows.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TASK, VARIANT = "t1_basic_understanding", "scene"
PICTURES = "truthfulness/basic_images/scene"
ANNOTATIONS = "truthfulness/query_basic/query_d_scene.json"


def write_tree(root: Path, rows: int) -> None:
    """`rows` questions on as many pictures of 64 x 48 pixels."""
    import numpy as np
    import PIL.Image

    from multitrust_datasets.images import png

    (root / PICTURES).mkdir(parents=True)
    (root / ANNOTATIONS).parent.mkdir(parents=True)
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    data = png(PIL.Image.fromarray(noise))
    for number in range(rows):
        (root / PICTURES / f"{number}.png").write_bytes(data)
    entries = [
        {"image": f"{n}.png", "query": f"Does the picture show the scene number {n}?", "truth": ("No", "Yes")[n % 2]}
        for n in range(rows)
    ]
    (root / ANNOTATIONS).write_text(json.dumps(entries), encoding="utf-8")


def plain_loop(root: Path, cache: Path, processes: int) -> int:
    """What a script would do: all rows in a list, each with its picture's bytes."""
    rows = []
    for entry in json.loads((root / ANNOTATIONS).read_text(encoding="utf-8")):
        picture = (root / PICTURES / entry["image"]).read_bytes()
        rows.append({"prompt": entry["query"], "image": picture, "reference": entry["truth"].lower()})
    return len(rows)


def build(root: Path, cache: Path, processes: int) -> int:
    """Ours: a `datasets.Dataset` on disk. The second time it is only looked up, after a pass over the raw rows."""
    from multitrust_datasets import load_dataset

    return len(load_dataset(TASK, VARIANT, source=root, cache_dir=cache, num_proc=processes if processes > 1 else None))


def read(root: Path, cache: Path, processes: int) -> int:
    """Ours, and then every row with its picture's bytes, as a run reads them."""
    from multitrust_datasets import load_dataset

    dataset = load_dataset(TASK, VARIANT, source=root, cache_dir=cache)
    rows = (row for table in dataset.with_format("arrow").iter(batch_size=256) for row in table.to_pylist())
    return sum(1 for row in rows if Path(row["images"][0]["path"]).read_bytes())


def export(root: Path, cache: Path, processes: int) -> int:
    """Ours, written as Parquet with the pictures embedded."""
    from multitrust_datasets import get_task
    from multitrust_datasets.builder import load_dataset
    from multitrust_datasets.export import write_variant

    dataset = load_dataset(TASK, VARIANT, source=root, cache_dir=cache)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        return write_variant(get_task(TASK).variant(VARIANT).name, dataset, Path(folder)).rows


STEPS: dict[str, tuple[str, Callable[[Path, Path, int], int]]] = {
    "loop": ("plain loop into a list", plain_loop),
    "build": ("build", build),
    "again": ("build again, unchanged", build),
    "read": ("look up and read all pictures", read),
    "export": ("export to Parquet", export),
}


def measure(step: str, root: Path, cache: Path, processes: int) -> None:
    """One step in this process; prints JSON. Imports are not counted as time, but as memory."""
    if step != "loop":
        import datasets

        import multitrust_datasets.export

        datasets.disable_progress_bars()
        assert multitrust_datasets.export
    started, cpu = time.perf_counter(), time.process_time()
    rows = STEPS[step][1](root, cache, processes)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "cpu": cpu, "peak": peak}))


def run(step: str, root: Path, cache: Path, processes: int) -> dict[str, Any]:
    """`measure` in a fresh process."""
    command = [sys.executable, __file__, "--measure", step, "--keep", str(root.parent), "--processes", str(processes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder to keep the tree and the cache in")
    parser.add_argument("--measure", choices=STEPS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure, arguments.keep / "tree", arguments.keep / "cache", arguments.processes)
        return
    with tempfile.TemporaryDirectory() as temporary:
        base = arguments.keep or Path(temporary)
        if not (base / "tree").exists():
            write_tree(base / "tree", arguments.rows)
        print(f"{arguments.rows} rows, {arguments.processes} processes, load {os.getloadavg()[0]:.1f}")
        print(f"{'':<32} {'seconds':>8} {'cpu s':>8} {'rows/s':>8} {'peak MB':>8}")
        for step, (name, _) in STEPS.items():
            got = run(step, base / "tree", base / "cache", arguments.processes)
            rate = got["rows"] / got["seconds"]
            print(f"{name:<32} {got['seconds']:>8.2f} {got['cpu']:>8.2f} {rate:>8.0f} {got['peak']:>8.0f}")


if __name__ == "__main__":
    main()
