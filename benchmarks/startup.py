"""Seconds and memory until the first batch: planning 200,000 requests, and `--help`.

    python benchmarks/startup.py [--requests 200000]

Planning is: rows out of Arrow, pictures hashed, requests keyed and de-duplicated, prompts measured with a tokenizer,
batches cut. The rows are invented: prompts of 5 to 100 words, 60 % with one of 2,000 pictures, four token limits, a
tenth of them asked twice.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import bench

ROOT = Path(__file__).resolve().parents[1]
PICTURES = 2000
LIMITS = (16, 32, 100, 512)


def rows(n: int, folder: Path) -> Path:
    """The Arrow file of `n` rows as the tasks have them."""
    import datasets

    from multitrust_eval.demo import WORDS

    pictures = [bench.picture(folder, number)[1] for number in range(PICTURES)]

    def generate() -> Any:
        dice = random.Random(0)
        prompts: list[str] = []
        for i in range(n):
            again = i % 10 == 9
            prompt = prompts[-5] if again else " ".join(dice.choices(WORDS.split(), k=dice.randint(5, 100)))
            prompts = [*prompts[-8:], prompt]
            shown = [] if again or dice.random() < 0.4 else [{"bytes": None, "path": dice.choice(pictures)}]
            yield {"id": f"bench/default/{i}", "images": shown, "prompt": prompt}

    features = datasets.Features(
        {"id": datasets.Value("string"), "images": datasets.List(datasets.Image()), "prompt": datasets.Value("string")}
    )
    datasets.disable_progress_bars()
    made = datasets.Dataset.from_generator(generate, features=features, cache_dir=str(folder))
    assert isinstance(made, datasets.Dataset)
    return Path(made.cache_files[0]["filename"])  # as in a run: pictures stay paths, which save_to_disk would embed


def plan(n: int, file: Path) -> None:
    """Plan, and print each step's seconds and the peak memory after it."""
    began = time.perf_counter()
    import datasets

    from multitrust_eval.backends import Limits
    from multitrust_eval.backends.hub import HubBackend, HubOptions
    from multitrust_eval.demo import demo_model
    from multitrust_eval.plan import Pictures, Plan, build_requests, read_rows
    from multitrust_eval.schedule import make_batches

    backend = HubBackend(HubOptions(model=str(demo_model("demo"))))
    dataset = datasets.Dataset.from_file(str(file))
    _tell("imports, processor", began)
    start = time.perf_counter()
    made, pictures, shard = Plan([]), Pictures(), -(-n // len(LIMITS))
    parts = [dataset.select(range(i * shard, min(n, (i + 1) * shard))) for i in range(len(LIMITS))]
    found = (row for part, limit in zip(parts, LIMITS, strict=True) for row in read_rows(part, limit, pictures, _raise))
    build_requests(made, found, backend.identity)
    start = _tell(f"keys: {len(made.requests)} distinct", start)
    lengths = backend.measure(made.requests)
    start = _tell("lengths", start)
    batches = make_batches(made.requests, lengths, Limits(rows=16))
    _tell(f"batches: {len(batches)}", start)


def _raise(row: str, error: OSError) -> None:
    raise error


def _tell(what: str, start: float) -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what}\t{time.perf_counter() - start:.2f}\t{peak:.0f}")
    return time.perf_counter()


def helps() -> list[list[str]]:
    table = []
    for command in (["run_eval.py", "--help"], ["-m", "multitrust_eval", "--help"]):
        times = []
        for _ in range(5):
            with bench.Clock() as clock:
                subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            times.append(clock.wall)
        table.append([f"python {' '.join(command)}", f"{min(times):.2f} (best of 5, worst {max(times):.2f})", ""])
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--plan-from", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plan_from:
        return plan(options.requests, options.plan_from)
    with tempfile.TemporaryDirectory() as folder:
        file = rows(options.requests, Path(folder))
        command = [sys.executable, __file__, "--requests", str(options.requests), "--plan-from", str(file)]
        told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    steps = [line.split("\t") for line in told.splitlines()]
    total = sum(float(step[1]) for step in steps)
    table = [*steps, ["planning in all", f"{total:.1f}", steps[-1][2]], *helps()]
    bench.print_table(f"startup: {options.requests} rows", ["step", "seconds", "peak RSS MB"], table)
    return None


if __name__ == "__main__":
    main()
