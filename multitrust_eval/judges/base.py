"""What every judge is: a name, a revision, and a call that turns items into verdicts."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from multitrust_eval.errors import UsageError
from multitrust_eval.records import JudgeItem, Verdict


@runtime_checkable
class Judge(Protocol):
    """A judge fills verdict slots.

    `name` and `revision` travel with every score. `stand_in` is True for a judge that only keeps the pipeline whole
    (the rules); `remote` for one that calls a service. `slots` are those it can fill. `question(item)` is the whole of
    what the judge looks at, as text: two items with the same question get the same verdict and are judged once.
    A call returns one verdict an item, in order, and never raises for a bad item: a failure is a null verdict with
    its reason.
    """

    name: str
    revision: str
    stand_in: bool
    remote: bool
    slots: tuple[str, ...]

    def question(self, item: JudgeItem) -> str: ...

    def __call__(self, items: Sequence[JudgeItem]) -> list[Verdict]: ...

    def close(self) -> None: ...


@runtime_checkable
class RemoteJudge(Judge, Protocol):
    """A judge that calls a service: it hands over each verdict as soon as it is paid for."""

    def each(self, items: Sequence[JudgeItem], done: Callable[[int, Verdict], None]) -> None: ...


class JudgeError(UsageError):
    """A judge cannot be built or used; the message says what to do next."""
