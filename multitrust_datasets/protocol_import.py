"""Brings the original wording from a checkout of the authors' toolbox into a prompt pack, on the user's own machine.

Their files are parsed with Python's `ast` and PyYAML's safe loader, and never run. Where each text lies in them stands
in `prompt_places.csv`: file, scope, name, kind, which of several assignments, which item of a list or dict. A file
that moved or changed its shape is told by its name.
"""

import ast
import csv
import hashlib
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from multitrust_datasets.errors import DataError

YAML_PATH, F_STRING = "yaml path", "f-string"
_NODES_OF_A_DEFINITION = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Place:
    """Where the toolbox keeps one of a task's texts (`type` text), word lists (list) or word tables (map).

    `scope` is a class, a function or `Class.method`, "" for the module. The value is the assignment number
    `occurrence` of the `of` to `name` in that scope, and of that the part `item` (keys and indexes joined by `/`).
    `slots`: their slot's name -> our field.
    """

    stem: str
    key: str
    type: str
    file: str
    scope: str
    name: str
    kind: str
    occurrence: int
    of: int
    item: str
    slots: dict[str, str]


@dataclass
class Imported:
    """What a checkout gave: the pack's content, and a sentence for each place that could not be read."""

    prompts: dict[str, dict[str, str]] = field(default_factory=dict)
    slots: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def pack(self, name: str) -> dict[str, Any]:
        """The content of the pack's YAML file."""
        return {
            "name": name,
            "source": self.source,
            "prompts": self.prompts,
            "slots": self.slots,
            "lists": self.lists,
        }


@cache
def places() -> tuple[Place, ...]:
    """All that a pack holds, in the order of the tasks."""
    text = resources.files("multitrust_datasets").joinpath("prompt_places.csv").read_text(encoding="utf-8")
    return tuple(
        Place(
            **{name: row[name] for name in ("stem", "key", "type", "file", "scope", "name", "kind", "item")},
            occurrence=int(row["occurrence"]),
            of=int(row["of"]),
            slots=dict(pair.split("=") for pair in row["slots"].split()),
        )
        for row in csv.DictReader(text.splitlines())
    )


def import_protocol(checkout: Path, out: Path, *, name: str | None = None, partial: bool = False) -> Imported:
    """Read a checkout of the toolbox and write its pack to `out`; `name` is by default the file's stem.

    Raises DataError when `checkout` is no checkout, or when a place cannot be read (with `partial` the rest is
    written all the same, and the returned `faults` name what is missing).
    """
    found = read_checkout(checkout)
    if found.faults and not partial:
        count = len(found.faults)
        told = "\n".join(f"  {fault}" for fault in found.faults[:10]) + ("\n  ..." if count > 10 else "")
        raise DataError(
            f"{count} of {len(places())} places in {checkout} cannot be read; nothing was written. Take a checkout of "
            f"the release that the documentation names, or write the rest with --partial.\n{told}"
        )
    write_pack(found.pack(name or out.stem), out)
    return found


def read_checkout(checkout: Path) -> Imported:
    """All texts and lists of a checkout. Raises DataError when it has none of the toolbox's files."""
    files = {place.file for place in places()}
    if not any((checkout / file).is_file() for file in files):
        raise DataError(f"{checkout} is no checkout of the toolbox: it has no {min(files)}.")
    found = Imported()
    reader = _Reader(checkout)
    for place in places():
        try:
            value = reader.value(place)
        except _Moved as fault:
            found.faults.append(f"{place.stem} {place.key}: {place.file}: {fault}")
            continue
        if place.type == "text":
            found.prompts.setdefault(place.stem, {})[place.key] = value
            if place.slots:
                found.slots.setdefault(place.stem, {})[place.key] = place.slots
        else:
            found.lists.setdefault(place.stem, {})[place.key] = value
    found.source = {"toolbox": "a checkout of the authors' toolbox", "files": reader.digest()}
    if commit := git_commit(checkout):
        found.source["commit"] = commit
    return found


