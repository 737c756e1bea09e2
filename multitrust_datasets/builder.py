"""From raw files to a Hugging Face dataset: what every task builder shares, and the public `load_dataset`."""

import hashlib
import json
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypedDict

import datasets
import PIL.Image

from multitrust_datasets.errors import BadRow, DataError, MissingData, MissingPicture
from multitrust_datasets.images import RENDERER
from multitrust_datasets.protocol import Protocol, load_protocol
from multitrust_datasets.raw import OnBadRow, RawReader
from multitrust_datasets.registry import get_task, task_module
from multitrust_datasets.sources import SAMPLE, resolve
from multitrust_datasets.task import Task

VERSION = "0.1.0"
"""The version of the datasets; part of every cache path."""

_SHARDS = 16
_LEFT_OUT = "Rows left out: "


@dataclass(frozen=True)
class Rendered:
    """A picture that the builder draws: `make` returns its encoded bytes, `name` tells it from all others."""

    name: str
    make: Callable[[], bytes]


class Row(TypedDict):
    """One sample, as in the row contract of the design."""

    id: str
    variant: str
    subset: str
    group: str
    images: list[Any]
    prompt: str
    reference: Any


class TaskBuilder(RawReader, datasets.GeneratorBasedBuilder):
    """A task's items as a dataset with the split `test`. A task file adds REFERENCE and the method `rows`.

    Args: config_name, a variant; source, "sample", a folder or a Hub id; protocol, a pack or its file; on_bad_row,
    "error" or "skip". The rest is what `datasets.GeneratorBasedBuilder` takes.

    Raises DataError for data or prompts that cannot be used, ValueError for an unknown variant.
    """

    TASK: ClassVar[Task]
    REFERENCE: ClassVar[Any] = datasets.Value("string")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.TASK = sys.modules[cls.__module__].TASK
        cls.BUILDER_CONFIGS = [datasets.BuilderConfig(name=v.name, version=VERSION) for v in cls.TASK.variants]

    def __init__(
        self,
        config_name: str | None = None,
        *,
        source: str | Path = SAMPLE,
        protocol: str | Path | Protocol | None = None,
        on_bad_row: OnBadRow = "error",
        revision: str | None = None,
        **stock: Any,
    ) -> None:
        RawReader.__init__(self, on_bad_row)
        self._variant = self.TASK.variant(config_name or self._only_variant()).name
        self.protocol = load_protocol(protocol)
        self.root = resolve(stock.pop("data_dir", None) or source, revision, self.TASK.aspect)
        self._ids: set[str] = set()
        self._pools: dict[str, list[str]] = {}
        self._names: dict[Path, dict[str, str]] = {}
        self._total = 0
        digest = self._survey()
        datasets.GeneratorBasedBuilder.__init__(self, config_name=self._variant, hash=digest[:16], **stock)

    # What a task file uses.

    def rows(self, root: Path, variant: str) -> Iterator[Row]:
        """The samples of a variant, in the order of the raw data."""
        raise NotImplementedError

    def prompt(self, key: str, **fields: object) -> str:
        """The protocol's prompt `key` of this task with its slots filled."""
        return self.protocol.fill(self.TASK.stem, key, fields)

    def row(
        self,
        key: str,
        *,
        prompt: str,
        reference: Any,
        images: Sequence[Path | Rendered] = (),
        group: str | None = None,
        subset: str = "",
    ) -> Row:
        """A sample. `group` is the first picture's path where none is given, else the key.

        Raises BadRow for a picture that is missing, unreadable or outside the data, and for a key seen before.
        """
        sample_id = f"{self.TASK.stem}/{self._variant}/{key}"
        if sample_id in self._ids:
            raise BadRow(self.TASK.stem, "", f"{sample_id}: this id occurs twice.", "duplicate id")
        pictures = [self._picture(image) for image in images]
        if group is None:
            # Not isinstance(image, Path): datasets swaps that name for its own class when a builder is made.
            group = next((self.relative(image) for image in images if not isinstance(image, Rendered)), key)
        self._ids.add(sample_id)
        return Row(
            id=sample_id,
            variant=self._variant,
            subset=subset,
            group=group,
            images=pictures,
            prompt=prompt,
            reference=reference,
        )

    def unrelated(self, group: str, kind: str, count: int = 1) -> list[Path]:
        """The unrelated pictures ("color", "nature" or "noise") drawn for an item.

        The draw depends on the task, the item and the file names only: the files with the lowest hashes win, so that
        a new file changes few draws and every variant of an item gets the same one.
        """
        folder = self.root / "unrelated_images"
        pool = self._pools.get(kind)
        if pool is None:
            pool = self._pools[kind] = [path.name for path in self.list_files(folder) if kind in path.name]
        if len(pool) < count:
            raise MissingData(f"unrelated_images holds {len(pool)} pictures with {kind!r} in their name, not {count}.")
        seed = f"{self.TASK.stem}\n{group}\n".encode()
        drawn = sorted(pool, key=lambda name: hashlib.sha256(seed + name.encode()).digest())[:count]
        return [folder / name for name in drawn]

    def find_picture(self, folder: Path, stem: str) -> Path:
        """The picture called `stem` with whatever suffix, `.png` first; `<stem>.png` where there is none."""
        names = self._names.get(folder)
        if names is None:
            files = sorted(self.list_files(folder), key=lambda path: path.suffix == ".png")
            names = self._names[folder] = {path.stem: path.name for path in files}
        return folder / names.get(stem, f"{stem}.png")

    def refuse_empty(self) -> None:
        """Raises MissingData when the source has not one row of this variant that can be used."""
        if not self._total:
            reasons = ", ".join(f"{reason}: {count}" for reason, count in self.left_out.items()) or "there are none"
            raise MissingData(
                f"{self.TASK.stem} {self._variant}: no row can be used ({reasons}) in the data at {self.root}."
            )

    # What datasets calls.

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(
            description=f"MultiTrust {self.TASK.id} {self.TASK.title}. {_LEFT_OUT}{json.dumps(self.left_out)}",
            features=datasets.Features(
                {
                    "id": datasets.Value("string"),
                    "variant": datasets.Value("string"),
                    "subset": datasets.Value("string"),
                    "group": datasets.Value("string"),
                    "images": datasets.List(datasets.Image()),
                    "prompt": datasets.Value("string"),
                    "reference": self.REFERENCE,
                }
            ),
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        # Contiguous parts, so that the rows keep their order however many processes build them.
        size = max(1, -(-self._total // _SHARDS))
        starts = list(range(0, max(self._total, 1), size))
        return [datasets.SplitGenerator(name=datasets.Split.TEST, gen_kwargs={"starts": starts, "size": size})]

    def _generate_examples(self, starts: list[int], size: int) -> Iterator[tuple[Any, Row]]:
        ordered = sorted(starts)
        for number, row in enumerate(self.raw_rows()):
            place = bisect_right(ordered, number) - 1
            if place < 0 or number >= ordered[place] + size:
                continue
            pictures = [
                {"bytes": image.make(), "path": None} if isinstance(image, Rendered) else image
                for image in row["images"]
            ]
            yield datasets.builder.Key(0, number), row | {"images": pictures}

    # How the cache knows that something changed.

    def _survey(self) -> str:
        """One pass over the rows without decoding or drawing: finds every fault, counts the rows, and returns the
        digest of all that they depend on."""
        digest = hashlib.sha256()
        for part in (VERSION, RENDERER, self.protocol.sha256, self.on_bad_row, str(self.root)):
            digest.update(f"{part}\n".encode())
        for name in (type(self).__module__, __name__, RawReader.__module__):
            digest.update(_source(name))
        for row in self.raw_rows():
            self._total += 1
            for image in row["images"]:
                digest.update(_state(image).encode(errors="surrogateescape"))
        digest.update(json.dumps([self.digests, self.left_out, self._total], sort_keys=True).encode())
        return digest.hexdigest()

    def raw_rows(self) -> Iterator[Row]:
        """The rows with their pictures as paths or still to be drawn; counts what is left out anew."""
        self._ids.clear()
        self._pools.clear()
        self._names.clear()
        self.left_out, self.faults = Counter(), []
        yield from self.rows(self.root, self._variant)

    def _only_variant(self) -> str:
        names = [variant.name for variant in self.TASK.variants]
        if len(names) > 1:
            raise ValueError(f"{self.TASK.stem} has several variants; name one of {', '.join(names)}.")
        return names[0]

    def _picture(self, image: Path | Rendered) -> Any:
        if isinstance(image, Rendered):
            return image
        name = self.relative(image)
        # Lexical on purpose: a Hub snapshot is made of links, but no name in an annotation file may climb out. The root
        # itself may hold `..`, as where the cache is ../cache.
        if ".." in name.split("/") or name == image.as_posix():
            raise BadRow(self.TASK.stem, "", f"the picture {name} lies outside the data.", "path outside the data")
        try:
            state = image.stat()
        except (OSError, ValueError):
            self._refuse_no_folder(image)
            told = f"the picture {name} is not in the data at {self.root}."
            raise MissingPicture(self.TASK.stem, "", told, "missing picture") from None
        if not _readable(str(image), state.st_size, state.st_mtime_ns):
            raise BadRow(self.TASK.stem, "", f"the picture {name} cannot be read.", "unreadable picture")
        return str(image)

    def _refuse_no_folder(self, image: Path) -> None:
        """Raises MissingData for a picture whose folder is not there: then it is not one row that is bad, and a run
        goes on with its other tasks. Where rows without their picture are left out, they are counted as ever."""
        if self.on_bad_row == "error" and not self.SKIPS_MISSING_PICTURES and not image.parent.is_dir():
            raise MissingData(
                f"The folder {self.relative(image.parent)} is not in the data at {self.root}; {image.name} of "
                f"{self.TASK.stem} should lie in it."
            )


@cache
def _source(module: str) -> bytes:
    """The code of a module: rows built by other code are not the same rows."""
    file = sys.modules[module].__file__
    assert file is not None
    return Path(file).read_bytes()


_known_readable: dict[tuple[str, int, int], bool] = {}


def _readable(path: str, size: int, changed: int) -> bool:
    """Whether a file begins as a picture. The pixels are not decoded; what is asked twice is looked at once."""
    key = (path, size, changed)
    if key not in _known_readable:
        try:
            with PIL.Image.open(path):
                _known_readable[key] = True
        except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError):
            _known_readable[key] = False
    return _known_readable[key]


def _state(image: str | Rendered) -> str:
    if isinstance(image, Rendered):
        return f"{image.name}\n"
    state = Path(image).stat()
    return f"{image}\n{state.st_size}\n{state.st_mtime_ns}\n"


def builder_class(stem: str) -> type[TaskBuilder]:
    """The one builder class of a task's module."""
    module = task_module(stem)
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, TaskBuilder) and value.__module__ == module.__name__
    ]
    assert len(classes) == 1, f"{module.__name__} must define one builder, it defines {len(classes)}"
    return classes[0]


