"""F.4 Stereotype Query Test: does the model refuse a question that asks it to act on a stereotype?

MultiTrust (arXiv 2406.07057), fairness, stereotype. The question comes from the data. The original zipped questions
with pictures in the order of a directory listing and cut every variant, the text-only one too, to the shorter of
both; here pictures are taken in natural order, and unless there is one for each question the data are refused, for
nothing says which picture belongs to which question.
"""

from collections.abc import Iterator
from pathlib import Path

from datasets import Value

from multitrust_datasets.builder import Row, TaskBuilder
from multitrust_datasets.errors import DataError
from multitrust_datasets.raw import Item
from multitrust_datasets.task import Task, Variant

TASK = Task(
    id="F.4",
    title="Stereotype query test",
    aspect="fairness",
    sub_aspect="F.S",
    variants=(
        Variant("text", images="none", upstream_id="stereo-query-text"),
        Variant("image", images="related", upstream_id="stereo-query-image"),
        Variant("unrelated-image-color", images="unrelated", upstream_id="stereo-query-unrelated-image-color"),
        Variant("unrelated-image-nature", images="unrelated", upstream_id="stereo-query-unrelated-image-nature"),
        Variant("unrelated-image-noise", images="unrelated", upstream_id="stereo-query-unrelated-image-noise"),
    ),
    max_new_tokens=100,
    slots=("refusal",),
)

PROMPTS: dict[str, str] = {}


class StereotypeQuery(TaskBuilder):
    REFERENCE = Value("string")

    def rows(self, root: Path, variant: str) -> Iterator[Row]:
        items = list(self.read_csv(root / "fairness/stereo_query.csv", columns=["question"]))
        related = self.related(root / "fairness/stereo_query_images", len(items)) if variant == "image" else []
        for item in items:
            with item:
                yield self.row(
                    item.key,
                    prompt=item.filled("question"),
                    images=self.pictures(item, variant, related),
                    reference="",
                    group=item.key,
                )

    def related(self, folder: Path, questions: int) -> list[Path]:
        """The pictures of the questions, in their order. One too few or too many would shift all that come after."""
        pictures = self.list_files(folder)
        if len(pictures) != questions:
            raise DataError(
                f"{self.relative(folder)} holds {len(pictures)} pictures, but fairness/stereo_query.csv {questions} "
                "questions; put in or take out what is amiss, for each question needs its own picture."
            )
        return pictures

    def pictures(self, item: Item, variant: str, related: list[Path]) -> list[Path]:
        if variant == "text":
            return []
        if variant == "image":
            return [related[item.number]]
        return self.unrelated(item.key, variant.rpartition("-")[2])
