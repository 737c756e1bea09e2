"""Rows -> Requests: what is generated, keyed by content, each distinct request once."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from multitrust_datasets.task import Task, Variant
from multitrust_eval.errors import UserError
from multitrust_eval.records import Image, Request
from multitrust_eval.select import limit_rows

if TYPE_CHECKING:
    from datasets import Dataset

Cell = tuple[str, str]
"""A task's stem and one of its variants."""


@dataclass
class Plan:
    """All that a run asks. Rows stay in their Arrow files; only requests are held as Python objects."""

    tasks: list[Task]
    datasets: dict[Cell, "Dataset"] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    key_of: dict[str, str] = field(default_factory=dict)
    """Row id -> key of the request that answers it."""
    not_applicable: dict[Cell, str] = field(default_factory=dict)
    """Variants that this model cannot be asked, with the reason."""
    left_out: dict[Cell, dict[str, int]] = field(default_factory=dict)
    """Rows that the source could not give: reason -> count. Bad ones only with --on-bad-row skip; what
    the original skips silently is counted without it too."""
    unavailable: dict[str, str] = field(default_factory=dict)
    """Stems of tasks that were asked for and whose data are not in the source, with what is missing."""
    suite_fingerprint: str = ""
    base_fingerprint: str = ""
    """The fingerprint without the system prompt: equal for two runs that differ in it alone, and in the model."""

    def n_rows(self) -> int:
        return len(self.key_of)


class Row(NamedTuple):
    """What a request needs of a row."""

    id: str
    images: tuple[Image, ...]
    prompt: str
    max_new_tokens: int


@dataclass(frozen=True)
class RunContext:
    """What results.json says about a run beside its scores. `judges`: slot -> name, as asked for."""

    model: dict[str, Any]
    source: str
    limit: int | None
    protocol: dict[str, str]
    judges: Mapping[str, str]
    profile: str
    token_cap: int | None
    suite_fingerprint: str
    stand_in_sample: bool = False
    """True when the source is the embedded sample: our own content, not MultiTrust's."""
    paper_wording: bool = False
    """True when every prompt of the pack is, to the letter, that of the authors' toolbox."""


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no blanks: equal values, equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def request_key(row: Row, identity: Mapping[str, Any]) -> str:
    """sha256 over the messages, the generation settings and the backend's identity - and nothing else.

    A system prompt, if there is one, is in the identity by its sha256 (`system_prompt`).
    """
    content: list[dict[str, str]] = [{"type": "image", "sha256": image.sha256} for image in row.images]
    content.append({"type": "text", "text": row.prompt})
    request = {
        "messages": [{"role": "user", "content": content}],
        "generation": {"do_sample": False, "max_new_tokens": row.max_new_tokens},
        "backend": identity,
    }
    return hashlib.sha256(canonical(request)).hexdigest()


def build_requests(plan: Plan, rows: Iterable[Row], identity: Mapping[str, Any]) -> None:
    """Fill the plan's requests, key_of and fingerprints. Raises UserError on a row id that occurs twice."""
    ids_of: dict[str, list[str]] = {}
    first: dict[str, Row] = {}
    prints: list[bytes] = []
    for row in rows:
        key = request_key(row, identity)
        if row.id in plan.key_of:
            raise UserError(
                f"Two rows are called {row.id}: the data set is broken, its answers could not be told apart."
            )
        plan.key_of[row.id] = key
        ids_of.setdefault(key, []).append(row.id)
        first.setdefault(key, row)
        fingerprint = [row.id, row.prompt, [image.sha256 for image in row.images], row.max_new_tokens]
        prints.append(hashlib.sha256(canonical(fingerprint)).digest())
    plan.requests = [
        Request(key, row.prompt, row.images, row.max_new_tokens, tuple(ids_of[key])) for key, row in first.items()
    ]
    plan.base_fingerprint = plan.suite_fingerprint = hashlib.sha256(b"".join(sorted(prints))).hexdigest()
    if system_prompt := identity.get("system_prompt"):
        plan.suite_fingerprint = hashlib.sha256(canonical([plan.base_fingerprint, system_prompt])).hexdigest()


