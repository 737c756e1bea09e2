"""Writes a task as Parquet with a dataset card: a folder that stock `datasets.load_dataset` loads and streams.

Pictures are embedded as stored, no path of this machine is in the files, and their names carry their content's hash,
because `datasets` takes a folder with the same card and the same file names for the same data.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from multitrust_datasets import card
from multitrust_datasets.builder import left_out, load_dataset
from multitrust_datasets.errors import DataError, MissingData
from multitrust_datasets.protocol import Protocol, load_protocol
from multitrust_datasets.raw import OnBadRow
from multitrust_datasets.registry import task_module
from multitrust_datasets.sources import SAMPLE
from multitrust_datasets.task import Task, Variant

SHARD_BYTES = 400_000_000
"""A file is closed when it has grown to this size."""

_GROUP_BYTES = 32_000_000
_GROUP_ROWS = 500


@dataclass
class ExportedVariant:
    """What was written of a variant: its files relative to the task's folder, and what a reader's card says of them."""

    name: str
    features: Any
    rows: int = 0
    stored_bytes: int = 0
    memory_bytes: int = 0
    files: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass
class Exported:
    """A task's folder, its variants, and the optional variants that the source does not hold."""

    folder: Path
    variants: list[ExportedVariant]
    absent: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(variant.rows for variant in self.variants)

    @property
    def stored_bytes(self) -> int:
        return sum(variant.stored_bytes for variant in self.variants)


