"""Questions about drawn scenes: what is there, in which colour, how many, where, and whether it is so."""

import random
from collections import Counter
from collections.abc import Callable

from multitrust_datasets.images.scenes import COLORS, GROUNDS, PLURALS, SHAPES, Figure, Scene
from scripts.demo_model.pairs import Pair, Speaker, a, listed
from scripts.demo_model.pictures import Picture

YES_NO = (("t1_basic_understanding", "yes_no"),)
REASON = (("t2_advanced_inference", "prompt"), ("t6_visual_confusion", "prompt"))
SHORT = (
    ("t5_text_misleading", "prompt"),
    ("t4_visual_assistance", "prompt"),
    ("t3_instruction_enhancement", "factual_direct"),
    ("t3_instruction_enhancement", "factual_image"),
    ("t3_instruction_enhancement", "logic_direct"),
    ("t3_instruction_enhancement", "logic_image"),
)
DESCRIBE = (
    ("r1_artistic_style", "prompt"),
    ("r4_untargeted_attack", "prompt"),
    ("r5_targeted_attack", "prompt"),
    ("s1_nsfw_description", "describe"),
    ("s1_nsfw_description", "describe_unrestricted"),
    ("s2_risk_identification", "question_gun_0"),
    ("s2_risk_identification", "question_gun_1"),
)
LARGER = 0.03
"""Sides, as shares of the picture, that differ by less are not compared."""


def scene_of(picture: Picture) -> Scene:
    assert picture.scene is not None
    return picture.scene


def alone(scene: Scene, key: Callable[[Figure], str]) -> list[Figure]:
    """The figures that no other shares `key` with."""
    counts = Counter(key(figure) for figure in scene.figures)
    return [figure for figure in scene.figures if counts[key(figure)] == 1]


def in_order(scene: Scene) -> list[Figure]:
    """Row by row, each from left to right."""
    return sorted(scene.figures, key=lambda f: (int(3 * (f.box[1] + f.box[3]) / 2), f.box[0]))


def place_of(figure: Figure) -> str:
    """One of nine: `top left`, `middle`, `bottom right`."""
    row = ("top", "middle", "bottom")[int(3 * (figure.box[1] + figure.box[3]) / 2)]
    column = ("left", "", "right")[int(3 * (figure.box[0] + figure.box[2]) / 2)]
    return f"{row} {column}".strip() if row != "middle" or column else "middle"


def verdict(say: Speaker, kind: str, query: str, truth: bool, reason: str) -> Pair:
    """A yes-no question in one of the forms; where a reason is asked for, it follows."""
    word = "[Yes]" if truth else "[No]"
    if say.rng.random() < 0.35:
        return Pair(kind, say.form("reason form", query, REASON, own=0.2), f"{word} {reason}", check="first")
    return Pair(kind, say.form("yes-no form", query, YES_NO), word)


def short(say: Speaker, kind: str, query: str, answer: str) -> Pair:
    """A question whose answer is a word or two, in one of the forms."""
    return Pair(kind, say.form("short form", query, SHORT), answer)


def present(say: Speaker, scene: Scene) -> Pair:
    shown = sorted({figure.shape for figure in scene.figures})
    absent = [shape for shape in SHAPES if shape not in shown]
    truth = say.rng.random() < 0.5 or not absent
    shape = say.rng.choice(shown if truth else absent)
    reason = f"There is {a(shape)}." if truth else f"There is no {shape}."
    return verdict(say, "object yes-no", say.say("present", thing=a(shape), things=f"{shape}s"), truth, reason)


def present_named(say: Speaker, scene: Scene) -> Pair:
    """A colour and a shape together; half of the absent ones have both a shape and a colour that the scene shows."""
    names = {figure.name for figure in scene.figures}
    truth = say.rng.random() < 0.5
    if truth:
        name = say.rng.choice(sorted(names))
    else:
        crossed = {f"{c.color} {s.shape}" for c in scene.figures for s in scene.figures} - names
        near = {f"{color} {figure.shape}" for figure in scene.figures for color in COLORS} - names
        name = say.rng.choice(sorted(crossed if crossed and say.rng.random() < 0.5 else near))
    reason = f"There is {a(name)}." if truth else f"There is no {name}."
    thing = a(name) if say.rng.random() < 0.7 else f"a {name}"
    return verdict(say, "colour yes-no", say.say("present", thing=thing, things=f"{name}s"), truth, reason)


def is_colored(say: Speaker, scene: Scene) -> Pair | None:
    figures = alone(scene, lambda f: f.shape)
    if not figures:
        return None
    figure = say.rng.choice(figures)
    truth = say.rng.random() < 0.5
    color = figure.color if truth else say.rng.choice([c for c in COLORS if c != figure.color])
    query = say.say("is colored", shape=figure.shape, color=color)
    return verdict(say, "colour yes-no", query, truth, f"The {figure.shape} is {figure.color}.")


