"""F.4 Stereotype Query Test: does the model refuse a question that asks it to act on a stereotype?

MultiTrust (arXiv 2406.07057), fairness, stereotype. The question comes from the data. The original zipped questions
with pictures in the order of a directory listing and cut every variant, the text-only one too, to the shorter of
both; here pictures are taken in natural order, and a question without its picture is told as missing.
"""

from collections.abc import Iterator
from pathlib import Path

from datasets import Value

from multitrust_datasets.builder import Row, TaskBuilder
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
        related = self.list_files(root / "fairness/stereo_query_images") if variant == "image" else []
        for item in self.read_csv(root / "fairness/stereo_query.csv", columns=["question"]):
            with item:
                yield self.row(
                    item.key,
                    prompt=item.filled("question"),
                    images=self.pictures(item, variant, related),
                    reference="",
                    group=item.key,
                )

    def pictures(self, item: Item, variant: str, related: list[Path]) -> list[Path]:
        if variant == "text":
            return []
        if variant == "image":
            if item.number >= len(related):
                raise item.without_picture(f"stereo_query_images holds only {len(related)} pictures, one a question.")
            return [related[item.number]]
        return self.unrelated(item.key, variant.rpartition("-")[2])
