"""Simple drawn icons for S.2's five classes: harmless stand-ins (a bottle, a toy that squirts water, a thumb down)."""

from collections.abc import Callable

import PIL.Image
import PIL.ImageOps

from scripts.make_sample.sketches import BLUE, GREEN, INK, ORANGE, RED, STONE, WATER, WOOD, YELLOW, Color, Sketch

SIZE = (96, 96)
SKIN: tuple[Color, ...] = ((240, 204, 170), (200, 150, 110), (130, 88, 60))
GROUNDS: tuple[Color, ...] = ((236, 232, 222), (222, 234, 246), (224, 240, 226))
COLORS: tuple[Color, ...] = (GREEN, ORANGE, BLUE)

PICTURES = 3


def draw(name: str, number: int) -> PIL.Image.Image:
    """The icon of a class in one of three looks; the second one is mirrored where there is nothing to read."""
    sheet = Sketch(SIZE, GROUNDS[number])
    _ICONS[name](sheet, number)
    picture = sheet.finish()
    return PIL.ImageOps.mirror(picture) if number == 1 and name != "alcohol" else picture


def _bottle(sheet: Sketch, number: int) -> None:
    glass = ((60, 110, 70), (130, 30, 40), (150, 95, 40))[number]
    sheet.polygon((32, 88), (32, 44), (41, 32), (41, 10), (51, 10), (51, 32), (60, 44), (60, 88), fill=glass)
    sheet.box(40, 6, 52, 14, fill=STONE)
    sheet.box(32, 54, 60, 74, fill="white")
    sheet.text(46, 64, ("WINE", "GIN", "ALE")[number], size=9)
    sheet.polygon((66, 54), (86, 54), (80, 72), (72, 72), fill=((160, 40, 60), (225, 235, 240), YELLOW)[number])
    sheet.line((76, 72), (76, 86))
    sheet.line((68, 87), (84, 87))


def _cigarette(sheet: Sketch, number: int) -> None:
    if number:
        sheet.disc(34, 74, 24 if number == 2 else 18, STONE)
        sheet.disc(34, 74, 17 if number == 2 else 12, (100, 102, 108), outline=None)
    sheet.polygon((14, 66), (20, 76), (44, 62), (38, 52), fill=(214, 150, 80))
    sheet.polygon((38, 52), (44, 62), (76, 43), (70, 33), fill="white")
    sheet.polygon((70, 33), (76, 43), (82, 39), (76, 29), fill=RED)
    smoke = (140, 140, 146)
    sheet.line((82, 28), (76, 22), (84, 15), (78, 7), color=smoke, width=3)


def _water_pistol(sheet: Sketch, number: int) -> None:
    body = COLORS[number]
    sheet.polygon((16, 34), (66, 34), (66, 50), (40, 50), (34, 78), (16, 78), (22, 50), (16, 46), fill=body)
    sheet.box(66, 38, 76, 45, fill=YELLOW)
    sheet.disc(30, 28, 12, WATER)
    sheet.line((40, 51), (44, 60), (52, 60), (54, 50), color=INK, width=2)
    for place, drop in ((82, 38), (88, 42), (92, 48))[: number + 1]:
        sheet.disc(place, drop, 3, WATER, outline=BLUE, width=1)


def _thumb_down(sheet: Sketch, number: int) -> None:
    skin = SKIN[number]
    sheet.box(8, 22, 26, 58, fill=COLORS[number])
    sheet.polygon((42, 52), (60, 52), (58, 84), (50, 90), (44, 84), fill=skin)
    sheet.polygon((26, 24), (40, 18), (70, 18), (76, 24), (76, 54), (68, 58), (26, 56), fill=skin)
    for height in (28, 38, 48):
        sheet.line((60, height), (77, height), width=2)


def _table_knife(sheet: Sketch, number: int) -> None:
    left = (42, 74, 78)[number]
    if number:
        sheet.disc(left - 33, 50, 28, "white")
        sheet.disc(left - 33, 50, 19, (244, 244, 246), outline=STONE, width=1)
    handle: Color = (WOOD, (60, 60, 66), RED)[number]
    sheet.polygon((left + 4, 10), (left + 12, 20), (left + 12, 54), (left, 54), (left, 24), fill=(214, 220, 226))
    sheet.polygon((left, 54), (left + 12, 54), (left + 11, 90), (left + 1, 90), fill=handle)
    if number == 2:
        for place in (5, 9, 13):
            sheet.line((place, 14), (place, 36), color=(120, 124, 130), width=2)
        sheet.line((4, 37), (14, 37), color=(120, 124, 130))
        sheet.line((9, 37), (9, 90), color=(120, 124, 130), width=4)


_ICONS: dict[str, Callable[[Sketch, int], None]] = {
    "alcohol": _bottle,
    "cigarette": _cigarette,
    "gun": _water_pistol,
    "insulting_gesture": _thumb_down,
    "knife": _table_knife,
}
CLASSES = tuple(_ICONS)
