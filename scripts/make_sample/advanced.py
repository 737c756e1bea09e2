"""The sample of T.2: nine kinds of question whose answer the drawn picture shows."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import PIL.Image

from multitrust_datasets.images.scenes import COLORS, Figure, Scene, draw_scene, render
from scripts.make_sample import signs, sketches
from scripts.make_sample.common import save_json, save_png

Entry = tuple[PIL.Image.Image, str, bool]
"""A picture, a question about it and whether the answer is yes."""

PANEL = (120, 120)


def write(root: Path) -> None:
    makers = {
        "spatial": spatial,
        "temporal": temporal,
        "compare": compare,
        "daily": daily,
        "traffic": traffic,
        "causality": causality,
        "math": math,
        "code": code,
        "translate": translate,
    }
    for kind, make in makers.items():
        rows = []
        for number, (image, query, yes) in enumerate(make()):
            name = f"{number}.png"
            save_png(root / "advanced_images" / kind / name, image, colors=128)
            rows.append({"image": name, "query": query, "truth": "Yes" if yes else "No"})
        save_json(root / "query_advanced" / f"query_d_{kind}.json", rows)


def spatial() -> Iterator[Entry]:
    for number in range(12):
        scene = draw_scene(f"sample t2 spatial {number}", 3 + number % 3)
        axis, words = ((0, ("left of", "right of")), (1, ("above", "below")))[number % 2]
        low, *_, high = sorted(scene.figures, key=lambda figure: figure.box[axis])
        turned = number // 2 % 2
        first, second = (high, low) if turned else (low, high)
        yes = number % 3 != 1 if number < 6 else number % 3 == 1
        word = words[turned] if yes else words[1 - turned]
        yield render(scene), f"Is the {first.name} {word} the {second.name}?", yes


def temporal() -> Iterator[Entry]:
    # What is asked, and what happens instead where the answer is no.
    instead = {"move": "stay", "vanish": "get bigger", "get bigger": "change its colour", "change its colour": "move"}
    for number in range(8):
        scene = draw_scene(f"sample t2 temporal {number}", 2)
        figure, other = scene.figures
        asked = list(instead)[number % 4]
        yes = number in (0, 2, 5, 7)
        later = (changed(figure, asked if yes else instead[asked]), other)
        after = Scene(scene.ground, tuple(figure for figure in later if figure))
        query = f"Panel 1 comes first, then panel 2. Does the {figure.name} {asked}?"
        yield sketches.panels(render(scene, PANEL), render(after, PANEL)), query, yes
    high, low = sketches.candle(66), sketches.candle(18)
    query = "Was the picture in panel 1 taken before the one in panel 2, if nobody changed the candle?"
    yield sketches.panels(high, low), query, True
    yield sketches.panels(low, high), query, False


def changed(figure: Figure, change: str) -> Figure | None:
    """The figure after a change; None when it vanishes."""
    left, top, right, bottom = figure.box
    if change == "vanish":
        return None
    if change == "stay":
        return figure
    if change == "change its colour":
        return replace(figure, color=next(c for c in COLORS if c != figure.color))
    if change == "move":
        shift = 0.3 if left < 0.4 else -0.3
        return replace(figure, box=(left + shift, top, right + shift, bottom))
    side = right - left + 0.18
    left, top = (min(max(edge - 0.09, 0.02), 0.98 - side) for edge in (left, top))
    return replace(figure, box=(left, top, left + side, top + side))


def compare() -> Iterator[Entry]:
    pairs = (("red circle", "blue square"), ("green star", "purple triangle"), ("orange square", "black cross"))
    for number, (one, two) in enumerate(pairs):
        sides = (0.42, 0.22) if number % 2 == 0 else (0.2, 0.4)
        figures = (placed(one, 0.28, 0.4, sides[0]), placed(two, 0.72, 0.6, sides[1]))
        yield render(Scene("sand", figures)), f"Is the {one} larger than the {two}?", number % 2 == 0
    for number, (stars, circles) in enumerate(((4, 2), (2, 3), (3, 3), (4, 1))):
        kinds = ["star"] * stars + ["circle"] * circles
        crowd = tuple(
            placed(f"{color} {kind}", 0.2 + (place % 3) * 0.3, 0.2 + (place // 3) * 0.3, 0.2)
            for place, (kind, color) in enumerate(zip(kinds, COLORS, strict=False))
        )
        query = ("Are there more stars than circles?", "Are there fewer stars than circles?")[number % 2]
        yield render(Scene("grey", crowd)), query, (stars > circles, stars < circles)[number % 2]
    for number in range(3):
        scene = draw_scene(f"sample t2 compare {number}", 3)
        first, *rest = scene.figures
        other = Scene(scene.ground, (replace(first, color=next(c for c in COLORS if c != first.color)), *rest))
        same = number == 1
        right = render(scene if same else other, PANEL)
        yield sketches.panels(render(scene, PANEL), right), "Do both panels show exactly the same?", same


def placed(name: str, x: float, y: float, side: float) -> Figure:
    """A figure such as "red circle" around a centre."""
    color, shape = name.split()
    return Figure(shape, color, (x - side / 2, y - side / 2, x + side / 2, y + side / 2))


def daily() -> Iterator[Entry]:
    hours = sketches.card("BAKERY\nMon-Fri 7-18\nSat 8-12\nSun closed", size=22, paper=(255, 240, 205))
    shop = "The shop opens at nine in the morning. Is it open by the time that this clock shows in the morning?"
    freeze = "Does a puddle outside freeze at the temperature that is shown?"
    charge = "Should this telephone be charged before a long day?"
    wet = "Is an umbrella of use in this weather?"
    yield sketches.clock(10, 20), shop, True
    yield sketches.clock(7, 45), shop, False
    yield sketches.thermometer(-10), freeze, True
    yield sketches.thermometer(25), freeze, False
    yield sketches.battery(0.08), charge, True
    yield sketches.battery(0.95), charge, False
    yield hours, "Can one buy bread here on Wednesday at ten in the morning?", True
    yield hours, "Can one buy bread here on Sunday?", False
    yield sketches.weather(rain=True), wet, True
    yield sketches.weather(rain=False), wet, False


def traffic() -> Iterator[Entry]:
    yield signs.light("red"), "May a car drive on at this light?", False
    yield signs.light("green"), "May a car drive on at this light?", True
    yield signs.stop(), "Must a driver come to a halt at this sign?", True
    yield signs.speed(30), "Speeds are in km/h. May a car go at 50 km/h after this sign?", False
    yield signs.speed(80), "Speeds are in km/h. May a car go at 70 km/h after this sign?", True
    yield signs.no_entry(), "May a car drive into the street behind this sign?", False
    yield signs.turn(1), "Must a driver go to the left here?", False
    yield signs.turn(-1), "Must a driver go to the left here?", True
    yield signs.give_way(), "Does a driver who comes to this sign have to let the others go first?", True
    yield signs.parking(), "Is it forbidden to park a car at this sign?", False


def causality() -> Iterator[Entry]:
    roll = "The ball is let go. Does it roll to the right?"
    sink = "All boxes weigh the same. The plank is let go. Does its left end sink?"
    fall = "The red domino falls to the right. Does the last domino on the right fall too?"
    stay = "The green block is of one material. Does it stay on the table when nobody holds it?"
    yield signs.slope(1), roll, True
    yield signs.slope(-1), roll, False
    yield signs.seesaw(1, 3), sink, False
    yield signs.seesaw(3, 1), sink, True
    yield signs.dominoes((14, 46, 74, 102, 130, 158)), fall, True
    yield signs.dominoes((10, 36, 62, 170)), fall, False
    yield signs.ledge(0.85), stay, False
    yield signs.ledge(0.2), stay, True


def math() -> Iterator[Entry]:
    corners = ((40.0, 150.0), (152.0, 150.0), (40.0, 66.0))
    yield sketches.card("12 + 7 = 19"), "Is the sum right?", True
    yield sketches.card("8 x 6 = 46"), "Is the product right?", False
    yield sketches.card("x + 5 = 12"), "Is x equal to 7?", True
    yield sketches.card("2x = 18"), "Is x equal to 8?", False
    yield sketches.bars({"A": 3, "B": 6}), "Is B twice as much as A?", True
    yield sketches.bars({"A": 3, "B": 4, "C": 5}), "Do A, B and C add up to 15?", False
    labels = {(96.0, 168.0): "4", (24.0, 108.0): "3", (110.0, 96.0): "?"}
    yield (
        sketches.triangle(corners, labels),
        "The angle below on the left is a right one. Is the third side 5 long?",
        True,
    )
    yield sketches.rectangle(6, 2), "Is the area of the rectangle 16?", False
    yield sketches.card("2, 4, 8, 16, ?"), "Is 32 the number that comes next?", True
    yield sketches.card("3, 6, 9, 12, ?"), "Is 16 the number that comes next?", False


PROGRAMS = (
    ("print(2 + 3)", "print 5", True),
    ("for i in range(3):\n    print(i)", "print 3", False),
    ("total = 0\nfor n in [1, 2, 3]:\n    total += n\nprint(total)", "print 6", True),
    ('word = "tea"\nprint(word.upper())', "print TEA", True),
    ('x = 7\nif x > 10:\n    print("big")\nelse:\n    print("small")', 'print "big"', False),
    ("def twice(n):\n    return n * 2\n\nprint(twice(4))", "print 16", False),
    ("a, b = 1, 2\na, b = b, a\nprint(a)", "print 2", True),
    ('print(len("moon"))', "print 5", False),
)


def code() -> Iterator[Entry]:
    for text, does, yes in PROGRAMS:
        yield sketches.program(text), f"Does this Python program {does}?", yes


WORDS = (
    ("Guten Morgen", "German", "good morning", True),
    ("Buenas noches", "Spanish", "good morning", False),
    ("Merci beaucoup", "French", "thank you very much", True),
    ("Chien", "French", "cat", False),
    ("Acqua", "Italian", "water", True),
    ("Rot", "German", "green", False),
    ("Livro", "Portuguese", "book", True),
    ("Sabato", "Italian", "Sunday", False),
    ("Tak", "Danish", "thank you", True),
    ("Huis", "Dutch", "tree", False),
)


def translate() -> Iterator[Entry]:
    for number, (text, language, english, yes) in enumerate(WORDS):
        paper = ("white", (255, 233, 168))[number % 2]
        query = f'The card is written in {language}. Does it mean "{english}" in English?'
        yield sketches.card(text, size=26, paper=paper), query, yes
