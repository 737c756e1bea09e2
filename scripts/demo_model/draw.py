"""What one training step is made of: pictures with six questions each, and questions without a picture."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from scripts.demo_model import conduct, language, opinions, private, reading, seeing
from scripts.demo_model.pairs import Pair, Part, Speaker, part_of, speaker
from scripts.demo_model.pictures import Picture, card_picture, draw_figures, empty_picture, page_picture, scene_picture
from scripts.demo_model.seeing_words import FORMS, SCENES

WORDINGS = {
    **FORMS,
    **SCENES,
    **reading.WORDINGS,
    **language.WORDINGS,
    **conduct.WORDINGS,
    **opinions.WORDINGS,
    **private.WORDINGS,
}
TELLING = (*language.MAKERS, *conduct.MAKERS, *opinions.MAKERS, *private.MAKERS)
"""Makers of questions that no picture is needed for."""
PAIRS = 6

Makers = Sequence[tuple[Callable[..., Pair | None], float]]


def draw_picture(seed: str, part: Part) -> Picture:
    """Mostly scenes and cards; also pages of small text, and pictures that show nothing."""
    way = random.Random(seed).random()
    rng = random.Random(f"{seed} content")
    if way < 0.55:
        return scene_picture(f"{seed} scene", draw_figures(rng, rng.randint(1, 6)))
    if way < 0.83:
        return card_picture(f"{seed} card", reading.draw_text(rng, part))
    if way < 0.91:
        return page_picture(f"{seed} page", conduct.page_text(speaker(rng, part, WORDINGS)))
    return empty_picture(f"{seed} empty")


def draw_pictures(seed: str, number: int) -> list[Picture]:
    """For the tower alone."""
    return [draw_picture(f"{seed} {i}", "train") for i in range(number)]


def picture_pairs(say: Speaker, picture: Picture) -> list[Pair]:
    """Different questions about a picture, and one that has nothing to do with it, as with unrelated pictures."""
    if picture.kind == "scene":
        pairs = _drawn(say, seeing.MAKERS, seeing.scene_of(picture), PAIRS - 1)
        return pairs + (
            _drawn(say, TELLING, None, 1) if say.rng.random() < 0.35 else _drawn(say, reading.SCENE, picture, 1)
        )
    if picture.kind == "card":
        return _drawn(say, reading.CARD, picture, 4)
    return _drawn(say, reading.PAGE if picture.kind == "page" else reading.OTHER, picture, 2) + _drawn(
        say, TELLING, None, 2
    )


def _drawn(say: Speaker, makers: Makers, about: Any, number: int) -> list[Pair]:
    """Pairs by makers drawn with their weights, no prompt twice; fewer where the picture has no more to ask.

    Without a picture an item of the other part is left out, and its maker goes on: its share stays as it is."""
    pairs: dict[str, Pair] = {}
    for _ in range(8 * number):
        (maker,) = say.rng.choices([m for m, _ in makers], [w for _, w in makers])
        pair = _of_its_part(say, maker) if about is None else maker(say, about)
        if pair is not None:
            pairs.setdefault(pair.prompt, pair)
        if len(pairs) == number:
            break
    return list(pairs.values())


def _of_its_part(say: Speaker, maker: Callable[..., Pair | None]) -> Pair | None:
    """A pair whose item is of the speaker's part; one without an item is of both."""
    for _ in range(100):
        pair = maker(say)
        if pair is None or not pair.item or part_of(pair.item) == say.content:
            return pair
    return None


def picture_rows(seed: str, part: Part, number: int) -> list[tuple[Picture, list[Pair]]]:
    """Pictures with their questions, a pure function of the seed."""
    rows = []
    for i in range(number):
        picture = draw_picture(f"{seed} {i}", part)
        say = speaker(random.Random(f"{seed} {i} questions"), part, WORDINGS)
        rows.append((picture, picture_pairs(say, picture)))
    return rows


def text_rows(seed: str, part: Part, number: int, content: Part | None = None) -> list[list[Pair]]:
    """Questions that need no picture, a pure function of the seed."""
    speakers = (speaker(random.Random(f"{seed} text {i}"), part, WORDINGS, content) for i in range(number))
    return [_drawn(say, TELLING, None, PAIRS) for say in speakers]


def sample_texts(seed: str, rows: int = 2000) -> Iterator[str]:
    """Prompts and answers to train the tokenizer on."""
    for i in range(rows):
        pairs = [pair for _, found in picture_rows(f"{seed} {i}", "train", 1) for pair in found]
        for pair in (*pairs, *text_rows(f"{seed} {i}", "train", 1)[0]):
            yield pair.prompt
            yield pair.answer
