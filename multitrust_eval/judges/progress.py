"""How far the judging is: a bar on a terminal, else a line now and then."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from multitrust_eval.report.text import plain

LINE_EVERY_S = 30.0
QUIET_UNTIL_S = 1.0  # rules are through before that


class NoProgress:
    """Shows nothing. `unasked` counts the questions that the budget did not reach, for the command's last words."""

    unasked = 0

    def start(self, judge: str, todo: int, cached: int) -> None: ...

    def update(self, done: int) -> None: ...


class ShownProgress(NoProgress):
    """One judge after the other. Use as a context manager: it leaves the terminal clean."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._judge, self._todo = "", 0
        self._started = self._told = 0.0

    def __enter__(self) -> "ShownProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_bar()

    def start(self, judge: str, todo: int, cached: int) -> None:
        self._end_bar()
        self._judge, self._todo = plain(judge), todo
        self._started = self._told = time.monotonic()
        if cached:
            self._say(f"{self._judge}: {cached} questions are judged already, {todo} to go.")

    def update(self, done: int) -> None:
        now = time.monotonic()
        if not self._console.is_terminal:
            if now - self._told >= LINE_EVERY_S:
                self._told = now
                self._say(f"{self._judge}: judged {done} of {self._todo}, {done / (now - self._started):.1f}/s")
        elif self._bar is not None:
            self._bar.update(self._task, completed=done)
        elif now - self._started >= QUIET_UNTIL_S:
            columns = (TextColumn("Judging with"), TextColumn("{task.description}", markup=False), BarColumn())
            times = (MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
            self._bar = Progress(*columns, *times, console=self._console)
            self._task = self._bar.add_task(self._judge, total=self._todo, completed=done)
            self._bar.start()

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _say(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)
