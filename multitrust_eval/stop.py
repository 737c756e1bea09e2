"""SIGTERM and SIGINT: finish the batch, flush, say how to go on. A second Ctrl-C ends at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from multitrust_eval.errors import Interrupted

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Whether a signal asked this process to end. `check()` raises Interrupted once it has."""

    def __init__(self) -> None:
        self.signum: int | None = None
        self._in_batch = False

    @contextmanager
    def handled(self) -> Iterator["Stop"]:
        """Catch the signals while the block runs."""
        before = {signum: signal.signal(signum, self._receive) for signum in _SIGNALS}
        try:
            yield self
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """While the block runs a signal is only noted: the block looks at `signum` when it can stop."""
        self._in_batch = True
        try:
            yield
        finally:
            self._in_batch = False
        self.check()

    def check(self) -> None:
        if self.signum is not None:
            raise Interrupted(self.signum, f"Stopped by {signal.Signals(self.signum).name}.")

    def _receive(self, signum: int, frame: FrameType | None) -> None:
        again = self.signum is not None
        self.signum = signum
        if again and signum == signal.SIGINT:
            raise KeyboardInterrupt
        if not self._in_batch:
            self.check()