def write_pack(content: dict[str, Any], out: Path) -> None:
    """A pack as YAML, under a temporary name first. Long texts are blocks, so that a reader can read them."""
    text = yaml.dump(content, Dumper=_BlockDumper, allow_unicode=True, sort_keys=False, width=10**6)
    if yaml.safe_load(text) != content:
        raise DataError(f"The texts cannot be written to {out} without loss.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = out.with_name(f".{out.name}.part")
        draft.write_text(text, encoding="utf-8")
        draft.replace(out)
    except OSError as error:
        raise DataError(f"{out} cannot be written: {error.strerror}.") from error


class _BlockDumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _as_block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_BlockDumper.add_representer(str, _as_block)


class _Moved(Exception):
    """A place that is not as the table says; the message says how."""


class _Reader:
    """The files of a checkout, each parsed once."""

    def __init__(self, checkout: Path) -> None:
        self._checkout = checkout
        self._parsed: dict[str, Any] = {}
        self._digests: dict[str, str] = {}

    def value(self, place: Place) -> Any:
        """The text, list or map at a place. Raises _Moved."""
        content = self._content(place.file)
        if place.kind == YAML_PATH:
            value = _step(content, place.name.split("."), place.name)
        else:
            value = _literal(_assignment(content, place), place)
        if place.item:
            value = _step(value, place.item.split("/"), f"{place.name}, item {place.item}")
        _check(value, place)
        return value

    def digest(self) -> str:
        """One digest of all files that were read: it tells an edited checkout from the commit that it names."""
        lines = "".join(f"{file} {digest}\n" for file, digest in sorted(self._digests.items()))
        return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"

    def _content(self, file: str) -> Any:
        if file not in self._parsed:
            self._parsed[file] = self._parse(file)
        if isinstance(self._parsed[file], _Moved):
            raise self._parsed[file]
        return self._parsed[file]

    def _parse(self, file: str) -> Any:
        try:
            data = (self._checkout / file).read_bytes()
            self._digests[file] = hashlib.sha256(data).hexdigest()
            text = data.decode("utf-8-sig")
            return ast.parse(text) if file.endswith(".py") else yaml.safe_load(text)
        except FileNotFoundError:
            return _Moved("the file is not in the checkout.")
        except OSError as error:
            return _Moved(f"the file cannot be read ({error.strerror}).")
        except (SyntaxError, ValueError, RecursionError, MemoryError, yaml.YAMLError) as error:
            return _Moved(f"the file cannot be parsed ({type(error).__name__}).")


def _assignment(module: ast.Module, place: Place) -> ast.expr:
    """The value that the table's assignment gives to the name."""
    scope: ast.AST = module
    for name in place.scope.split(".") if place.scope else []:
        inner = [n for n in ast.iter_child_nodes(scope) if isinstance(n, _NODES_OF_A_DEFINITION) and n.name == name]
        if not inner:
            raise _Moved(f"it has no {place.scope}.")
        scope = inner[-1]
    # Attributes and constants stand in the body itself; what a function assigns may stand in any of its branches.
    nodes = ast.walk(scope) if isinstance(scope, ast.FunctionDef) else ast.iter_child_nodes(scope)
    values = sorted(
        (value for node in nodes if (value := _assigned(node, place.name)) is not None),
        key=lambda value: (value.lineno, value.col_offset),
    )
    where = place.scope or "the module"
    if len(values) != place.of:
        raise _Moved(f"{where} assigns {place.name} {len(values)} times, expected {place.of}.")
    return values[place.occurrence - 1]


def _assigned(node: ast.AST, name: str) -> ast.expr | None:
    """What a statement assigns to `name` or `self.name`; None if it does not."""
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    else:
        return None
    for target in targets:
        own = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
        if (isinstance(target, ast.Name) and target.id == name) or (own and getattr(target, "attr", "") == name):
            return node.value
    return None


def _literal(value: ast.expr, place: Place) -> Any:
    if place.kind == F_STRING:
        return _template(value, place)
    if isinstance(value, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in value.values):
        return "".join(str(part.value) for part in value.values if isinstance(part, ast.Constant))  # f"" for nothing
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise _Moved(f"{place.name} is no literal any more.") from None


def _template(value: ast.expr, place: Place) -> str:
    """An f-string as the template that it came from: plain names become slots, other braces are doubled."""
    if not isinstance(value, ast.JoinedStr):
        raise _Moved(f"{place.name} is no f-string any more.")
    parts = []
    for part in value.values:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            parts.append(part.value.replace("{", "{{").replace("}", "}}"))
        elif isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name) and part.format_spec is None:
            parts.append(f"{{{part.value.id}}}")
        else:
            raise _Moved(f"{place.name} holds more than plain names in its braces.")
    return "".join(parts)


def _step(value: Any, steps: list[str], where: str) -> Any:
    """The part of nested dicts and lists that `steps` leads to."""
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise _Moved(f"it has no {where} ({step!r} is not there).")
    return value


def _check(value: Any, place: Place) -> None:
    """The value must be of the table's type, and a text must have exactly its slots."""
    expected = {"text": str, "list": list, "map": dict}[place.type]
    if isinstance(value, tuple) and expected is list:
        return
    if not isinstance(value, expected):
        raise _Moved(f"{place.name} is a {type(value).__name__}, expected a {expected.__name__}.")
    if place.type == "text" and place.slots and set(_slots(value, place.name)) != set(place.slots):
        found, known = ", ".join(_slots(value, place.name)) or "none", ", ".join(place.slots)
        raise _Moved(f"{place.name} has the slots {found}, expected {known}.")


def _slots(text: str, name: str) -> Iterator[str]:
    """The slot names of a format string; positional ones by number."""
    position = 0
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise _Moved(f"{name} is no template ({error}).") from None
    for _, slot, spec, conversion in parts:
        if slot is None:
            continue
        if spec or conversion or not re.fullmatch(r"\w*", slot):
            raise _Moved(f"{name} has the slot {{{slot}}}, which is more than a name.")
        yield slot or str(position)
        position += not slot


def git_commit(checkout: Path) -> str | None:
    """The commit that a checkout's `.git` names, read from its files; None where there is none."""
    folder = checkout / ".git"
    try:
        if folder.is_file():  # a worktree or submodule: "gitdir: <path>"
            folder = checkout / folder.read_text().partition(":")[2].strip()
        head = (folder / "HEAD").read_text().strip()
        if head.startswith("ref: "):
            head = _reference(folder, head[5:].strip())
    except (OSError, UnicodeDecodeError):
        return None
    return head if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", head) else None


def _reference(folder: Path, name: str) -> str:
    """The commit of a branch, from its own file or the packed ones; of a worktree also from the main folder."""
    if not re.fullmatch(r"refs/[\w./-]+", name) or ".." in name:
        return ""
    common = folder / "commondir"
    folders = [folder, folder / common.read_text().strip()] if common.is_file() else [folder]
    for place in folders:
        if (place / name).is_file():
            return (place / name).read_text().strip()
        packed = place / "packed-refs"
        for line in packed.read_text().splitlines() if packed.is_file() else []:
            commit, _, known = line.partition(" ")
            if known == name:
                return commit
    return ""
