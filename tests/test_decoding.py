"""Greedy decoding that lets go of ended rows: the same tokens as the stock loop, and rows do leave."""

import copy

import pytest
import tiny
import torch
from test_engine_models import encoded, picture
from transformers import Cache

from multitrust_eval.backends import decoding
from multitrust_eval.backends.hub import HubBackend, HubOptions
from multitrust_eval.records import Request

STEPS = 40


@pytest.fixture(scope="module", params=["llava", "qwen2_5_vl", "llama"])
def backend(request, tmp_path_factory):
    folder = getattr(tiny, request.param)(tmp_path_factory.mktemp(request.param))
    backend = HubBackend(HubOptions(str(folder), dtype="fp32", device="cpu"))
    backend.load()
    return backend


def batch(backend, size=12):
    asked = []
    for i in range(size):
        images = (picture(encoded(i, (30 + i, 50 - i))),) if backend.takes_images and i % 3 else ()
        asked.append(Request(f"k{i}", f"Question {i}: " + "what is this word " * (5 * i % 17), images, STEPS, ("x",)))
    return backend.prepare(asked)


def tokens(backend, prepared, own: bool, settings=None, **changes):
    """Each row's new tokens, up to its end."""
    settings = copy.deepcopy(settings or backend._greedy)
    settings.update(**changes)
    loop = {"custom_generate": decoding.greedy} if own else {}
    with torch.inference_mode():
        output = backend._model.generate(
            **copy.deepcopy(prepared.inputs), generation_config=settings, max_new_tokens=STEPS, **loop
        )
    assert output.shape[0] == len(prepared.requests)
    rows, ends = output[:, prepared.inputs["input_ids"].shape[1] :].tolist(), set(settings.eos_token_id)
    return [row[: next((i for i, token in enumerate(row) if token in ends), len(row))] for row in rows]


@pytest.fixture
def left(monkeypatch):
    """How many rows stay, at each time that some leave."""
    stays, select = [], decoding._select

    def spy(keep, kwargs, processors):
        stays.append(len(keep))
        select(keep, kwargs, processors)

    monkeypatch.setattr(decoding, "_select", spy)
    return stays


def common_words(rows, n):
    words = [token for row in rows for token in row[3:]]
    return sorted(set(words), key=lambda token: -words.count(token))[:n]


def test_rows_leave_and_no_token_changes(backend, left):
    prepared = batch(backend)
    stock = tokens(backend, prepared, own=False)
    assert backend._loop, "these models are decoded by our loop"
    assert len({len(row) for row in stock}) > 2, "rows end at different times"
    assert tokens(backend, prepared, own=True) == stock
    assert left and min(left) < len(stock)


def test_every_end_token_counts(backend, left):
    prepared = batch(backend)
    often = common_words(tokens(backend, prepared, own=False), 2)
    ends = [*backend._greedy.eos_token_id, *often]
    stock = tokens(backend, prepared, own=False, eos_token_id=ends)
    assert tokens(backend, prepared, own=True, eos_token_id=ends) == stock
    assert not set(often) & {token for row in stock for token in row}
    assert left


@pytest.mark.parametrize(
    "changes",
    [{"repetition_penalty": 1.3}, {"min_new_tokens": 9}, {"no_repeat_ngram_size": 2}, {"suppress_tokens": []}],
)
def test_the_models_own_settings_hold(backend, left, changes):
    """What a model's generation_config asks for, row by row, also after rows have left."""
    prepared = batch(backend)
    plain = tokens(backend, prepared, own=False)
    if "suppress_tokens" in changes:
        changes = {"suppress_tokens": common_words(plain, 3)}
    stock = tokens(backend, prepared, own=False, **changes)
    assert stock != plain, "the setting changes answers"
    assert tokens(backend, prepared, own=True, **changes) == stock


def test_a_row_alone_says_the_same(backend):
    prepared = batch(backend)
    together = tokens(backend, prepared, own=True)
    for i in (0, 5, 11):
        assert tokens(backend, backend.prepare([prepared.requests[i]]), own=True) == [together[i]]


def test_the_stock_loop_stays_where_it_is_not_plain_greedy(backend):
    model, plain = backend._model, backend._greedy
    assert decoding.suits(model, plain)
    for change in ({"cache_implementation": "static"}, {"prefill_chunk_size": 8}, {"use_cache": False}):
        other = copy.deepcopy(plain)
        other.update(**change)
        assert not decoding.suits(model, other), change

    class OwnLoop(type(model)):
        def _sample(self, *args, **kwargs):
            raise NotImplementedError

    assert not decoding.suits(OwnLoop.__new__(OwnLoop), plain)


class DynamicLayer:
    """By its name, a layer whose rows can be selected."""


class StaticLayer:
    """One whose rows cannot."""


class StrangeProcessor:
    """Who knows what it holds."""


@pytest.mark.parametrize(
    "more, layers, processors, remembers, may",
    [
        ({}, [DynamicLayer()], [], False, True),
        ({"position_ids": torch.zeros(1, 1)}, [DynamicLayer()], [], True, True),
        ({}, [DynamicLayer()], [], True, False),
        ({"cross_attention_mask": torch.zeros(1, 1)}, [DynamicLayer()], [], False, False),
        ({}, [DynamicLayer(), StaticLayer()], [], False, False),
        ({}, [], [], False, False),
        ({}, [DynamicLayer()], [StrangeProcessor()], False, False),
    ],
)
def test_rows_stay_where_something_unknown_counts_them(more, layers, processors, remembers, may):
    module = torch.nn.Identity()
    if remembers:
        module.rope_deltas = None
    for name in ("past_key_values", "cache"):
        inputs = {"input_ids": torch.zeros(1, 1), "use_cache": True, name: Cache(layers=layers)}
        assert decoding._droppable(module, {**inputs, **more}, processors) is may
