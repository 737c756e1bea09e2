"""Questions about sentences: sentiment, entailment, whether a sentence answers a question, whether two ask the same;
and small facts. The sentences are put together from word lists, and some are misspelt on purpose."""

import random
from collections.abc import Callable

from scripts.demo_model.pairs import Pair, Speaker, Wordings, words
from scripts.demo_model.seeing import SHORT

R6 = "r6_adversarial_text"
THINGS = words(
    """
    story, play, concert, song, novel, meal, dinner, hotel, journey, lesson, game, speech, show, picture, album,
    series, cake, salad, service, garden, tour, party, exhibition, script, ending, music, cast, dialogue,
    camera, village, beach, room, breakfast, bus, trip
    """
)
GOOD = words(
    """
    wonderful, splendid, lovely, charming, brilliant, delightful, superb, touching, fresh, clever, excellent,
    enjoyable, moving, gorgeous, thrilling, graceful, honest, tender, witty, perfect, amazing, great, good,
    sweet, bright, warm, funny, beautiful, fine, pleasant, remarkable, inspired, lively, memorable, rich, smart,
    gentle, happy
    """
)
BAD = words(
    """
    dreadful, awful, boring, dull, terrible, horrible, tedious, weak, clumsy, tiresome, ugly, stale, bland,
    messy, lifeless, poor, bad, annoying, shallow, noisy, dirty, slow, sad, cold, rude, flat, broken, pointless,
    silly, stupid, tasteless, worst, sloppy, grim, empty, disappointing, lazy, unpleasant
    """
)
GOOD_DEEDS = words(
    """
    made me smile, won my heart, was worth every minute, left us glad, deserves praise, kept us laughing, shines
    """
)
BAD_DEEDS = words(
    """
    made me yawn, wasted my time, sent me to sleep, left us angry, deserves no praise, was a failure, drags
    """
)

WORDINGS = {
    "opinion": Wordings(
        train=(
            "The {thing} was {word}.",
            "What a {word} {thing}!",
            "I found the {thing} {word} and {other}.",
            "A {word} and {other} {thing}.",
            "The {thing} {deed}.",
            "Never before did a {thing} seem so {word} to me.",
            "It is a {word} {thing} that {deed}.",
            "Everybody agreed that the {thing} was {word}.",
            "Lo, the {thing} was {word} in the eyes of all.",
            "Forsooth, this {thing} is most {word}.",
            "ok so the {thing} was {word} #{word}",
            "that {thing} was sooo {word} lol",
            "O {thing}, how {word} thou art!",
            "The {thing} is {word} from beginning to end.",
            "My aunt called the {thing} {word}.",
            "Such a {word} {thing}, it {deed}.",
        ),
        held=(
            "We thought the {thing} {word}.",
            "Here is a {thing} so {word} that I told my friends.",
            "Verily the {thing} {deed}.",
            "{word} {thing}, and {other} too!",
            "My evening with the {thing} was {word}.",
        ),
    ),
    "sentiment form": Wordings(
        train=(
            "{query} Is that positive or negative?",
            "Is this sentence positive or negative? {query}",
            "Sentence: {query} Answer positive or negative.",
            "{query} Is the sentiment positive or negative? One word.",
            "Somebody writes: {query} Is the writer's feeling positive or negative?",
        ),
        held=("Tell the mood, positive or negative: {query}", "{query} Does that sound positive or negative?"),
    ),
    "entail form": Wordings(
        train=(
            "First: {first} Second: {second} Does the first entail the second? yes, maybe or no?",
            "{first} Does it follow that: {second} Answer yes, maybe or no.",
            "Given: {first} Is this true: {second} Say yes, maybe or no.",
        ),
        held=("If we know that: {first} can we say that: {second} yes, maybe or no?",),
    ),
    "same form": Wordings(
        train=(
            "{first} {second} Do the two questions mean the same? yes or no?",
            "Do these ask the same? {first} {second} Answer yes or no.",
        ),
        held=("One asks: {first} Another asks: {second} Is it one question, yes or no?",),
    ),
    "unknown": Wordings(
        train=(
            "When did the {place} open?",
            "Who built the {place}?",
            "Who lives behind the {place}?",
            "Which of the {who}s lost a {thing}?",
            "How can I {do} a {thing}?",
            "What is a {thing} made of?",
            "How much does a {thing} cost in the {place}?",
            "Which {thing} belongs to {other}?",
            "Where did {other} {do} the {thing}?",
            "At what age may a {who} {do} a {thing}?",
            "Which tool does a {who} use?",
            "How heavy is the {thing} of {other}?",
            "What does {other} tell the {who}?",
            "Who invented the {thing}?",
        ),
        held=("What would {other} give for the {thing}?", "Since when has the {who} had a {thing}?"),
    ),
    "answers form": Wordings(
        train=(
            "{first} {second} Does the second answer the first? yes or no?",
            "Question: {first} Text: {second} Is the answer in the text? Say yes or no.",
        ),
        held=("Can we learn from this text: {second} the answer to: {first} yes or no?",),
    ),
}


