"""Reading raw annotation files: every row knows its file and place, so that a fault can be told or counted."""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, get_args

from multitrust_datasets.errors import BadRow, DataError, MissingData, MissingPicture

OnBadRow = Literal["error", "skip"]

AS_ORIGINAL = " (as in the original)"
"""Ends the reason of rows that are left out by design: they are counted, but nothing is wrong with the data."""

# Lines end at LF, CRLF or CR and nowhere else: str.splitlines() would also break at U+2028 or a form feed.
_LINE_END = re.compile(r"\r\n|\n|\r")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_FAULTS_KEPT = 100
# What undecodable bytes become under "surrogateescape"; no valid text holds them.
_UNDECODABLE = re.compile("[\ud800-\udfff]")


class RawReader:
    """Reads a tree's annotation files, remembers their digests, counts the rows it had to leave out."""

    SKIPS_MISSING_PICTURES = False
    """Whether rows without their picture are left out and counted even when bad rows are errors, as the original."""

    def __init__(self, on_bad_row: OnBadRow = "error") -> None:
        if on_bad_row not in get_args(OnBadRow):
            raise ValueError(f"on_bad_row is {on_bad_row!r}; give one of {', '.join(get_args(OnBadRow))}.")
        self.on_bad_row = on_bad_row
        self.left_out: Counter[str] = Counter()
        self.faults: list[str] = []
        self.digests: dict[str, str] = {}
        self.root = Path()

    def read_json(self, path: Path) -> Iterator["Item"]:
        """The objects of a JSON list."""
        entries = self._load_json(path)
        if not isinstance(entries, list):
            raise DataError(f"{self.relative(path)}: expected a JSON list of objects, found {_kind(entries)}.")
        for number, entry in enumerate(entries):
            yield self.item(path, f"entry {number}", number, entry)

    def read_json_object(self, path: Path) -> dict[str, Any]:
        """A JSON object: name -> anything. Its parts become items by `item`."""
        entries = self._load_json(path)
        if not isinstance(entries, dict):
            raise DataError(f"{self.relative(path)}: expected a JSON object, found {_kind(entries)}.")
        if isinstance(entries, _Doubled):
            raise DataError(f"{self.relative(path)}: the key {entries.key!r} occurs twice; JSON would keep the last.")
        return entries

    def read_json_lines(self, path: Path) -> Iterator["Item"]:
        """One JSON object a line; blank lines are no rows."""
        number = 0
        for line_number, line in self.read_lines(path):
            if not line.strip():
                continue
            place = f"line {line_number}"
            try:
                entry = json.loads(line)
            except json.JSONDecodeError as error:
                entry = BadRow(self.relative(path), place, f"not valid JSON ({error.msg}).", "bad JSON")
            except RecursionError:
                entry = BadRow(self.relative(path), place, "not valid JSON (too deep).", "bad JSON")
            yield self.item(path, place, number, entry)
            number += 1

    def read_csv(self, path: Path, columns: Iterable[str]) -> Iterator["Item"]:
        """The rows of a CSV file with a header that has at least `columns`; blank lines are no rows."""
        text = self.read_text(path)
        lines = csv.DictReader(io.StringIO(text, newline=""))
        try:
            if text.count('"') % 2:  # a quote that is never closed would swallow all rows after it
                lines = csv.DictReader(io.StringIO(text, newline=""), strict=True)
            header = lines.fieldnames or []
            missing = [column for column in columns if column not in header]
            if missing:
                found = ", ".join(header) or "none"
                raise DataError(f"{self.relative(path)}: no column {missing[0]!r} in the header; it has {found}.")
            for number, row in enumerate(lines):
                place = f"line {lines.line_num}"
                entry: Any = row
                if None in row:
                    entry = BadRow(self.relative(path), place, "more fields than the header has columns.", "bad CSV")
                yield self.item(path, place, number, entry)
        except csv.Error as error:
            raise DataError(f"{self.relative(path)}, line {lines.line_num}: not valid CSV ({error}).") from error

    def read_lines(self, path: Path) -> Iterator[tuple[int, str]]:
        """(number from 1, text) of each line; a last empty line is none."""
        lines = _LINE_END.split(self.read_text(path))
        if lines and not lines[-1]:
            lines.pop()
        yield from enumerate(lines, start=1)

    def read_text(self, path: Path) -> str:
        """A whole text file. Bytes that are not UTF-8 survive as lone surrogates and are told with their row."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise MissingData(f"{self.relative(path)} is not in the data at {self.root}.") from None
        except OSError as error:
            raise DataError(f"{self.relative(path)} cannot be read: {error.strerror}.") from error
        if data[:2] in _UTF_16:
            raise DataError(f"{self.relative(path)} is UTF-16; save it as UTF-8.")
        self.digests[self.relative(path)] = hashlib.sha256(data).hexdigest()
        return data.decode("utf-8-sig", errors="surrogateescape")

    def list_files(self, folder: Path) -> list[Path]:
        """The files of a folder in natural order (2 before 10); hidden files are no pictures."""
        if not folder.is_dir():
            raise MissingData(f"The folder {self.relative(folder)} is not in the data at {self.root}.")
        files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
        return self._listed(folder, files)

    def list_folders(self, folder: Path) -> list[Path]:
        """The folders of a folder in natural order."""
        if not folder.is_dir():
            raise MissingData(f"The folder {self.relative(folder)} is not in the data at {self.root}.")
        folders = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
        return self._listed(folder, folders)

    def leave_out(self, fault: BadRow) -> None:
        """Count a row that is left out, and remember what is wrong with the first ones."""
        self.left_out[fault.reason] += 1
        if len(self.faults) < _FAULTS_KEPT:
            self.faults.append(str(fault))

    def item(self, path: Path, place: str, number: int, entry: Any) -> "Item":
        """An annotation row made by hand, for formats that nest their rows."""
        return Item(self, self.relative(path), place, number, entry)

    def relative(self, path: Path) -> str:
        """A path as the tree knows it."""
        # By text: pathlib's own way takes most of the time of a large variant.
        return path.as_posix().removeprefix(f"{self.root.as_posix()}/")

    def _listed(self, folder: Path, paths: list[Path]) -> list[Path]:
        for path in paths:
            if _UNDECODABLE.search(path.name):
                raise DataError(f"{self.relative(folder)}: the name {path.name!a} is not UTF-8; rename it.")
        return sorted(paths, key=lambda path: natural(path.name))

    def _load_json(self, path: Path) -> Any:
        try:
            return json.loads(self.read_text(path), object_pairs_hook=_object)
        except json.JSONDecodeError as error:
            raise DataError(f"{self.relative(path)}, line {error.lineno}: not valid JSON ({error.msg}).") from error
        except RecursionError:
            raise DataError(f"{self.relative(path)}: not valid JSON (too deep).") from None


class Item(Mapping[str, Any]):
    """One annotation row. Inside `with item:` a fault of this row is raised, or left out and counted, as the
    reader was told; the rows after it go on."""

    def __init__(self, reader: RawReader, file: str, place: str, number: int, entry: Any) -> None:
        self.file = file
        self.place = place
        self.number = number
        self._reader = reader
        self._entry = entry

    @property
    def key(self) -> str:
        """The raw index, so that a row keeps its id whatever is dropped before it: `0007`."""
        return f"{self.number:04d}"

    def __enter__(self) -> "Item":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, BadRow):
            return False
        fault = error.at(self.file, self.place)
        excused = isinstance(error, MissingPicture) and self._reader.SKIPS_MISSING_PICTURES
        if not excused and self._reader.on_bad_row == "error":
            raise fault from error.__cause__
        self._reader.leave_out(fault)
        return True

    def __getitem__(self, name: str) -> Any:
        if isinstance(self._entry, BadRow):
            raise self._entry
        if not isinstance(self._entry, Mapping):
            raise self.bad(f"expected an object, found {_kind(self._entry)}.", "bad row")
        value = self._entry.get(name)
        if value is None:
            raise self.bad(f"{name!r} is missing.", f"missing {name}")
        if isinstance(value, str) and _UNDECODABLE.search(value):
            raise self.bad(f"{name!r} is not UTF-8; save the file as UTF-8.", "not UTF-8")
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._entry if isinstance(self._entry, Mapping) else ())

    def __len__(self) -> int:
        return len(self._entry) if isinstance(self._entry, Mapping) else 0

    def __contains__(self, name: object) -> bool:
        return isinstance(self._entry, Mapping) and self._entry.get(str(name)) is not None

    def text(self, name: str) -> str:
        """A field that must be text (a number is taken as its digits)."""
        value = self[name]
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.bad(f"{name!r} must be text, found {_kind(value)}.", f"bad {name}")
        return str(value)

    def filled(self, name: str) -> str:
        """A text field that must not be blank."""
        value = self.text(name)
        if not value.strip():
            raise self.bad(f"{name!r} is empty.", f"empty {name}")
        return value

    def integer(self, name: str) -> int:
        """A whole number, given as such or as its digits."""
        value = self.text(name)
        try:
            return int(value)
        except ValueError:
            raise self.bad(f"{name!r} is {value!r}, expected a whole number.", f"bad {name}") from None

    def choice(self, name: str, choices: Mapping[str, str]) -> str:
        """What `choices` makes of a field's text. Any other text is a bad row."""
        value = self.text(name)
        if value not in choices:
            raise self.bad(f"{name!r} is {value!r}, expected one of {', '.join(choices)}.", f"bad {name}")
        return choices[value]

    def first(self, name: str) -> str:
        """The first text of a field that is a list of texts, as in label lists of which the first one counts."""
        texts = self[name]
        if not isinstance(texts, list) or not texts or not isinstance(texts[0], str) or not texts[0].strip():
            raise self.bad(f"{name!r} is {texts!r}, expected a list that begins with a text.", f"bad {name}")
        if _UNDECODABLE.search(texts[0]):
            raise self.bad(f"{name!r} is not UTF-8; save the file as UTF-8.", "not UTF-8")
        return texts[0]

    def bad(self, what: str, reason: str) -> BadRow:
        """The error for this row, to be raised."""
        return BadRow(self.file, self.place, what, reason)

    def dropped(self, name: str) -> BadRow:
        """For this row, which the original drops because a field is blank: what `leave_out` counts."""
        return self.bad(f"{name!r} is empty.", f"empty {name}{AS_ORIGINAL}")

    def without_picture(self, what: str) -> MissingPicture:
        """The error for this row where nothing says what its picture would be called."""
        return MissingPicture(self.file, self.place, what, "missing picture")


class _Doubled(dict[str, Any]):
    """A JSON object in which a key occurs twice."""

    key = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) == len(pairs):
        return entries
    doubled = _Doubled(entries)
    doubled.key = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return doubled


def natural(text: str) -> tuple[Any, ...]:
    """Sort key that puts 2 before 10; equal numbers keep the order of their spelling."""
    parts = re.split(r"(\d+)", text)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts), text


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")
