"""`judge`: judge the stored answers of a run again, without generating anything."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from multitrust_datasets.protocol import needed_slots
from multitrust_eval import manifest, store
from multitrust_eval.errors import UsageError
from multitrust_eval.judges.budget import check_calls, unasked_words
from multitrust_eval.judges.progress import NoProgress, ShownProgress
from multitrust_eval.judges.stage import Settings, judge_answers
from multitrust_eval.judges.stored import read_run
from multitrust_eval.plan import Plan
from multitrust_eval.ranks import Ranks, connect
from multitrust_eval.report.table import print_table
from multitrust_eval.score import score_run, write_results
from multitrust_eval.stop import Stop


def rejudge(
    run_dir: Path,
    judges: Sequence[str],
    console: Console,
    table: Console,
    *,
    budget: int | None = None,
    reuse: Sequence[Path] = (),
) -> int:
    """Fill slots with other judges, then write results.json and the run's config.yaml anew; the exit code.

    `judges`: `SLOT=NAME` words, as for `run`; slots that are not named keep the run's judge. All verdicts of earlier
    judges stay on disk, so that going back costs nothing. `reuse`: run folders whose verdicts count too. Raises
    UserError, JudgeError; Interrupted after a signal.
    """
    check_calls(budget)
    for folder in reuse:
        if not (folder / "verdicts").is_dir():
            raise UsageError(f"--reuse {folder}: there are no verdicts; give the folder of a run that was judged.")
    ranks, stop = connect(), Stop()
    try:
        with stop.handled():
            return _rejudge(run_dir, judges, console, table, ranks, stop, budget, reuse)
    except BaseException:
        ranks.give_up()
        raise
    finally:
        ranks.close()


def _rejudge(
    run_dir: Path,
    judges: Sequence[str],
    console: Console,
    table: Console,
    ranks: Ranks,
    stop: Stop,
    budget: int | None,
    reuse: Sequence[Path],
) -> int:
    if not ranks.first:
        ranks.wait("read", stop.check)  # the first one prepares the data, the others find them in the cache
    run = read_run(run_dir)
    if ranks.first:
        ranks.publish("read", b"1")
    lock = store.RunLock(run_dir) if ranks.first else None
    try:
        options = replace(run.options, judge=(*run.options.judge, *judges))
        chosen = options.judges()
        with ShownProgress(console) as shown:
            progress = shown if ranks.first else NoProgress()
            settings = Settings(budget=budget, reuse=reuse, check=stop.check, progress=progress)
            verdicts = judge_answers(run.plan, run.answers, run_dir, chosen, run.protocol, ranks, settings)
        if not ranks.first:
            return 0
        results = score_run(run.plan, run.answers, verdicts, run.context(chosen))
        write_results(run_dir, results)
        manifest.write_config(run_dir, replace(options, judge=tuple(f"{s}={n}" for s, n in chosen.items())).as_dict())
        print_table(results, table)
        for line in _last_words(run.plan, judges, progress.unasked):
            console.print(Text(line), soft_wrap=True)
        return 0
    finally:
        if lock is not None:
            lock.release()


def _last_words(plan: Plan, judges: Sequence[str], unasked: int) -> Iterator[str]:
    """What the table does not say: judges that had nothing to do, and what the budget did not reach."""
    tasks = {task.stem: task for task in plan.tasks}
    cells = (cell for cell in plan.datasets if cell not in plan.not_applicable)
    needed = {slot for stem, variant in cells for slot in needed_slots(tasks[stem], variant)}
    for word in judges:
        slot, equals, _ = word.partition("=")
        if equals and slot not in needed:
            yield f"--judge {word} had nothing to judge: no task of this run needs the slot {slot}."
    if unasked:
        yield unasked_words(unasked)
