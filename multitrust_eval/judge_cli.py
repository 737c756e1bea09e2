"""The commands on judges: `judge`, `judge-compare`, `judge-check`. Heavy imports wait until one of them runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

Guarded = Callable[[Callable[[], int], bool], NoReturn]

_Run = Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.")]
_Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="One run folder or several.")]
_Judges = Annotated[list[str], typer.Option("--judge", metavar="SLOT=NAME", help="Who fills a slot. Repeatable.")]
_Budget = Annotated[
    int | None, typer.Option("--judge-budget", metavar="CALLS", help="At most N calls of remote judges.")
]
_Reuse = Annotated[list[Path] | None, typer.Option("--reuse", metavar="RUN", help="Verdicts of another run count too.")]
_Judge = Annotated[str, typer.Option("--judge", metavar="NAME", help="A judge as for `run`, or a YAML file.")]
_Slot = Annotated[str, typer.Option("--slot", metavar="SLOT", help="`refusal` or `attack`.")]
_Labels = Annotated[
    Path | None, typer.Option("--labels", metavar="FILE", help="Your own CSV: response, label[, reference].")
]
_Wrong = Annotated[bool, typer.Option("--show-wrong", help="List the items that it gets wrong.")]
_Debug = Annotated[bool, typer.Option("--debug", help="Show Python tracebacks.")]


def register(app: typer.Typer, guarded: Guarded) -> None:
    """Add the commands to the console script."""

    @app.command("judge")
    def judge(
        run: _Run, judges: _Judges, judge_budget: _Budget = None, reuse: _Reuse = None, debug: _Debug = False
    ) -> None:
        """Judge the stored answers of a run again, without generating, and score it anew."""
        guarded(lambda: _rejudge(run, judges, judge_budget, reuse or []), debug)

    @app.command("judge-compare")
    def judge_compare(runs: _Runs, debug: _Debug = False) -> None:
        """Agreement of a run's judges, how far each task's score shifts, and which runs change places."""
        guarded(lambda: _compare(runs), debug)

    @app.command("judge-check")
    def judge_check(
        judge: _Judge,
        slot: _Slot,
        labels: _Labels = None,
        show_wrong: _Wrong = False,
        judge_budget: _Budget = None,
        debug: _Debug = False,
    ) -> None:
        """Try a judge on a small labelled set: sensitivity and specificity. A smoke check, not a validation."""
        guarded(lambda: _check(judge, slot, labels, show_wrong, judge_budget), debug)


def _consoles() -> tuple[Any, Any]:
    from rich.console import Console

    return Console(stderr=True), Console()


def _rejudge(run: Path, judges: list[str], budget: int | None, reuse: list[Path]) -> int:
    from multitrust_eval.judges.rejudge import rejudge

    console, table = _consoles()
    return rejudge(run, judges, console, table, budget=budget, reuse=reuse)


def _compare(runs: list[Path]) -> int:
    from multitrust_eval.judges.compare import compare_judges, print_comparison

    print_comparison(compare_judges(runs), _consoles()[1])
    return 0


def _check(judge: str, slot: str, labels: Path | None, show_wrong: bool, calls: int | None) -> int:
    from multitrust_eval.judges.budget import Budget, check_calls
    from multitrust_eval.judges.check import check_judge, print_check, read_labels
    from multitrust_eval.judges.registry import load
    from multitrust_eval.judges.spec import Setting

    check_calls(calls)
    items = read_labels(slot, labels)
    loaded = load(judge, slot, setting=Setting(budget=Budget(calls)))
    try:
        check = check_judge(loaded, slot, items, own_labels=labels is not None)
    finally:
        loaded.close()
    print_check(check, _consoles()[1], show_wrong)
    return 0