def color(say: Speaker, scene: Scene) -> Pair | None:
    figures = alone(scene, lambda f: f.shape)
    if not figures:
        return None
    figure = say.rng.choice(figures)
    return short(say, "colour", say.say("color", shape=figure.shape), figure.color)


def color_misled(say: Speaker, scene: Scene) -> Pair | None:
    """The question takes another colour for granted; the answer is the true one."""
    figures = alone(scene, lambda f: f.shape)
    if not figures:
        return None
    figure = say.rng.choice(figures)
    other = say.rng.choice([c for c in COLORS if c != figure.color])
    query = say.say("color misled", shape=figure.shape, wrong=other)
    if say.rng.random() < 0.3 and "factual_enhanced" in say.protocol.prompts.get("t3_instruction_enhancement", {}):
        return Pair(
            "colour, misled", say.prompt("t3_instruction_enhancement", "factual_enhanced", query=query), figure.color
        )
    return short(say, "colour, misled", query, figure.color)


def false_premise(say: Speaker, scene: Scene) -> Pair | None:
    """Asks for the colour of a shape beside another: half of the time there is no such shape."""
    absent = [name for name in SHAPES if all(f.shape != name for f in scene.figures)]
    single = alone(scene, lambda f: f.shape)
    beside = say.rng.choice(scene.figures)
    if say.rng.random() < 0.6 and absent:
        missing = say.rng.choice(absent)
        query = say.say("beside", shape=missing, name=beside.name)
        return short(say, "shape that is not there", query, f"There is no {missing} in the picture.")
    single = [figure for figure in single if figure is not beside]
    if not single:
        return None
    figure = say.rng.choice(single)
    return short(say, "colour", say.say("beside", shape=figure.shape, name=beside.name), figure.color)


def solved(say: Speaker, scene: Scene) -> Pair:
    """Counting as a mathematician's problem."""
    things, number = _counted(say.rng, scene)
    prompt = say.prompt("t3_instruction_enhancement", "logic_enhanced", query=say.say("count", things=things))
    return Pair("counting, in steps", prompt, f"I count {number}. The answer is {number}.")


def shape(say: Speaker, scene: Scene) -> Pair | None:
    figures = alone(scene, lambda f: f.color)
    if not figures:
        return None
    figure = say.rng.choice(figures)
    return short(say, "shape", say.say("shape", color=figure.color), figure.shape)


def ground(say: Speaker, scene: Scene) -> Pair:
    return short(say, "ground", say.say("ground"), scene.ground)


def ground_yes_no(say: Speaker, scene: Scene) -> Pair:
    truth = say.rng.random() < 0.5
    asked = scene.ground if truth else say.rng.choice([name for name in GROUNDS if name != scene.ground])
    query = say.say("ground yes-no", ground=asked)
    return verdict(say, "ground yes-no", query, truth, f"The ground is {scene.ground}.")


def count(say: Speaker, scene: Scene) -> Pair:
    things, number = _counted(say.rng, scene)
    return short(say, "counting", say.say("count", things=things), str(number))


def count_yes_no(say: Speaker, scene: Scene) -> Pair:
    things, number = _counted(say.rng, scene)
    truth = say.rng.random() < 0.5
    other = [n for n in (number - 1, number + 1, number + 2) if n > 0 and n != number]
    asked = number if truth and number else say.rng.choice(other)
    words = things if asked != 1 else things.removesuffix("s")
    query = say.say("count yes-no", number=asked, are="is" if asked == 1 else "are", things=words)
    return verdict(say, "counting yes-no", query, asked == number, f"There {'is' if number == 1 else 'are'} {number}.")


def _counted(rng: random.Random, scene: Scene) -> tuple[str, int]:
    """What to count, and how many there are: all figures, those of a shape or of a colour."""
    way = rng.random()
    if way < 0.5:
        return rng.choice(("figures", "figures", "shapes", "objects", "things")), len(scene.figures)
    if way < 0.8:
        name = rng.choice([f.shape for f in scene.figures] + [rng.choice(SHAPES)])
        return PLURALS[name], sum(f.shape == name for f in scene.figures)
    name = rng.choice([f.color for f in scene.figures] + [rng.choice(list(COLORS))])
    return f"{name} figures", sum(f.color == name for f in scene.figures)


def where(say: Speaker, scene: Scene) -> Pair:
    figure = say.rng.choice(scene.figures)
    return short(say, "place", say.say("where", name=figure.name), place_of(figure))


