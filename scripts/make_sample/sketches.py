"""Small drawings with smooth edges for the sample: instruments, road signs, charts, set-ups that are about to move.

Places are pixels of the finished picture. Everything is a pure function of its arguments.
"""

import math

import PIL.Image
import PIL.ImageDraw

from multitrust_datasets.images.cards import font
from multitrust_datasets.images.scenes import COLORS

Color = str | tuple[int, int, int]
Point = tuple[float, float]

SIZE = (192, 192)
INK = (45, 45, 45)
RED, GREEN, BLUE, YELLOW, ORANGE = (COLORS[name] for name in ("red", "green", "blue", "yellow", "orange"))
WOOD, STONE, WATER = (170, 120, 70), (150, 154, 160), (150, 195, 230)

_SCALE = 3


class Sketch:
    """A sheet that is drawn on at three times its size and scaled down when it is finished."""

    def __init__(self, size: tuple[int, int] = SIZE, paper: Color = "white") -> None:
        self.size = size
        self._sheet = PIL.Image.new("RGB", (size[0] * _SCALE, size[1] * _SCALE), paper)
        self._pen = PIL.ImageDraw.Draw(self._sheet)

    def line(self, *points: Point, color: Color = INK, width: float = 3) -> None:
        self._pen.line(_up(points), fill=color, width=round(width * _SCALE), joint="curve")

    def polygon(self, *points: Point, fill: Color, outline: Color | None = INK, width: float = 2) -> None:
        self._pen.polygon(_up(points), fill=fill, outline=outline, width=round(width * _SCALE))

    def box(
        self, left: float, top: float, right: float, bottom: float, *, fill: Color | None = None, width: float = 2
    ) -> None:
        self._pen.rectangle(_up([(left, top), (right, bottom)]), fill=fill, outline=INK, width=round(width * _SCALE))

    def disc(
        self, x: float, y: float, radius: float, fill: Color, outline: Color | None = INK, width: float = 2
    ) -> None:
        corners = _up([(x - radius, y - radius), (x + radius, y + radius)])
        self._pen.ellipse(corners, fill=fill, outline=outline, width=round(width * _SCALE))

    def text(self, x: float, y: float, text: str, *, size: int = 20, color: Color = INK, anchor: str = "mm") -> None:
        letters = font(None, size * _SCALE)
        self._pen.text((x * _SCALE, y * _SCALE), text, fill=color, font=letters, anchor=anchor)

    def code(self, text: str, size: int = 16) -> None:
        """Lines that keep their indentation, in the upper left corner."""
        letters = font(None, size * _SCALE)
        for number, line in enumerate(text.splitlines()):
            words = line.lstrip(" ")
            left = 14 + (len(line) - len(words)) * size * 0.55
            self._pen.text((left * _SCALE, (14 + number * size * 1.45) * _SCALE), words, fill=INK, font=letters)

    def paste(self, image: PIL.Image.Image, left: int, top: int) -> None:
        big = image.resize((image.width * _SCALE, image.height * _SCALE), PIL.Image.Resampling.LANCZOS)
        self._sheet.paste(big, (left * _SCALE, top * _SCALE))

    def finish(self) -> PIL.Image.Image:
        return self._sheet.resize(self.size, PIL.Image.Resampling.LANCZOS)


def _up(points: "tuple[Point, ...] | list[Point]") -> list[Point]:
    return [(x * _SCALE, y * _SCALE) for x, y in points]


def regular(x: float, y: float, radius: float, corners: int, turn: float = 0.0) -> list[Point]:
    """The corners of a regular polygon; `turn` in full turns, 0 puts a corner on top."""
    angles = [2 * math.pi * (k / corners + turn) - math.pi / 2 for k in range(corners)]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


def star(x: float, y: float, radius: float) -> list[Point]:
    """The ten corners of a star, the top first."""
    outer, inner = regular(x, y, radius, 5), regular(x, y, radius * 0.42, 5, 0.1)
    return [corner for pair in zip(outer, inner, strict=True) for corner in pair]


def card(text: str, *, size: int = 30, color: Color = INK, paper: Color = "white") -> PIL.Image.Image:
    """Lines of text in the middle of a broad card."""
    sheet = Sketch((224, 128), paper)
    lines = text.splitlines()
    for number, line in enumerate(lines):
        sheet.text(112, 64 + (number - (len(lines) - 1) / 2) * size * 1.25, line, size=size, color=color)
    return sheet.finish()


def program(code: str) -> PIL.Image.Image:
    """The text of a program."""
    lines = code.splitlines()
    sheet = Sketch((240, 28 + round(len(lines) * 16 * 1.45)), (250, 248, 240))
    sheet.code(code)
    return sheet.finish()


def panels(left: PIL.Image.Image, right: PIL.Image.Image) -> PIL.Image.Image:
    """Two pictures of 120 x 120 pixels side by side, numbered 1 and 2."""
    sheet = Sketch((256, 144))
    for number, (image, x) in enumerate(((left, 4), (right, 132)), start=1):
        sheet.paste(image, x, 4)
        sheet.box(x, 4, x + 120, 124)
        sheet.text(x + 60, 134, str(number), size=15)
    return sheet.finish()


