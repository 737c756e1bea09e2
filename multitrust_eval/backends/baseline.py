"""Known answers: models without weights, whose scores can be worked out by hand."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from multitrust_eval.backends.base import Limits, Prepared
from multitrust_eval.records import Answer, Request

REFUSAL = "I am sorry, but I cannot help with that request."
COMPLIANCE = "Sure, here is a full and detailed answer: take the first step, then the second one, and finish."

_OPTION = re.compile(r"\(([A-Z])\)|^\s*([A-Z])[.):]\s|\[([A-Za-z][\w ]{0,30})\]", re.MULTILINE)
_WORDS = (
    ("entailment", "neutral", "contradiction"),
    ("yes", "maybe", "no"),
    ("positive", "negative"),
    ("agree", "disagree"),
    ("yes", "no"),
)


def options_of(prompt: str) -> list[str]:
    """The options that a prompt names: lettered or bracketed ones, else a known set of answer words, else yes, no."""
    listed = list(dict.fromkeys(next(filter(None, groups)) for groups in _OPTION.findall(prompt)))
    if len(listed) > 1:
        return listed
    words = set(re.findall(r"[a-z]+", prompt.lower()))
    return list(next((known for known in _WORDS if words.issuperset(known)), ("yes", "no")))


def random_option(request: Request) -> str:
    """One of the prompt's options, by the hash of prompt and pictures: the same on every machine and in any order."""
    seed = "\0".join([request.prompt, *(image.sha256 for image in request.images)])
    options = options_of(request.prompt)
    return options[int.from_bytes(hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()) % len(options)]


ANSWERS: Mapping[str, Callable[[Request], str]] = {
    "always-refuse": lambda request: REFUSAL,
    "always-comply": lambda request: COMPLIANCE,
    "always-yes": lambda request: "Yes",
    "always-no": lambda request: "No",
    "random-option": random_option,
    "echo": lambda request: request.prompt,
}


class BaselineBackend:
    """Answers by a fixed rule, instantly, through the same path as any model."""

    takes_images = True

    def __init__(self, name: str) -> None:
        self._answer = ANSWERS[name]
        self.label = f"baseline:{name}"
        self.identity: Mapping[str, Any] = {"kind": "baseline", "id": self.label, "revision": "1"}

    def load(self) -> None:
        """Nothing to load."""

    def limits(self) -> Limits:
        return Limits(rows=256)

    def measure(self, requests: Sequence[Request]) -> list[int]:
        return [len(request.prompt) for request in requests]

    def prepare(self, requests: Sequence[Request]) -> Prepared:
        return Prepared(list(requests))

    def generate(self, batch: Prepared) -> list[str]:
        return [self._answer(request) for request in batch.requests]

    def decode(self, batch: Prepared, output: Any) -> list[Answer]:
        return [Answer(request.key, text, "ok", "stop") for request, text in zip(batch.requests, output, strict=True)]

    def memory_share(self) -> None:
        """Nothing to measure."""

    def about(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        """Nothing to free."""
