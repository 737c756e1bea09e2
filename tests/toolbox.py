"""A miniature checkout in the shape of the authors' toolbox, with invented texts: what the importer is tried on.

Every file begins with a line that would end the process if it were run.
"""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from multitrust_datasets.protocol_import import F_STRING, YAML_PATH, Place, places

COMMIT = "89abcdef" * 5


def text_of(place: Place) -> str:
    """The invented text of a place, awkward on purpose: braces, quotes, several lines, blanks at the ends."""
    slots = " ".join(f"{{{slot}}}" if not slot.isdigit() else "{}" for slot in place.slots)
    braces = " {{so}}" if place.slots else " {so} 'and' \"so\""
    return f" {Path(place.file).stem}/{place.name}/{place.key}: {slots}{braces} ü\n  \\ end "


def value_of(place: Place) -> Any:
    if place.type == "text":
        return text_of(place)
    entries = [f"{place.key} one", "two", "zero\u200bwidth"]
    return entries if place.type == "list" else {entry: {"word": number} for number, entry in enumerate(entries)}


def fabricate(folder: Path) -> Path:
    """Write the checkout. Returns its folder."""
    files: dict[str, list[Place]] = defaultdict(list)
    for place in places():
        files[place.file].append(place)
    for name, held in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_yaml(held) if name.endswith(".yaml") else _python(held), encoding="utf-8")
    _git(folder)
    return folder


def _git(folder: Path) -> None:
    git = folder / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs/heads/main").write_text(f"{COMMIT}\n")


def _yaml(held: list[Place]) -> str:
    root: dict[str, Any] = {}
    for place in held:
        assert place.kind == YAML_PATH
        _put(root, place.name.split("."), value_of(place))
    return yaml.safe_dump(root, allow_unicode=True)


def _put(node: Any, steps: list[str], value: Any) -> None:
    """Set a value deep in nested dicts and lists, making those that are missing."""
    for step, following in pairwise(steps):
        node = _child(node, step, [] if following.isdigit() else {})
    assert _child(node, steps[-1], value) == value


def _child(node: Any, step: str, fresh: Any) -> Any:
    if isinstance(node, list):
        if int(step) == len(node):
            node.append(fresh)
        return node[int(step)]
    return node.setdefault(step, fresh)


def _python(held: list[Place]) -> str:
    lines = ["raise SystemExit('this file must not be run')"]
    scopes: dict[str, list[Place]] = defaultdict(list)
    for place in held:
        scopes[place.scope].append(place)
    lines += _body(scopes.pop("", []), "")
    classes: dict[str, list[tuple[str, list[Place]]]] = defaultdict(list)
    for scope, inside in scopes.items():
        owner, _, method = scope.partition(".")
        if method or any(place.kind.endswith("attribute") for place in inside):
            classes[owner].append((method, inside))
        else:
            lines += [f"def {scope}(value):", *_body(inside, "    ")]
    for owner, parts in classes.items():
        lines.append(f"class {owner}(Base):")
        for method, inside in parts:
            if method:
                lines += [f"    def {method}(self, dataset_id):", *_body(inside, "        ")]
            else:
                lines += _body(inside, "    ")
    return "\n".join(lines) + "\n"


def _body(held: list[Place], indent: str) -> list[str]:
    """The assignments of one scope; those among several to one name stand in the branches of an if."""
    names: dict[str, list[Place]] = defaultdict(list)
    for place in held:
        names[place.name].append(place)
    lines = []
    for name, given in names.items():
        target = f"self.{name}" if given[0].kind.startswith("instance") else name
        for number in range(1, given[0].of + 1):
            here = [place for place in given if place.occurrence == number]
            value = _value(here) if here else "compute(dataset_id)"
            if given[0].of == 1:
                lines.append(f"{indent}{target} = {value}")
            else:
                lines += [f"{indent}if dataset_id == {number}:", f"{indent}    {target} = {value}"]
    return lines


def _value(here: list[Place]) -> str:
    if here[0].kind == F_STRING:
        return f"f{text_of(here[0])!r}"
    if not here[0].item:
        return repr(value_of(here[0]))
    root: Any = [] if here[0].item.split("/")[0].isdigit() else {}
    for place in here:
        _put(root, place.item.split("/"), value_of(place))
    return repr(root)
