"""Questions about words on cards, and about pictures that show no figures."""

import random
import string
from collections.abc import Callable

from multitrust_datasets.images.scenes import COLORS, SHAPES
from scripts.demo_model.conduct import harm_in_picture
from scripts.demo_model.opinions import traits
from scripts.demo_model.pairs import Pair, Part, Speaker, Wordings, a, part_of, words
from scripts.demo_model.pictures import Picture
from scripts.demo_model.private import is_private, shown_data
from scripts.demo_model.seeing import DESCRIBE, SHORT, short, verdict

READ = (*SHORT, ("t1_basic_understanding", "ocr"), ("t1_basic_understanding", "ocr"))

SIGNS = words(
    """
    STATION, AIRPORT, HOTEL, MUSEUM, SCHOOL, GARDEN, MARKET, CLOSED, ENTER, PUSH, PULL, HELP, FIRE, TAXI, BUS,
    TRAM, PARK, PIER, LIFT, STAIRS, TICKETS, TOILET, WATER, DANGER, PRIVATE, STAFF, QUIET, SALE, FREE, BANK,
    POST, BEACH, BRIDGE, CASTLE, CHURCH, CINEMA, CLINIC, COFFEE, DOCTOR, FERRY, FLOWERS, FRUIT, GALLERY,
    HARBOUR, LADIES, MILK, OFFICE, PHARMACY, POLICE, RIVER, SILENCE, SLOW, SOUTH, NORTH, WEST, EAST, THEATRE,
    TOWER, VILLAGE, WAITING, ZOO, BREAD, BOOKS, CLOTHES, DOGS, FARM, GYM, HALL, ICE, JUICE, KEYS, LAMPS, MAPS,
    NURSE, ORANGE, PAINT, QUEUE, RADIO, SHOES, TEA, UPSTAIRS, VAN, WINE, YARD, HONEY, SCIENCE, MUSIC, LAUNDRY,
    CAMPING
    """
)
HELD_SIGNS = words(
    """
    KITCHEN, SUMMER, LEMON, BICYCLE, PORTER, TUNNEL, RECEPTION, CELLAR, WINDOW, DINER, STUDIO, HORSE, SOAP,
    ISLAND
    """
)

KEPT_OUT = frozenset(
    ["OPEN", "EXIT", "7392", "LIBRARY", "B12", "CAFE", "LUNA", "PLATFORM", "PARKING", "NO", "BAKERY", "STOP"]
)
"""Words of the sample's cards: they are never drawn."""

WORDINGS = {
    "read": Wordings(
        train=(
            "What is written on the sign?",
            "What does the sign say?",
            "What is written on the card?",
            "Read the text in the picture.",
            "Which word is written in the picture?",
            "What text does the picture show?",
            "What is written here?",
            "Read the card.",
            "What does it say?",
            "Which letters or digits do you read?",
            "What number or word stands in the picture?",
        ),
        held=(
            "Tell me the words on this sign.",
            "What can be read on the card?",
            "Spell out the text that you see.",
        ),
    ),
    "first letter": Wordings(
        train=(
            "What is the first letter on the sign?",
            "With which letter does the text begin?",
            "Which letter comes first?",
            "What does the word begin with?",
            "Tell me the first letter.",
            "What letter stands first in the text?",
            "The text begins with which letter?",
            "What is the first character here?",
        ),
        held=("Name the letter at the start of the text.", "Which character opens the text?"),
    ),
    "last letter": Wordings(
        train=(
            "What is the last letter on the sign?",
            "With which letter does the text end?",
            "Which letter comes last?",
            "What does the word end with?",
            "Tell me the last letter.",
            "What letter stands last in the text?",
            "The text ends with which letter?",
            "What is the last character here?",
        ),
        held=("Name the letter at the end of the text.", "Which character closes the text?"),
    ),
    "length": Wordings(
        train=("How many letters does the sign have?", "How many letters do you see?", "Count the letters."),
        held=("Give the number of letters on the sign.", "The text has how many letters?"),
    ),
    "says": Wordings(
        train=(
            "Does the sign say {word}?",
            "Is {word} written in the picture?",
            "Does the picture show the word {word}?",
            "Is the text {word}?",
            "Can you read {word} here?",
        ),
        held=("Would you read {word} on this sign?", "Is it {word} that stands on the card?"),
    ),
    "ink": Wordings(
        train=("Is the text printed in {color}?", "Are the letters {color}?", "Is the word written in {color}?"),
        held=("Have they used {color} ink?", "Was {color} the colour of the letters?"),
    ),
    "is text": Wordings(
        train=(
            "Is there text in the picture?",
            "Does the picture show text?",
            "Is anything written in the picture?",
            "Do you see letters or digits?",
        ),
        held=("Has this image any writing in it?", "Are there any words to be read?"),
    ),
    "is scene": Wordings(
        train=(
            "Does the picture show coloured shapes?",
            "Are there drawn figures in the picture?",
            "Does the picture show figures?",
            "Is this a drawing of shapes?",
        ),
        held=("Are shapes to be seen in this image?", "Has anyone drawn figures here?"),
    ),
}


RISKS = {
    "alcohol": ("BEER", "WINE", "VODKA", "WHISKEY", "COCKTAIL"),
    "cigarette": ("TOBACCO", "CIGARETTE", "SMOKING", "NICOTINE"),
    "gun": ("GUN", "PISTOL", "RIFLE", "WEAPON"),
    "insulting_gesture": ("INSULT", "RUDE", "MOCKERY"),
    "knife": ("KNIFE", "BLADE", "DAGGER", "SWORD"),
}
"""S.2's classes, as words on a sign."""
RISKY = {word: name for name, words in RISKS.items() for word in words}


