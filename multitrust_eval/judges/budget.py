"""A bound on the calls of paid judges."""

import threading

from multitrust_eval.errors import UsageError

SPENT = "budget spent"
"""The reason of a verdict that was not asked for because the budget is used up. It is not kept on disk."""


def check_calls(calls: int | None) -> None:
    """Raises UsageError for a --judge-budget that allows no call at all."""
    if calls is not None and calls < 1:
        raise UsageError(f"--judge-budget {calls}: give a number of at least 1.")


def unasked_words(count: int) -> str:
    """What a user is told about questions that the budget did not reach."""
    were = "question was" if count == 1 else "questions were"
    return f"{count} {were} not asked: --judge-budget is spent. The same command goes on with what is left."


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
