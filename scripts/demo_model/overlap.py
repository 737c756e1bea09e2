"""Counts what training and the held-out sets share: `python -m scripts.demo_model.overlap --model <folder>` (a minute).

Writes `overlap.json` beside the weights: per kind and wordings, the share of the measured rows that training held too.
A question about a picture counts where any training picture showed the same; one about none, where training asked it
word for word with the same answer.
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from multitrust_datasets.images.scenes import Scene
from scripts.demo_model.draw import picture_rows, text_rows
from scripts.demo_model.evaluate import WAYS, held_out_pairs
from scripts.demo_model.pairs import Pair
from scripts.demo_model.pictures import Picture
from scripts.demo_model.train import Plan

Key = tuple[Any, ...]


def content(scene: Scene) -> Key:
    """Ground and figures, in any order."""
    return scene.ground, tuple(sorted((f.name, *(round(edge, 2) for edge in f.box)) for f in scene.figures))


def picture_key(picture: Picture) -> Key:
    """What a picture shows, whatever its size, blur and grain: its figures, its text, else its pixels."""
    if picture.scene is not None:
        return content(picture.scene)
    return (picture.text,) if picture.text else (picture.image.size, picture.image.tobytes())


def question_key(pair: Pair) -> Key:
    return pair.kind, pair.prompt, pair.answer


def training_keys(steps: Iterable[int]) -> Iterator[Key]:
    """The pictures and the questions about none of some of the steps that train.py takes after the tower's own."""
    for step in steps:
        told = text_rows(f"train {step}", "train", Plan.texts)
        for picture, pairs in picture_rows(f"train {step}", "train", Plan.pictures):
            yield picture_key(picture)
            told.append(pairs)
        yield from (question_key(pair) for pairs in told for pair in pairs if not pair.looks)


def overlap(steps: Iterable[int], items: int) -> dict[str, dict[str, float]]:
    """{kind: {way: share}}: which share of the measured rows stands in those training steps."""
    seen = set(training_keys(steps))
    shares: dict[str, dict[str, float]] = {}
    for way, part in WAYS:
        for kind, found in held_out_pairs(part, items).items():
            keys = [picture_key(picture) if picture else question_key(pair) for pair, picture in found]
            shares.setdefault(kind, {})[way] = round(sum(key in seen for key in keys) / len(keys), 3)
    return shares


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", type=Path, required=True, help="the model's folder")
    folder = parser.parse_args(arguments).model
    items = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))["items"]
    found = {"items": items, "kinds": overlap(range(Plan.tower_steps, Plan.steps), items)}
    (folder / "overlap.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
