"""Walks a raw tree and says what is in it: counts, labels, and everything that is missing, unreadable or twice.

Here pictures are decoded, each file once. Nothing is written, not even to the cache of `datasets`.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import PIL.Image

from multitrust_datasets.builder import Rendered, TaskBuilder, builder_class
from multitrust_datasets.errors import DataError, MissingData
from multitrust_datasets.raw import AS_ORIGINAL
from multitrust_datasets.registry import list_tasks
from multitrust_datasets.sources import SAMPLE, resolve
from multitrust_datasets.task import Task

Status = Literal["ok", "missing", "broken"]

MANY_LABELS = 16
LONG_LABEL = 24
"""References that take more values, or longer ones, are free texts: their balance says nothing."""


@dataclass
class VariantCheck:
    """What was found of one variant. `told` is the sentence for a variant that cannot be read at all."""

    stem: str
    variant: str
    optional: bool = False
    status: Status = "ok"
    told: str = ""
    rows: int = 0
    pictures: int = 0
    labels: dict[str, int] = field(default_factory=dict)
    subsets: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    undecodable: list[str] = field(default_factory=list)
    empty_targets: int = 0
    duplicates: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def problems(self) -> int:
        """How much of the variant is not as it should be. What is asked twice, or left out by design, is
        remarkable, but no fault."""
        absent = self.status != "ok" and not (self.optional and self.status == "missing")
        bad = sum(count for reason, count in self.left_out.items() if not reason.endswith(AS_ORIGINAL))
        return absent + bad + len(self.undecodable) + self.empty_targets


@dataclass
class Check:
    """What was found in a source. `across`: how often the same question with the same pictures stands in several
    tasks, by their stems; `same_pictures`: files of equal bytes, the pools of unrelated pictures aside."""

    source: str
    variants: list[VariantCheck] = field(default_factory=list)
    across: dict[tuple[str, ...], int] = field(default_factory=dict)
    same_pictures: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not any(variant.problems for variant in self.variants)


def check_source(
    source: str | Path = SAMPLE,
    tasks: Sequence[Task] | None = None,
    *,
    revision: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Check:
    """Check all variants of the tasks (by default of all). `progress` is called with each variant's name.

    Raises DataError where there is no tree at all; what is wrong inside one is in the result.
    """
    chosen = list_tasks() if tasks is None else tasks
    _refuse_no_tree(source, revision, {task.aspect for task in chosen})
    found = Check(str(source))
    pictures = _Pictures()
    questions: dict[bytes, set[str]] = defaultdict(set)
    shown: dict[str, set[str]] = defaultdict(set)
    for task in chosen:
        for variant in task.variants:
            if progress:
                progress(f"{task.stem}/{variant.name}")
            checked = VariantCheck(task.stem, variant.name, optional=not variant.launched)
            found.variants.append(checked)
            try:
                builder = builder_class(task.stem)(variant.name, source=source, revision=revision, on_bad_row="skip")
            except MissingData as error:
                checked.status, checked.told = "missing", str(error)
            except DataError as error:
                checked.status, checked.told = "broken", str(error)
            else:
                _check_rows(checked, builder, pictures, questions, shown)
    found.across = _shared(questions)
    found.same_pictures = sorted(tuple(sorted(files)) for files in shown.values() if len(files) > 1)
    return found


def _refuse_no_tree(source: str | Path, revision: str | None, aspects: set[str]) -> None:
    """Raises DataError where the source has a part of no aspect; of one that has some, each variant tells its own."""
    faults = []
    for aspect in sorted(aspects):
        try:
            resolve(source, revision, aspect)
        except DataError as error:
            faults.append(error)
    if len(faults) == len(aspects) and len(set(map(str, faults))) == 1:
        raise faults[0]


def _check_rows(
    checked: VariantCheck,
    builder: TaskBuilder,
    pictures: "_Pictures",
    questions: dict[bytes, set[str]],
    shown: dict[str, set[str]],
) -> None:
    """Go through a variant's rows. `questions` and `shown` gather what tasks have in common."""
    labels: Counter[str] = Counter()
    subsets: Counter[str] = Counter()
    ids: dict[bytes, list[str]] = defaultdict(list)
    files: set[str] = set()
    for row, digests in _with_digests(builder, pictures):
        checked.rows += 1
        subsets[row["subset"]] += 1
        labels[_label(row["reference"])] += 1
        content = hashlib.sha256(json.dumps([row["prompt"], digests]).encode("utf-8", "surrogatepass")).digest()
        ids[content].append(row["id"])
        questions[content].add(checked.stem)
        for image, digest in zip(row["images"], digests, strict=True):
            if not isinstance(image, Rendered):
                files.add(image)
                if not (name := builder.relative(Path(image))).startswith("unrelated_images/"):
                    shown[digest].add(name)
    checked.pictures = len(files)
    checked.undecodable = sorted(
        f"{builder.relative(Path(file))}: {pictures.faults[file]}" for file in files & pictures.faults.keys()
    )
    blank = labels.get("", 0)
    checked.empty_targets = blank if blank < checked.rows else 0  # a task without targets has only empty ones
    few = 1 < len(labels) <= min(MANY_LABELS, checked.rows // 2) and max(map(len, labels)) <= LONG_LABEL
    checked.labels = dict(labels.most_common()) if few else {}
    checked.subsets = {} if set(subsets) == {""} else dict(subsets)
    checked.left_out, checked.faults = dict(builder.left_out), builder.faults
    checked.duplicates = [tuple(same) for same in ids.values() if len(same) > 1]
    if not checked.rows:
        checked.status, checked.told = "missing", "No row can be used."


def _with_digests(builder: TaskBuilder, pictures: "_Pictures") -> Iterator[tuple[Any, list[str]]]:
    """The rows, each with a digest for each of its pictures; the pictures of many rows are decoded side by side."""
    batch: list[Any] = []
    for row in builder.raw_rows():
        batch.append(row)
        if len(batch) == 256:
            yield from pictures.digests(batch)
            batch = []
    yield from pictures.digests(batch)


class _Pictures:
    """Each picture file, read and decoded once however many rows and tasks show it."""

    def __init__(self) -> None:
        self._digests: dict[str, str] = {}
        self.faults: dict[str, str] = {}

    def digests(self, rows: Iterable[Any]) -> Iterator[tuple[Any, list[str]]]:
        rows = list(rows)
        new = {i for row in rows for i in row["images"] if not isinstance(i, Rendered) and i not in self._digests}
        with ThreadPoolExecutor() as pool:
            for file, (digest, fault) in zip(new, pool.map(_decode, new), strict=True):
                self._digests[file] = digest
                if fault:
                    self.faults[file] = fault
        for row in rows:
            yield row, [f"drawn {i.name}" if isinstance(i, Rendered) else self._digests[i] for i in row["images"]]


def _decode(file: str) -> tuple[str, str]:
    """(digest of a picture's bytes, what is wrong with it or "")."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        return file, f"cannot be read ({error.strerror})"
    digest = hashlib.sha256(data).hexdigest()
    try:
        with PIL.Image.open(BytesIO(data)) as image:
            image.load()
    except PIL.Image.DecompressionBombError:
        return digest, "is too large to be decoded safely"
    except (OSError, ValueError, SyntaxError, MemoryError) as error:
        return digest, f"cannot be decoded ({' '.join(str(error).split()).rstrip('.')})"
    return digest, ""


def _label(reference: Any) -> str:
    """A reference as one text; a struct's fields side by side."""
    if isinstance(reference, str):
        return reference.strip()
    return " ".join(map(str, reference.values())) if isinstance(reference, dict) else json.dumps(reference)


def _shared(tasks_of: dict[Any, set[str]]) -> dict[tuple[str, ...], int]:
    """How often exactly these several tasks have something in common."""
    counts = Counter(tuple(sorted(stems)) for stems in tasks_of.values() if len(stems) > 1)
    return dict(counts.most_common())
