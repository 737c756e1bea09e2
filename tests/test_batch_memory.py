"""How large a batch is: the estimate, what is learned from running out of memory, and growing into what is free."""

import json
import os
from types import SimpleNamespace

import pytest
import tiny
import torch
import transformers as tf
from hypothesis import given
from hypothesis import strategies as st
from runs import run_here
from test_engine_loop import Scripted, check, requests, work
from test_engine_models import generate, rows

from multitrust_eval import run
from multitrust_eval.backends import memory
from multitrust_eval.backends.base import Limits, OutOfMemory, Prepared
from multitrust_eval.backends.hub import HubBackend, HubOptions
from multitrust_eval.budget import FULL, PATIENCE, Budget
from multitrust_eval.engine import Engine
from multitrust_eval.ranks import Ranks
from multitrust_eval.stop import Stop
from multitrust_eval.store import Appender, read_answers, read_records


def test_a_size_that_found_no_room_is_not_tried_again(tmp_path):
    backend, asked = Scripted(fits=5), requests(160)
    check(work(tmp_path, backend, asked, 16), asked)
    failed = [len(batch) for batch in backend.batches if len(batch) > 5]
    assert len(failed) <= 6, "the first ticket's halves, and the one that was prepared meanwhile"
    assert {len(batch) for batch in backend.batches[-10:]} == {4}


def test_one_row_that_never_fits_makes_no_batch_smaller(tmp_path):
    class Big(Scripted):
        def generate(self, batch):
            if any(r.key == "k005" for r in batch.requests):
                raise OutOfMemory(f"no room for {len(batch.requests)} rows")
            return super().generate(batch)

    backend, asked = Big(), requests(80)
    answers = work(tmp_path, backend, asked, 8)
    check(answers, asked, {"k005"})
    assert answers["k005"].status == "error:out_of_memory" and "no room for 1 rows" in answers["k005"].detail
    assert [len(batch) for batch in backend.batches[-9:]] == [8] * 9


def test_memory_that_runs_out_while_preparing_counts_too(tmp_path):
    class Hungry(Scripted):
        def prepare(self, batch):
            if len(batch) > 2 or any(r.key == "k007" for r in batch):
                raise MemoryError("pixels")
            return super().prepare(batch)

    asked = requests(16)
    answers = work(tmp_path, Hungry(), asked, 8)
    check(answers, asked, {"k007"})
    assert answers["k007"].status == "error:out_of_memory"


class Wide(Scripted):
    """Rows of ten tokens on a device that holds `room` of them."""

    def __init__(self, room):
        super().__init__()
        self.room = room
        self.share = 0.0

    def prepare(self, batch):
        return Prepared(list(batch), width=10)

    def generate(self, batch):
        self.share = batch.size / self.room
        if self.share > 1:
            self.batches.append([r.key for r in batch.requests])
            raise OutOfMemory("full")
        return super().generate(batch)


@pytest.mark.parametrize("room, largest", [(10_000, 64), (300, 25), (100, 8)])
def test_batches_grow_into_the_memory_that_is_free_and_not_beyond(tmp_path, room, largest):
    backend, asked = Wide(room), requests(800)
    budget = Budget(Limits(rows=64, tokens=40), lambda: backend.share)
    batches = [list(range(i, i + 4)) for i in range(0, 800, 4)]
    appender = Appender(tmp_path / "responses", "rank-000")
    Engine(backend, appender, Ranks(), Stop(), budget).run(asked, batches)
    appender.close()
    check(read_answers(tmp_path).by_key, asked)
    sizes = [len(batch) for batch in backend.batches]
    assert sizes[0] == 4 and largest - 4 < max(sizes) <= largest
    assert sum(sizes) == 800, "nothing failed, nothing was generated twice"
    assert sizes[-1] == 4, "towards the end the tickets stay small, for other ranks to take"


def test_a_number_of_rows_that_was_chosen_stays(tmp_path):
    backend, asked = Wide(10_000), requests(100)
    budget = Budget(Limits(rows=4), lambda: backend.share)
    appender = Appender(tmp_path / "responses", "rank-000")
    Engine(backend, appender, Ranks(), Stop(), budget).run(asked, [list(range(i, i + 4)) for i in range(0, 100, 4)])
    appender.close()
    assert {len(batch) for batch in backend.batches} == {4}


