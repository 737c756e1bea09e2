"""The loop for a model behind a server: threads that each take a ticket, ask, write the answer, and go on.

The engine's batches would wait for their slowest request; here no request waits for another.
"""

import threading
from collections.abc import Sequence

from multitrust_eval.backends.base import ServedModel
from multitrust_eval.errors import UserError
from multitrust_eval.ledger import HOPELESS, Ledger
from multitrust_eval.ranks import Ranks
from multitrust_eval.records import Answer, Request
from multitrust_eval.stop import Stop
from multitrust_eval.store import Appender
from multitrust_eval.throttle import Halted

_POLL_S = 0.05
OF_THE_SERVER = ("error:rate_limited", "error:connection", "error:timeout")
"""Errors that say more about the server than about the request."""


class Workers:
    """Answers the requests of a job, together with the workers of the other ranks."""

    def __init__(self, model: ServedModel, appender: Appender, ranks: Ranks, stop: Stop) -> None:
        self._model, self._ranks, self._stop = model, ranks, stop
        self._ledger = Ledger(appender, ranks)
        self._fatal: BaseException | None = None
        self._in_vain = 0

    def run(self, requests: Sequence[Request], batches: Sequence[Sequence[int]]) -> None:
        """Work until the tickets run out or a signal comes; then what is under way is waited for and written.

        Raises UserError when writing fails, when the server refuses all, or when it is gone.
        """
        threads = [
            threading.Thread(target=self._work, args=(requests, batches), name="ask", daemon=True)
            for _ in range(min(-(-self._model.width // self._ranks.world), len(batches)))  # the width is the job's
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(_POLL_S)
                    if self._stop.signum is not None:
                        self._model.halt()
        except BaseException:  # a second Ctrl-C: leave at once, and let no straggler write into a closed file
            self._ledger.close()
            self._model.halt()
            raise
        if self._fatal is not None:
            raise self._fatal

    def _work(self, requests: Sequence[Request], batches: Sequence[Sequence[int]]) -> None:
        try:
            while self._fatal is None and self._stop.signum is None:
                number = self._ranks.ticket("generate")
                if number >= len(batches):
                    return
                for index in batches[number]:
                    self._ask(requests[index])
        except Halted:
            return
        except BaseException as error:
            self._fatal = self._fatal or error
            self._model.halt()

    def _ask(self, request: Request) -> None:
        try:
            answer = self._model.answer(request)
        except (UserError, Halted):
            raise
        except Exception as error:  # one bad request must not end the run
            detail = f"{type(error).__name__}: {error}"[:500]
            answer = Answer(request.key, "", "error:generation_failed", detail=detail)
        self._ledger.write([answer], {request.key: request.ids})
        self._mind(answer)

    def _mind(self, answer: Answer) -> None:
        """Stop when the server is gone: to go on would turn all that is left into errors."""
        self._in_vain = self._in_vain + 1 if answer.status in OF_THE_SERVER else 0
        if self._in_vain >= HOPELESS:
            raise UserError(
                f"The last {self._in_vain} requests all failed at the server ({answer.detail}), so the run stops. "
                "When the server is well again, the same command goes on."
            )
