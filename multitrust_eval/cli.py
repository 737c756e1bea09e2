"""The console script `multitrust`, and the door that run_eval.py shares with it.

Heavy modules are imported inside the commands: `--help` must come at once.
"""

import difflib
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Annotated, Any, NoReturn

import typer

from multitrust_eval import data_cli, judge_cli
from multitrust_eval.errors import UsageError, UserError
from multitrust_eval.options import RUNNING, RunOptions, from_values, is_number, read_config

app = typer.Typer(name="multitrust", add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
_HELP = "--help lists what there is."

single = typer.Typer(name="run_eval.py", add_completion=False, rich_markup_mode="markdown")


def run_command(**given: Any) -> None:
    """Evaluate a model on MultiTrust and score it.

    Without arguments: the demo, a tiny model on the embedded sample. The same command again does only what is missing.
    """
    debug, config = given.pop("debug"), given.pop("config")
    values = read_config(config) if config else {}
    options = from_values(values, where=config or "")
    chosen = {name: value for name, value in given.items() if value not in (None, [])}
    options = from_values({**options.as_dict(), **chosen}, where="The command line")
    _guarded(lambda: _run(options), debug)


def tasks_command() -> None:
    """List the tasks with their variants."""
    from multitrust_datasets import list_tasks

    for task in list_tasks():
        variants = ", ".join(v.name + ("" if v.launched else " (on request)") for v in task.variants)
        typer.echo(f"{task.id}  {task.stem:<30} {task.aspect:<13} {variants}")


def leaderboard_command() -> None:
    """Print the published models: our overall beside the published one, and how the aspects correlate."""
    from rich.console import Console

    from multitrust_eval.leaderboard import print_leaderboard

    print_leaderboard(Console())


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """The console script."""
    _start(app, argv)


def main_run(argv: Sequence[str] | None = None) -> NoReturn:
    """`python run_eval.py`: the command `run` alone."""
    _start(single, argv)


def _run(options: RunOptions) -> int:
    from rich.console import Console

    from multitrust_eval.run import run

    # A label such as `openai:m:` must not turn into a picture.
    return run(options, sys.argv, Console(stderr=True, emoji=False), Console(emoji=False))


def _guarded(work: Callable[[], int], debug: bool) -> NoReturn:
    """Run; what a user can put right is one sentence on stderr, and an exit code. Tracebacks only with --debug."""
    try:
        code = work()
    except Exception as error:
        if debug:
            raise
        code = _tell(error)
    raise typer.Exit(code)


def _tell(error: Exception) -> int:
    """Print an error for a user; its exit code. Errors of this package's own classes are sentences already."""
    text, code = " ".join(str(error).split()), getattr(error, "exit_code", 1)
    if not type(error).__module__.startswith("multitrust"):
        text = f"{type(error).__name__}: {text} (--debug shows where)"
    if text:
        typer.echo(text, err=True)
    return int(code)


def _start(application: typer.Typer, argv: Sequence[str] | None) -> NoReturn:
    """Parse and run. A mistake in the command is one sentence, exit code 2, not a usage screen."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = typer.main.get_command(application)
    try:
        code = command.main(arguments, standalone_mode=False)
    except typer.TyperException as error:
        code = _tell(UsageError(_sentence(error)))
    except UserError as error:
        code = _tell(error)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    raise SystemExit(code if isinstance(code, int) else 0)


def _sentence(error: Any) -> str:
    """A parse error in our words, with near names for an unknown option."""
    name = getattr(error, "option_name", None)
    if type(error).__name__ == "NoSuchOption" and name:
        known = [word for parameter in error.ctx.command.params for word in parameter.opts if word.startswith("--")]
        found = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
        return f"There is no option {name}. " + (f"Did you mean {' or '.join(found)}?" if found else _HELP)
    message = str(error.format_message()).rstrip(".")
    return f"{message}{'' if message.endswith('?') else '.'} {_HELP}"


def _signature() -> inspect.Signature:
    """The parameters of `run`, made from RunOptions, so that an option is declared in one place."""
    extra = (
        ("config", str | None, None, "YAML file with these options; the command line wins.", "FILE"),
        ("debug", bool, False, "Show Python tracebacks.", ""),
    )
    parameters = [_parameter(f.name, _kind(f), None, f.metadata, _shown(f.default)) for f in fields(RunOptions)]
    parameters += [
        _parameter(name, kind, default, {"panel": RUNNING, "help": text, "metavar": metavar})
        for name, kind, default, text, metavar in extra
    ]
    return inspect.Signature(parameters)


def _parameter(name: str, kind: Any, default: Any, about: Any, shown: str = "") -> inspect.Parameter:
    option = typer.Option(
        f"--{name.replace('_', '-')}",
        help=about["help"] + shown,
        metavar=about["metavar"],
        rich_help_panel=about["panel"],
        show_default=False,
    )
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])


def _kind(field: Any) -> Any:
    if field.metadata["flag"]:
        return bool | None
    if field.name == "judge":
        return list[str] | None
    return int | None if is_number(field) else str | None


def _shown(default: Any) -> str:
    return f" Default: `{default}`." if default not in (None, (), False) else ""


run_command.__signature__ = _signature()  # type: ignore[attr-defined]
run_command.__annotations__ = {p.name: p.annotation for p in _signature().parameters.values()}
app.command("run")(run_command)
app.command("tasks")(tasks_command)
app.command("leaderboard")(leaderboard_command)
judge_cli.register(app, _guarded)
data_cli.register(app, _guarded)
single.command()(run_command)
