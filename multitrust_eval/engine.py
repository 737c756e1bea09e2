"""The hot loop: take a ticket, prepare ahead, generate, decode and append behind.

Three threads a process. One takes tickets and prepares the next batch while this one runs; the main thread does
nothing but generate; a third decodes and writes. A batch that fails is split until what fails stands alone, and that
alone becomes an error record. How large a batch may be is learned on the way (budget.py): tickets are cut or joined.
"""

import queue
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from multitrust_eval.backends.base import Backend, Limits, OutOfMemory, Prepared
from multitrust_eval.budget import Budget
from multitrust_eval.ledger import Ledger
from multitrust_eval.ranks import Ranks
from multitrust_eval.records import Answer, Request
from multitrust_eval.schedule import kind
from multitrust_eval.stop import Stop
from multitrust_eval.store import Appender
from multitrust_eval.tickets import Tickets

OUT_OF_MEMORY = "error:out_of_memory"
NO_ROOM = (OutOfMemory, MemoryError)


@dataclass
class _Ticket:
    requests: list[Request]
    prepared: Prepared | None = None
    error: Exception | None = None


@dataclass
class _Piece:
    """A part of a batch after generation: output to decode, or answers that are ready (errors)."""

    batch: Prepared
    output: Any = None
    ready: list[Answer] = field(default_factory=list)


