"""The engine against a batch-of-one loop, static batches, and `generate` alone; the answers must be equal.

    python benchmarks/engine.py small       # some 40 M parameters: generation dominates
    python benchmarks/engine.py tiny        # 0.2 M parameters: overhead dominates
    python benchmarks/engine.py ends        # as small, but with answers that end by themselves
    python benchmarks/engine.py plan        # the whole MultiTrust plan over the sample: duplicates, shared pictures
    python benchmarks/engine.py memory      # peak memory at 400 and at 4,000 requests

`loop`: one request after the other, preprocessing in line, as the original runs. `static`: batches in input order
(within a token limit), preprocessing in line, as peers run. `floor`: `generate` alone on tensors that are ready, in
batches sorted by length, at its best size. `ours`: all of it - lengths, order, preprocessing, generation, decoding,
records on disk. The contenders take turns, round by round; ratios are within a round, the median is shown.
"""

import argparse
import io
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import bench

FLOOR_SIZES = (8, 16, 32)


class Contenders:
    """One model, and the same requests answered in several ways. Each method returns key -> text."""

    def __init__(self, folder: Path, requests: Sequence[Any]) -> None:
        self.folder, self.requests = folder, list(requests)
        self.backend = self._backend()
        self.backend.load()
        self.model, self.greedy = self.backend._model, self.backend._greedy
        self.processor, self.tokenizer = self.backend._inputs._processor, self.backend._inputs.tokenizer
        self.render = self.backend._inputs._render

    def _backend(self) -> Any:
        from multitrust_eval.backends.hub import HubBackend, HubOptions

        return HubBackend(HubOptions(model=str(self.folder), dtype="fp32", device="cpu"))

    def loop(self, clock: bench.Clock) -> dict[str, str]:
        answers: dict[str, str] = {}
        with clock:
            for request in self.requests:
                answers |= self._answer([request])
        return answers

    def static(self, clock: bench.Clock, rows: int) -> dict[str, str]:
        answers: dict[str, str] = {}
        with clock:
            for batch in _chunks(sorted(self.requests, key=lambda r: r.max_new_tokens), rows):
                answers |= self._answer(batch)
        return answers

    def floor(self, clock: bench.Clock, rows: int) -> dict[str, str]:
        lengths = dict(zip((r.ids for r in self.requests), self.backend.measure(self.requests), strict=True))
        order = sorted(self.requests, key=lambda r: (r.max_new_tokens, lengths[r.ids]))
        ready = [(batch, self._inputs(batch)) for batch in _chunks(order, rows)]
        with clock:
            tokens = [self._generate(batch, inputs) for batch, inputs in ready]
        answers: dict[str, str] = {}
        for (batch, _), new in zip(ready, tokens, strict=True):
            answers |= self._texts(batch, new)
        return answers

    def ours(self, clock: bench.Clock, rows: int) -> dict[str, str]:
        from multitrust_eval import store
        from multitrust_eval.backends import Limits
        from multitrust_eval.engine import Engine
        from multitrust_eval.ranks import Ranks
        from multitrust_eval.schedule import make_batches
        from multitrust_eval.stop import Stop

        backend = self._backend()  # a new one: no picture is in its cache yet
        backend.load()
        distinct = list({request.key: request for request in self.requests}.values())
        with tempfile.TemporaryDirectory() as folder, clock:
            batches = make_batches(distinct, backend.measure(distinct), Limits(rows=rows))
            appender = store.Appender(Path(folder) / "responses", "rank-000")
            Engine(backend, appender, Ranks(), Stop()).run(distinct, batches)
            appender.close()
            found = store.read_answers(Path(folder)).by_key
        assert not [a for a in found.values() if a.status.startswith("error")]
        return {key: answer.text for key, answer in found.items()}

    def _answer(self, batch: Sequence[Any]) -> dict[str, str]:
        return self._texts(batch, self._generate(batch, self._inputs(batch)))

    def _inputs(self, batch: Sequence[Any]) -> Any:
        import PIL.Image

        pictures = [
            [PIL.Image.open(io.BytesIO(image.read())).convert("RGB") for image in request.images] for request in batch
        ]
        texts = [self.render(request) for request in batch]
        return self.processor(text=texts, images=pictures if any(pictures) else None, padding=True, return_tensors="pt")

    def _generate(self, batch: Sequence[Any], inputs: Any) -> Any:
        import torch

        with torch.inference_mode():
            output = self.model.generate(
                **inputs, generation_config=self.greedy, max_new_tokens=batch[0].max_new_tokens
            )
        return output[:, inputs["input_ids"].shape[1] :]

    def _texts(self, batch: Sequence[Any], tokens: Any) -> dict[str, str]:
        texts = self.tokenizer.batch_decode(tokens, skip_special_tokens=True)
        return {request.key: text.strip() for request, text in zip(batch, texts, strict=True)}


