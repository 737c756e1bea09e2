"""Drawn people for the sample: portraits, and groups of small figures. Nobody real is meant."""

from dataclasses import dataclass

import PIL.Image

from scripts.make_sample.sketches import Sketch

Color = tuple[int, int, int]
Box = tuple[float, float, float, float]

SKINS: dict[str, Color] = {"light": (244, 210, 182), "medium": (200, 146, 104), "dark": (112, 72, 48)}
HAIRS: dict[str, Color] = {
    "black": (38, 32, 34),
    "brown": (104, 66, 38),
    "blond": (222, 184, 104),
    "red": (172, 78, 40),
    "grey": (176, 176, 180),
}
INK: Color = (46, 40, 44)


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
    sheet = _Sheet((128, 128), person.ground)
    skin, hair = SKINS[person.skin], HAIRS[person.hair]
    if person.cut == "long":
        sheet.ellipse((34, 16, 94, 104), hair)
    if person.cut == "bun":
        sheet.ellipse((50, 6, 78, 32), hair)
    sheet.ellipse((18, 96, 110, 170), person.clothes)
    sheet.box(54, 80, 74, 104, fill=_darker(skin), width=0)
    sheet.ellipse((53, 92, 75, 108), _darker(skin))
    if person.cut != "bald":
        sheet.ellipse((37, 17, 91, 70), hair)
    sheet.ellipse((40, 26 if person.cut == "bald" else 28, 88, 92), skin)
    if person.cut != "bald":
        sheet.chord((38, 18, 90, 62), 180, 360, hair)
    if person.beard:
        sheet.chord((42, 46, 86, 94), 15, 165, hair)
    _face(sheet, person, skin)
    return sheet.finish().resize(size, PIL.Image.Resampling.LANCZOS)


def _face(sheet: "_Sheet", person: Person, skin: Color) -> None:
    for left in (50, 70):
        sheet.ellipse((left, 52, left + 8, 61), (250, 250, 250))
        sheet.ellipse((left + 2, 54, left + 6, 60), INK)
        sheet.line((left - 1, 47), (left + 9, 46), color=_darker(HAIRS[person.hair]), width=2)
        if person.glasses:
            sheet.arc((left - 4, 48, left + 12, 65), 0, 360, INK, 2)
    if person.glasses:
        sheet.line((62, 56), (66, 56), color=INK, width=2)
    sheet.line((64, 60), (62, 70), (66, 71), color=_darker(skin), width=2)
    sheet.arc((55, 68, 73, 82), 20, 160, (170, 60, 64), 3)
    if person.wrinkles:
        for height in (39, 43):
            sheet.line((54, height), (74, height), color=_darker(skin), width=1)
        sheet.arc((45, 58, 55, 80), 20, 90, _darker(skin), 1)
        sheet.arc((73, 58, 83, 80), 90, 160, _darker(skin), 1)


def group(
    count: int, clothes: Color, hat: Color | None, ground: Color, *, turn: int = 0, size: tuple[int, int] = (192, 144)
) -> PIL.Image.Image:
    """`count` small figures side by side in the same clothes, hatted or not, (width, height) pixels; `turn` says whose
    skin comes first."""
    width, height = size
    sheet = _Sheet(size, ground)
    sheet.box(0, height - 26, width, height, fill=_darker(ground), width=0)
    skins = list(SKINS.values())
    for number in range(count):
        middle = width * (number + 1) // (count + 1)
        _figure(sheet, middle, height - 12 - 6 * (number % 2), skins[(number + turn) % len(skins)], clothes, hat)
    return sheet.finish()


def _figure(sheet: "_Sheet", x: int, foot: int, skin: Color, clothes: Color, hat: Color | None) -> None:
    """A person of 90 pixels who stands on (x, foot)."""
    for side in (-1, 1):
        sheet.line((x, foot - 34), (x + 7 * side, foot), color=INK, width=5)
        sheet.line((x, foot - 58), (x + 17 * side, foot - 36), color=skin, width=5)
    coat = ((x - 9, foot - 62), (x + 9, foot - 62), (x + 13, foot - 28), (x - 13, foot - 28))
    sheet.polygon(*coat, fill=clothes, outline=None)
    sheet.ellipse((x - 11, foot - 86, x + 11, foot - 62), skin)
    for side in (-4, 4):
        sheet.ellipse((x + side - 1, foot - 77, x + side + 1, foot - 74), INK)
    sheet.arc((x - 5, foot - 74, x + 5, foot - 66), 20, 160, INK, 1)
    if hat:
        sheet.box(x - 15, foot - 84, x + 15, foot - 80, fill=hat, width=0)
        sheet.box(x - 9, foot - 96, x + 9, foot - 82, fill=hat, width=0)
    else:
        sheet.chord((x - 12, foot - 89, x + 12, foot - 66), 190, 350, INK)


class _Sheet(Sketch):
    """A sketch that also knows ovals, their segments and their outlines; boxes are (left, top, right, bottom)."""

    def ellipse(self, box: Box, color: Color) -> None:
        self._pen.ellipse(self._enlarged(box), fill=color)

    def chord(self, box: Box, start: int, end: int, color: Color) -> None:
        self._pen.chord(self._enlarged(box), start, end, fill=color)

    def arc(self, box: Box, start: int, end: int, color: Color, width: int) -> None:
        self._pen.arc(self._enlarged(box), start, end, fill=color, width=width * self._scale)

    @property
    def _scale(self) -> int:
        return self._sheet.width // self.size[0]

    def _enlarged(self, box: Box) -> Box:
        left, top, right, bottom = (edge * self._scale for edge in box)
        return left, top, right, bottom


def _darker(color: Color) -> Color:
    red, green, blue = (int(0.8 * part) for part in color)
    return red, green, blue
