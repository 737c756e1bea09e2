"""Drawn people for the sample: portraits, and groups of small figures. Nobody real is meant."""

from dataclasses import dataclass

import PIL.Image
import PIL.ImageDraw

Color = tuple[int, int, int]

SKINS: dict[str, Color] = {"light": (244, 210, 182), "medium": (200, 146, 104), "dark": (112, 72, 48)}
HAIRS: dict[str, Color] = {
    "black": (38, 32, 34),
    "brown": (104, 66, 38),
    "blond": (222, 184, 104),
    "red": (172, 78, 40),
    "grey": (176, 176, 180),
}
INK: Color = (46, 40, 44)
SCALE = 4
"""Everything is drawn this much larger and scaled down, which smooths the edges."""


@dataclass(frozen=True)
class Person:
    """How a drawn person looks. `hair` is a name of HAIRS, `cut` short, long, bun or bald."""

    skin: str = "medium"
    hair: str = "brown"
    cut: str = "short"
    clothes: Color = (70, 110, 170)
    ground: Color = (206, 216, 224)
    glasses: bool = False
    wrinkles: bool = False
    beard: bool = False


def portrait(person: Person, size: tuple[int, int] = (128, 128)) -> PIL.Image.Image:
    """Head and shoulders on a plain ground, (width, height) pixels; drawn for a square."""
    image = PIL.Image.new("RGB", (128 * SCALE, 128 * SCALE), person.ground)
    pen = _Pen(PIL.ImageDraw.Draw(image))
    skin, hair = SKINS[person.skin], HAIRS[person.hair]
    if person.cut == "long":
        pen.ellipse((34, 16, 94, 104), hair)
    if person.cut == "bun":
        pen.ellipse((50, 6, 78, 32), hair)
    pen.ellipse((18, 96, 110, 170), person.clothes)
    pen.box((54, 80, 74, 104), _darker(skin))
    pen.ellipse((53, 92, 75, 108), _darker(skin))
    if person.cut != "bald":
        pen.ellipse((37, 17, 91, 70), hair)
    pen.ellipse((40, 26 if person.cut == "bald" else 28, 88, 92), skin)
    if person.cut != "bald":
        pen.chord((38, 18, 90, 62), 180, 360, hair)
    if person.beard:
        pen.chord((42, 46, 86, 94), 15, 165, hair)
    _face(pen, person, skin)
    return image.resize(size, PIL.Image.Resampling.LANCZOS)


def _face(pen: "_Pen", person: Person, skin: Color) -> None:
    for left in (50, 70):
        pen.ellipse((left, 52, left + 8, 61), (250, 250, 250))
        pen.ellipse((left + 2, 54, left + 6, 60), INK)
        pen.line((left - 1, 47, left + 9, 46), _darker(HAIRS[person.hair]), 2)
        if person.glasses:
            pen.ring((left - 4, 48, left + 12, 65), INK, 2)
    if person.glasses:
        pen.line((62, 56, 66, 56), INK, 2)
    pen.line((64, 60, 62, 70), _darker(skin), 2)
    pen.line((62, 70, 66, 71), _darker(skin), 2)
    pen.arc((55, 68, 73, 82), 20, 160, (170, 60, 64), 3)
    if person.wrinkles:
        for height in (39, 43):
            pen.line((54, height, 74, height), _darker(skin), 1)
        pen.arc((45, 58, 55, 80), 20, 90, _darker(skin), 1)
        pen.arc((73, 58, 83, 80), 90, 160, _darker(skin), 1)


def group(
    count: int, clothes: Color, hat: Color | None, ground: Color, size: tuple[int, int] = (192, 144)
) -> PIL.Image.Image:
    """`count` small figures side by side in the same clothes, hatted or not, (width, height) pixels."""
    width, height = size
    image = PIL.Image.new("RGB", (width * SCALE, height * SCALE), ground)
    pen = _Pen(PIL.ImageDraw.Draw(image))
    pen.box((0, height - 26, width, height), _darker(ground))
    skins = list(SKINS.values())
    for number in range(count):
        middle = width * (number + 1) // (count + 1)
        foot = height - 12 - 6 * (number % 2)
        _figure(pen, middle, foot, skins[number % len(skins)], clothes, hat)
    return image.resize(size, PIL.Image.Resampling.LANCZOS)


def _figure(pen: "_Pen", middle: int, foot: int, skin: Color, clothes: Color, hat: Color | None) -> None:
    """A person of 90 pixels who stands on (middle, foot)."""
    for side in (-1, 1):
        pen.line((middle, foot - 34, middle + 7 * side, foot), INK, 5)
        pen.line((middle, foot - 58, middle + 17 * side, foot - 36), skin, 5)
    pen.polygon(((middle - 9, foot - 62), (middle + 9, foot - 62), (middle + 13, foot - 28), (middle - 13, foot - 28)), clothes)
    pen.ellipse((middle - 11, foot - 86, middle + 11, foot - 62), skin)
    for side in (-4, 4):
        pen.ellipse((middle + side - 1, foot - 77, middle + side + 1, foot - 74), INK)
    pen.arc((middle - 5, foot - 74, middle + 5, foot - 66), 20, 160, INK, 1)
    if hat:
        pen.box((middle - 15, foot - 84, middle + 15, foot - 80), hat)
        pen.box((middle - 9, foot - 96, middle + 9, foot - 82), hat)
    else:
        pen.chord((middle - 12, foot - 89, middle + 12, foot - 66), 190, 350, INK)


class _Pen:
    """Draws at SCALE in the coordinates of the finished picture."""

    def __init__(self, draw: PIL.ImageDraw.ImageDraw) -> None:
        self.draw = draw

    def ellipse(self, box: tuple[float, ...], color: Color) -> None:
        self.draw.ellipse(_scaled(box), fill=color)

    def ring(self, box: tuple[float, ...], color: Color, width: int) -> None:
        self.draw.ellipse(_scaled(box), outline=color, width=width * SCALE)

    def box(self, box: tuple[float, ...], color: Color) -> None:
        self.draw.rectangle(_scaled(box), fill=color)

    def chord(self, box: tuple[float, ...], start: int, end: int, color: Color) -> None:
        self.draw.chord(_scaled(box), start, end, fill=color)

    def arc(self, box: tuple[float, ...], start: int, end: int, color: Color, width: int) -> None:
        self.draw.arc(_scaled(box), start, end, fill=color, width=width * SCALE)

    def line(self, ends: tuple[float, ...], color: Color, width: int) -> None:
        self.draw.line(_scaled(ends), fill=color, width=width * SCALE)

    def polygon(self, points: tuple[tuple[float, float], ...], color: Color) -> None:
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=color)


def _scaled(numbers: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(number * SCALE for number in numbers)


def _darker(color: Color) -> Color:
    red, green, blue = (int(0.8 * part) for part in color)
    return red, green, blue
