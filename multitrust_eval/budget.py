"""How large a batch may be on this process's device: first by estimate, then by what fitted and what did not."""

import sys
from collections.abc import Callable

from multitrust_eval.backends.base import Limits

FULL = 0.85
"""The share of the device's free memory that a batch may grow to fill."""

PATIENCE = 16
"""So many batches that fit before a size that once failed is tried again; twice as many after every failure."""


class Budget:
    """Padded tokens a batch. A batch that runs out of memory halves it, and it stays halved for the batches to come.

    Where `share` says how much of the free memory the last batch used, the budget grows while there is room. A size
    that failed is not tried again for a good while: memory may have been short for another reason.
    """

    def __init__(self, limits: Limits, share: Callable[[], float | None] = lambda: None) -> None:
        self.limits = limits
        self._share = share
        self._tokens = limits.tokens
        self._failed: int | None = None
        self._calm, self._patience = 0, PATIENCE

    @property
    def grows(self) -> bool:
        """Are batches made by tokens? A number of rows that the user chose stays what it is."""
        return self.limits.tokens is not None

    def rows(self, width: int) -> int:
        """How many rows of `width` padded tokens a batch may have now, 1 at least."""
        fitting = sys.maxsize if self._tokens is None else self._tokens // max(width, 1)
        return max(1, min(fitting, self.limits.rows))

    def failed(self, size: int) -> None:
        """A batch of `size` padded tokens found no room, and not for the sake of one row that never fits."""
        self._failed = size if self._failed is None else min(size, self._failed)
        half = max(1, size // 2)
        self._tokens = half if self._tokens is None else min(half, self._tokens)
        self._calm, self._patience = 0, 2 * self._patience

    def fitted(self, size: int) -> None:
        """A batch of `size` padded tokens was generated. Only one that came near the budget says anything about it."""
        share = self._share()
        if self._tokens is None or 2 * size <= self._tokens:
            return
        self._calm += 1
        if self._failed is not None and self._calm >= self._patience:
            self._failed, self._calm = None, 0
            if share is None:
                self._tokens = min(2 * self._tokens, self.limits.tokens or sys.maxsize)
        if share is not None:
            self._tokens = max(self._tokens, min(2 * self._tokens, self._within(int(size * FULL / max(share, 0.01)))))

    def _within(self, tokens: int) -> int:
        return tokens if self._failed is None else min(tokens, self._failed * 3 // 4)
