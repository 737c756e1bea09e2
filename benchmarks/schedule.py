"""Simulation of 8 and 64 ranks that take tickets: how far from the ideal makespan, with stragglers?

    python benchmarks/schedule.py [--requests 23000]

The batches are those that the engine cuts. Prompt lengths and token limits are drawn from the plan over the sample at
the paper's limits, as measured with the demo model's processor; answer lengths are drawn from a log-normal (median 40
tokens), cut at each row's limit. What a batch costs is a model of a GPU, assumed, not measured: so much a prompt
token, so much a step and row. Ideal: all the work, shared out in proportion to the ranks' speeds, no end to wait for.
`static` deals the same batches out in turn beforehand, as peers do.
"""

import argparse
import heapq
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import bench

from multitrust_eval.tickets import Tickets

PROMPT_S, STEP_S, STEP_ROW_S, BATCH_S = 50e-6, 22e-3, 0.15e-3, 50e-3
"""Seconds a padded prompt token, a decoding step, a row in a step, a batch."""

RANKS = (8, 64)
STRAGGLERS = {
    "all alike": lambda n: [1.0] * n,
    "one three times slower": lambda n: [1 / 3] + [1.0] * (n - 1),
    "a quarter at half speed": lambda n: [0.5] * (n // 4) + [1.0] * (n - n // 4),
}


def sample_shapes() -> list[tuple[int, int]]:
    """(prompt tokens, token limit) of every request of the sample's plan, paper's limits."""
    from multitrust_datasets import list_tasks
    from multitrust_datasets.protocol import load_protocol
    from multitrust_eval.backends.hub import HubBackend, HubOptions
    from multitrust_eval.demo import demo_model
    from multitrust_eval.plan import Ask, make_plan
    from multitrust_eval.select import choose_variants

    backend = HubBackend(HubOptions(model=str(demo_model("demo"))))
    tasks = list_tasks()
    ask = Ask("sample", load_protocol(None), None, None, "error")
    plan = make_plan(tasks, choose_variants(None, tasks), ask, backend.identity, True)
    lengths = backend.measure(plan.requests)
    return [(length, request.max_new_tokens) for length, request in zip(lengths, plan.requests, strict=True)]


@dataclass(frozen=True)
class Work:
    """A batch: its rows, and what it costs a rank of speed 1."""

    rows: int
    seconds: float


def batches(n: int, rows: int, ranks: int, shapes: Sequence[tuple[int, int]]) -> list[Work]:
    """The batches of `n` requests in the engine's order, cut as it cuts them for so many ranks."""
    from multitrust_eval.backends import Limits
    from multitrust_eval.records import Request
    from multitrust_eval.run import shared_out
    from multitrust_eval.schedule import make_batches

    dice = random.Random(0)
    drawn = dice.choices(shapes, k=n)
    requests = [Request(f"{i:06d}", "", (), limit, ()) for i, (_, limit) in enumerate(drawn)]
    lengths = [length for length, _ in drawn]
    answers = [min(limit, max(1, int(dice.lognormvariate(3.7, 1.0)))) for _, limit in drawn]

    def work(batch: Sequence[int]) -> Work:
        prompt = max(lengths[i] for i in batch) * len(batch)
        steps = max(answers[i] for i in batch)
        return Work(len(batch), BATCH_S + prompt * PROMPT_S + steps * (STEP_S + STEP_ROW_S * len(batch)))

    return [work(batch) for batch in make_batches(requests, lengths, shared_out(Limits(rows=rows), n, ranks))]


class Counters:
    """The launcher's store: what the ranks share."""

    def __init__(self, world: int) -> None:
        self.world, self._values = world, Counter[str]()

    def ticket(self, queue: str) -> int:
        return self.count(f"ticket/{queue}", 1) - 1

    def count(self, name: str, amount: int = 0) -> int:
        self._values[name] += amount
        return self._values[name]


def tickets(work: Sequence[Work], speeds: Sequence[float], jitter: float) -> float:
    """When the last rank ends, each taking tickets by the engine's own rules. A batch takes up to `jitter` longer."""
    dice, store = random.Random(1), Counters(len(speeds))
    ranks = [Tickets(store, len(work)) for _ in speeds]
    held: list[int | None] = [None for _ in speeds]
    free = [(0.0, rank, 0, 0.0) for rank in range(len(speeds))]  # and the rows and seconds of what it then ends
    done, end = 0, 0.0
    while free:
        end, rank, rows, took = heapq.heappop(free)
        ranks[rank].done(rows, took)
        number = held[rank]
        if number is None and not ranks[rank].declines():
            number = ranks[rank].draw()
        if number is None:
            continue
        seconds = work[number].seconds * (1 + jitter * dice.random()) / speeds[rank]
        heapq.heappush(free, (end + seconds, rank, work[number].rows, seconds))
        done += 1
        held[rank] = ranks[rank].draw() if ranks[rank].ahead() else None
    assert done == len(work), f"{done} of {len(work)} batches were done"
    return end


def dealt(work: Sequence[Work], speeds: Sequence[float], jitter: float) -> float:
    dice = random.Random(1)
    ends = [0.0] * len(speeds)
    for i, batch in enumerate(work):
        ends[i % len(speeds)] += batch.seconds * (1 + jitter * dice.random()) / speeds[i % len(speeds)]
    return max(ends)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=23_000)
    options = parser.parse_args()
    shapes = sample_shapes()
    table = []
    for rows in (16, 48):
        for n in RANKS:
            work = batches(options.requests, rows, n, shapes)
            for name, speeds_of in STRAGGLERS.items():
                speeds, jitter = speeds_of(n), 0.2
                ideal = sum(batch.seconds for batch in work) * (1 + jitter / 2) / sum(speeds)
                ours, static = tickets(work, speeds, jitter), dealt(work, speeds, jitter)
                shown = [f"{ideal:.0f}", f"{ours / ideal:.3f}", f"{static / ideal:.2f}"]
                table.append([str(max(batch.rows for batch in work)), str(len(work)), str(n), name, *shown])
    head = ["batch", "batches", "ranks", "speeds", "ideal s", "tickets, of ideal", "static, of ideal"]
    bench.print_table(f"schedule: {options.requests} requests, simulated", head, table)


if __name__ == "__main__":
    main()
