"""Where the answers of a process go: into its file first, then into the job's counters."""

import threading
from collections.abc import Mapping, Sequence

from multitrust_eval.errors import UserError
from multitrust_eval.ranks import Ranks
from multitrust_eval.records import Answer
from multitrust_eval.store import Appender, answer_record

HOPELESS = 16
"""So many errors in a row, and nothing answered yet: the model does not work here, so the run stops."""

DONE, FAILED = "done", "failed"
"""Counters of the job: requests that have a record now, and how many of those are errors."""


class Ledger:
    """Safe to use from several threads."""

    def __init__(self, appender: Appender, ranks: Ranks) -> None:
        self._appender, self._ranks = appender, ranks
        self._lock = threading.Lock()
        self._closed = False
        self._errors_in_a_row = 0
        self._answered = 0

    def write(self, answers: Sequence[Answer], ids: Mapping[str, tuple[str, ...]]) -> None:
        """Append and count; `ids`: request key -> row ids. Raises UserError when writing fails, or when all fails."""
        with self._lock:
            if self._closed:
                return
            try:
                self._appender.append(answer_record(answer, ids[answer.key]) for answer in answers)
            except OSError as error:
                self._closed = True  # the file may end in half a line, which nothing must follow
                raise UserError(
                    f"Cannot write {self._appender.path}: {error.strerror}. Make room, then run the same command "
                    "again: it does only what is missing."
                ) from error
            self._count(answers)

    def close(self) -> None:
        """Write nothing any more: the file is about to be closed."""
        with self._lock:
            self._closed = True

    def _count(self, answers: Sequence[Answer]) -> None:
        errors = [answer for answer in answers if answer.status.startswith("error:")]
        self._answered += len(answers) - len(errors)
        self._errors_in_a_row = self._errors_in_a_row + len(errors) if len(errors) == len(answers) else 0
        if errors:
            self._ranks.count(FAILED, len(errors))
        self._ranks.count(DONE, len(answers))
        if not self._answered and self._errors_in_a_row >= HOPELESS:
            raise UserError(
                f"The first {self._errors_in_a_row} requests all failed, so the run stops. The last said: "
                f"{errors[-1].detail or errors[-1].status}"
            )
