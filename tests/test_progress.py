"""The one display of a job: a bar on a terminal, plain lines elsewhere, and from the first rank alone."""

import io
import time

import pytest
from rich.console import Console

from multitrust_eval import progress
from multitrust_eval.errors import UserError
from multitrust_eval.ledger import DONE, FAILED
from multitrust_eval.ranks import Ranks


def shown(terminal: bool, rank: int = 0, failed: int = 1, lines: int = 0) -> str:
    """What is printed with 3 of 4 requests answered, some with an error, by a block that waits for so many lines."""
    ranks = Ranks(rank)
    ranks.count(DONE, 3)
    ranks.count(FAILED, failed)
    console = Console(file=io.StringIO(), width=160, force_terminal=terminal, color_system=None)
    deadline = time.monotonic() + 20
    with progress.job_progress(ranks, 4, console):
        while console.file.getvalue().count("\n") < lines and time.monotonic() < deadline:
            time.sleep(0.01)
    return console.file.getvalue()


def test_a_terminal_gets_a_bar_that_ends_at_the_last_count():
    text = shown(terminal=True)
    last = [line for line in text.splitlines() if "Answering" in line][-1]
    assert "3/4" in last and "/s, 1 error " in last and "left" in last
    assert "Answered" not in text


def test_a_pipe_gets_one_closing_line_without_control_characters():
    text = shown(terminal=False)
    (line,) = text.splitlines()
    assert line.startswith("Answered 3 of 4, 1 error, in ")
    assert line.endswith(" s") and "\x1b" not in text


def test_a_long_job_in_a_pipe_tells_now_and_then_how_long_it_will_take(monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.05)
    *before, last = shown(terminal=False, lines=2).splitlines()
    assert len(before) >= 2
    assert all(line.startswith("Answered 3 of 4, 1 error, ") and "/s, time left 0:00:0" in line for line in before)
    assert "time left" not in last


def test_errors_are_told_only_if_there_are_any():
    assert "2 errors" in shown(terminal=False, failed=2)
    assert "error" not in shown(terminal=False, failed=0)


@pytest.mark.parametrize("terminal", [True, False])
def test_other_ranks_show_nothing(terminal):
    assert shown(terminal, rank=1) == ""


class Gone(Ranks):
    def count(self, name: str, amount: int = 0) -> int:
        raise UserError("The launcher's store does not answer.")


def test_a_lost_store_does_not_end_the_display():
    """The main thread says what happened; a thread's traceback beside it would only be in the way."""
    console = Console(file=io.StringIO(), width=100)
    with progress.job_progress(Gone(), 4, console):
        pass
    assert "Answered 0 of 4, in " in console.file.getvalue()