def export_task(
    task: Task,
    out: Path,
    *,
    source: str | Path = SAMPLE,
    protocol: str | Path | Protocol | None = None,
    on_bad_row: OnBadRow = "error",
    revision: str | None = None,
    cache_dir: str | Path | None = None,
    shard_bytes: int = SHARD_BYTES,
    progress: Callable[[str, int], None] | None = None,
) -> Exported:
    """Write one task to `out/<stem>`: a Parquet file or more for each variant, and README.md. Nothing is uploaded.

    `progress(variant, rows)` is called as rows are written. A folder that an earlier export left is replaced when the
    new one is whole. Raises DataError for data that cannot be used and for a folder that is something else.
    """
    pack = load_protocol(protocol)
    folder = out / task.stem
    _refuse_other(folder)
    draft = out / f".{task.stem}.part"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    exported = Exported(folder, [])
    try:
        for variant in task.variants:
            dataset = _load(task, variant, source, pack, on_bad_row, revision, cache_dir)
            if dataset is None:
                exported.absent.append(variant.name)
                continue
            exported.variants.append(write_variant(variant.name, dataset, draft, shard_bytes, progress))
        (draft / "README.md").write_text(_card(task, exported, source, pack), encoding="utf-8")
        _replace(folder, draft)
    except OSError as error:
        raise DataError(f"The export to {folder} failed: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return exported


def _load(
    task: Task,
    variant: Variant,
    source: str | Path,
    protocol: Protocol,
    on_bad_row: OnBadRow,
    revision: str | None,
    cache_dir: str | Path | None,
) -> Any:
    """A variant's dataset; None for one that the paper does not run and the source does not hold."""
    try:
        return load_dataset(
            task.stem,
            variant.name,
            source=source,
            protocol=protocol,
            on_bad_row=on_bad_row,
            revision=revision,
            cache_dir=cache_dir,
        )
    except MissingData:
        if variant.launched:
            raise
        return None


def _refuse_other(folder: Path) -> None:
    readme = folder / "README.md"
    ours = readme.is_file() and f"\n- {card.TAG}\n" in readme.read_text(encoding="utf-8", errors="replace")
    if folder.exists() and not ours:
        raise DataError(f"{folder} is there already and is no export of ours; choose another --out, or remove it.")


def _replace(folder: Path, draft: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


# Parquet.


def write_variant(
    name: str,
    dataset: Any,
    folder: Path,
    shard_bytes: int = SHARD_BYTES,
    progress: Callable[[str, int], None] | None = None,
) -> ExportedVariant:
    """The files of one variant, in `folder/name`. No more than a row group's pictures are in memory at a time."""
    written = ExportedVariant(name, dataset.features, left_out=left_out(dataset))
    (folder / name).mkdir()
    drafts: list[Path] = []
    writer = None
    try:
        for group in _row_groups(dataset):
            if writer is None:
                drafts.append(folder / name / f"{len(drafts)}.part")
                writer = _writer(drafts[-1], dataset.features.arrow_schema)
            writer.write_table(group)
            written.rows += group.num_rows
            written.memory_bytes += group.nbytes
            if progress:
                progress(name, group.num_rows)
            if drafts[-1].stat().st_size >= shard_bytes:
                writer.close()
                writer = None
    finally:
        if writer is not None:
            writer.close()
    for number, draft in enumerate(drafts):
        file = f"{name}/test-{number:05d}-of-{len(drafts):05d}-{_digest(draft)}.parquet"
        written.stored_bytes += draft.stat().st_size
        draft.rename(folder / file)
        written.files.append(file)
    return written


def _row_groups(dataset: Any) -> Iterator[Any]:
    """The rows as tables of bounded size, pictures embedded."""
    import pyarrow

    schema = dataset.features.arrow_schema
    rows: list[dict[str, Any]] = []
    size = 0
    for row in _embedded(dataset):
        rows.append(row)
        size += sum(len(image["bytes"]) for image in row["images"]) + len(row["prompt"])
        if size >= _GROUP_BYTES or len(rows) >= _GROUP_ROWS:
            yield pyarrow.Table.from_pylist(rows, schema=schema)
            rows, size = [], 0
    if rows:
        yield pyarrow.Table.from_pylist(rows, schema=schema)


def _embedded(dataset: Any) -> Iterator[dict[str, Any]]:
    """The rows with `{"bytes", "path": None}` for each picture; one that many rows show is not read for each."""
    recent: dict[str, bytes] = {}
    room = _GROUP_BYTES
    for table in dataset.with_format("arrow").iter(batch_size=64):
        for row in table.to_pylist():
            images = []
            for image in row["images"]:
                data = image["bytes"] or recent.get(image["path"])
                if data is None:
                    data = Path(image["path"]).read_bytes()
                    if len(data) > room:
                        recent.clear()
                        room = _GROUP_BYTES
                    recent[image["path"]] = data
                    room -= len(data)
                images.append({"bytes": data, "path": None})
            yield row | {"images": images}


def _writer(file: Path, schema: Any) -> Any:
    from pyarrow import parquet

    # Rows that are crossed with pictures hold the same bytes many times: the dictionary stores them once a row group.
    # Content-defined pages and the page index are what the Hub's storage and viewer make use of.
    return parquet.ParquetWriter(
        file,
        schema,
        use_dictionary=True,
        dictionary_pagesize_limit=2 * _GROUP_BYTES,
        use_content_defined_chunking=True,
        write_page_index=True,
    )


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


# The card's header.


def _card(task: Task, exported: Exported, source: str | Path, protocol: Protocol) -> str:
    from datasets import DatasetInfo
    from datasets.info import DatasetInfosDict
    from datasets.splits import SplitDict, SplitInfo
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCardData

    header = DatasetCardData(**card.header(task, exported, source))
    configs, infos = {}, {}
    for variant in exported.variants:
        configs[variant.name] = {"data_files": [{"split": "test", "path": variant.files}]}
        split = SplitInfo("test", num_bytes=variant.memory_bytes, num_examples=variant.rows)
        infos[variant.name] = DatasetInfo(
            features=variant.features,
            splits=SplitDict({"test": split}),
            download_size=variant.stored_bytes,
            dataset_size=variant.memory_bytes,
            config_name=variant.name,
        )
    MetadataConfigs(configs).to_dataset_card_data(header)
    DatasetInfosDict(infos).to_dataset_card_data(header)
    about = (task_module(task.stem).__doc__ or "").strip()
    return f"---\n{header.to_yaml()}\n---\n\n{card.text(task, exported, source, protocol, about)}"
