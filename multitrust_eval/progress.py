"""One display for the whole job: a bar with rate and time left on a terminal, else a line now and then."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from multitrust_eval.errors import UserError
from multitrust_eval.ledger import DONE, FAILED
from multitrust_eval.ranks import Ranks

LINE_EVERY_S = 30.0


@contextmanager
def job_progress(ranks: Ranks, total: int, console: Console) -> Iterator[None]:
    """Show how many of the job's requests are answered while the block runs. Only the first rank shows anything."""
    if not ranks.first:
        yield
        return
    over = threading.Event()
    show = _bar if console.is_terminal else _lines
    thread = threading.Thread(target=show, args=(ranks, total, console, over), daemon=True, name="progress")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _bar(ranks: Ranks, total: int, console: Console, over: threading.Event) -> None:
    columns = (
        TextColumn("Answering"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    start = time.monotonic()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total, rate="")
        ended = False
        while not ended:
            ended = over.wait(0.2)
            done, failed = _counts(ranks)
            rate = f"{done / max(time.monotonic() - start, 1e-9):.1f}/s{_errors(failed)}"
            bar.update(task, completed=done, rate=rate)


def _lines(ranks: Ranks, total: int, console: Console, over: threading.Event) -> None:
    start = time.monotonic()
    ended = False
    while not ended:
        ended = over.wait(LINE_EVERY_S)
        done, failed = _counts(ranks)
        seconds = time.monotonic() - start
        left = timedelta(seconds=round(seconds / done * (total - done))) if done else "unknown"
        ending = f"in {seconds:.1f} s" if ended else f"{done / seconds:.1f}/s, time left {left}"
        console.print(f"Answered {done} of {total}{_errors(failed)}, {ending}", highlight=False)


def _errors(failed: int) -> str:
    return f", {failed} error" + "s" * (failed != 1) if failed else ""


def _counts(ranks: Ranks) -> tuple[int, int]:
    try:
        return ranks.count(DONE), ranks.count(FAILED)
    except UserError:  # the launcher's store is gone: the main thread says so
        return 0, 0
