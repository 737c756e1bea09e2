"""Unpacks zip and tar archives into the cache: once, whole or not at all, and nothing but plain files inside it."""

import bz2
import errno
import gzip
import hashlib
import itertools
import lzma
import os
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from multitrust_datasets.errors import DataError

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst")
"""What counts as an archive, by name."""

MAX_GIGABYTES = 200
"""How much one archive may unpack to; the environment variable MULTITRUST_UNPACK_GB sets another bound."""
MAX_FILES = 1_000_000

_JUNK = re.compile(r"(^|/)(__MACOSX(/|$)|\.DS_Store$|\._[^/]*$|Thumbs\.db$)")
_TORN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)
_END_OF_TAR = bytes(512)


def archive_stem(name: str) -> str | None:
    """An archive's name without its suffix; None where the name is no archive's."""
    suffix = max((s for s in SUFFIXES if name.lower().endswith(s)), key=len, default="")
    return name[: -len(suffix)] if suffix and not name.startswith(".") else None


def cache_folder() -> Path:
    """Where unpacked data lies: $MULTITRUST_CACHE, else the folder `multitrust` in $HF_HOME."""
    if own := os.environ.get("MULTITRUST_CACHE"):
        return Path(own).expanduser().absolute()
    from huggingface_hub.constants import HF_HOME

    return Path(HF_HOME) / "multitrust"


def unpacked(archive: Path) -> Path:
    """The folder that holds an archive's files, unpacked on the first call for its path, size and time of change.

    Raises DataError for an archive that is torn, too large, or holds links, devices or names that lead out of it.
    """
    from huggingface_hub.utils import WeakFileLock

    state = archive.stat()
    known = f"{archive.resolve()}\n{state.st_size}\n{state.st_mtime_ns}"
    digest = hashlib.sha256(known.encode(errors="surrogateescape")).hexdigest()[:16]
    target = cache_folder() / "unpacked" / f"{_plain(archive_stem(archive.name) or archive.name)}-{digest}"
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with WeakFileLock(target.with_name(f".{target.name}.lock")):
            if not target.is_dir():  # another process may have been faster
                _unpack(archive, target)
    except OSError as error:
        raise DataError(f"{archive} cannot be unpacked into {target.parent}: {error.strerror or error}.") from error
    return target


def member_names(archive: Path, count: int = 1000) -> list[str]:
    """The first names in an archive. Raises DataError for one that is torn."""
    try:
        if archive.name.lower().endswith(".zip"):
            with zipfile.ZipFile(archive) as file:
                return file.namelist()[:count]
        with _decompressed(archive) as stream, tarfile.open(fileobj=stream, mode="r|") as file:
            return [member.name for member in itertools.islice(file, count)]
    except (*_TORN, OSError) as error:
        raise DataError(_torn(archive, error)) from error