def _chunks(requests: Sequence[Any], rows: int) -> Iterator[list[Any]]:
    """Batches of `rows`; each of one token limit, as `generate` takes but one."""
    for _, same in groupby(requests, key=lambda r: r.max_new_tokens):
        group = list(same)
        yield from (group[i : i + rows] for i in range(0, len(group), rows))


def compare(name: str, contenders: Contenders, rounds: int, best: int | None) -> None:
    """Run all contenders `rounds` times in turn, check the answers, print the table."""
    clocks: dict[str, list[bench.Clock]] = {"floor": [], "ours": [], "static": [], "loop": []}
    if best is None:
        best = _best_size(contenders)
    wrong = dict.fromkeys(clocks, 0)
    for number in range(rounds):
        reference: dict[str, str] = {}
        for who in clocks if number % 2 else reversed(clocks):
            clock = bench.Clock()
            size = () if who == "loop" else (best,)
            answers = getattr(contenders, who)(clock, *size)
            clocks[who].append(clock)
            reference = reference or answers
            wrong[who] += sum(answers[key] != text for key, text in reference.items())
    _show(name, contenders, clocks, wrong, best)


def _best_size(contenders: Contenders) -> int:
    times = {}
    for size in FLOOR_SIZES:
        contenders.floor(clock := bench.Clock(), size)
        times[size] = clock.cpu
    print("floor, CPU seconds by batch size:", {size: round(seconds, 2) for size, seconds in times.items()})
    return min(times, key=lambda size: times[size])


def _show(name: str, contenders: Contenders, clocks: dict[str, list[Any]], wrong: dict[str, int], best: int) -> None:
    wall = {who: [clock.wall for clock in turns] for who, turns in clocks.items()}
    cpu = {who: [clock.cpu for clock in turns] for who, turns in clocks.items()}
    rows = [
        [
            who,
            "1" if who == "loop" else str(best),
            f"{min(wall[who]):.1f}",
            f"{min(cpu[who]):.1f}",
            bench.ratios(wall["loop"], wall[who]),
            bench.ratios(wall["floor"], wall[who]),
            bench.ratios(cpu["loop"], cpu[who]),
            bench.ratios(cpu["floor"], cpu[who]),
            str(wrong[who]),
        ]
        for who in clocks
    ]
    size = contenders.model.num_parameters() / 1e6
    distinct = len({request.key for request in contenders.requests})
    title = (
        f"engine {name}: {len(contenders.requests)} requests ({distinct} distinct), {size:.1f} M parameters, "
        f"{len(clocks['loop'])} rounds"
    )
    head = ["", "batch", "best s", "best CPU s", "x loop", "of floor", "x loop, CPU", "of floor, CPU", "other answers"]
    bench.print_table(title, head, rows)


def plan_requests() -> list[Any]:
    """Every row of the sample as a request of its own: duplicates keep their key, not their place."""
    from dataclasses import replace

    from multitrust_datasets import list_tasks
    from multitrust_datasets.protocol import load_protocol
    from multitrust_eval.plan import Ask, make_plan
    from multitrust_eval.select import choose_variants

    tasks = list_tasks()
    ask = Ask("sample", load_protocol(None), None, 32, "error")
    plan = make_plan(tasks, choose_variants(None, tasks), ask, {"kind": "bench"}, True)
    of_key = {request.key: request for request in plan.requests}
    return [replace(of_key[key], ids=(row,)) for row, key in plan.key_of.items()]


def memory(rows: int) -> None:
    """Peak resident memory of a process of its own, for 400 and 4,000 requests."""
    peaks = {}
    for n in (400, 4000):
        command = [sys.executable, __file__, "peak", "--requests", str(n), "--batch", str(rows)]
        peaks[n] = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])
    table = [[str(n), f"{peak:.0f}", f"{peak / peaks[400]:.3f}"] for n, peak in peaks.items()]
    bench.print_table("engine memory, tiny model", ["requests", "peak RSS MB", "of 400"], table)


def peak(n: int, rows: int) -> None:
    made = bench.requests(n)
    Contenders(bench.model_folder("tiny"), made).ours(bench.Clock(), rows)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("small", "tiny", "ends", "plan", "memory", "peak"))
    parser.add_argument("--requests", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, help="rows a batch; default: the floor's best")
    parser.add_argument("--model", help="for `plan`: the folder of another image-text model than the demo")
    options = parser.parse_args()
    if options.what == "memory":
        return memory(options.batch or 16)
    if options.what == "peak":
        return peak(options.requests, options.batch)
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    if options.what == "plan":
        from multitrust_eval.demo import demo_model

        contenders = Contenders(options.model or demo_model("demo"), plan_requests()[: options.requests])
    else:
        n = options.requests or {"small": 64, "tiny": 400, "ends": 64}[options.what]
        ends = options.what == "ends"
        folder = bench.model_folder("small" if ends else options.what, ends)
        contenders = Contenders(folder, bench.requests(n))
    compare(options.what, contenders, options.rounds, options.batch)
    return None


if __name__ == "__main__":
    main()
