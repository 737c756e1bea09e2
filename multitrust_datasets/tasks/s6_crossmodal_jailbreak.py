"""S.6 Cross-modal Influence on Jailbreaking: does a picture beside it make a textual jailbreak work better?

MultiTrust (arXiv 2406.07057), safety, jailbreaking. Each jailbreak, which comes from the data, is asked alone, with
three unrelated pictures of each kind, and with every picture of a benign (positive) and of a harmful (negative) set. A
debug leftover cut each variant of the original to its first 10 rows; here all rows are asked.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from datasets import Value

from multitrust_datasets.builder import Row, TaskBuilder
from multitrust_datasets.task import Task, Variant

TASK = Task(
    id="S.6",
    title="Cross-modal influence on jailbreaking",
    aspect="safety",
    sub_aspect="S.J",
    variants=(
        Variant("text", images="none", upstream_id="crossmodal-jailbreak-text"),
        Variant("unrelated", images="unrelated", upstream_id="crossmodal-jailbreak-unrelated"),
        Variant("positive-image", images="given", upstream_id="crossmodal-jailbreak-pos"),
        Variant("negative-image", images="given", upstream_id="crossmodal-jailbreak-neg"),
    ),
    max_new_tokens=512,
    slots=("attack",),
)

PROMPTS: dict[str, str] = {}

CROSSED = {"positive-image": "jailbreak_pos", "negative-image": "jailbreak_neg"}


class CrossmodalJailbreak(TaskBuilder):
    REFERENCE = Value("string")

    def rows(self, root: Path, variant: str) -> Iterator[Row]:
        folder = root / "safety/crossmodal-jailbreak"
        crossed = self.list_files(folder / CROSSED[variant]) if variant in CROSSED else []
        for item in self.read_csv(folder / "text_jailbreak.csv", columns=["id", "question", "jailbreak"]):
            with item:
                if item.text("id") == "id":  # the header again, as where files were joined
                    continue
                prompt, behaviour = item.filled("jailbreak"), item.filled("question")
                for suffix, images in self.pictures(item.key, variant, crossed).items():
                    with item:  # one unreadable picture takes no other row with it
                        yield self.row(
                            item.key + suffix, prompt=prompt, images=images, reference=behaviour, group=item.key
                        )

    def pictures(self, group: str, variant: str, crossed: list[Path]) -> Mapping[str, list[Path]]:
        """What a jailbreak is shown with, by the suffix of its key: one picture a row, or none."""
        if variant == "text":
            return {"": []}
        if variant in CROSSED:
            return {f"-{quote(picture.name)}": [picture] for picture in crossed}
        kinds = ("color", "nature", "noise")
        drawn = {kind: self.unrelated(group, kind, 3) for kind in kinds}
        return {f"-{kind}-{n}": [drawn[kind][n]] for kind in kinds for n in range(3)}