def _unpack(archive: Path, target: Path) -> None:
    """Into a draft beside the target, which takes the target's name only when it is whole."""
    draft = target.with_name(f".{target.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        _extract(archive, draft)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _extract(archive: Path, folder: Path) -> None:
    from huggingface_hub.utils import tqdm

    room = _Room(archive, folder)
    members = _zip_members(archive, room) if archive.name.lower().endswith(".zip") else _tar_members(archive)
    try:
        with tqdm(desc=f"Unpacking {archive.name}", unit="B", unit_scale=True, leave=False, delay=1) as bar:
            for name, size, content in members:
                if not _JUNK.search(name):
                    bar.update(room.write(name, size, content))
    except OSError as error:
        if error.errno in (None, errno.EINVAL):  # the codecs raise it bare; the disk says what it is
            raise DataError(_torn(archive, error)) from error
        raise
    except _TORN as error:
        raise DataError(_torn(archive, error)) from error


def _torn(archive: Path, error: Exception) -> str:
    if "password" in str(error):
        return f"{archive} is locked with a password; unpack it yourself."
    return f"{archive} is torn or no archive ({' '.join(str(error).split()).rstrip('.')}); get it again."


@dataclass
class _Room:
    """The folder that an archive unpacks into, and the bounds on what it may put there."""

    archive: Path
    folder: Path
    files: int = 0
    size: int = 0

    @property
    def limit(self) -> int:
        given = os.environ.get("MULTITRUST_UNPACK_GB", MAX_GIGABYTES)
        try:
            return int(float(given) * 1e9)
        except (ValueError, OverflowError):
            raise DataError(f"MULTITRUST_UNPACK_GB is {given!r}; give a number of gigabytes.") from None

    def check(self, more: int) -> None:
        """Raises DataError when `more` bytes are too many, for the bound or for the disk."""
        if self.size + more > self.limit:
            raise DataError(
                f"{self.archive} unpacks to more than {self.limit / 1e9:g} GB; set MULTITRUST_UNPACK_GB if it may."
            )
        free = shutil.disk_usage(self.folder).free
        if more > free:
            raise DataError(
                f"{self.archive} needs {more / 1e9:.1f} GB in {self.folder.parent}, {free / 1e9:.1f} are free."
            )

    def write(self, name: str, size: int, content: IO[bytes] | None) -> int:
        """One member: a folder where it has no content. Returns its size in bytes."""
        path = self.folder.joinpath(*self._parts(name))
        try:
            if content is None:
                path.mkdir(parents=True, exist_ok=True)
                return 0
            self._count(size)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                shutil.copyfileobj(_Bounded(content, size), file, 1 << 20)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise DataError(f"{self.archive} holds {name!r} twice; unpack it yourself.") from None
        return size

    def _count(self, size: int) -> None:
        self.files += 1
        if self.files > MAX_FILES:
            raise DataError(f"{self.archive} holds more than {MAX_FILES:,} files.")
        if size > self.limit - self.size:
            self.check(size)
        self.size += size

    def _parts(self, name: str) -> list[str]:
        """The parts of a member's path. Raises DataError for one that would lie outside the folder."""
        plain = name.replace("\\", "/")
        parts = [part for part in plain.split("/") if part not in ("", ".")]
        outside = plain.startswith("/") or re.match(r"[A-Za-z]:", plain) or ".." in parts
        if outside or (not parts and plain.strip("./")) or "\0" in plain:
            raise DataError(f"{self.archive} holds {name!r}, which leads out of the archive; do not trust it.")
        return parts


class _Bounded:
    """A stream that ends with EOFError before, and not after, the size its archive declared."""

    def __init__(self, content: IO[bytes], size: int) -> None:
        self._content = content
        self._left = size

    def read(self, count: int = -1) -> bytes:
        data = self._content.read(count)
        self._left -= len(data)
        if self._left < 0 or (not data and self._left):
            raise EOFError("a member has not the size that is declared")
        return data


def _zip_members(archive: Path, room: _Room) -> Iterator[tuple[str, int, IO[bytes] | None]]:
    with zipfile.ZipFile(archive) as file:
        members = file.infolist()
        room.check(sum(member.file_size for member in members))
        for member in members:
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise DataError(f"{archive} holds {member.filename!r}, a link or device; unpack it yourself.")
            if member.is_dir():
                yield member.filename, 0, None
                continue
            with file.open(member) as content:
                yield member.filename, member.file_size, content


def _tar_members(archive: Path) -> Iterator[tuple[str, int, IO[bytes] | None]]:
    with _decompressed(archive) as stream:
        tail = _Tail(stream)
        with tarfile.open(fileobj=tail, mode="r|") as file:  # type: ignore[call-overload]
            for member in file:
                if not member.isdir() and not member.isreg():
                    raise DataError(f"{archive} holds {member.name!r}, a link or device; unpack it yourself.")
                content = None if member.isdir() else file.extractfile(member)
                yield member.name, member.size, content
        # tarfile takes a file that was cut between two members for whole. A whole one ends with empty blocks.
        while tail.read(1 << 20):
            pass
        if tail.last != _END_OF_TAR:
            raise EOFError("the end is missing")


class _Tail:
    """A stream that remembers its last block."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.last = b""

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.last = (self.last + data)[-512:]
        return data


def _decompressed(archive: Path) -> Any:
    name = archive.name.lower()
    if name.endswith(("gz", "tgz")):
        return gzip.open(archive, "rb")
    if name.endswith("bz2"):
        return bz2.open(archive, "rb")
    if name.endswith("xz"):
        return lzma.open(archive, "rb")
    if name.endswith(("zst", "tzst")):
        import pyarrow

        return pyarrow.input_stream(str(archive), compression="zstd")
    return archive.open("rb")


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name)[:40]