def test_rows_of_another_kind_are_not_joined(tmp_path):
    """Another token limit, and for some models another number of pictures: never in one batch."""
    backend, asked = Wide(10_000), requests(200)
    asked = [r if i < 100 else type(r)(**{**vars(r), "max_new_tokens": 9}) for i, r in enumerate(asked)]
    limits = {r.key: r.max_new_tokens for r in asked}
    budget = Budget(Limits(rows=64, tokens=40), lambda: backend.share)
    appender = Appender(tmp_path / "responses", "rank-000")
    Engine(backend, appender, Ranks(), Stop(), budget).run(asked, [list(range(i, i + 4)) for i in range(0, 200, 4)])
    appender.close()
    check(read_answers(tmp_path).by_key, asked)
    assert max(map(len, backend.batches)) > 4
    assert all(len({limits[key] for key in batch}) == 1 for batch in backend.batches)


@pytest.mark.parametrize("requests, world, rows", [(100, 1, 128), (100, 8, 2), (100_000, 8, 128), (3, 8, 1)])
def test_with_several_ranks_each_gets_tickets(requests, world, rows):
    limits = run.shared_out(Limits(128, 10**6, apart=True), requests, world)
    assert limits == Limits(rows, 10**6, apart=True)
    assert world == 1 or rows == 1 or requests / rows >= world * run.TICKETS_A_RANK / 2


def test_a_size_that_failed_is_tried_again_after_a_good_while():
    budget = Budget(Limits(rows=64, tokens=640))
    budget.failed(640)
    assert budget.rows(10) == 32
    for _ in range(2 * PATIENCE - 1):
        budget.fitted(320)
    assert budget.rows(10) == 32
    budget.fitted(320)
    assert budget.rows(10) == 64
    budget.failed(640)
    for _ in range(2 * PATIENCE):
        budget.fitted(320)
    assert budget.rows(10) == 32, "after a second failure it takes longer"


STEPS = st.lists(st.tuples(st.booleans(), st.integers(1, 5000), st.floats(0.0, 1.0)), max_size=60)


@given(st.none() | st.integers(1, 10_000), STEPS, st.integers(1, 2000))
def test_whatever_happens_a_batch_has_a_row_and_keeps_below_what_failed(tokens, steps, width):
    share = [0.0]
    budget = Budget(Limits(rows=50, tokens=tokens), lambda: share[0])
    for i, (fits, size, used) in enumerate(steps):
        share[0] = used
        if fits:
            budget.fitted(size)
        else:
            budget.failed(size)
            assert budget.rows(1) <= max(1, size // 2)
        assert 1 <= budget.rows(width) <= 50
        if i < PATIENCE and not all(step[0] for step in steps[: i + 1]):
            smallest = min(size for fits, size, _ in steps[: i + 1] if not fits)
            assert budget.rows(1) <= max(1, smallest * 3 // 4)


def test_growth_stops_where_the_device_is_full():
    budget = Budget(Limits(rows=10_000, tokens=1000), lambda: 0.5)
    for _ in range(20):
        budget.fitted(1000)
    assert budget.rows(1) == int(1000 * FULL / 0.5)


def real(text, vision=None):
    config = tf.LlavaConfig(text_config=text, vision_config=vision or {"model_type": "clip_vision_model"})
    return memory.bytes_per_token(config, 2)


def test_the_estimate_holds_the_cache_and_is_not_absurd():
    """A 7B LLaVA keeps half a mebibyte a token; with grouped heads a seventh of it."""
    whole = {"model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32}
    cache = 2 * 32 * 32 * 128 * 2
    assert cache < real(whole) < 2.5 * cache
    grouped = {**whole, "num_key_value_heads": 4}
    assert cache / 8 < real(grouped) < real(whole) - 0.8 * cache
    assert real({**whole, "num_hidden_layers": 64}) > 1.5 * real(whole)
    assert 2 * memory.bytes_per_token(tf.LlavaConfig(), 2) == pytest.approx(
        memory.bytes_per_token(tf.LlavaConfig(), 4), rel=0.1
    )


@pytest.mark.parametrize("family", ["llava", "gemma3", "qwen3_vl", "mllama", "llama"])
def test_every_family_gets_an_estimate_of_its_own_config(family, tmp_path, monkeypatch):
    folder = getattr(tiny, family)(tmp_path / "model")
    model = HubBackend(HubOptions(str(folder), device="cpu"))
    model.load()
    each = memory.bytes_per_token(model._model.config, 4)
    assert 2_000 < each < 50_000
    monkeypatch.setattr(memory, "free_on_cpu", lambda: 1000 * each)
    assert model.limits().tokens == 1000 * memory.ESTIMATE
    monkeypatch.setattr(memory, "free_on_cpu", lambda: 0)
    assert model.limits().tokens == 1


def test_a_process_on_the_cpu_plans_with_its_part_of_what_the_container_has(monkeypatch):
    known = {"MemAvailable": 8 << 30, "memory.max": 6 << 30, "memory.current": 2 << 30}
    monkeypatch.setattr(memory, "_meminfo", known.get)
    monkeypatch.setattr(memory, "_cgroup", known.get)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    assert memory.free_on_cpu() == (4 << 30) // 2 // 4
    del known["memory.max"]
    assert memory.free_on_cpu() == (8 << 30) // 2 // 4
    known["MemAvailable"] = 1 << 40
    assert memory.free_on_cpu() == memory.CPU_BYTES // 4


def test_what_the_machine_says_of_its_memory_is_understood():
    assert 1 << 27 < memory._meminfo("MemAvailable") <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert memory._meminfo("NoSuchThing") is None and memory._cgroup("no.such.file") is None


def test_running_out_of_memory_is_told_from_other_errors():
    with pytest.raises(RuntimeError) as real:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert memory.is_out_of_memory(real.value), "what PyTorch really says on this machine"
    assert memory.is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"))
    assert memory.is_out_of_memory(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"))
    assert memory.is_out_of_memory(MemoryError())
    assert not memory.is_out_of_memory(RuntimeError("The size of tensor a (3) must match"))
    assert not memory.is_out_of_memory(ValueError("out of memory"))


def test_the_gauge_reads_the_peak_of_each_batch(monkeypatch):
    """On a GPU that is not here: what is measured is what was taken beyond the weights, of what they had left."""
    allocated, peak, resets = 10, [60], []
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: allocated)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: allocated + 20)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (80, 100))
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: peak[0])
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", resets.append)
    gauge = memory.Gauge(SimpleNamespace(device=torch.device("cuda:0"), hf_device_map={"": 0}))
    assert gauge.share() == 0.5 and resets == [0]
    spread = {"a": 0, "b": 1, "c": "cpu"}
    model = SimpleNamespace(
        device=torch.device("cuda:0"), hf_device_map=spread, dtype=torch.bfloat16, config=tf.LlavaConfig()
    )
    limits = memory.batch_limits(model, apart=False)
    assert (limits.rows, limits.tokens) == (memory.GPU_ROWS, 1)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: ((60 << 30) + device, 80 << 30))
    assert memory.batch_limits(model, apart=True) == Limits(
        memory.GPU_ROWS,
        int(((60 << 30) + 20) * 2 * memory.ESTIMATE / memory.bytes_per_token(tf.LlavaConfig(), 2)),
        True,
    )
    assert memory.Gauge(SimpleNamespace(device=torch.device("cpu"))).share() is None


