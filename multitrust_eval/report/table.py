"""The table at the end of a run: a line a task, then plain words on what the figures are not.

Everything shown passes through `plain`: names and reasons may hold a model's or a stranger's characters.
"""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from multitrust_eval.report.text import plain
from multitrust_eval.score import COVERAGE_FLOOR, shown_score

STAND_IN = "*"
NONE = "-"
REVISION_SHOWN = 40
"""A commit in full; of a folder's content hash the beginning."""

Task = Mapping[str, Any]


def print_table(results: Mapping[str, Any], console: Console) -> None:
    """Print what results.json says. `results` as `score_run` returns it or as read back from the file."""
    console.print(make_table(results, console.width))
    for line in notes(results):
        indent = " " * (len(line) - len(line.lstrip()))
        for part in textwrap.wrap(line, console.width, subsequent_indent=indent, break_on_hyphens=False):
            console.print(Text(part), soft_wrap=True)


def make_table(results: Mapping[str, Any], width: int) -> Table:
    """A line a task: scores 0-100 (P.3: -100 to 100), higher is better; rates in percent."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, expand=False)
    table.add_column("Task", no_wrap=width >= 100, ratio=None, min_width=22)
    for name in ("Score", "Strict", "Cover", "n", "Unpars", "Trunc"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Judge", overflow="fold")
    for task in in_order(results["tasks"]):
        table.add_row(*(Text(cell) for cell in cells(task)))
    return table


def in_order(tasks: Mapping[str, Task]) -> list[Task]:
    """The tasks in the paper's order: aspects T, S, R, F, P, then by number."""
    return sorted(tasks.values(), key=lambda task: ("TSRFP".index(task["id"][0]), int(task["id"][2:])))


def cells(task: Task) -> tuple[str, ...]:
    rates = task["rates"]
    unread = rates["unparsable"] + rates.get("undecided", 0.0)
    return (
        plain(f"{task['id']} {task['title']}"),
        _score(task),
        _score(task["strict"]),
        _percent(task["coverage"]),
        str(task["n"]),
        _percent(unread),
        _percent(rates["truncated"]),
        judge_label(task),
    )


def _score(task: Task) -> str:
    if task["score"] is None:
        return NONE
    score = shown_score(task)
    return "withheld" if score is None else f"{score:.2f}"


def _percent(share: float) -> str:
    """Whole percent, but never 0 or 100 where it is only nearly so."""
    percent = round(100 * share)
    if percent == 0 and share > 0:
        return "<1%"
    if percent == 100 and share < 1:
        return ">99%"
    return f"{percent}%"


def judge_label(task: Task) -> str:
    """The kinds of judges that took part, `*` at a stand-in; `rules` for a task that needs none."""
    judges = {(j["name"].partition(":")[0], j["stand_in"]) for j in task["judges"].values()}
    return plain(", ".join(kind + STAND_IN * stand_in for kind, stand_in in sorted(judges))) or NONE


def notes(results: Mapping[str, Any]) -> Iterator[str]:
    """The lines under the table."""
    yield from _judge_notes(results)
    for task in in_order(results["tasks"]):
        yield from _task_notes(task)
    yield from _strict_notes(results)
    yield from _suite_notes(results)
    reasons = results["comparable_to_paper"]["reasons"]
    if reasons:
        yield "These figures are not comparable to the paper's:"
        for reason in reasons:
            yield f"  {plain(reason)}"


def _judge_notes(results: Mapping[str, Any]) -> Iterator[str]:
    scale = "0-100" + " (P.3: -100 to 100)" * any(task["id"] == "P.3" for task in results["tasks"].values())
    yield (
        f"Score: the paper's rules, {scale}, higher is better. Strict: what no rule can read is unscored (-: nothing "
        "is left). Unpars: share of answers and judges' replies that the paper's rules cannot read. Judge -: rules "
        "alone."
    )
    slots_of: dict[str, list[str]] = {}
    for slot, judge in results["judges"].items():
        revision = "" if judge["stand_in"] or not judge["revision"] else f" at {judge['revision'][:REVISION_SHOWN]}"
        mark = f" ({STAND_IN} a stand-in that counts words; no measurement)" if judge["stand_in"] else ""
        slots_of.setdefault(f"{judge['name']}{revision}{mark}", []).append(slot)
    for name, slots in slots_of.items():
        yield plain(f"Judge of {', '.join(slots)}: {name}.")


def _task_notes(task: Task) -> Iterator[str]:
    name = task["id"]
    if task["score"] is None:
        yield plain(f"{name} has no score: {_why_missing(task)}.")
    elif shown_score(task) is None:
        low, high = task["bounds"]
        yield (
            f"{name} is withheld: {_percent(task['coverage'])} of its samples are scored, below {COVERAGE_FLOOR:.0%}. "
            f"If all the rest were wrong or right, the score would be {low:.2f} or {high:.2f}."
        )
    if task["unscored"]:
        counts = ", ".join(f"{count} {reason}" for reason, count in task["unscored"].items())
        yield plain(f"{name} unscored: {counts}.")
    for variant, reasons in task["left_out"].items():
        counts = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        yield plain(f"{name} {variant} left out: {counts}.")


def _strict_notes(results: Mapping[str, Any]) -> Iterator[str]:
    """One sentence for all tasks: the table has no column for the share that the strict rules can read."""
    strict = [(task["id"], task["strict"]) for task in in_order(results["tasks"])]
    shares = [
        f"{name} {_percent(scored['coverage'])}"
        for name, scored in strict
        if scored["score"] is not None and shown_score(scored) is None
    ]
    if shares:
        names = ", ".join(shares)
        yield f"Strict is withheld where its rules score less than {COVERAGE_FLOOR:.0%} of the samples: {names}."


def _why_missing(task: Task) -> str:
    if task["not_applicable"] and not task["n"]:
        return f"not applicable ({next(iter(task['not_applicable'].values()))})"
    missing = list(task.get("missing", ()))
    if set(missing) <= set(task["not_applicable"]):
        return f"not applicable: {', '.join(missing)}"
    return f"nothing scored in {', '.join(missing)}"


def _suite_notes(results: Mapping[str, Any]) -> Iterator[str]:
    parts = [f"{name} {score:.2f}" for name, score in results["sub_aspects"].items() if score is not None]
    if parts:
        yield "Sub-aspects: " + ", ".join(parts)
    if results["overall"] is not None:
        yield f"Overall: {results['overall']:.2f}"
