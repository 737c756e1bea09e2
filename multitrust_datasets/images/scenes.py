"""Drawn scenes: a few coloured shapes on a plain ground, with the truth about them.

The embedded sample and the demo model's training pictures are made of these; the seeds keep them apart.
"""

import math
import random
from dataclasses import dataclass

import PIL.Image
import PIL.ImageDraw

COLORS = {
    "red": (214, 40, 40),
    "green": (46, 139, 62),
    "blue": (38, 84, 190),
    "yellow": (242, 201, 36),
    "orange": (240, 128, 30),
    "purple": (126, 58, 160),
    "black": (30, 30, 30),
    "white": (248, 248, 248),
}
SHAPES = ("circle", "square", "triangle", "star", "cross")
PLURALS = {shape: "crosses" if shape == "cross" else f"{shape}s" for shape in SHAPES}
GROUNDS = {"grey": (196, 200, 204), "sand": (226, 208, 170), "mint": (190, 224, 206), "sky": (184, 212, 240)}


@dataclass(frozen=True)
class Figure:
    """A shape with its box (x min, y min, x max, y max) as shares of width and height, 0-1."""

    shape: str
    color: str
    box: tuple[float, float, float, float]

    @property
    def name(self) -> str:
        return f"{self.color} {self.shape}"


@dataclass(frozen=True)
class Scene:
    """What a drawn picture shows. Figures do not overlap; no two are the same shape in the same colour."""

    ground: str
    figures: tuple[Figure, ...]


def draw_scene(seed: str, count: int) -> Scene:
    """A scene of 1 to 6 figures, a pure function of the seed."""
    rng = random.Random(seed)
    cells = rng.sample([(column, row) for column in range(3) for row in range(3)], count)
    names = rng.sample([(shape, color) for shape in SHAPES for color in COLORS], count)
    figures = []
    for (column, row), (shape, color) in zip(cells, names, strict=True):
        side = rng.uniform(0.19, 0.28)
        left = (column + rng.uniform(0.1, 0.9) * (1 - 3 * side)) / 3
        top = (row + rng.uniform(0.1, 0.9) * (1 - 3 * side)) / 3
        figures.append(Figure(shape, color, (left, top, left + side, top + side)))
    return Scene(rng.choice(list(GROUNDS)), tuple(figures))


def render(scene: Scene, size: tuple[int, int] = (192, 192)) -> PIL.Image.Image:
    """The picture of a scene, (width, height) pixels."""
    image = PIL.Image.new("RGB", size, GROUNDS[scene.ground])
    draw = PIL.ImageDraw.Draw(image)
    for figure in scene.figures:
        left, top, right, bottom = (
            edge * side for edge, side in zip(figure.box, (size[0], size[1], size[0], size[1]), strict=True)
        )
        fill, line = COLORS[figure.color], (70, 70, 70)
        if figure.shape == "circle":
            draw.ellipse((left, top, right, bottom), fill=fill, outline=line)
        else:
            points = [(left + x * (right - left), top + y * (bottom - top)) for x, y in _OUTLINES[figure.shape]]
            draw.polygon(points, fill=fill, outline=line)
    return image


def _star() -> list[tuple[float, float]]:
    angles = [math.pi * (0.2 * k - 0.5) for k in range(10)]
    radii = [0.5 if k % 2 == 0 else 0.2 for k in range(10)]
    return [(0.5 + r * math.cos(a), 0.5 + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]


_CROSS = ((0.33, 0), (0.67, 0), (0.67, 0.33), (1, 0.33), (1, 0.67), (0.67, 0.67), (0.67, 1), (0.33, 1), (0.33, 0.67))
_OUTLINES: dict[str, list[tuple[float, float]]] = {
    "square": [(0, 0), (1, 0), (1, 1), (0, 1)],
    "triangle": [(0.5, 0), (1, 1), (0, 1)],
    "star": _star(),
    "cross": [*_CROSS, (0, 0.67), (0, 0.33), (0.33, 0.33)],
}