def test_a_model_that_runs_out_of_memory_answers_the_same_in_smaller_batches(tmp_path):
    backend = HubBackend(HubOptions(str(tiny.llava(tmp_path / "model")), device="cpu"))
    backend.load()
    asked = rows(sees=True)[:20]
    expected = generate(backend, asked, 20, tmp_path / "whole")
    real, sizes = backend._model.generate, []

    def small(**inputs):
        sizes.append(len(inputs["input_ids"]))
        if sizes[-1] > 3:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory")
        return real(**inputs)

    backend._model.generate = small
    assert generate(backend, asked, 20, tmp_path / "small") == expected
    assert max(sizes) > 3 and sum(size for size in sizes if size <= 3) == 20


def test_a_run_goes_on_after_a_row_that_finds_no_room_and_tries_it_again(tmp_path, monkeypatch, capsys):
    real, full, unlucky = HubBackend.generate, [True], []

    def generate_some(self, batch):
        keys = [request.key for request in batch.requests]
        unlucky.extend(keys[:1] if not unlucky else [])
        if full[0] and (unlucky[0] in keys or len(keys) > 2):
            raise OutOfMemory(f"no room for {len(batch.requests)} rows")
        return real(self, batch)

    monkeypatch.setattr(HubBackend, "generate", generate_some)
    command = ("--model", "demo-random", "--tasks", "p3", "--limit", 6, "--output-dir", tmp_path / "run")
    assert run_here(*command) == 1
    assert "out_of_memory" in capsys.readouterr().err
    records = list(read_records(tmp_path / "run" / "responses"))
    assert [r["key"] for r in records if r["status"].startswith("error")] == unlucky and len(records) == 30
    full[0] = False
    assert run_here(*command) == 0
    statuses = json.loads((tmp_path / "run" / "manifest.json").read_text())["statuses"]
    assert not any(status.startswith("error") for status in statuses)
