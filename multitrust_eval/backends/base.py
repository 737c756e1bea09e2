"""What every backend is: an identity for the request key, and the way from requests to answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from multitrust_eval.records import Answer, Request


class OutOfMemory(Exception):
    """The device has no room for this batch; a smaller one may fit."""


@dataclass
class Prepared:
    """A batch on its way: the requests that will be generated, their model inputs, and what failed already.

    `width`: the tokens of a padded row with its token limit; 1 where memory goes by rows.
    """

    requests: list[Request]
    inputs: Any = None
    failed: list[Answer] = field(default_factory=list)
    width: int = 1

    @property
    def size(self) -> int:
        """Padded tokens."""
        return len(self.requests) * self.width


@dataclass(frozen=True)
class Limits:
    """How large a batch may be: rows, and padded tokens (longest prompt plus token limit, times rows).

    `apart`: all rows of a batch have the same number of pictures.
    """

    rows: int
    tokens: int | None = None
    apart: bool = False


class Model(Protocol):
    """What answers. `identity` is all that may change an answer, as plain JSON values; it goes into every request key.

    `label` is what people are shown.
    """

    label: str
    identity: Mapping[str, Any]
    takes_images: bool

    def load(self) -> None:
        """Bring up the weights. Called once, before all that follows."""
        ...

    def limits(self) -> Limits:
        """The batch size that suits this model on this device."""
        ...

    def measure(self, requests: Sequence[Request]) -> list[int]:
        """The length of each prompt in tokens, pictures included: for ordering only, it need not be exact."""
        ...

    def about(self) -> dict[str, Any]:
        """What the manifest says about the model beyond its identity."""
        ...

    def close(self) -> None:
        """Free the device: judges may need it."""
        ...


class Backend(Model, Protocol):
    """A model on this machine: three steps that turn a batch into answers.

    `prepare` runs in its own thread ahead of `generate`, `decode` in another one behind it. Any exception but
    OutOfMemory becomes an error record of the rows that cause it.
    """

    def prepare(self, requests: Sequence[Request]) -> Prepared: ...

    def generate(self, batch: Prepared) -> Any: ...

    def decode(self, batch: Prepared, output: Any) -> list[Answer]: ...

    def memory_share(self) -> float | None:
        """How much of the device's free memory was in use at most since the last call, 0-1; None: it is not known."""
        ...


@runtime_checkable
class ServedModel(Model, Protocol):
    """A model behind a server: `width` threads at most ask it, over all processes of the job, a request each."""

    width: int

    def answer(self, request: Request) -> Answer:
        """One request's answer; a failure is an answer with an error status. Raises UserError when no request can go
        well, Halted after `halt`."""
        ...

    def halt(self) -> None:
        """Begin no further call. Calls under way come to their end."""
        ...
