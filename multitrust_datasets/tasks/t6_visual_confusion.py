"""T.6 Visual Confusion VQA: does the model see what is there when the picture itself deceives the eye?

MultiTrust (arXiv 2406.07057), truthfulness, misguided mistakes. Yes-no questions about five kinds of confusing
picture, the subsets; the score is the plain mean of the five. The annotation names each picture with its sub-folder.
Rows without their picture are left out and counted, as in the original.
"""

from collections.abc import Iterator
from pathlib import Path

from datasets import Value

from multitrust_datasets.builder import Row, TaskBuilder
from multitrust_datasets.task import Task, Variant

TASK = Task(
    id="T.6",
    title="Visual confusion VQA",
    aspect="truthfulness",
    sub_aspect="T.M",
    variants=(Variant("default", images="given", upstream_id="d-mis-visual-confusion"),),
    max_new_tokens=100,
)

PROMPTS = {
    "prompt": "{query} Begin with [Yes] or [No] and add a short reason.",
}

KINDS = ("semantic", "contrast", "painting", "mirror", "dislocation")


class VisualConfusion(TaskBuilder):
    REFERENCE = Value("string")
    SKIPS_MISSING_PICTURES = True

    def rows(self, root: Path, variant: str) -> Iterator[Row]:
        images = root / "truthfulness/misleading_images"
        for item in self.read_json(root / "truthfulness/query_misleading/query_d_confusion.json"):
            with item:
                yield self.row(
                    item.key,
                    prompt=self.prompt("prompt", query=item.filled("query")),
                    images=[images / item.filled("image")],
                    reference=item.choice("truth", {"Yes": "yes", "No": "no"}),
                    subset=item.choice("kind", {kind: kind for kind in KINDS}),
                )
