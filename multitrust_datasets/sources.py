"""Where the raw files come from: the embedded sample, a folder, an archive, or a gated Hub repository."""

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from multitrust_datasets.errors import DataError, MissingData
from multitrust_datasets.unpack import SUFFIXES, archive_stem, cache_folder, member_names, unpacked

SAMPLE = "sample"
FOLDERS = {
    "truthfulness": [
        "query_basic",
        "basic_images",
        "query_advanced",
        "advanced_images",
        "query_instruction",
        "instruction_images",
        "query_text",
        "text_images",
        "query_misleading",
        "misleading_images",
    ],
    "safety": [
        "nsfw",
        "risk_identification",
        "real_toxicity_prompt",
        "typographic_jailbreak",
        "mm-safety-bench-selected",
        "SafeBench_selected",
        "crossmodal-jailbreak",
    ],
    "robustness": ["ood-artistic", "ood-sensor", "ood-text", "adv_nips", "advglue", "advglue_plus"],
    "fairness": [
        "stereo_images",
        "stereo_classification_images",
        "stereo_generation_images",
        "stereo_query_images",
        "vision_subjective_choice_images",
        "subjective_choice_images",
        "profession_images",
    ],
    "privacy": ["vispr", "vizwiz-priv", "confaide", "celeb", "enron-email"],
}
"""The tree's folders for each aspect, and what lies in them."""

TOP_FOLDERS = tuple(FOLDERS)
_SHARED = ("unrelated_images", "fonts")
_HUB_ID = re.compile(r"[\w][\w.-]*/[\w][\w.-]*")
_MAX_DEPTH = 6


def resolve(source: str | Path, revision: str | None = None, aspect: str | None = None) -> Path:
    """The root of the raw tree for a source, as far as the tasks of `aspect` (None: of all) need it.

    Packed parts are unpacked into the cache, and the root is then a folder of links. Raises DataError with the fix.
    """
    if str(source) == SAMPLE:
        return Path(__file__).parent / "sample"
    wanted = (aspect, *_SHARED) if aspect else (*TOP_FOLDERS, *_SHARED)
    path = Path(source).expanduser()
    # Made without `..`, in a way that follows links as the system does; else links stay, as a Hub snapshot is of them.
    place = path.resolve() if ".." in path.parts else path.absolute()
    if path.is_dir():
        return _tree(place, wanted)
    if path.is_file() and archive_stem(path.name) is not None:
        return _merged([_mounted(place, PurePosixPath())], wanted)
    if _HUB_ID.fullmatch(str(source)) and not path.exists():
        return _tree(_snapshot(str(source), revision, wanted), wanted)
    raise DataError(
        f"The source {str(source)!r} is no folder; give {SAMPLE!r}, a folder, an archive, or a Hub id like owner/name."
    )


def _tree(folder: Path, wanted: Sequence[str]) -> Path:
    """The folder itself or the `data/` in it, whichever holds an aspect's folder; merged with packed parts if any."""
    roots = [root for root in (folder, folder / "data") if root.is_dir()]
    holding = [root for root in roots if any((root / name).is_dir() for name in TOP_FOLDERS)]
    archives = [(root, archive) for root in roots for archive in _archives(root, wanted)]
    if not archives and not holding:
        raise MissingData(
            f"{folder} holds none of the folders {', '.join(TOP_FOLDERS)} (nor does its `data/`), packed or not."
        )
    if not archives:
        return holding[0]
    layers: list[Layer] = [(PurePosixPath(), root) for root in roots]
    layers += [_mounted(archive, PurePosixPath(archive.parent.relative_to(root))) for root, archive in archives]
    return _merged(layers, wanted)


# Packed parts.

Layer = tuple[PurePosixPath, Path]
"""A folder, and where in the tree its content belongs."""

_walks: dict[tuple[Path, tuple[str, ...]], tuple[dict[str, int], list[Path]]] = {}


def _archives(root: Path, wanted: Sequence[str]) -> list[Path]:
    """The archives in a tree that may hold wanted parts. The walk is kept until one of its folders changes."""
    key = (root, tuple(wanted))
    if key not in _walks or any(_changed(folder) != at for folder, at in _walks[key][0].items()):
        folders: dict[str, int] = {}
        try:
            archives = sorted(_walk(root, wanted, folders), key=lambda path: path.parts)
        except OSError as error:
            raise DataError(f"{error.filename} cannot be read: {error.strerror}.") from error
        _walks[key] = (folders, archives)
    return _walks[key][1]


def _walk(folder: Path, wanted: Sequence[str] | None, folders: dict[str, int], depth: int = 0) -> Iterator[Path]:
    """Archives below a folder. At the top (`wanted` given) only in the wanted folders, and none that names another."""
    folders[str(folder)] = _changed(str(folder))
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        stem = archive_stem(entry.name)
        path = folder / entry.name
        if stem is not None and entry.is_file():
            if wanted is None or _may_hold(path, stem, wanted):
                yield path
        elif depth < _MAX_DEPTH and (wanted is None or entry.name in wanted) and entry.is_dir():
            yield from _walk(path, None, folders, depth + 1)


def _changed(folder: str) -> int:
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return -1


