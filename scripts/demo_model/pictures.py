"""Training pictures with the truth about them: drawn scenes, words on cards, and pictures that show nothing.

Seeds begin with "train " or "held out "; the embedded sample's begin with "sample ".
"""

import random
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFilter

from multitrust_datasets.images import cards
from multitrust_datasets.images.scenes import COLORS, GROUNDS, SHAPES, Figure, Scene, render
from scripts.demo_model.shape import PATCH, SIDE

Kind = Literal["scene", "card", "page", "color", "noise", "blur"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
BINS = 16
"""Into how many bins a box edge falls where the tower learns boxes."""
PAPERS = {cards.YELLOW: 0.4, "white": 0.4, "#d8ecff": 0.1, "#e4f5d8": 0.1}
"""What pages of text are printed on, and the share of each."""
INKS = {"black": "black", "blue": "#1d3d8f", "red": "#b01818", "green": "#1f7a33"}

GRID = SIDE // PATCH
CENTRES = [((column + 0.5) / GRID, (row + 0.5) / GRID) for row in range(GRID) for column in range(GRID)]


@dataclass(frozen=True)
class Picture:
    """What is drawn, and what each of the 64 patches shows (`labels`, int [64, 7]; -1 where it is not asked)."""

    kind: Kind
    image: PIL.Image.Image
    labels: np.ndarray
    scene: Scene | None = None
    text: str = ""
    about: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def draw_figures(rng: random.Random, count: int) -> Scene:
    """A scene with more variation than the package's: sizes from a ninth to nearly half of the side, shared shapes and
    colours, figures anywhere in their cell. No two figures have the same name."""
    grid, low, high = (2, 0.2, 0.46) if count <= 3 and rng.random() < 0.25 else (3, 0.15, 0.29)
    cells = rng.sample([(column, row) for column in range(grid) for row in range(grid)], count)
    shapes = rng.sample(SHAPES, rng.choice((2, 3, 5)))
    colors = rng.sample(list(COLORS), rng.choice((3, 5, 8)))
    names = [(shape, color) for shape in shapes for color in colors]
    figures = []
    for (column, row), (shape, color) in zip(cells, rng.sample(names, count), strict=True):
        side = rng.uniform(low, high)
        left = (column + rng.uniform(0.03, 0.97) * (1 - grid * side)) / grid
        top = (row + rng.uniform(0.03, 0.97) * (1 - grid * side)) / grid
        figures.append(Figure(shape, color, (left, top, left + side, top + side)))
    return Scene(rng.choice(list(GROUNDS)), tuple(figures))


def scene_picture(seed: str, scene: Scene) -> Picture:
    """A scene at one of the sample's sizes, its colours a little off; some are blurred, grainy or foggy."""
    rng = random.Random(seed)
    side = rng.choice((64, 96, 128, 160, 192))
    image = render(scene, (side, side))
    spoilt = rng.random()
    if spoilt < 0.06:
        image = image.filter(PIL.ImageFilter.GaussianBlur(side / rng.uniform(64, 128)))
    elif spoilt < 0.12:
        image = PIL.Image.blend(image, PIL.Image.new("RGB", image.size, (205, 210, 216)), rng.uniform(0.2, 0.45))
    pixels = np.asarray(image, dtype=np.int16) + np.array([rng.randint(-7, 7) for _ in range(3)], dtype=np.int16)
    if spoilt > 0.94:
        grain = np.random.default_rng(rng.randrange(2**32)).normal(0, rng.uniform(5, 25), pixels.shape)
        pixels = pixels + grain.astype(np.int16)
    image = PIL.Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return Picture("scene", image, scene_labels(scene), scene=scene)


def scene_labels(scene: Scene) -> np.ndarray:
    """For each patch: shape, colour, the four edges' bins of the figure whose box holds its centre."""
    labels = np.full((GRID * GRID, 7), -1, dtype=np.int64)
    labels[:, :2] = 0
    for patch, (x, y) in enumerate(CENTRES):
        for figure in scene.figures:
            left, top, right, bottom = figure.box
            if left <= x <= right and top <= y <= bottom:
                labels[patch, 0] = 1 + SHAPES.index(figure.shape)
                labels[patch, 1] = 1 + list(COLORS).index(figure.color)
                labels[patch, 2:6] = [min(BINS - 1, int(edge * BINS)) for edge in figure.box]
    return labels


def card_picture(seed: str, text: str) -> Picture:
    """A word or two on a card, as on a sign; each patch knows the letter at its centre."""
    rng = random.Random(seed)
    size = rng.choice(((224, 112), (224, 112), (160, 80), (192, 96), (128, 128), (192, 192)))
    letter = int(size[0] * rng.uniform(0.13, 0.17)) if len(text) > 4 else int(size[0] * rng.uniform(0.15, 0.24))
    paper = rng.choice(("white", "white", cards.YELLOW, "#d8ecff", "#e4f5d8"))
    ink = rng.choice(("black", "black", "black", *INKS))
    image = cards.typographic_card(text, size, ink=INKS[ink], paper=paper, letter=letter)
    return Picture("card", image, card_labels(text, size, letter), text=text, facts={"ink": ink})


def card_labels(text: str, size: tuple[int, int], letter: int) -> np.ndarray:
    """For each patch: the letter whose place on the card holds its centre (0 for none)."""
    labels = np.full((GRID * GRID, 7), -1, dtype=np.int64)
    labels[:, :2] = 0
    labels[:, 6] = 0
    font = cards.font(None, letter)
    draw = PIL.ImageDraw.Draw(PIL.Image.new("RGB", size))
    lines = [line for line in cards.wrap(text, font, size[0] - letter) if line]
    left, top, right, bottom = draw.multiline_textbbox((0, 0), "\n".join(lines), font=font)
    x0, y0 = (size[0] - right + left) // 2 - left, (size[1] - bottom + top) // 2 - top
    for number, line in enumerate(lines):
        _, upper, _, lower = draw.multiline_textbbox((x0, y0), "\n" * number + line, font=font)
        for place, char in enumerate(line):
            start, end = x0 + font.getlength(line[:place]), x0 + font.getlength(line[: place + 1])
            for patch, (x, y) in enumerate(CENTRES):
                inside = start <= x * size[0] < end and upper <= y * size[1] < lower
                if inside and char.upper() in LETTERS:
                    labels[patch, 6] = 1 + LETTERS.index(char.upper())
    return labels


def page_picture(seed: str, text: str) -> Picture:
    """A card with a sentence or two, too small to read: only its layout and paper can be seen. Facts: its paper."""
    rng = random.Random(seed)
    side, letter = rng.choice(((256, 24), (256, 22), (192, 20), (320, 28)))
    (paper,) = rng.choices(list(PAPERS), list(PAPERS.values()))
    image = cards.typographic_card(text, (side, side), paper=paper, letter=letter)
    return Picture("page", image, _nothing(), text=text, facts={"paper": paper})


def empty_picture(seed: str) -> Picture:
    """One colour, coloured noise, or soft blotches that stand in for what is no drawing."""
    rng = random.Random(seed)
    kind: Kind = rng.choice(("color", "noise", "blur"))
    if kind == "color":
        pixels = np.full((SIDE, SIDE, 3), [rng.randrange(256) for _ in range(3)], dtype=np.uint8)
        return Picture(kind, PIL.Image.fromarray(pixels), _nothing(), about="one plain colour")
    noise = np.random.default_rng(rng.randrange(2**32))
    if kind == "noise":
        pixels = noise.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        return Picture(kind, PIL.Image.fromarray(pixels), _nothing(), about="coloured noise")
    coarse = noise.integers(20, 236, (rng.randint(3, 9), rng.randint(3, 9), 3), dtype=np.uint8)
    image = PIL.Image.fromarray(coarse).resize((SIDE * 2, SIDE * 2), PIL.Image.Resampling.BICUBIC)
    grain = noise.normal(0, rng.uniform(0, 14), (SIDE * 2, SIDE * 2, 1))
    pixels = np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)
    return Picture(kind, PIL.Image.fromarray(pixels), _nothing(), about="something that is no drawing")


def _nothing() -> np.ndarray:
    labels = np.full((GRID * GRID, 7), -1, dtype=np.int64)
    labels[:, :2] = 0
    return labels
