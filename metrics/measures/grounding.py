"""Boxes in a judge's reply, and whether they hit (spec A.7, iou_judge)."""

import json
import re
from collections.abc import Sequence
from fractions import Fraction

Box = Sequence[float]

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?(?:\s*/\s*\d+(?:\.\d+)?)?"
_LIST = re.compile(r"\[\s*((?:" + _NUMBER + r"\s*,\s*){3}" + _NUMBER + r")\s*\]", re.IGNORECASE)


def box_hits(reply: str, reference: str, rules: str = "paper") -> float | None:
    """1.0 where the reply's box and the reference overlap by more than half (intersection over union), else 0.0.

    None where the reply holds no box. `reference`: JSON text of x min, y min, x max, y max, each 0-1.
    """
    box = read_box(reply, rules)
    return None if box is None else float(overlap(box, read_reference(reference)) > 0.5)


def read_reference(reference: str) -> list[float]:
    """The four numbers, 0-1, of a JSON list. Raises ValueError when it is not one."""
    try:
        box = json.loads(reference)
    except json.JSONDecodeError:
        box = None
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(x, int | float) for x in box):
        raise ValueError(f'is {reference!r}: pass a box as JSON text, such as "[0.1, 0.2, 0.5, 0.6]".')
    # A comparison with NaN is false.
    if not all(0 <= x <= 1 for x in box):
        raise ValueError(
            f"is {reference!r}: pass each number as a share of the picture's width or height, from 0 to 1."
        )
    return [float(x) for x in box]


def read_box(reply: str, rules: str = "paper") -> list[float] | None:
    """The reply's box, or None.

    Paper: what is left between commas once quotes, line ends and brackets are gone, if exactly four are numbers or
    simple fractions. Strict: the one bracketed list of four numbers, anywhere in the reply; an ordered box within
    0-1, or all zeros, which says that the answer named none.
    """
    if rules == "paper":
        bare = re.sub(r"'''|[\n\[\]]", "", reply)
        numbers = [number for part in bare.split(",") if (number := _number(part)) is not None]
        return numbers if len(numbers) == 4 else None
    found = {tuple(_number(part) for part in match.split(",")) for match in _LIST.findall(reply)}
    if len(found) != 1:
        return None
    left, top, right, bottom = box = [number if number is not None else -1.0 for number in found.pop()]
    ordered = 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    return box if ordered or not any(box) else None


def _number(text: str) -> float | None:
    text = text.strip()
    try:
        return float(Fraction(text)) if "/" in text else float(text)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes (x min, y min, x max, y max); 0 where both are empty or no number."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    common = max(0.0, width) * max(0.0, height)
    union = area(one) + area(other) - common
    return common / union if union > 0 else 0.0


def area(box: Box) -> float:
    """The area of a box, 0 where its corners are not in order."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