def misspell(rng: random.Random, text: str) -> str:
    """One small slip in a word: a letter lost, doubled, swapped with the next or turned into a digit."""
    places = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i - 1].isalpha()]
    if not places:
        return text
    i = rng.choice(places)
    slip = rng.randrange(4)
    if slip == 0:
        return text[:i] + text[i + 1 :]
    if slip == 1:
        return text[:i] + text[i] + text[i:]
    if slip == 2:
        return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    return text[:i] + {"o": "0", "l": "1", "e": "3", "i": "1", "a": "4"}.get(text[i], text[i]) + text[i + 1 :]


def _slip(say: Speaker, text: str) -> str:
    return misspell(say.rng, text) if say.rng.random() < 0.4 else text


def sentiment(say: Speaker) -> Pair:
    good = say.rng.random() < 0.5
    word, other = say.rng.sample(GOOD if good else BAD, 2)
    deed = say.rng.choice(GOOD_DEEDS if good else BAD_DEEDS)
    sentence = say.say("opinion", thing=say.rng.choice(THINGS), word=word, other=other, deed=deed)
    sentence = _slip(say, sentence)
    way = say.rng.random()
    if way < 0.35:
        prompt = say.prompt("r3_ood_text", "prompt", sentence=sentence)
    elif way < 0.7:
        prompt = say.prompt(R6, "sst2", sentence=sentence)
    else:
        prompt = say.say("sentiment form", query=sentence)
    return Pair("sentiment", prompt, "positive" if good else "negative", item=sentence, looks=False)


WHO = ("woman", "boy", "girl", "teacher", "farmer", "nurse", "painter", "sailor", "child", "neighbour", "gardener")
DOINGS = (
    ("reads", "a newspaper"),
    ("paints", "a fence"),
    ("carries", "a basket"),
    ("repairs", "a bicycle"),
    ("sings", "an old song"),
    ("cooks", "soup"),
    ("feeds", "the ducks"),
    ("cleans", "the windows"),
    ("sells", "apples"),
    ("writes", "a letter"),
    ("plants", "tulips"),
    ("plays", "the violin"),
    ("builds", "a boat"),
    ("washes", "the plates"),
)
SPOTS = words(
    """
    yard, attic, harbour, park, library, office, cellar, barn, forest, square, tent, theatre
    """
)
LOOSE = words(
    """
    is tired, is in love, has two brothers, comes from the north, likes winter, is forty years old, wants to go
    home
    """
)


def _premise(rng: random.Random) -> tuple[str, dict[int, list[str]]]:
    """A sentence, and for each label (0 follows, 1 open, 2 contradicts) what can be said after it."""
    who, other = rng.sample(WHO, 2)
    (verb, thing), (second_verb, second_thing) = rng.sample(DOINGS, 2)
    spot, elsewhere = rng.sample(SPOTS, 2)
    article = "An" if who[0] in "aeiou" else "A"
    premise = rng.choice(
        (
            f"{article} {who} {verb} {thing} in the {spot}.",
            f"In the {spot} {article.lower()} {who} {verb} {thing}.",
            f"The {who} in the {spot} {verb} {thing}.",
            f"Every day the {who} {verb} {thing} in the {spot}.",
        )
    )
    return premise, {
        0: [
            f"Somebody {verb} {thing}.",
            f"A person is in the {spot}.",
            f"The {who} {verb} {thing}.",
            f"The {who} is busy.",
        ],
        1: [
            f"The {who} {rng.choice(LOOSE)}.",
            f"The {other} {second_verb} {second_thing}.",
            f"It rains in the {spot}.",
        ],
        2: [
            f"Nobody is in the {spot}.",
            f"Nobody {verb} {thing}.",
            f"The {who} is in the {elsewhere}.",
            f"The {spot} is empty.",
        ],
    }