class Engine:
    """Answers the batches of a job, together with the engines of the other ranks."""

    def __init__(
        self, backend: Backend, appender: Appender, ranks: Ranks, stop: Stop, budget: Budget | None = None
    ) -> None:
        self._budget = budget or Budget(Limits(rows=sys.maxsize))
        self.backend, self.ranks, self.stop = backend, ranks, stop
        self._ledger = Ledger(appender, ranks)
        self._prepared: queue.Queue[_Ticket | None] = queue.Queue()
        self._ahead = threading.Semaphore(1)
        self._written: queue.Queue[tuple[_Ticket, list[_Piece]] | None] = queue.Queue(maxsize=2)
        self._fatal: BaseException | None = None
        self._over = threading.Event()
        self._idle = threading.Event()  # the main thread is through with a batch
        self._idle.set()
        self._last: tuple[Any, int] | None = None  # kind and width of the batch prepared last

    def run(self, requests: Sequence[Request], batches: Sequence[Sequence[int]]) -> None:
        """Work until the tickets run out or a signal comes. Raises UserError when writing fails or all fails."""
        self._tickets = Tickets(self.ranks, len(batches))
        ahead = threading.Thread(target=self._prepare_ahead, args=(requests, batches), name="prepare", daemon=True)
        behind = threading.Thread(target=self._write_behind, name="write", daemon=True)
        ahead.start()
        behind.start()
        try:
            while (ticket := self._prepared.get()) is not None:
                if self._over.is_set() or self.stop.signum is not None:
                    break
                self._idle.clear()
                self._ahead.release()
                start = time.monotonic()
                self._written.put((ticket, self._generate(ticket)))
                self._tickets.done(len(ticket.requests), time.monotonic() - start)
                self._idle.set()
        finally:
            self._over.set()
            self._idle.set()
            self._ahead.release()
            self._written.put(None)
            behind.join()
        if self._fatal is not None:
            raise self._fatal

    def _prepare_ahead(self, requests: Sequence[Request], batches: Sequence[Sequence[int]]) -> None:
        mine = self._fitting(requests, batches)
        try:
            while True:
                self._ahead.acquire()
                if self._over.is_set() or self.stop.signum is not None:
                    break
                batch = next(mine, None)
                if batch is None:
                    break
                ticket = _Ticket(batch)
                try:
                    ticket.prepared = self.backend.prepare(batch)
                    self._last = self._kind(batch), ticket.prepared.width
                except Exception as error:  # one bad batch must not end the run; the main thread splits it
                    ticket.error = error
                self._prepared.put(ticket)
        except BaseException as error:
            self._fail(error)
        finally:
            self._prepared.put(None)

    def _fitting(self, requests: Sequence[Request], batches: Sequence[Sequence[int]]) -> Iterator[list[Request]]:
        """This rank's tickets, as large as the budget has batches now: cut, or joined with the ticket after."""
        held: int | None = None
        while (number := self._next() if held is None else held) is not None:
            held, batch = None, [requests[i] for i in batches[number]]
            step = len(batch)
            while held is None and self._may_join(len(batch) + step, batch):
                if (other := self._tickets.draw()) is None:
                    break
                more = [requests[i] for i in batches[other]]
                if self._kind(more) == self._kind(batch) and len(batch) + len(more) <= self._rows(batch):
                    batch += more
                else:
                    held = other
            while batch:
                parts = -(-len(batch) // self._rows(batch))
                step = -(-len(batch) // parts)
                yield batch[:step]
                batch = batch[step:]

    def _next(self) -> int | None:
        """The next ticket, once this rank may have it; None when it has done its part."""
        if not self._tickets.ahead():
            self._idle.wait()
        return None if self._over.is_set() or self._tickets.declines() else self._tickets.draw()

    def _may_join(self, rows: int, batch: list[Request]) -> bool:
        """Is there room for so many rows like these? Towards the end the ranks share what is left instead."""
        return self._budget.grows and self._tickets.ample and rows <= self._rows(batch)

    def _rows(self, batch: list[Request]) -> int:
        """How many rows like these a batch may have; as many as there are where their width is not known yet."""
        if self._last is None or self._last[0] != self._kind(batch):
            return len(batch)
        return self._budget.rows(self._last[1])

    def _kind(self, batch: list[Request]) -> Any:
        return kind(batch[0], self._budget.limits)

    def _generate(self, ticket: _Ticket) -> list[_Piece]:
        try:
            if ticket.error is not None:
                raise ticket.error
            assert ticket.prepared is not None
            return [self._piece(ticket.prepared)]
        except Exception as error:
            return self._split(ticket.requests, error, ticket.prepared)

    def _piece(self, batch: Prepared) -> _Piece:
        output = self.backend.generate(batch) if batch.requests else None
        self._budget.fitted(batch.size)
        return _Piece(batch, output, batch.failed)

    def _split(self, requests: list[Request], error: Exception, failed: Prepared | None) -> list[_Piece]:
        """Out of memory: two halves. Anything else: each row alone, to find the one that does not work."""
        if len(requests) == 1:
            return [_Piece(Prepared([]), ready=[failure(requests[0], error)])]
        full = isinstance(error, NO_ROOM)
        step = (len(requests) + 1) // 2 if full else 1
        pieces: list[_Piece] = []
        for start in range(0, len(requests), step):
            part = requests[start : start + step]
            prepared = None
            try:
                prepared = self.backend.prepare(part)
                pieces.append(self._piece(prepared))
            except Exception as again:
                pieces += self._split(part, again, prepared)
        if full and failed is not None and not any(a.status == OUT_OF_MEMORY for piece in pieces for a in piece.ready):
            self._budget.failed(failed.size)  # not learned from a row that fits nowhere: the others may fit together
        return pieces

    def _write_behind(self) -> None:
        """Write all that was generated, whatever else went wrong meanwhile."""
        while (item := self._written.get()) is not None:
            try:
                self._write(*item)
            except BaseException as error:
                self._fail(error)

    def _write(self, ticket: _Ticket, pieces: list[_Piece]) -> None:
        answers: list[Answer] = []
        for piece in pieces:
            answers += piece.ready
            if piece.batch.requests:
                answers += self._decoded(piece)
        self._ledger.write(answers, {request.key: request.ids for request in ticket.requests})

    def _decoded(self, piece: _Piece) -> list[Answer]:
        try:
            return self.backend.decode(piece.batch, piece.output)
        except Exception as error:  # as for a batch: the rows get an error record, the run goes on
            return [failure(request, error) for request in piece.batch.requests]

    def _fail(self, error: BaseException) -> None:
        self._fatal = self._fatal or error
        self._over.set()
        self._prepared.put(None)


def failure(request: Request, error: Exception) -> Answer:
    """The record of a request that could not be answered."""
    status = OUT_OF_MEMORY if isinstance(error, NO_ROOM) else "error:generation_failed"
    detail = f"{type(error).__name__}: {error}"[:500]
    return Answer(request.key, "", status, detail=detail)
