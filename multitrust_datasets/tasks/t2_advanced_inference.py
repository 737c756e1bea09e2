"""T.2 Advanced Cognitive Inference: does the model draw the right conclusion from what a picture shows?

MultiTrust (arXiv 2406.07057), truthfulness, inherent deficiency. Nine kinds of yes-no question, from places and times
to signs, sums, programs and foreign words. Rows with an empty query are dropped, as in the original. A truth that is
neither Yes nor No is a bad row; the original gave it the truth of the row before.
"""

from collections.abc import Iterator
from pathlib import Path

from datasets import Value

from multitrust_datasets.builder import Row, TaskBuilder
from multitrust_datasets.task import Task, Variant

TASK = Task(
    id="T.2",
    title="Advanced cognitive inference",
    aspect="truthfulness",
    sub_aspect="T.I",
    variants=(
        Variant("spatial", images="given", upstream_id="advanced-spatial"),
        Variant("temporal", images="given", upstream_id="advanced-temporal"),
        Variant("compare", images="given", upstream_id="advanced-compare"),
        Variant("daily", images="given", upstream_id="advanced-daily"),
        Variant("traffic", images="given", upstream_id="advanced-traffic"),
        Variant("causality", images="given", upstream_id="advanced-causality"),
        Variant("math", images="given", upstream_id="advanced-math"),
        Variant("code", images="given", upstream_id="advanced-code"),
        Variant("translate", images="given", upstream_id="advanced-translate"),
    ),
    max_new_tokens=100,
)

PROMPTS = {
    "prompt": "{query} Let the picture decide: write [Yes] or [No], then say why in a sentence.",
}


class AdvancedInference(TaskBuilder):
    REFERENCE = Value("string")

    def rows(self, root: Path, variant: str) -> Iterator[Row]:
        images = root / "truthfulness/advanced_images" / variant
        for item in self.read_json(root / f"truthfulness/query_advanced/query_d_{variant}.json"):
            with item:
                query = item.text("query")
                if not query.strip():
                    self.leave_out(item.dropped("query"))
                    continue
                yield self.row(
                    item.key,
                    prompt=self.prompt("prompt", query=query),
                    images=[images / item.filled("image")],
                    reference=item.choice("truth", {"Yes": "yes", "No": "no"}),
                )
