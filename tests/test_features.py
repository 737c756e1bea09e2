"""What an image processor made of a picture is used again, and changes no input of any family."""

import random
from pathlib import Path
from typing import Any

import numpy
import PIL.Image
import pytest
import tiny
import torch
from test_engine_models import encoded, picture
from transformers import BatchFeature

from multitrust_eval.backends.features import Remembering
from multitrust_eval.backends.hub import HubBackend, HubOptions
from multitrust_eval.records import Request


def asked() -> list[list[Request]]:
    """Batches of rows that show few pictures in many questions: with and without rows of no picture or of two."""
    draw = random.Random(5)
    shown = [picture(encoded(n, (40 + 24 * (n % 3), 60))) for n in range(5)]
    batches = []
    for counts in ((1,), (1, 1, 1), (0, 1, 1), (0, 0), (1, 2, 0), (1, 1, 1, 1)) * 4:
        rows = [tuple(draw.sample(shown, count)) for count in counts]
        batches.append([Request(f"k{i}", f"Question {i}?", images, 8, ("r",)) for i, images in enumerate(rows)])
    return batches


def same(one: Any, other: Any) -> bool:
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_inputs_are_those_of_the_processor_itself(family: str, tmp_path: Path) -> None:
    backend = HubBackend(HubOptions(str(tiny.FAMILIES[family](tmp_path / family)), dtype="fp32", device="cpu"))
    inputs = backend._inputs
    remembering = inputs._processor.image_processor
    assert isinstance(remembering, Remembering)
    for rows in asked():
        if family == "mllama":  # its batches hold rows of as many pictures only
            rows = [row for row in rows if len(row.images) == len(rows[0].images)]
        got = inputs.batch(rows).inputs
        inputs._processor.image_processor = remembering._processor
        wanted = inputs.batch(rows).inputs
        inputs._processor.image_processor = remembering
        assert list(got) == list(wanted)
        assert all(same(got[name], wanted[name]) for name in wanted), family
    if family in ("llava", "qwen2_5_vl", "qwen3_vl"):
        assert remembering.reused > 20


class Plain:
    """A processor that counts what it does."""

    size = 3

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, images: Any, **settings: Any) -> BatchFeature:
        flat = [p for row in images for p in (row if isinstance(row, list) else [row])]
        self.done += len(flat)
        return BatchFeature({"pixel_values": torch.stack([torch.tensor(numpy.array(p)).float() for p in flat])})


class Wilful(Plain):
    """What it makes of a picture depends on the others in the batch."""

    def __call__(self, images: Any, **settings: Any) -> BatchFeature:
        made = super().__call__(images)
        return BatchFeature({"pixel_values": made["pixel_values"] - made["pixel_values"].mean()})


def shown(value: int, digest: str | None = None) -> Any:
    image = PIL.Image.new("RGB", (4, 4), (value, 0, 0))
    if digest:
        image.digest = digest  # type: ignore[attr-defined]
    return image


def test_a_picture_is_processed_once_after_the_first_batch() -> None:
    plain = Plain()
    remembering = Remembering(plain)
    a, b = shown(1, "a"), shown(2, "b")
    remembering([a, b])
    after_first = plain.done
    for batch in ([a, b], [b, a], [a], [b, b, a]):
        made = remembering(batch)["pixel_values"]
        assert torch.equal(made, Plain()(batch)["pixel_values"])
    assert plain.done == after_first
    assert remembering.size == 3, "all else is the processor's own"


def test_what_it_hands_out_is_not_what_it_keeps() -> None:
    remembering = Remembering(Plain())
    a, b = shown(1, "a"), shown(2, "b")
    remembering([a, b])
    remembering([a])["pixel_values"].zero_()
    assert torch.equal(remembering([a])["pixel_values"], Plain()([a])["pixel_values"])


def test_a_processor_that_looks_at_the_whole_batch_is_left_alone() -> None:
    remembering = Remembering(Wilful())
    a, b, c = shown(1, "a"), shown(90, "b"), shown(200, "c")
    for batch in ([a, a], [a, b], [a, b], [b, c], [a, b, c]):
        assert torch.equal(remembering(batch)["pixel_values"], Wilful()(batch)["pixel_values"])


@pytest.mark.parametrize("images", [[shown(1)], [[shown(1, "a"), shown(2, "b")]], shown(1, "a"), [[], []]])
def test_what_it_does_not_know_goes_to_the_processor(images: Any) -> None:
    seen: list[Any] = []
    Remembering(lambda given, **_: seen.append(given))(images)
    assert seen == [images]


def test_a_copy_is_another_picture() -> None:
    assert getattr(shown(1, "a").resize((2, 2)), "digest", None) is None
    assert getattr(shown(1, "a").convert("RGB"), "digest", None) is None


def test_it_keeps_to_its_limit() -> None:
    plain = Plain()
    remembering = Remembering(plain, limit=3 * 4 * 4 * 3 * 4)  # three pictures of 4 x 4 in float32
    for n in range(20):
        remembering([shown(n, f"p{n}"), shown(n + 1, f"p{n + 1}")])
        assert remembering._bytes <= remembering._limit
    assert len(remembering._parts) == 3