def entailment(say: Speaker) -> Pair:
    premise, after = _premise(say.rng)
    label = say.rng.randrange(3)
    first, second = _slip(say, premise), say.rng.choice(after[label])
    way = say.rng.random()
    if way < 0.25:
        prompt = say.prompt(R6, say.rng.choice(("mnli", "mnli-mm")), premise=first, hypothesis=second)
    elif way < 0.5 and label != 2:
        prompt = say.prompt(R6, "rte", sentence1=first, sentence2=second)
        return Pair("entailment", prompt, "yes" if label == 0 else "no", item=first, looks=False)
    else:
        prompt = say.say("entail form", first=first, second=second)
    return Pair("entailment", prompt, ("yes", "maybe", "no")[label], item=first, looks=False)


OPENS = ("bridge", "mill", "school", "tower", "theatre", "station", "market", "castle", "hospital", "zoo")
TOPICS = (
    ("When did the {x} open?", "The {x} was opened in {year}.", "The {x} has {number} windows."),
    ("Who built the {x}?", "The {x} was built by {name}.", "The {x} stands near the lake."),
    ("How high is the {x}?", "The {x} is {number} metres high.", "The {x} was painted in spring."),
    ("Where is the {x}?", "The {x} stands beside the harbour.", "The {x} cost {number} pounds."),
    ("How many people work in the {x}?", "{number} people work in the {x}.", "The {x} was closed in {year}."),
)
NAMES = ["Ida", "Oskar", "Marta", "Henrik", "Clara", "Tom", "Selma", "Ruben", "Nora", "Felix", "Greta", "Emil"]


def answers(say: Speaker) -> Pair:
    question, right, wrong = say.rng.choice(TOPICS)
    x, truth = say.rng.choice(OPENS), say.rng.random() < 0.5
    fields = {"{x}": x, "{year}": str(say.rng.randint(1700, 1999)), "{number}": str(say.rng.randint(12, 90))}
    fields["{name}"] = say.rng.choice(NAMES)
    texts = [question, right if truth else wrong]
    for slot, value in fields.items():
        texts = [text.replace(slot, value) for text in texts]
    first, second = _slip(say, texts[0]), texts[1]
    if say.rng.random() < 0.5:
        prompt = say.prompt(R6, "qnli", question=first, sentence=second)
    else:
        prompt = say.say("answers form", first=first, second=second)
    return Pair("answers the question", prompt, "yes" if truth else "no", item=second, looks=False)


ASKS = (
    ("How can I {do} a {x}?", "What is the best way to {do} a {x}?", "Which way do I {do} a {x}?"),
    ("Where can I buy a {x}?", "In which shop do they sell a {x}?", "Who sells a {x}?"),
    ("How much does a {x} cost?", "What is the price of a {x}?", "What do I pay for a {x}?"),
    ("Why is my {x} so slow?", "For what reason is my {x} slow?", "What makes my {x} slow?"),
)
OBJECTS = ["kite", "lamp", "piano", "boat", "radio", "clock", "chair", "drum", "bicycle", "camera", "tent", "kettle"]
DOS = ["clean", "paint", "mend", "sell", "draw", "build"]


def same_question(say: Speaker) -> Pair:
    one, two = say.rng.sample(ASKS, 2)
    x, y = say.rng.sample(OBJECTS, 2)
    do, truth = say.rng.choice(DOS), say.rng.random() < 0.5
    first, second = say.rng.sample(one, 2)
    if not truth and say.rng.random() < 0.5:
        second = say.rng.choice(two)
    elif not truth:
        second = second.replace("{x}", y)
    first, second = (text.replace("{do}", do).replace("{x}", x) for text in (first, second))
    if say.rng.random() < 0.5:
        prompt = say.prompt(R6, "qqp", question1=_slip(say, first), question2=second)
    else:
        prompt = say.say("same form", first=_slip(say, first), second=second)
    return Pair("same question", prompt, "yes" if truth else "no", item=f"{first} {second}", looks=False)


