"""Raw trees with awkward content for the tests of the safety and robustness tasks."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import PIL.Image
from datasets import Image, List

from multitrust_datasets import load_dataset

AWKWARD = (
    'Is "{sentence}" – or {} or {0} – näher?',
    "Zwei Zeilen:\r\nsteht hier 「東」?",
    "  {{braces}}\u2028and a \\ backslash's 'quote',\t; end ",
)
PICTURES = ("Palette.PNG", "ålpha picture.png", "gray.JPEG")


def write_picture(path: Path) -> None:
    """A small picture whose mode follows its name: palette, with alpha, grey, or plain colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if "alette" in path.name:
        PIL.Image.new("RGB", (5, 4), "red").quantize(4).save(path, "PNG")
    elif "lpha" in path.name:
        PIL.Image.new("RGBA", (6, 3), (0, 90, 0, 120)).save(path, "PNG")
    elif "ray" in path.name:
        PIL.Image.new("L", (7, 2), 77).save(path, "JPEG")
    else:
        PIL.Image.new("RGB", (3, 3), "blue").save(path, "PNG")


def write_pictures(folder: Path, names: Iterable[str] = PICTURES) -> None:
    for name in names:
        write_picture(folder / name)


def raw_tree(root: Path, aspect: str) -> Path:
    """A tree with an empty aspect and the pools: five unrelated pictures of each kind, and one of none."""
    (root / aspect).mkdir(parents=True)
    for kind in ("color", "nature", "noise"):
        write_pictures(root / "unrelated_images", (f"{kind} {n}.png" for n in range(5)))
    write_picture(root / "unrelated_images/other.png")
    return root


def loader(root: Path, cache: Path) -> Callable[..., Any]:
    """`load_dataset` for this tree."""
    return partial(load_dataset, source=root, cache_dir=cache)


def write_json(path: Path, content: Any) -> None:
    """JSON as some Windows editor would leave it: byte order mark, CRLF, blank lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=2).replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + f"\r\n{text}\r\n\r\n".encode())


def write_json_lines(path: Path, entries: Iterable[Any]) -> None:
    """JSON lines with a byte order mark, CRLF and LF ends, blank lines between; U+2028 stays inside its line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(entry, ensure_ascii=False) for entry in entries]
    path.write_bytes(b"\xef\xbb\xbf" + "".join(f"{line}\r\n\n" for line in lines).encode())


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """CSV with a byte order mark, CRLF ends and blank lines between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = []
    for number, row in enumerate(rows):
        text = io.StringIO()
        writer = csv.DictWriter(text, list(row), lineterminator="\r\n\r\n")
        if number == 0:
            writer.writeheader()
        writer.writerow(row)
        parts.append(text.getvalue())
    path.write_bytes(b"\xef\xbb\xbf" + "".join(parts).encode())


def files(dataset: Any, root: Path) -> list[list[str]]:
    """The pictures' paths below the root, as the cache holds them."""
    raw = dataset.cast_column("images", List(Image(decode=False)))
    return [[Path(image["path"]).relative_to(root).as_posix() for image in images] for images in raw["images"]]


def rows(dataset: Any, root: Path) -> list[dict[str, Any]]:
    """Whole rows, with the pictures as paths below the root and the id cut to its key."""
    found = []
    for row, images in zip(dataset.remove_columns("images"), files(dataset, root), strict=True):
        stem, variant, key = row.pop("id").split("/", 2)
        assert row.pop("variant") == variant, stem
        found.append({"key": key, **row, "images": images})
    return found
