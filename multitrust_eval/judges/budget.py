"""A bound on the calls of paid judges."""

import threading

SPENT = "budget spent"
"""The reason of a verdict that was not asked for because the budget is used up. It is not kept on disk."""


class Budget:
    """At most `calls` calls in this run over all remote judges, tries again included; None: no bound."""

    def __init__(self, calls: int | None = None) -> None:
        self.calls = calls
        self.used = 0
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take one call, if there is one left."""
        with self._lock:
            if self.calls is not None and self.used >= self.calls:
                return False
            self.used += 1
            return True
