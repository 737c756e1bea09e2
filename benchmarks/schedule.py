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
from collections.abc import Sequence

import bench

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


def costs(n: int, rows: int, shapes: Sequence[tuple[int, int]]) -> list[float]:
    """Seconds of each batch, in the engine's order."""
    from multitrust_eval.backends import Limits
    from multitrust_eval.records import Request
    from multitrust_eval.schedule import make_batches

    dice = random.Random(0)
    drawn = dice.choices(shapes, k=n)
    requests = [Request(f"{i:06d}", "", (), limit, ()) for i, (_, limit) in enumerate(drawn)]
    lengths = [length for length, _ in drawn]
    answers = [min(limit, max(1, int(dice.lognormvariate(3.7, 1.0)))) for _, limit in drawn]

    def cost(batch: Sequence[int]) -> float:
        prompt = max(lengths[i] for i in batch) * len(batch)
        return BATCH_S + prompt * PROMPT_S + max(answers[i] for i in batch) * (STEP_S + STEP_ROW_S * len(batch))

    return [cost(batch) for batch in make_batches(requests, lengths, Limits(rows=rows))]


def tickets(work: Sequence[float], speeds: Sequence[float], jitter: float) -> float:
    """When the last rank ends, each taking the next batch as it gets free. A batch takes up to `jitter` longer."""
    dice = random.Random(1)
    free = [(0.0, rank) for rank in range(len(speeds))]
    for seconds in work:
        now, rank = free[0]
        heapq.heapreplace(free, (now + seconds * (1 + jitter * dice.random()) / speeds[rank], rank))
    return max(free)[0]


def dealt(work: Sequence[float], speeds: Sequence[float], jitter: float) -> float:
    dice = random.Random(1)
    ends = [0.0] * len(speeds)
    for i, seconds in enumerate(work):
        ends[i % len(speeds)] += seconds * (1 + jitter * dice.random()) / speeds[i % len(speeds)]
    return max(ends)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=23_000)
    options = parser.parse_args()
    shapes = sample_shapes()
    table = []
    for rows in (16, 48):
        work = costs(options.requests, rows, shapes)
        for n in RANKS:
            for name, speeds_of in STRAGGLERS.items():
                speeds, jitter = speeds_of(n), 0.2
                ideal = sum(work) * (1 + jitter / 2) / sum(speeds)
                ours, static = tickets(work, speeds, jitter), dealt(work, speeds, jitter)
                table.append(
                    [
                        str(rows),
                        str(len(work)),
                        str(n),
                        name,
                        f"{ideal:.0f}",
                        f"{ours / ideal:.3f}",
                        f"{static / ideal:.2f}",
                    ]
                )
    head = ["batch", "batches", "ranks", "speeds", "ideal s", "tickets, of ideal", "static, of ideal"]
    bench.print_table(f"schedule: {options.requests} requests, simulated", head, table)


if __name__ == "__main__":
    main()
