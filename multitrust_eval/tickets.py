"""Who does which batch, so that the ranks of a job end together.

A batch is a ticket; its number is drawn from a counter that all ranks share. A rank draws one ahead, to prepare it
while it works on another, but not where the others would wait for that: not before it knows its own pace, and not
near the end. A rank that is slow beside the others draws nothing that they would be through with sooner.
"""

from typing import Protocol

SLACK = 1.25
"""A rank so many times slower than the whole job still takes the last tickets: no two batches take the same time."""

AMPLE_ROUNDS = 4
"""With more tickets left than so many a rank, a rank may join two."""


class Counters(Protocol):
    """What is used of `ranks.Ranks`."""

    world: int

    def ticket(self, queue: str) -> int: ...
    def count(self, name: str, amount: int = 0) -> int: ...


class Tickets:
    """One rank's part in a job of `total` tickets."""

    def __init__(self, ranks: Counters, total: int) -> None:
        self._ranks, self._total = ranks, total
        self._drawn = self._rows = self._ms = 0

    def draw(self) -> int | None:
        """The next number; None when there is none left."""
        number = self._ranks.ticket("generate")
        self._drawn = number + 1
        return number if number < self._total else None

    @property
    def ample(self) -> bool:
        """Were there many left when this rank last drew one?"""
        return self._drawn + AMPLE_ROUNDS * self._ranks.world < self._total

    def ahead(self) -> bool:
        """May this rank draw one while it works on another? Not if the others would wait for it in the end."""
        if self._ranks.world == 1:
            return True
        return self._rows > 0 and 2 * max(1.0, self._slowness()) < self._rounds() + 1

    def declines(self) -> bool:
        """Would the others sooner be through with all that is left than this rank with one? The last never says so."""
        if self._ranks.world == 1 or self._slowness() <= self._rounds() + SLACK:
            return False
        return self._ranks.count("declined", 1) < self._ranks.world

    def done(self, rows: int, seconds: float) -> None:
        """Tell the others how long so many rows took here."""
        if self._ranks.world > 1 and rows:
            self._rows, self._ms = self._rows + rows, self._ms + round(1000 * seconds)
            self._ranks.count("pace/ms", round(1000 * seconds))
            self._ranks.count("pace/rows", rows)  # second, and read first: in between a rank only looks too quick

    def _rounds(self) -> float:
        """How many tickets a rank are left."""
        return max(0, self._total - self._ranks.count("ticket/generate")) / self._ranks.world

    def _slowness(self) -> float:
        """Seconds a row here, over seconds a row in the whole job."""
        rows, ms = self._ranks.count("pace/rows"), self._ranks.count("pace/ms")
        return (self._ms / self._rows) * (rows / ms) if self._rows and ms else 1.0
