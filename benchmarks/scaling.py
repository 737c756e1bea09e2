"""One process and two, a thread each; and two of which one is slowed three times.

    python benchmarks/scaling.py [--device cpu|stand-in] [--requests 96]

`cpu`: the small model on this machine's cores; it scales only as far as two cores are free (the load is printed).
`stand-in`: a device of its own for each process, by waiting as long as a batch would take there; this shows what
tickets, store and records cost, whatever else the machine does. Timed from the moment that all processes are ready
until the last one is through; the last column leaves out the waiting for a core that other programs hold. The slowed
rank waits twice as long as each of its batches took; ideal is then 4/3.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import bench

ROWS = 4
STEP_S = 2e-3
"""The stand-in device: seconds a decoding step; batches of 16 and 48 steps."""


class StandIn:
    """A backend that takes its time and no CPU."""

    label, identity, takes_images = "stand-in", {"kind": "stand-in"}, True

    def measure(self, requests: Any) -> list[int]:
        return [len(request.prompt) for request in requests]

    def prepare(self, requests: Any) -> Any:
        from multitrust_eval.backends.base import Prepared

        return Prepared(list(requests))

    def generate(self, batch: Any) -> None:
        time.sleep(STEP_S * batch.requests[0].max_new_tokens)

    def decode(self, batch: Any, output: Any) -> list[Any]:
        from multitrust_eval.records import Answer

        return [Answer(request.key, "x", "ok", "stop") for request in batch.requests]


def backend_of(device: str) -> Any:
    if device == "stand-in":
        return StandIn()
    import torch

    from multitrust_eval.backends.hub import HubBackend, HubOptions

    torch.set_num_threads(1)
    backend = HubBackend(HubOptions(model=str(bench.model_folder("small")), dtype="fp32", device="cpu"))
    backend.load()
    return backend


def slowed(generate: Any, times: float) -> Any:
    def slow(batch: Any) -> Any:
        with bench.Clock() as clock:
            output = generate(batch)
        time.sleep(clock.wall * (times - 1))
        return output

    return slow


def work(device: str, n: int, slow: float, folder: Path) -> None:
    """One process's part. The first one prints the seconds of the whole job."""
    from multitrust_eval import store
    from multitrust_eval.backends import Limits
    from multitrust_eval.engine import Engine
    from multitrust_eval.ranks import connect
    from multitrust_eval.schedule import make_batches
    from multitrust_eval.stop import Stop

    ranks, stop, backend = connect(), Stop(), backend_of(device)
    if slow > 1 and ranks.rank == 1:
        backend.generate = slowed(backend.generate, slow)
    asked = bench.requests(n)
    batches = make_batches(asked, backend.measure(asked), Limits(rows=ROWS))
    if device != "stand-in":
        backend.generate(backend.prepare([asked[0]]))  # the first call is slower than the rest
    appender = store.Appender(folder / "responses", f"rank-{ranks.rank:03d}")
    ranks.meet("ready", stop.check)
    start, cpu = time.perf_counter(), time.process_time()
    Engine(backend, appender, ranks, stop).run(asked, batches)
    ranks.publish(f"cpu/{ranks.rank}", repr(time.process_time() - cpu).encode())
    ranks.meet("done", stop.check)
    if ranks.first:
        wall = time.perf_counter() - start
        spent = [float(ranks.wait(f"cpu/{rank}", stop.check)) for rank in range(ranks.world)]
        answers = store.read_answers(folder).by_key
        assert len(answers) == n and all(a.status in ("ok", "truncated") for a in answers.values())
        print(json.dumps({"wall": wall, "cpu": spent}))
    ranks.meet("printed", stop.check)
    ranks.close()


def job(device: str, n: int, processes: int, slow: float = 1) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
        command = [sys.executable, *(launcher if processes > 1 else []), __file__, "--worker", folder]
        command += ["--device", device, "--requests", str(n), "--slow", str(slow)]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        if told.returncode:
            raise SystemExit(told.stderr)
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cpu", "stand-in"), default="stand-in")
    parser.add_argument("--requests", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow", type=float, default=3, help=argparse.SUPPRESS)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    n = options.requests or {"cpu": 96, "stand-in": 800}[options.device]
    if options.worker:
        return work(options.device, n, options.slow, options.worker)
    bench.model_folder("small")
    bench.requests(n)
    jobs = {"1 process": (1, 1.0), "2 processes": (2, 1.0), f"2, one {options.slow:g} x slower": (2, options.slow)}
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in jobs}
    for _ in range(options.rounds):
        for name, (processes, slow) in jobs.items():
            runs[name].append(job(options.device, n, processes, slow))
    one = [run["wall"] for run in runs["1 process"]]
    table = []
    for name, (processes, slow) in jobs.items():
        walls = [run["wall"] for run in runs[name]]
        ideal = (processes - 1) + 1 / slow
        speedup = median(a / b for a, b in zip(one, walls, strict=True))
        spent = " + ".join(f"{seconds:.1f}" for seconds in runs[name][0]["cpu"])
        alone = [max(run["cpu"]) for run in runs["1 process"]]
        free = (
            bench.ratios(alone, [max(run["cpu"]) for run in runs[name]])
            if options.device == "cpu" and slow == 1
            else "-"
        )
        table.append([name, f"{min(walls):.1f}", bench.ratios(one, walls), f"{speedup / ideal:.2f}", spent, free])
    head = ["", "best s", "x one process", "of ideal", "CPU s by rank", "x, by the busiest rank's CPU s"]
    bench.print_table(f"scaling on {options.device}: {n} requests, batch {ROWS}", head, table)
    print(f"{os.cpu_count()} cores; ideal is 1, 2 and {1 + 1 / options.slow:.2f}")
    return None


if __name__ == "__main__":
    main()
