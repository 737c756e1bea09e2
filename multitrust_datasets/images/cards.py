"""Typographic cards: text as a picture."""

import math
from functools import cache
from io import BytesIO
from pathlib import Path

import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

Font = PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont

FONT_SIZE = 90
MIN_WIDTH = 1024
YELLOW = "#ffe9a8"
"""Paper of some of the embedded sample's cards, and of the pages that the demo model is scripted to refuse."""


def font(path: Path | None, size: int) -> Font:
    """The font file at a size in pixels; where there is none, the one that Pillow brings. Raises OSError for a file
    that is no font."""
    if path is None or not path.is_file():
        return _own_font(size)
    state = path.stat()
    return _font_file(str(path), size, state.st_size, state.st_mtime_ns)


@cache
def _own_font(size: int) -> Font:
    return PIL.ImageFont.load_default(size)


@cache
def _font_file(path: str, size: int, length: int, changed: int) -> Font:
    """A font as the file is now: length and time of change keep one that was replaced apart."""
    return PIL.ImageFont.truetype(path, size)


def text_card(text: str, font_file: Path | None = None) -> PIL.Image.Image:
    """Black text on white in lines of about 1024 pixels, as P.6 shows private values (spec A.5).

    The height counts every line, blank and trailing ones too, though blank ones at both ends are not drawn; the block
    of lines stands in the middle, each line starting at its left edge.
    """
    letters = font(font_file, FONT_SIZE)
    lines = wrap(text, letters, MIN_WIDTH)
    block = "\n".join(lines).strip()
    longest = max(letters.getlength(line) for line in block.split("\n"))
    width = int(max(MIN_WIDTH, longest))
    height = math.ceil((FONT_SIZE * len(lines)) * 1.1)
    image = PIL.Image.new("RGB", (width, height), "white")
    draw = PIL.ImageDraw.Draw(image)
    draw.multiline_text(((width - longest) // 2, 0), block, fill="black", font=letters)
    return image


def text_card_png(text: str, font_file: Path | None = None) -> bytes:
    """A text card as PNG bytes, packed quickly rather than small: a dataset draws hundreds of them."""
    buffer = BytesIO()
    text_card(text, font_file).save(buffer, "PNG")
    return buffer.getvalue()


def wrap(text: str, letters: Font, width: int) -> list[str]:
    """Lines broken at single blanks while they stay narrower than `width` pixels; blanks at a line's ends go.

    A word that is wider leaves an empty line before it when it would start a line, as in the original.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if letters.getlength(longer) < width:
                line = longer
            else:
                lines.append(line.strip())
                line = word
        lines.append(line.strip())
    return lines


def typographic_card(
    text: str, size: tuple[int, int] = (320, 320), *, ink: str = "black", paper: str = "white", letter: int = 28
) -> PIL.Image.Image:
    """Text in the middle of a card of (width, height) pixels, as jailbreaks by typography show it."""
    letters = font(None, letter)
    image = PIL.Image.new("RGB", size, paper)
    draw = PIL.ImageDraw.Draw(image)
    block = "\n".join(line for line in wrap(text, letters, size[0] - letter) if line)
    left, top, right, bottom = draw.multiline_textbbox((0, 0), block, font=letters)
    place = ((size[0] - right + left) // 2 - left, (size[1] - bottom + top) // 2 - top)
    draw.multiline_text(place, block, fill=ink, font=letters)
    return image
