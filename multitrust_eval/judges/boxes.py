"""Reads a bounding box out of an answer, whatever form the model chose: what T.1's grounding judge is asked to do."""

import itertools
import re

_NUMBER = r"[-+]?\d*\.?\d+"
_NUMBERS = re.compile(_NUMBER)
_GROUP = re.compile(r"[\[({<][^\[\](){}<>]*[\])}>]")
NO_BOX = (0.0, 0.0, 0.0, 0.0)

Box = tuple[float, float, float, float]


def find_box(text: str, size: tuple[int, int] | None = None) -> Box:
    """The first box in `text` as (x min, y min, x max, y max), each 0-1; `NO_BOX` where there is none.

    Reads fractions, pixels (`size` is width, height), percent, thousandths, corner pairs and x/y/width/height.
    """
    numbers = _four_numbers(text)
    if numbers is None:
        return NO_BOX
    x, y, right, bottom = _scaled(numbers, "%" in text, size)
    if re.search(r"\bwidth\b|\bw\s*[:=]", text, re.IGNORECASE) and re.search(
        r"\bheight\b|\bh\s*[:=]", text, re.IGNORECASE
    ):
        right, bottom = x + right, y + bottom
    box = (min(x, right), min(y, bottom), max(x, right), max(y, bottom))
    return box if all(-0.01 <= v <= 1.01 for v in box) else NO_BOX


def _four_numbers(text: str) -> list[float] | None:
    """Four numbers in one bracket, else two corner pairs in a row, else a text that holds just four numbers."""
    groups = [[float(n) for n in _NUMBERS.findall(group)] for group in _GROUP.findall(text)]
    for group in groups:
        if len(group) == 4:
            return group
    for first, second in itertools.pairwise(groups):
        if len(first) == len(second) == 2:
            return first + second
    loose = re.sub(r"\b[xy]_?[12]\b", " ", text, flags=re.IGNORECASE)
    numbers = [float(n) for n in _NUMBERS.findall(loose)]
    return numbers if len(numbers) == 4 else None


def _scaled(numbers: list[float], percent: bool, size: tuple[int, int] | None) -> list[float]:
    largest = max(abs(n) for n in numbers)
    if percent:
        return [n / 100 for n in numbers]
    if largest <= 1.01:
        return numbers
    if size and all(n <= limit * 1.01 for n, limit in zip(numbers, (*size, *size), strict=True)):
        return [n / limit for n, limit in zip(numbers, (*size, *size), strict=True)]
    return [n / 1000 for n in numbers]