def candle(height: float) -> PIL.Image.Image:
    """A burning candle of a height up to 70 pixels, 120 x 120."""
    sheet = Sketch((120, 120), (60, 66, 90))
    sheet.box(30, 104, 90, 112, fill=STONE)
    top = 104 - height
    sheet.box(50, top, 70, 104, fill=(240, 232, 205))
    sheet.line((60, top), (60, top - 6), width=2)
    sheet.polygon((60, top - 24), (66, top - 8), (60, top - 3), (54, top - 8), fill=YELLOW, outline=ORANGE)
    return sheet.finish()


def clock(hour: int, minute: int) -> PIL.Image.Image:
    """A clock face with its twelve numbers."""
    sheet = Sketch(paper=(225, 232, 240))
    sheet.disc(96, 96, 86, "white", width=4)
    for number in range(1, 13):
        x, y = regular(96, 96, 70, 12)[number % 12]
        sheet.text(x, y, str(number), size=17)
    for turn, length, width in (((hour % 12 + minute / 60) / 12, 38.0, 7), (minute / 60, 58.0, 4)):
        sheet.line((96, 96), regular(96, 96, length, 1, turn)[0], width=width)
    sheet.disc(96, 96, 6, INK)
    return sheet.finish()


def thermometer(degrees: int) -> PIL.Image.Image:
    """A thermometer from -20 to 40 degrees Celsius."""
    sheet = Sketch((144, 192), (236, 240, 244))

    def height(value: float) -> float:
        return 132 - value * 2

    sheet.box(62, 30, 82, 180, fill="white")
    for mark in range(-20, 41, 10):
        sheet.line((84, height(mark)), (92, height(mark)), width=2)
        sheet.text(112, height(mark), str(mark), size=14)
    sheet.disc(72, 178, 13, RED, outline=None)
    sheet.box(66, height(degrees), 78, 180, fill=RED, width=0)
    sheet.text(112, 22, "°C", size=15)
    return sheet.finish()


def battery(share: float) -> PIL.Image.Image:
    """A telephone whose screen shows how full its battery is, 0-1."""
    sheet = Sketch((128, 192), (226, 226, 220))
    sheet.box(26, 8, 102, 184, fill=INK)
    sheet.box(32, 20, 96, 168, fill="white")
    sheet.box(40, 70, 82, 92, width=2)
    sheet.box(82, 76, 87, 86, fill=INK)
    sheet.box(43, 73, 43 + 36 * share, 89, fill=GREEN if share > 0.3 else RED, width=0)
    sheet.text(64, 112, f"{share:.0%}", size=18)
    return sheet.finish()


def weather(rain: bool) -> PIL.Image.Image:
    """A cloud that rains over a house, or the sun."""
    sheet = Sketch(paper=(176, 186, 200) if rain else (170, 214, 250))
    sheet.box(0, 160, 192, 192, fill=(110, 150, 90), width=0)
    sheet.box(66, 118, 126, 166, fill=(225, 200, 160))
    sheet.polygon((56, 118), (96, 88), (136, 118), fill=RED)
    sheet.box(88, 138, 104, 166, fill=WOOD)
    if not rain:
        for turn in range(12):
            sheet.line((44, 44), regular(44, 44, 38, 12)[turn], color=ORANGE, width=3)
        sheet.disc(44, 44, 24, YELLOW, outline=ORANGE)
        return sheet.finish()
    for x in range(28, 180, 18):
        for y in range(70, 150, 26):
            sheet.line((x, y + x % 13), (x - 5, y + 12 + x % 13), color=(40, 80, 170), width=2)
    for x, y, radius in ((60, 46, 24), (90, 36, 30), (124, 46, 24), (92, 54, 24)):
        sheet.disc(x, y, radius, (90, 96, 108), outline=None)
    return sheet.finish()


def bars(values: dict[str, int]) -> PIL.Image.Image:
    """A bar chart with the value over each bar; values up to 8."""
    sheet = Sketch()
    step = 160 / len(values)
    for number, (name, value) in enumerate(values.items()):
        left = 20 + number * step + step * 0.2
        sheet.box(left, 160 - value * 16, left + step * 0.6, 160, fill=(BLUE, ORANGE, GREEN, RED)[number])
        sheet.text(left + step * 0.3, 150 - value * 16, str(value), size=16)
        sheet.text(left + step * 0.3, 174, name, size=16)
    sheet.line((14, 160), (182, 160))
    return sheet.finish()


def triangle(corners: tuple[Point, Point, Point], labels: dict[Point, str]) -> PIL.Image.Image:
    """A triangle with labels at given places."""
    sheet = Sketch()
    sheet.polygon(*corners, fill=(232, 238, 250), width=3)
    for (x, y), text in labels.items():
        sheet.text(x, y, text, size=18)
    return sheet.finish()


def rectangle(width: int, height: int) -> PIL.Image.Image:
    """A rectangle with the lengths of two sides, up to 8 units."""
    sheet = Sketch()
    left, top, right, bottom = 96 - width * 9, 96 - height * 9, 96 + width * 9, 96 + height * 9
    sheet.box(left, top, right, bottom, fill=(250, 240, 214), width=3)
    sheet.text(96, top - 16, str(width), size=20)
    sheet.text(left - 14, 96, str(height), size=20)
    return sheet.finish()


def grid(rows: list[str]) -> PIL.Image.Image:
    """A table of single characters."""
    sheet = Sketch()
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            left, top = 24 + column * 48, 24 + row * 48
            sheet.box(left, top, left + 48, top + 48)
            sheet.text(left + 24, top + 24, cell, size=26)
    return sheet.finish()
