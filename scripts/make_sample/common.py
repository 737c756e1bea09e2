"""What the aspects' sample writers share: files, small pictures, photographs that permissive packages ship."""

import csv
import importlib.util
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import PIL.Image

from multitrust_datasets.images import fields, png
from multitrust_datasets.images.scenes import Scene, render

SIZE = (192, 192)

PHOTOGRAPHS = {
    "temple": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
    "cat": ("skimage", "data/chelsea.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "grass": ("skimage", "data/grass.png"),
    "gravel": ("skimage", "data/gravel.png"),
    "brick": ("skimage", "data/brick.png"),
    "moon": ("skimage", "data/moon.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "stars": ("skimage", "data/hubble_deep_field.jpg"),
    "coins": ("skimage", "data/coins.png"),
    "motorcycle": ("skimage", "data/motorcycle_left.png"),
    "page": ("skimage", "data/page.png"),
}
"""Name -> (package, file). Their licences stand in SAMPLE.md beside the pictures."""


def photograph(name: str, size: tuple[int, int] = (160, 120)) -> PIL.Image.Image:
    """A photograph cut to the shape of (width, height) and scaled down."""
    package, file = PHOTOGRAPHS[name]
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"Install {package} to draw the sample again: pip install scikit-learn scikit-image")
    with PIL.Image.open(Path(spec.origin).parent / file) as image:
        image = image.convert("RGB")
    width, height = image.size
    scale = min(width / size[0], height / size[1])
    box_width, box_height = size[0] * scale, size[1] * scale
    left, top = max(0.0, (width - box_width) / 2), max(0.0, (height - box_height) / 2)
    return image.resize(
        size, PIL.Image.Resampling.LANCZOS, box=(left, top, min(width, left + box_width), min(height, top + box_height))
    )


def save_png(path: Path, image: PIL.Image.Image, colors: int | None = 64) -> None:
    """A PNG, by default with a palette: drawn scenes need few colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(image.quantize(colors) if colors else image))


def save_jpeg(path: Path, image: PIL.Image.Image, quality: int = 70) -> None:
    """A JPEG, for photographs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.convert("RGB").save(path, "JPEG", quality=quality)


def save_scene(path: Path, scene: Scene, size: tuple[int, int] = SIZE) -> None:
    """A drawn scene as PNG."""
    save_png(path, render(scene, size))


def save_json(path: Path, content: Any) -> None:
    """A JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def save_json_lines(path: Path, entries: Iterable[Any]) -> None:
    """One JSON object a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(e, ensure_ascii=False) + "\n" for e in entries), encoding="utf-8")


def save_csv(path: Path, rows: list[Mapping[str, Any]]) -> None:
    """A CSV file whose header is the first row's keys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_unrelated(root: Path) -> None:
    """The pools that unrelated pictures are drawn from."""
    folder = root / "unrelated_images"
    for number in range(6):
        save_png(folder / f"color_{number}.png", fields.color(f"sample {number}", (96, 96)))
        save_png(folder / f"noise_{number}.png", fields.noise(f"sample {number}", (64, 64)), colors=None)
    for number, name in enumerate(("temple", "flower", "cat", "grass", "moon", "stars")):
        save_jpeg(folder / f"nature_{number}.jpg", photograph(name))