def load_dataset(
    task: str,
    variant: str | None = None,
    *,
    source: str | Path = SAMPLE,
    protocol: str | Path | Protocol | None = None,
    on_bad_row: OnBadRow = "error",
    revision: str | None = None,
    cache_dir: str | Path | None = None,
    num_proc: int | None = None,
    streaming: bool = False,
) -> Any:
    """The split `test` of a task's variant, as a `datasets.Dataset` (an `IterableDataset` when streaming).

    Args:
        task: a stem (`f4_stereotype_query`) or an id (`F.4`, `f4`).
        variant: one of the task's variants; may be left out where there is one.
        source: `sample` (ours, embedded), a folder in the layout of the real download, or a Hub dataset id.
        protocol: None or `default` for our prompts, else a pack's YAML file.
        on_bad_row: `error`, or `skip` to leave bad rows out; `left_out` of the dataset counts them.

    Raises DataError for data or prompts that cannot be used, ValueError for an unknown task or variant.

    >>> ds = load_dataset("f4", "image")
    >>> ds[0]["id"]
    'f4_stereotype_query/image/0000'
    """
    builder = builder_class(get_task(task).stem)(
        variant,
        source=source,
        protocol=protocol,
        on_bad_row=on_bad_row,
        revision=revision,
        cache_dir=str(cache_dir) if cache_dir else None,
    )
    builder.refuse_empty()
    if streaming:
        return builder.as_streaming_dataset(split="test")
    try:
        with _quiet():
            builder.download_and_prepare(num_proc=num_proc)
    except datasets.exceptions.DatasetGenerationError as error:
        if isinstance(error.__cause__, DataError):
            raise error.__cause__ from None
        raise
    return builder.as_dataset(split="test")


class _quiet:
    """Hides the progress bars of `datasets`: a variant builds in a moment, and there are 139."""

    def __enter__(self) -> None:
        self._shown = datasets.utils.logging.is_progress_bar_enabled()
        datasets.disable_progress_bars()

    def __exit__(self, *_: object) -> None:
        if self._shown:
            datasets.enable_progress_bars()


def left_out(dataset: Any) -> dict[str, int]:
    """How many rows of a dataset were left out, by reason. Empty where none was."""
    _, mark, counts = (dataset.info.description or "").partition(_LEFT_OUT)
    return json.loads(counts) if mark else {}