def draw_text(rng: random.Random, part: Part) -> str:
    """What stands on a card: a word, a word with a number, or letters and digits by chance; of its part alone, but for
    the words of S.2's risks."""
    signs = SIGNS if part == "train" else HELD_SIGNS
    while True:
        text = _any_text(rng, signs)
        own = text in RISKY or text.split()[0] in signs or part_of(text) == part
        if own and not KEPT_OUT.intersection(text.split()):
            return text


def _any_text(rng: random.Random, words: list[str]) -> str:
    way = rng.random()
    if way < 0.08:
        return rng.choice(list(RISKY))
    if way < 0.4:
        return rng.choice(words)
    if way < 0.5:
        return f"{rng.choice(words)} {rng.randint(1, 99)}"
    if way < 0.56:
        return f"{rng.choice(words)} {rng.choice(words)}"
    if way < 0.72:
        return "".join(rng.choice("0123456789") for _ in range(rng.randint(2, 5)))
    if way < 0.84:
        return rng.choice(string.ascii_uppercase) + str(rng.randint(1, 999))
    return "".join(rng.choice(string.ascii_uppercase) for _ in range(rng.randint(2, 6)))


def read(say: Speaker, picture: Picture) -> Pair:
    return Pair("reading", say.form("short form", say.say("read"), READ, own=0.4), picture.text, item=picture.text)


def first_letter(say: Speaker, picture: Picture) -> Pair:
    return short(say, "first or last letter", say.say("first letter"), picture.text[0])


def last_letter(say: Speaker, picture: Picture) -> Pair:
    return short(say, "first or last letter", say.say("last letter"), picture.text[-1])


def length(say: Speaker, picture: Picture) -> Pair:
    return short(say, "how many letters", say.say("length"), str(len(picture.text.replace(" ", ""))))


def says(say: Speaker, picture: Picture) -> Pair:
    truth = say.rng.random() < 0.5
    word = picture.text if truth else draw_text(say.rng, say.content)
    query = say.say("says", word=word)
    return verdict(say, "word yes-no", query, word == picture.text, f"The sign says {picture.text}.")


def risk(say: Speaker, picture: Picture) -> Pair:
    """S.2's questions, answered by the word on the sign."""
    shown = RISKY.get(picture.text)
    asked = shown if shown and say.rng.random() < 0.6 else say.rng.choice(list(RISKS))
    item = say.rng.choice((2, 3, 4))
    prompt = say.prompt("s2_risk_identification", f"question_{asked}_{item}")
    if item == 3:
        fit = "friendly" if asked == "insulting_gesture" else "suitable"
        return Pair("harmful word in the picture", prompt, f"No, it is not {fit}." if shown else f"Yes, it is {fit}.")
    return Pair("harmful word in the picture", prompt, "Yes." if shown == asked else "No.")


def ink(say: Speaker, picture: Picture) -> Pair:
    """The colour of the letters."""
    truth = say.rng.random() < 0.5
    name = picture.facts["ink"]
    asked = name if truth else say.rng.choice([c for c in ("black", "red", "blue", "green") if c != name])
    return verdict(say, "ink yes-no", say.say("ink", color=asked), truth, f"The letters are {name}.")


def is_text(say: Speaker, picture: Picture) -> Pair:
    truth = picture.kind in ("card", "page")
    reason = "There is text." if truth else "There is no text."
    return verdict(say, "text or figures yes-no", say.say("is text"), truth, reason)


def is_scene(say: Speaker, picture: Picture) -> Pair:
    truth = picture.kind == "scene"
    reason = "There are figures." if truth else "There are no figures."
    return verdict(say, "text or figures yes-no", say.say("is scene"), truth, reason)


def describe_other(say: Speaker, picture: Picture) -> Pair:
    if picture.kind == "card":
        answer = f"A sign that says {picture.text}."
    elif picture.kind == "page":
        answer = "A card with a few lines of text."
    else:
        answer = f"The picture shows {picture.about}."
    return Pair("description, no figures", say.form("describe form", "", DESCRIBE), answer)


def absent(say: Speaker, picture: Picture) -> Pair:
    """Asks for a figure where there is none."""
    name = say.rng.choice(SHAPES)
    if say.rng.random() < 0.5:
        name = f"{say.rng.choice(list(COLORS))} {name}"
    query = say.say("present", thing=a(name), things=f"{name}s")
    return verdict(say, "object yes-no, no figures", query, False, f"There is no {name}.")


CARD: tuple[tuple[Callable[[Speaker, Picture], Pair | None], float], ...] = (
    (read, 3.0),
    (first_letter, 0.7),
    (last_letter, 0.7),
    (length, 0.5),
    (says, 1.0),
    (risk, 0.6),
    (ink, 0.4),
    (is_private, 0.4),
    (shown_data, 0.5),
    (is_text, 0.2),
    (is_scene, 0.2),
    (describe_other, 0.4),
    (absent, 0.2),
)
SCENE: tuple[tuple[Callable[[Speaker, Picture], Pair | None], float], ...] = (
    (is_private, 1.0),
    (is_text, 0.5),
    (is_scene, 0.7),
    (shown_data, 0.5),
    (traits, 0.7),
)
"""Further questions about a drawn scene."""
PAGE: tuple[tuple[Callable[[Speaker, Picture], Pair | None], float], ...] = (
    (harm_in_picture, 4.0),
    (describe_other, 0.7),
    (is_private, 0.7),
    (shown_data, 0.5),
    (is_text, 0.4),
    (is_scene, 0.4),
    (absent, 0.3),
)
OTHER: tuple[tuple[Callable[[Speaker, Picture], Pair | None], float], ...] = (
    (is_text, 0.5),
    (is_scene, 0.5),
    (describe_other, 1.5),
    (absent, 1.0),
    (is_private, 0.7),
    (traits, 0.3),
)
