"""How many calls may be under way at a server at once: more while it keeps up, half when it says that it does not.

Additive increase, multiplicative decrease, as TCP does it: doubling each round until the first refusal, from then on
one more each round.
"""

import threading
import time

START = 4
_POLL_S = 0.25


class Halted(Exception):
    """The run ends: no further call is made."""


class Throttle:
    """Shared by the threads that call one server. `most`: the bound that is never passed."""

    def __init__(self, most: int, start: int = START) -> None:
        self._most, self._width = most, float(min(start, most))
        self._flying = 0
        self._steep = True
        self._narrowed_at = self._quiet_until = 0.0
        self._changed = threading.Condition()
        self._halted = threading.Event()

    @property
    def width(self) -> int:
        """How many calls may be under way now."""
        return int(self._width)

    @property
    def halted(self) -> threading.Event:
        return self._halted

    def halt(self) -> None:
        """Let nobody in any more, and wake who waits."""
        self._halted.set()
        with self._changed:
            self._changed.notify_all()

    def reopen(self) -> None:
        self._halted.clear()

    def enter(self) -> float:
        """Wait for a place; the time of entry, for `leave`. Raises Halted."""
        with self._changed:
            while not self._halted.is_set():
                now = time.monotonic()
                if self._flying < int(self._width) and now >= self._quiet_until:
                    self._flying += 1
                    return now
                quiet_s = self._quiet_until - now
                self._changed.wait(min(quiet_s, _POLL_S) if quiet_s > 0 else _POLL_S)
        raise Halted

    def leave(self, entered: float, refused: bool = False, wait_s: float = 0.0) -> None:
        """Give the place back. `refused`: the server had too much to do, and asked for `wait_s` seconds of quiet."""
        with self._changed:
            now = time.monotonic()
            full = self._flying >= int(self._width)
            self._flying -= 1
            if refused:
                self._quiet_until = max(self._quiet_until, now + wait_s)
                self._narrow(entered, now)
            elif full:  # a width that is not used says nothing about a greater one
                self._width = min(self._most, self._width + (1.0 if self._steep else 1.0 / self._width))
            self._changed.notify_all()

    def _narrow(self, entered: float, now: float) -> None:
        """Calls that were under way when the width was halved already tell nothing new."""
        if entered >= self._narrowed_at:
            self._width, self._steep, self._narrowed_at = max(1.0, self._width / 2), False, now