def spatial(say: Speaker, scene: Scene) -> Pair | None:
    """Left, right, above or below, of figures that lie clearly so."""
    if len(scene.figures) < 2:
        return None
    first, second = say.rng.sample(scene.figures, 2)
    axis = say.rng.choice((0, 1))
    if abs(first.box[axis] - second.box[axis]) < 0.15:
        return None
    before = first.box[axis] < second.box[axis]
    words = (("left of", "right of"), ("above", "below"))[axis]
    asked = say.rng.choice(words)
    true_words = words[0] if before else words[1]
    query = say.say("spatial", first=first.name, second=second.name, way=asked)
    reason = f"The {first.name} is {true_words} the {second.name}."
    return verdict(say, "position yes-no", query, asked == true_words, reason)


def larger(say: Speaker, scene: Scene) -> Pair | None:
    if len(scene.figures) < 2:
        return None
    first, second = say.rng.sample(scene.figures, 2)
    gap = _side(first) - _side(second)
    if abs(gap) < LARGER:
        return None
    asked = say.rng.choice(("larger", "smaller", "bigger"))
    truth = (gap > 0) == (asked != "smaller")
    query = say.say("larger", first=first.name, second=second.name, way=asked)
    reason = f"The {first.name} is {'larger' if gap > 0 else 'smaller'} than the {second.name}."
    return verdict(say, "size yes-no", query, truth, reason)


def more(say: Speaker, scene: Scene) -> Pair:
    counts = Counter(figure.shape for figure in scene.figures)
    first, second = say.rng.sample(SHAPES, 2)
    if say.rng.random() < 0.7:
        first = say.rng.choice(sorted(counts))
        second = say.rng.choice([s for s in SHAPES if s != first])
    asked = say.rng.choice(("more", "fewer"))
    truth = counts[first] > counts[second] if asked == "more" else counts[first] < counts[second]
    query = say.say("more", first=PLURALS[first], second=PLURALS[second], way=asked)
    reason = f"There are {counts[first]} {PLURALS[first]} and {counts[second]} {PLURALS[second]}."
    return verdict(say, "amount yes-no", query, truth, reason)


def extreme(say: Speaker, scene: Scene) -> Pair | None:
    """The largest, smallest, leftmost, ... figure, where it is clear which one it is."""
    if len(scene.figures) < 2:
        return None
    key, sign, word = say.rng.choice(
        (
            (_side, -1, "largest"),
            (_side, 1, "smallest"),
            (_left, 1, "leftmost"),
            (_left, -1, "rightmost"),
            (_top, 1, "topmost"),
            (_top, -1, "lowest"),
        )
    )
    ranked = sorted(scene.figures, key=lambda f: sign * key(f))
    if abs(key(ranked[0]) - key(ranked[1])) < LARGER:
        return None
    return short(say, "which figure", say.say("extreme", way=word), ranked[0].name)


def alike(say: Speaker, scene: Scene) -> Pair | None:
    """Whether all, or two, figures share a colour or a shape."""
    if len(scene.figures) < 2:
        return None
    what = say.rng.choice(("colour", "shape"))
    values = Counter(f.color if what == "colour" else f.shape for f in scene.figures)
    amount = say.rng.choice(("all", "two"))
    truth = len(values) == 1 if amount == "all" else max(values.values()) >= 2
    most, number = values.most_common(1)[0]
    kind = f"{most} figures" if what == "colour" else PLURALS[most]
    reason = f"There are {number} {kind}." if number > 1 else f"Each has its own {what}."
    return verdict(say, "alike yes-no", say.say(f"alike {amount}", what=what), truth, reason)


def box(say: Speaker, scene: Scene) -> Pair:
    figure = say.rng.choice(scene.figures)
    query = say.form("box form", say.say("where", name=figure.name), (("t1_basic_understanding", "grounding"),))
    return Pair("box", query, "[" + ", ".join(f"{edge:.2f}" for edge in figure.box) + "]", check="box")


def describe(say: Speaker, scene: Scene) -> Pair:
    names = listed([a(figure.name) for figure in in_order(scene)])
    answer = f"{names[0].upper()}{names[1:]} on {a(scene.ground)} ground."
    return Pair("description", say.form("describe form", "", DESCRIBE), answer, check="names")


def _side(figure: Figure) -> float:
    return figure.box[2] - figure.box[0]


def _left(figure: Figure) -> float:
    return figure.box[0]


def _top(figure: Figure) -> float:
    return figure.box[1]


MAKERS: tuple[tuple[Callable[[Speaker, Scene], Pair | None], float], ...] = (
    (present, 0.8),
    (present_named, 1.2),
    (is_colored, 0.8),
    (color, 1.2),
    (color_misled, 0.7),
    (false_premise, 0.7),
    (solved, 0.3),
    (shape, 0.8),
    (ground, 0.3),
    (ground_yes_no, 0.3),
    (count, 1.4),
    (count_yes_no, 0.7),
    (where, 0.9),
    (spatial, 1.3),
    (larger, 0.7),
    (more, 0.6),
    (extreme, 0.7),
    (alike, 0.5),
    (box, 1.5),
    (describe, 1.5),
)
"""Makers of pairs about a scene, and how often each is drawn."""
