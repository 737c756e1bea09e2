"""The plain records that travel through a run: Request -> Answer -> JudgeItem -> Verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Image:
    """A picture as it is stored: `sha256` of its encoded bytes; `path` on this machine, or the `data` themselves."""

    sha256: str
    path: str | None = None
    data: bytes | None = field(default=None, repr=False, compare=False)

    def read(self) -> bytes:
        """The encoded bytes. Raises OSError when the file is gone."""
        if self.data is not None:
            return self.data
        assert self.path is not None
        with open(self.path, "rb") as file:  # noqa: PTH123 - hot path, a Path object a picture is waste
            return file.read()


@dataclass(frozen=True)
class Request:
    """One generation. Rows that ask the very same thing share it; `ids` are the rows' ids, in plan order."""

    key: str
    prompt: str
    images: tuple[Image, ...]
    max_new_tokens: int
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What came back for a request. `text` is "" unless status is "ok" or "truncated" (or "error:<reason>")."""

    key: str
    text: str
    status: str
    finish_reason: str = ""
    prompt_tokens: int = 0
    new_tokens: int = 0
    reasoning: str = ""
    detail: str = ""
    """What went wrong, in words, when `status` is an error."""


@dataclass(frozen=True)
class JudgeItem:
    """One question to a judge. `reference` is the row's own; `image_size` is (width, height) in pixels."""

    id: str
    stem: str
    variant: str
    subset: str
    slot: str
    response: str
    reference: Any
    image_size: tuple[int, int] | None = None


@dataclass(frozen=True)
class Verdict:
    """A judge's reply: text for `judge`, `judge_noise`, `attack`, `refusal`; 0-1 for the toxicity slots; None if it
    failed, with the reason."""

    raw: str | float | None
    reason: str
    judge: str
    revision: str


Reference = str | float | list[str] | Mapping[str, str]
