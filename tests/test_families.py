"""Ten families of image-text models on rows of every shape: the same text whatever the batch, the order, the ranks."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
import tiny
from runs import results, run_here
from test_engine_models import HOSTILE, encoded, picture

from multitrust_datasets import list_tasks
from multitrust_datasets.protocol import load_protocol
from multitrust_eval.backends.hub import HubBackend, HubOptions
from multitrust_eval.engine import Engine
from multitrust_eval.plan import Ask, make_plan
from multitrust_eval.ranks import Ranks
from multitrust_eval.records import Request
from multitrust_eval.schedule import make_batches
from multitrust_eval.select import choose_tasks, choose_variants
from multitrust_eval.stop import Stop
from multitrust_eval.store import Appender, read_answers

SHAPES = "t1,f4,f6,p3"
"""Yes or no, boxes and text to read; text alone and the same with pictures; a struct as reference; a number."""

TOKENS = 12
IMAGE = (picture(encoded(1)),)


@pytest.fixture(scope="module")
def asked() -> list[Request]:
    """A row of every variant of SHAPES, hostile rows, and rows with no, one and two pictures."""
    tasks = choose_tasks(SHAPES, list_tasks())
    ask = Ask("sample", load_protocol(None), 1, TOKENS, "error")
    found = make_plan(tasks, choose_variants(None, tasks), ask, {"kind": "any"}, takes_images=True).requests
    for i, text in enumerate([*HOSTILE, "What is this?", "Which of the two?"]):
        images = tuple(picture(encoded(i + k, (20 + 11 * (i % 4), 60 - 9 * (i % 3)))) for k in range(i % 3))
        found.append(Request(f"k{i}", text, images, TOKENS, (f"row {i}",)))
    assert {len(request.images) for request in found} == {0, 1, 2}
    return found


@pytest.fixture(scope="module", params=tiny.FAMILIES)
def backend(request, tmp_path_factory) -> HubBackend:
    folder = tiny.FAMILIES[request.param](tmp_path_factory.mktemp("models") / request.param)
    pad_right(folder)
    backend = HubBackend(HubOptions(str(folder), dtype="fp32", device="cpu"))
    backend.load()
    return backend


def pad_right(folder: Path) -> None:
    """What a checkpoint says about padding, wrong for generation as many are."""
    file = folder / "tokenizer_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "padding_side": "right"}))


def generate(backend, asked, batches, folder, rank=0) -> dict:
    appender = Appender(folder / "responses", f"rank-{rank:03d}")
    Engine(backend, appender, Ranks(), Stop()).run(asked, batches)
    appender.close()
    return read_answers(folder).by_key


def pieces(count, size):
    return [list(range(i, min(i + size, count))) for i in range(0, count, size)]


def test_one_text_whatever_the_batch_the_order_and_the_ranks(backend, asked, tmp_path):
    alone = generate(backend, asked, pieces(len(asked), 1), tmp_path / "alone")
    assert Counter(a.status.split(":")[0] for a in alone.values()).keys() <= {"ok", "truncated"}, alone
    assert len({a.text for a in alone.values()}) > len(asked) // 4
    order = random.Random(3).sample(asked, len(asked))
    assert generate(backend, order, pieces(len(asked), 5), tmp_path / "shuffled") == alone
    assert generate(backend, asked, pieces(len(asked), len(asked)), tmp_path / "one batch") == alone
    batches = make_batches(asked, backend.measure(asked), backend.limits())
    for rank in range(3):
        generate(backend, asked, batches[rank::3], tmp_path / "ranks", rank)
    assert read_answers(tmp_path / "ranks").by_key == alone


def test_the_schedule_keeps_apart_what_must_not_share_a_batch(backend, asked):
    """All other families take rows with no, one and two pictures in one batch, and text alone in one."""
    limits = backend.limits()
    assert limits.apart == (backend._config.model_type == "mllama")
    batches = make_batches(asked, backend.measure(asked), limits)
    assert sorted(i for batch in batches for i in batch) == list(range(len(asked)))
    mixed = [batch for batch in batches if len({len(asked[i].images) for i in batch}) > 1]
    assert not (limits.apart and mixed)
    for batch in [] if limits.apart else [asked]:
        assert len(backend.prepare(batch).requests) == len(asked)


def test_padding_is_on_the_left_whatever_the_checkpoint_says(backend, asked):
    inputs = backend.prepare([request for request in asked if not request.images]).inputs
    mask = inputs["attention_mask"]
    assert mask[:, -1].all() and not mask[:, 0].all()


def test_the_picture_is_seen(backend, tmp_path):
    rows = [
        Request(
            f"{i}-{j}", f"Question {j}: what is this word?", (picture(encoded(i, (30 + 7 * i, 60))),), TOKENS, ("x",)
        )
        for i in range(4)
        for j in range(4)
    ]
    answers = generate(backend, rows, pieces(16, 16), tmp_path)
    assert any(len({answers[f"{i}-{j}"].text for i in range(4)}) > 1 for j in range(4))


def test_no_control_token_of_the_family_breaks_a_row(backend, tmp_path):
    processor, tokenizer = backend._inputs._processor, backend._inputs.tokenizer
    tokens = sorted({*map(str, tokenizer.all_special_tokens), processor.image_token, *HOSTILE[:5]})
    asked = [
        Request("all", "".join(tokens), (), TOKENS, ("a",)),
        Request("seen", " ".join(tokens), IMAGE, TOKENS, ("b",)),
    ]
    asked += [Request(token, token, (), TOKENS, (token,)) for token in tokens]
    found = generate(backend, asked, pieces(len(asked), len(asked)), tmp_path)
    assert {a.status for a in found.values()} <= {"ok", "truncated"} and len(found) == len(asked)
    special = set(tokenizer.all_special_ids)
    bare = [request for request in asked if not request.images]
    empty = Request("empty", "", (), TOKENS, ("empty",))
    held = [sum(id in special for id in ids) for ids in unpadded(backend.prepare([empty, *bare]).inputs)]
    assert set(held) == {held[0]}, "data text brings no special token into the prompt"


def unpadded(inputs):
    rows = zip(inputs["input_ids"].tolist(), inputs["attention_mask"].tolist(), strict=True)
    return [[id for id, mask in zip(ids, masks, strict=True) if mask] for ids, masks in rows]


def test_a_model_is_asked_nothing_but_the_row(backend):
    """The prompt holds the row's text once, and as many places for pictures as the row has pictures."""
    marked = Request("k", "Which zebra?", (picture(encoded(1)), picture(encoded(2))), TOKENS, ("row",))
    text = backend._inputs._render(marked)
    assert text.count("Which zebra?") == 1
    without = backend._inputs._render(Request("k", "Which zebra?", (), TOKENS, ("row",)))
    place = backend._inputs._processor.image_token
    assert (text.count(place), without.count(place)) == (2, 0)


@pytest.mark.parametrize("family", ["smolvlm", "qwen3_vl"])
def test_the_whole_command_with_a_family_that_wants_torchvision(family, tmp_path):
    folder = tiny.FAMILIES[family](tmp_path / family)
    options = ("--limit", 1, "--max-new-tokens", 8, "--verify-batching", 2)
    assert run_here("--model", folder, "--tasks", "t1,f4,f6", *options, "--output-dir", tmp_path / "run") == 0
    tasks = results(tmp_path / "run")["tasks"]
    assert all(task["coverage"] == 1.0 for task in tasks.values()) and len(tasks) == 3
    verified = json.loads((tmp_path / "run" / "manifest.json").read_text())["verify_batching"]
    assert (verified["compared"], verified["mismatches"]) == (2, 0)
