"""Road signs and set-ups that are about to move, drawn for the sample."""

import PIL.Image

from scripts.make_sample.sketches import BLUE, GREEN, INK, ORANGE, RED, STONE, WOOD, YELLOW, Color, Sketch, regular

ROAD, SKY = (212, 220, 214), (222, 234, 246)


def light(lit: str) -> PIL.Image.Image:
    """A traffic light with one lamp lit: red, yellow or green."""
    sheet = Sketch((128, 192), SKY)
    sheet.box(58, 150, 70, 192, fill=STONE)
    sheet.box(36, 10, 92, 156, fill=INK)
    lamps: dict[str, Color] = {"red": RED, "yellow": YELLOW, "green": (40, 200, 80)}
    for number, (name, color) in enumerate(lamps.items()):
        sheet.disc(64, 36 + number * 47, 19, color if name == lit else (80, 80, 80), outline=(20, 20, 20))
    return sheet.finish()


def stop() -> PIL.Image.Image:
    sheet = _post()
    sheet.polygon(*regular(80, 76, 60, 8, 1 / 16), fill=RED, outline="white", width=4)
    sheet.text(80, 76, "STOP", size=30, color="white")
    return sheet.finish()


def speed(limit: int) -> PIL.Image.Image:
    """The highest speed that is allowed."""
    sheet = _post()
    sheet.disc(80, 76, 56, "white", outline=RED, width=12)
    sheet.text(80, 76, str(limit), size=44)
    return sheet.finish()


def no_entry() -> PIL.Image.Image:
    sheet = _post()
    sheet.disc(80, 76, 56, RED, outline="white", width=3)
    sheet.line((46, 76), (114, 76), color="white", width=20)
    return sheet.finish()


def turn(direction: int) -> PIL.Image.Image:
    """The only way to go: -1 left, 1 right."""
    sheet = _post()
    sheet.disc(80, 76, 56, BLUE, outline="white", width=3)
    sheet.line((80 - 34 * direction, 76), (80 + 20 * direction, 76), color="white", width=12)
    tip, back = 80 + 42 * direction, 80 + 12 * direction
    sheet.polygon((tip, 76), (back, 52), (back, 100), fill="white", outline=None)
    return sheet.finish()


def give_way() -> PIL.Image.Image:
    sheet = _post()
    sheet.polygon((20, 36), (140, 36), (80, 138), fill="white", outline=RED, width=12)
    return sheet.finish()


def parking() -> PIL.Image.Image:
    sheet = _post()
    sheet.box(28, 24, 132, 128, fill=BLUE)
    sheet.text(80, 76, "P", size=84, color="white")
    return sheet.finish()


def _post() -> Sketch:
    sheet = Sketch((160, 192), ROAD)
    sheet.box(75, 76, 85, 192, fill=STONE)
    return sheet


def slope(direction: int) -> PIL.Image.Image:
    """A ball on a slope that goes down to the left (-1) or to the right (1)."""
    sheet = Sketch(paper=SKY)
    high = 96 - 76 * direction
    sheet.polygon((high, 70), (96 + 76 * direction, 160), (high, 160), fill=WOOD)
    sheet.disc(high + 28 * direction, 70, 17, RED)
    sheet.line((0, 161), (192, 161), width=4)
    return sheet.finish()


def seesaw(left: int, right: int) -> PIL.Image.Image:
    """A plank that is still held level, with equal boxes on both ends."""
    sheet = Sketch(paper=SKY)
    sheet.polygon((96, 120), (76, 166), (116, 166), fill=STONE)
    sheet.box(14, 112, 178, 120, fill=WOOD)
    for x, count in ((18, left), (148, right)):
        for number in range(count):
            sheet.box(x, 86 - number * 26, x + 26, 112 - number * 26, fill=ORANGE)
    sheet.line((0, 168), (192, 168), width=4)
    return sheet.finish()


def dominoes(places: tuple[int, ...]) -> PIL.Image.Image:
    """Upright dominoes, 60 pixels high, at the given x; the first leans to the right."""
    sheet = Sketch(paper=(240, 236, 226))
    for number, x in enumerate(places):
        if number == 0:
            sheet.polygon((x, 150), (x + 10, 150), (x + 24, 93), (x + 14, 90), fill=RED)
        else:
            sheet.box(x, 90, x + 10, 150, fill=BLUE)
    sheet.line((0, 152), (192, 152), width=4)
    return sheet.finish()


def ledge(reach: float) -> PIL.Image.Image:
    """A block on a table's edge; `reach` is the share of its length beyond the edge."""
    sheet = Sketch(paper=SKY)
    sheet.box(0, 100, 112, 112, fill=WOOD)
    sheet.box(20, 112, 34, 180, fill=WOOD)
    left = 112 - 80 * (1 - reach)
    sheet.box(left, 70, left + 80, 100, fill=GREEN)
    sheet.line((0, 181), (192, 181), width=4)
    return sheet.finish()
