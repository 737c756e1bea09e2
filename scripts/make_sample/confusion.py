"""Drawn stand-ins for the five kinds of picture that deceive the eye (T.6)."""

import PIL.Image

from scripts.make_sample.sketches import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    RED,
    STONE,
    WATER,
    WOOD,
    YELLOW,
    Color,
    Point,
    Sketch,
    regular,
    star,
)


def ink(word: str, color: Color) -> PIL.Image.Image:
    """semantic: the word names a colour, the ink has one."""
    sheet = Sketch((192, 112))
    sheet.text(96, 56, word, size=40, color=color)
    return sheet.finish()


def label(shape: int, word: str) -> PIL.Image.Image:
    """semantic: a regular shape with so many corners under a word."""
    sheet = Sketch(paper=(240, 240, 232))
    sheet.text(96, 26, word, size=26)
    sheet.polygon(*regular(96, 116, 62, shape, 1 / 8 if shape == 4 else 0), fill=ORANGE)
    return sheet.finish()


def rings(left: float, right: float) -> PIL.Image.Image:
    """contrast: two orange discs of given radii, one among large discs, one among small ones."""
    sheet = Sketch((256, 160), (236, 240, 244))
    for x, y in regular(70, 80, 46, 6):
        sheet.disc(x, y, 20, BLUE, outline=None)
    for x, y in regular(196, 80, 27, 8):
        sheet.disc(x, y, 7, BLUE, outline=None)
    sheet.disc(70, 80, left, ORANGE, outline=None)
    sheet.disc(196, 80, right, ORANGE, outline=None)
    return sheet.finish()


def greys(left: int, right: int) -> PIL.Image.Image:
    """contrast: two grey squares, one on a dark ground, one on a bright one."""
    sheet = Sketch((224, 128), (230, 230, 230))
    sheet.polygon((0, 0), (112, 0), (112, 128), (0, 128), fill=(50, 50, 50), outline=None)
    for x, grey in ((40, left), (152, right)):
        sheet.polygon((x, 48), (x + 32, 48), (x + 32, 80), (x, 80), fill=(grey, grey, grey), outline=None)
    return sheet.finish()


def room(painted: str, real: str) -> PIL.Image.Image:
    """painting: a framed picture on the wall; `painted` is shown in it, `real` lies on the floor before it."""
    sheet = Sketch(paper=(214, 206, 190))
    sheet.box(-4, 142, 196, 196, fill=(150, 110, 80))
    sheet.box(44, 18, 148, 116, fill=WOOD, width=2)
    sheet.box(54, 28, 138, 106, fill=WATER, width=2)
    sheet.box(55, 88, 137, 105, fill=(110, 150, 90), width=0)
    _thing(sheet, painted, 96, 74)
    _thing(sheet, real, 58, 158)
    return sheet.finish()


def _thing(sheet: Sketch, name: str, x: float, y: float) -> None:
    if name == "ball":
        sheet.disc(x, y, 18, RED)
    elif name == "box":
        sheet.box(x - 17, y - 17, x + 17, y + 17, fill=YELLOW)
    else:
        sheet.polygon(*star(x, y, 21), fill=YELLOW)


def mirror(true: bool) -> PIL.Image.Image:
    """mirror: a flag before an upright mirror, and what the mirror shows: the true reflection, or the flag as it is."""
    sheet = Sketch((224, 160), (236, 236, 228))
    sheet.box(112, 0, 224, 160, fill=(206, 224, 234), width=0)
    sheet.line((112, 0), (112, 160), color=STONE, width=5)
    for pole, direction in ((86, -1), (138, 1) if true else (194, -1)):
        sheet.line((pole, 24), (pole, 140), width=4)
        sheet.polygon((pole, 26), (pole + 52 * direction, 46), (pole, 66), fill=GREEN)
    return sheet.finish()


def pond(upside_down: bool) -> PIL.Image.Image:
    """mirror: a house on a shore, and below it what the water shows: the house upside down, or upright."""
    sheet = Sketch(paper=(222, 234, 246))
    sheet.box(-4, 96, 196, 196, fill=WATER)
    for base, sign, wall, roof in ((94, -1, (226, 200, 160), RED), _reflection(upside_down)):
        sheet.polygon((66, base), (126, base), (126, base + 40 * sign), (66, base + 40 * sign), fill=wall)
        sheet.polygon((56, base + 40 * sign), (136, base + 40 * sign), (96, base + 70 * sign), fill=roof)
    return sheet.finish()


def _reflection(upside_down: bool) -> tuple[float, int, Color, Color]:
    wall, roof = (188, 190, 180), (190, 110, 120)
    return (98, 1, wall, roof) if upside_down else (178, -1, wall, roof)


def bar(shift: float) -> PIL.Image.Image:
    """dislocation: a slanted line goes behind a bar; on the right it comes out `shift` pixels too low."""
    sheet = Sketch(paper=(246, 244, 236))
    sheet.line((16, 160), (96, 96), width=4)
    sheet.line((96, 96 + shift), (176, 32 + shift), width=4)
    sheet.box(70, 8, 122, 184, fill=STONE)
    return sheet.finish()


def halves(shift: float) -> PIL.Image.Image:
    """dislocation: a star cut upright through its middle, the right half `shift` pixels lower."""
    sheet = Sketch(paper=(226, 232, 244))
    corners: list[Point] = star(96, 92, 66)
    left = [corners[0], *corners[5:]]
    right = corners[:6]
    sheet.polygon(*((x - 8, y) for x, y in left), fill=YELLOW, outline=INK)
    sheet.polygon(*((x + 8, y + shift) for x, y in right), fill=YELLOW, outline=INK)
    return sheet.finish()
