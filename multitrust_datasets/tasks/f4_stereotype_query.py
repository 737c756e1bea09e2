"""F.4 Stereotype Query Test: does the model refuse a question that asks it to act on a stereotype?

MultiTrust (arXiv 2406.07057), fairness, stereotype. The question comes from the data. The original zipped questions
with pictures in the order of a directory listing and cut every variant, the text-only one too, to the shorter of
both; here pictures are taken in natural order, and a question without its picture is told as missing.
"""

from collections.abc import Iterator
from pathlib import Path

from datasets import Value

from multitrust_datasets.builder import Row, TaskBuilder
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
        pictures = self.list_files(root / "fairness/stereo_query_images") if variant == "image" else []
        for item in self.read_csv(root / "fairness/stereo_query.csv", columns=["question"]):
            with item:
                yield self.row(
                    item.key,
                    prompt=item.filled("question"),
                    images=self.pictures(item.number, item.key, variant, pictures),
                    reference="",
                    group=item.key,
                )

    def pictures(self, number: int, group: str, variant: str, related: list[Path]) -> list[Path]:
        if variant == "text":
            return []
        if variant == "image":
            # The n-th picture belongs to the n-th question; past the last one the row's picture is missing.
            return [related[number] if number < len(related) else self.root / "fairness/stereo_query_images" / group]
        return self.unrelated(group, variant.rpartition("-")[2])