def _may_hold(archive: Path, stem: str, wanted: Sequence[str]) -> bool:
    """Whether an archive at the top of a tree is worth unpacking: by its name, else by the names in it."""
    named = [top for top in (*TOP_FOLDERS, *_SHARED) if top in stem.lower()]
    if named:
        return any(top in wanted for top in named)
    known = {*wanted, *(name for top in wanted for name in FOLDERS.get(top, ()))}
    return any(not known.isdisjoint(name.split("/")) for name in member_names(archive))


def _mounted(archive: Path, where: PurePosixPath) -> Layer:
    """An archive's unpacked folder, and the place in the tree that its content is for.

    `where` is the folder in which the archive lies. What it holds decides: an aspect's folder, a folder of an aspect,
    else its own name, as if it had been unpacked by hand.
    """
    stem = archive_stem(archive.name) or archive.name
    content = unpacked(archive)
    insides = [content, *_wrappers(content)]
    for folder in insides:
        if any((folder / top).is_dir() for top in (*TOP_FOLDERS, *_SHARED)):
            return PurePosixPath(), folder
    hinted = [PurePosixPath(top) for top in TOP_FOLDERS if top in stem.lower()]
    for folder in insides:
        for mount in (where, where / stem, *hinted):
            if any((folder / name).exists() for name in FOLDERS.get(str(mount), ())):
                return mount, folder
    if len(insides) > 1 and (insides[1].name == stem or stem not in FOLDERS.get(str(where), TOP_FOLDERS)):
        return where, content
    return where / stem, content


def _wrappers(folder: Path) -> Iterator[Path]:
    """The only folder in a folder, the only one in that, and so on."""
    for _ in range(_MAX_DEPTH):
        names = [path for path in folder.iterdir() if not path.name.startswith(".")]
        if len(names) != 1 or not names[0].is_dir():
            return
        folder = names[0]
        yield folder


def _merged(layers: Sequence[Layer], wanted: Sequence[str]) -> Path:
    """A folder of links to all that the layers hold; of what two hold, the first counts."""
    links = sorted(_links(layers, PurePosixPath(), wanted))
    if not any(link.split("/")[0] in TOP_FOLDERS for link, _ in links):
        raise MissingData(f"{layers[0][1]} holds none of the folders {', '.join(wanted)}, packed or not.")
    plan = "".join(f"{link}\0{target}\n" for link, target in links)
    digest = hashlib.sha256(plan.encode(errors="surrogateescape")).hexdigest()[:16]
    tree = cache_folder() / "trees" / digest
    if not tree.is_dir():
        draft = tree.with_name(f".{digest}.{uuid.uuid4().hex}")
        try:
            for link, target in links:
                (draft / link).parent.mkdir(parents=True, exist_ok=True)
                (draft / link).symlink_to(target)
            draft.rename(tree)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            if not tree.is_dir():  # else another process was faster
                raise DataError(f"The packed data cannot be laid out in {tree.parent}: {error.strerror}.") from error
    return tree


def _links(layers: Sequence[Layer], place: PurePosixPath, wanted: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """(path in the tree, target) of all links below a place: whole folders where only one layer has them."""
    found: dict[str, list[Path | None]] = {}
    for mount, folder in layers:
        if place.is_relative_to(mount):
            here = folder / place.relative_to(mount)
            for path in sorted(here.iterdir()) if here.is_dir() else ():
                found.setdefault(path.name, []).append(path)
        elif mount.is_relative_to(place):
            found.setdefault(mount.relative_to(place).parts[0], []).append(None)
    for name, paths in found.items():
        if (wanted is not None and name not in wanted) or archive_stem(name) is not None or name.startswith("."):
            continue
        first = paths[0]
        if first is not None and (len(paths) == 1 or not first.is_dir()):
            yield str(place / name), str(first)
        else:
            yield from _links(layers, place / name, None)


# The Hub.


@cache
def _snapshot(repo_id: str, revision: str | None, wanted: tuple[str, ...]) -> Path:
    """A local snapshot of the wanted parts of a Hub dataset; whatever is packed comes along if its name may fit."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    others = [top for top in TOP_FOLDERS if top not in wanted]
    try:
        return Path(
            snapshot_download(
                repo_id,
                repo_type="dataset",
                revision=revision,
                allow_patterns=[f"{data}{top}/*" for data in ("", "data/") for top in wanted]
                + [f"*{suffix}" for suffix in SUFFIXES],
                ignore_patterns=[
                    f"{data}{top}{rest}" for data in ("", "data/") for top in others for rest in ("/*", ".*")
                ],
            )
        )
    except GatedRepoError as error:
        raise DataError(
            f"{repo_id} is gated: accept the terms on its Hub page, then set HF_TOKEN to a token of that account."
        ) from error
    except RepositoryNotFoundError as error:
        raise DataError(
            f"There is no dataset {repo_id} on the Hub, or it is private; check the name, or set HF_TOKEN."
        ) from error
    except RevisionNotFoundError as error:
        raise DataError(f"The dataset {repo_id} has no revision {revision!r}.") from error
    except (LocalEntryNotFoundError, HfHubHTTPError, ConnectionError) as error:
        if isinstance(error, OfflineModeIsEnabled) or isinstance(error.__cause__, OfflineModeIsEnabled):
            raise DataError(
                f"{repo_id} is not in the local cache, and HF_HUB_OFFLINE forbids to ask the Hub; unset it, or give a "
                "folder."
            ) from error
        raise DataError(f"{repo_id} cannot be reached: {error.__cause__ or error}".rstrip(".") + ".") from error
