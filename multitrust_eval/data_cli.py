"""The commands on data and prompts: `show`, `data check`, `protocol`, `export`. Heavy imports wait until one runs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

Guarded = Callable[[Callable[[], int], bool], NoReturn]

_Task = Annotated[str, typer.Argument(metavar="TASK", help="A task's id (`f4`) or stem.")]
_TaskWords = Annotated[str, typer.Argument(metavar="TASKS", help="Comma list as for `run --tasks`.")]
_Tasks = Annotated[str, typer.Option("--tasks", metavar="LIST", help="Comma list as for `run`.")]
_Source = Annotated[str, typer.Option("--source", metavar="SOURCE", help="`sample`, a folder, an archive or a Hub id.")]
_Protocol = Annotated[str | None, typer.Option("--protocol", metavar="FILE", help="Prompt pack in place of ours.")]
_Fallback = Annotated[bool, typer.Option("--protocol-fallback", help="Use our wording where the pack has none.")]
_BadRow = Annotated[str, typer.Option("--on-bad-row", metavar="MODE", help="`error`, or `skip` and count.")]
_Rows = Annotated[int, typer.Option("--rows", metavar="N", min=0, help="How many rows.")]
_Variant = Annotated[str | None, typer.Option("--variant", metavar="NAME", help="Which variant's rows.")]
_From = Annotated[str, typer.Option("--from", metavar="CHECKOUT", help="A checkout of the authors' toolbox.")]
_Pack = Annotated[str, typer.Option("--out", metavar="FILE", help="The pack to write.")]
_Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help="The pack's name. Default: the file's.")]
_Partial = Annotated[bool, typer.Option("--partial", help="Write what can be read when a file has moved.")]
_Folder = Annotated[str, typer.Option("--out", metavar="DIR", help="One folder a task is written into it.")]
_Old = Annotated[str, typer.Argument(metavar="A", help="`default` or a pack's file.")]
_New = Annotated[str, typer.Argument(metavar="B", help="`default` or a pack's file.")]
_Debug = Annotated[bool, typer.Option("--debug", help="Show Python tracebacks.")]


def register(app: typer.Typer, guarded: Guarded) -> None:
    """Add the commands to the console script."""

    @app.command("show")
    def show(
        task: _Task,
        rows: _Rows = 3,
        variant: _Variant = None,
        source: _Source = "sample",
        protocol: _Protocol = None,
        protocol_fallback: _Fallback = False,
        on_bad_row: _BadRow = "error",
        debug: _Debug = False,
    ) -> None:
        """Show a task: its variants, its metric, and its first rows."""
        options: dict[str, Any] = {"rows": rows, "variant": variant, "source": source, "protocol": protocol}
        options |= {"fallback": protocol_fallback, "on_bad_row": on_bad_row}
        guarded(lambda: _do("show_task", task, **options), debug)

    @app.command("export")
    def export(
        tasks: _Tasks = "all",
        source: _Source = "sample",
        out: _Folder = "build/hub",
        protocol: _Protocol = None,
        protocol_fallback: _Fallback = False,
        on_bad_row: _BadRow = "error",
        debug: _Debug = False,
    ) -> None:
        """Write tasks as Parquet with dataset cards, for stock `datasets.load_dataset`. Nothing is uploaded."""
        options: dict[str, Any] = {"source": source, "out": out, "protocol": protocol}
        options |= {"fallback": protocol_fallback, "on_bad_row": on_bad_row}
        guarded(lambda: _do("export_tasks", tasks, **options), debug)

    data = typer.Typer(no_args_is_help=True, help="The raw data.")
    app.add_typer(data, name="data")

    @data.command("check")
    def check(source: _Source = "sample", tasks: _Tasks = "all", debug: _Debug = False) -> None:
        """Walk a raw tree: counts, labels, what is missing, unreadable or twice. Exit code 1 if anything is wrong."""
        guarded(lambda: _do("check_data", source, tasks), debug)

    _register_protocol(app, guarded)


def _register_protocol(app: typer.Typer, guarded: Guarded) -> None:
    protocol = typer.Typer(no_args_is_help=True, help="Prompt packs.")
    app.add_typer(protocol, name="protocol")

    @protocol.command("import")
    def import_(
        checkout: _From,
        out: _Pack = "paper.yaml",
        name: _Name = None,
        partial: _Partial = False,
        debug: _Debug = False,
    ) -> None:
        """Bring the original wording from a checkout of the authors' toolbox into a pack. Its code is not run."""
        guarded(lambda: _do("import_pack", checkout, out, name=name, partial=partial), debug)

    @protocol.command("show")
    def show(
        tasks: _TaskWords, protocol: _Protocol = None, protocol_fallback: _Fallback = False, debug: _Debug = False
    ) -> None:
        """Show all that a task puts to the model and to the judges."""
        guarded(lambda: _do("show_prompts", tasks, protocol=protocol, fallback=protocol_fallback), debug)

    @protocol.command("diff")
    def diff(old: _Old, new: _New, tasks: _Tasks = "all", debug: _Debug = False) -> None:
        """Show how two packs differ. Exit code 1 if they do."""
        guarded(lambda: _do("diff_packs", old, new, words=tasks), debug)


def _do(command: str, /, *arguments: Any, **options: Any) -> int:
    """Call a function of data_commands with a console behind its positional arguments."""
    from multitrust_eval import data_commands
    from multitrust_eval.errors import UsageError

    if options.get("on_bad_row", "skip") not in ("error", "skip"):
        raise UsageError(f"--on-bad-row {options['on_bad_row']}: give error or skip.")
    return int(getattr(data_commands, command)(*arguments, _console(), **options))


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False)
