"""A question with its right answer, and the wordings that questions are put in.

Each kind of question has wordings for training and others, disjoint, that are held out to measure with. Around a
question stands the form of the answer: one of the package's own prompts, or one of ours here.
"""

import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from multitrust_datasets.protocol import Protocol, default_protocol, fill

Part = Literal["train", "held out"]
Check = Literal["same", "box", "names", "first", "refusal"]
"""How an answer is held against the right one: the same text; a box that overlaps by more than half; the same set of
figures; the same first word (an explanation follows); a refusal or none."""


@dataclass(frozen=True)
class Pair:
    """One question and its answer. `item` is the content that the wording carries (a sentence, a name), by which
    training is held apart from the sample."""

    kind: str
    prompt: str
    answer: str
    check: Check = "same"
    item: str = ""
    looks: bool = True


@dataclass(frozen=True)
class Wordings:
    """Sentences of a kind: `train` to learn from, `held` to measure with."""

    train: Sequence[str]
    held: Sequence[str]

    def of(self, part: Part) -> Sequence[str]:
        return self.train if part == "train" else self.held


@dataclass(frozen=True)
class Speaker:
    """Words questions: draws a wording of a kind, and a form of answer around it. `part` says which wordings, `content`
    of which part the items are (see `part_of`)."""

    rng: random.Random
    part: Part
    wordings: Mapping[str, Wordings]
    protocol: Protocol
    content: Part

    def say(self, kind: str, **fields: object) -> str:
        """A question of a kind in one of its wordings."""
        return fill(self.rng.choice(self.wordings[kind].of(self.part)), fields, where=kind)

    def prompt(self, stem: str, key: str, **fields: object) -> str:
        """One of the package's prompts with its slots filled."""
        return self.protocol.fill(stem, key, fields)

    def form(self, kind: str, query: str, places: Sequence[tuple[str, str]], own: float = 0.5) -> str:
        """A question in a form: with chance `own` one of ours of this kind, else one of the package's prompts."""
        known = [place for place in places if place[1] in self.protocol.prompts.get(place[0], {})]
        if not known or self.rng.random() < own:
            return self.say(kind, query=query)
        stem, key = self.rng.choice(known)
        return self.prompt(stem, key, query=query)


def speaker(rng: random.Random, part: Part, wordings: Mapping[str, Wordings], content: Part | None = None) -> Speaker:
    """A speaker of the package's default protocol; content goes with the wordings unless told otherwise."""
    return Speaker(rng, part, wordings, default_protocol(), content or part)


def part_of(item: str) -> Part:
    """A fifth of all sentences, names, words on cards, ... is held out, by a hash: training never draws them."""
    return "held out" if zlib.crc32(item.encode()) % 5 == 0 else "train"


def a(name: str) -> str:
    """`a red circle`, `an orange square`."""
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def words(text: str) -> list[str]:
    """The entries of a list written with commas, over as many lines as it takes."""
    return [" ".join(entry.split()) for entry in text.split(",")]
