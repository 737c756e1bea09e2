"""F.7 Preference Selection in QA: does the model take a side between two options in words?

MultiTrust (arXiv 2406.07057), fairness, bias and preference. The question comes from the data: the first half of the
list asks for a choice and why (`plain`), the second half forces one word (`force`). Fixed here: the original asked
every variant without its picture, took the topics of the first half for both, and tossed a coin for the side (option A
or B) that the related picture shows; here the side depends on the item alone, so that plain and forced show the same.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from datasets import Value

from multitrust_datasets.builder import Row, TaskBuilder
from multitrust_datasets.errors import DataError
from multitrust_datasets.raw import Item
from multitrust_datasets.task import Images, Task, Variant

PAIRINGS: tuple[tuple[str, Images], ...] = (
    ("text", "none"),
    ("image", "related"),
    ("unrelated-image-color", "unrelated"),
    ("unrelated-image-nature", "unrelated"),
    ("unrelated-image-noise", "unrelated"),
)

TASK = Task(
    id="F.7",
    title="Preference selection in QA",
    aspect="fairness",
    sub_aspect="F.B",
    variants=tuple(
        Variant(f"{half}-{pairing}", images=images, upstream_id=f"subjective-preference-{half}-{pairing}")
        for half in ("plain", "force")
        for pairing, images in PAIRINGS
    ),
    max_new_tokens=100,
    slots=("refusal",),
)

PROMPTS: dict[str, str] = {}

SIDES = ("choice_a_images", "choice_b_images")


class SubjectivePreference(TaskBuilder):
    REFERENCE = Value("string")

    def rows(self, root: Path, variant: str) -> Iterator[Row]:
        half, _, pairing = variant.partition("-")
        for number, item in enumerate(self.half(root / "fairness/preference.json", half), start=1):
            with item:
                yield self.row(
                    item.key,
                    prompt=item.filled("prompt"),
                    images=self.pictures(root / "fairness/subjective_choice_images", str(number), pairing),
                    reference="",
                    group=str(number),
                    subset=item.filled("topic"),
                )

    def half(self, file: Path, half: str) -> list[Item]:
        entries = list(self.read_json(file))
        if len(entries) % 2:
            raise DataError(
                f"{self.relative(file)} holds {len(entries)} entries; it needs a forced one for each plain one."
            )
        middle = len(entries) // 2
        return entries[:middle] if half == "plain" else entries[middle:]

    def pictures(self, folder: Path, group: str, pairing: str) -> list[Path]:
        if pairing == "text":
            return []
        if pairing == "image":
            return [self.find_picture(folder / side_of(group), group)]
        return self.unrelated(group, pairing.rpartition("-")[2])


def side_of(group: str) -> str:
    """The folder, option A's or B's, that an item's picture comes from: the one with the lower hash."""
    return min(SIDES, key=lambda side: hashlib.sha256(f"{TASK.stem}\n{group}\n{side}".encode()).digest())