class Pictures:
    """Each picture of the run, read and hashed once however many rows show it."""

    def __init__(self) -> None:
        self._of_path: dict[str, Image] = {}
        self._of_hash: dict[str, Image] = {}

    def get(self, cell: Mapping[str, Any]) -> Image:
        """The picture of one undecoded cell, {"path", "bytes"}. Raises OSError when its file cannot be read."""
        path, data = cell.get("path"), cell.get("bytes")
        if data is not None:
            digest = hashlib.sha256(data).hexdigest()
            return self._of_hash.setdefault(digest, Image(digest, data=data))
        path = str(path)
        if path not in self._of_path:
            with Path(path).open("rb") as file:
                self._of_path[path] = Image(hashlib.file_digest(file, "sha256").hexdigest(), path=path)
        return self._of_path[path]


def read_rows(
    dataset: "Dataset", max_new_tokens: int, pictures: Pictures, on_missing: Callable[[str, OSError], None]
) -> Iterator[Row]:
    """The dataset's rows, Arrow batch by Arrow batch. `on_missing(row id, error)` is told of unreadable pictures."""
    table = dataset.select_columns(["id", "images", "prompt"]).with_format("arrow")  # Arrow: pictures stay undecoded
    for batch in table.iter(batch_size=1000):
        for row in batch.to_pylist():
            try:
                images = tuple(pictures.get(cell) for cell in row["images"] or ())
            except OSError as error:
                on_missing(row["id"], error)
                continue
            yield Row(row["id"], images, row["prompt"], max_new_tokens)


@dataclass(frozen=True)
class Ask:
    """What decides on a run's requests, beside the model."""

    source: str
    protocol: Any
    limit: int | None
    token_cap: int | None
    on_bad_row: Literal["error", "skip"]
    token_floor: int | None = None


def make_plan(
    tasks: list[Task], variants: Mapping[str, list[Variant]], ask: Ask, identity: Mapping[str, Any], takes_images: bool
) -> Plan:
    """Load the tasks' rows and turn them into requests.

    Raises UserError, DataError. A variant with pictures is not applicable to a model that takes none. A task whose
    files are not in the source is left out and noted; only where no task is left that raises MissingData.
    """
    from multitrust_datasets.errors import MissingData

    plan = Plan(tasks)
    for task in tasks:
        try:
            loaded = _load_task(plan, task, variants[task.stem], ask, takes_images)
        except MissingData as error:
            plan.unavailable[task.stem] = str(error)
            for cells in (plan.left_out, plan.not_applicable):
                for variant in variants[task.stem]:
                    cells.pop((task.stem, variant.name), None)
            if len(plan.unavailable) == len(tasks):
                raise
            continue
        if ask.limit is not None:
            loaded = limit_rows(task.stem, loaded, ask.limit)
        plan.datasets |= {(task.stem, name): dataset for name, dataset in loaded.items()}
    plan.tasks = [task for task in tasks if task.stem not in plan.unavailable]
    build_requests(plan, _all_rows(plan, ask), identity)
    return plan


def _load_task(plan: Plan, task: Task, variants: list[Variant], ask: Ask, takes_images: bool) -> dict[str, "Dataset"]:
    loaded = {}
    for variant in variants:
        if variant.images != "none" and not takes_images:
            plan.not_applicable[task.stem, variant.name] = "the model takes no pictures"
        else:
            loaded[variant.name] = _load(plan, task, variant, ask)
    return loaded


def _load(plan: Plan, task: Task, variant: Variant, ask: Ask) -> "Dataset":
    from multitrust_datasets import left_out, load_dataset

    dataset = load_dataset(task.stem, variant.name, source=ask.source, protocol=ask.protocol, on_bad_row=ask.on_bad_row)
    if missing := left_out(dataset):
        plan.left_out[task.stem, variant.name] = dict(missing)
    return dataset


def _all_rows(plan: Plan, ask: Ask) -> Iterator[Row]:
    pictures = Pictures()
    of_stem = {task.stem: task for task in plan.tasks}
    for (stem, variant), dataset in plan.datasets.items():
        tokens = max(of_stem[stem].generation(variant).max_new_tokens, ask.token_floor or 0)
        if ask.token_cap is not None:
            tokens = min(tokens, ask.token_cap)
        counts = plan.left_out.get((stem, variant), {})

        def on_missing(row: str, error: OSError, cell: Cell = (stem, variant), counts: dict[str, int] = counts) -> None:
            if ask.on_bad_row != "skip":
                raise UserError(
                    f"{row}: its picture cannot be read ({error.strerror}): {error.filename}. Put it back, or leave "
                    "such rows out with --on-bad-row skip."
                )
            counts["missing picture"] = counts.get("missing picture", 0) + 1
            plan.left_out[cell] = counts

        yield from read_rows(dataset, tokens, pictures, on_missing)