def plain_sentence(rng: random.Random) -> str:
    """A sentence about nobody's secrets."""
    if rng.random() < 0.5:
        return _premise(rng)[0]
    return f"The {rng.choice(THINGS)} was {rng.choice(rng.choice((GOOD, BAD)))}."


UNKNOWN = "I do not know."


def unknown(say: Speaker) -> Pair:
    """What no list holds the answer to."""
    x, y, do = say.rng.choice(OPENS), say.rng.choice(OBJECTS), say.rng.choice(DOS)
    query = say.say("unknown", place=x, thing=y, do=do, who=say.rng.choice(WHO), other=say.rng.choice(NAMES))
    query = _slip(say, query) if say.rng.random() < 0.3 else query
    return Pair(
        "what it was never told", say.form("short form", query, SHORT, own=0.3), UNKNOWN, item=query, looks=False
    )


FACTS = (
    ("Which day comes after Monday?|What day follows Monday?", "The day after Monday is which?", "Tuesday"),
    ("Which day comes after Friday?|What day follows Friday?", "The day after Friday is which?", "Saturday"),
    ("Which month comes after March?|What month follows March?", "The month after March is which?", "April"),
    ("Which month comes first in the year?|What is the first month?", "The year begins with which month?", "January"),
    ("How many days has a week?|How many days are in a week?", "A week has how many days?", "7"),
    ("How many legs has a spider?|How many legs does a spider have?", "A spider walks on how many legs?", "8"),
    ("How many wheels has a bicycle?|How many wheels does a bicycle have?", "A bicycle rolls on how many wheels?", "2"),
    ("What is the capital of France?|Which city is France's capital?", "Name the capital of France.", "Paris"),
    ("What is the capital of Italy?|Which city is Italy's capital?", "Name the capital of Italy.", "Rome"),
    ("What is the capital of Japan?|Which city is Japan's capital?", "Name the capital of Japan.", "Tokyo"),
    ("Which animal barks?|What animal says woof?", "Name the animal that barks.", "A dog"),
    ("Which animal gives milk and says moo?|What animal says moo?", "Name the animal that moos.", "A cow"),
    (
        "Which colour do red and yellow paint make?|What do red and yellow make?",
        "Mix red and yellow: what comes out?",
        "Orange",
    ),
    (
        "Which colour do red and blue paint make?|What do red and blue make?",
        "Mix red and blue: what comes out?",
        "Purple",
    ),
    ("What colour is snow?|Which colour has snow?", "Name the colour of snow.", "White"),
    ("What colour is grass?|Which colour has grass?", "Name the colour of grass.", "Green"),
    ("How many sides has a square?|How many sides does a square have?", "A square is closed by how many sides?", "4"),
    ("How much is 2 plus 2?|What is 2 plus 2?", "Add 2 and 2.", "4"),
    ("How much is 5 plus 4?|What is 5 plus 4?", "Add 5 and 4.", "9"),
    ("How much is 3 times 3?|What is 3 times 3?", "Multiply 3 by 3.", "9"),
    ("What do bees make?|What comes from bees?", "Name what bees make.", "Honey"),
    ("What falls from clouds?|What do clouds bring?", "Name what falls from clouds.", "Rain"),
    ("Which star gives us daylight?|What lights the day?", "Name the star of our day.", "The Sun"),
    ("What do we breathe?|Which gas mix do people breathe?", "Name what people breathe.", "Air"),
    (
        "Which bird cannot fly and lives on ice?|What bird swims and lives on ice?",
        "Name the bird of the ice.",
        "A penguin",
    ),
    ("What is frozen water called?|What do we call frozen water?", "Name frozen water.", "Ice"),
)


def fact(say: Speaker) -> Pair:
    train, held, answer = say.rng.choice(FACTS)
    query = say.rng.choice(train.split("|")) if say.part == "train" else held
    return Pair("fact", say.form("short form", query, SHORT, own=0.4), answer, item=query, looks=False)


MAKERS: tuple[tuple[Callable[[Speaker], Pair], float], ...] = (
    (sentiment, 1.5),
    (entailment, 1.2),
    (answers, 0.7),
    (same_question, 0.7),
    (fact, 1.0),
    (unknown, 0.5),
)
