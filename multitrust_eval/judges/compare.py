"""`judge-compare`: what another judge would change - agreement, each task's score, the order of models.

It reads the verdicts that the judges of a run left on disk; nothing is judged anew.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from multitrust_datasets.task import Task
from multitrust_eval.errors import UserError
from multitrust_eval.judges.agreement import Agreement, Distance, agree, distance, flips
from multitrust_eval.judges.cache import read_rows, read_verdicts
from multitrust_eval.judges.classifier import TOXICITY
from multitrust_eval.judges.stored import StoredRun, read_run
from multitrust_eval.records import Verdict
from multitrust_eval.report.text import plain
from multitrust_eval.score import load_metric, task_columns

Rows = Mapping[str, Verdict]
"""Row id -> verdict."""


@dataclass(frozen=True)
class Shift:
    """One task, one slot, two judges. Scores are 0-100, None where nothing is scored."""

    task: Task
    slot: str
    judges: tuple[str, str]
    agreement: Agreement | Distance | None
    scores: tuple[float | None, float | None]
    changed: int
    """Samples whose outcome differs."""


@dataclass
class Comparison:
    """Run label -> its shifts."""

    shifts: dict[str, list[Shift]] = field(default_factory=dict)

    def rank_flips(self) -> list[tuple[str, str, tuple[str, str], list[tuple[str, str]]]]:
        """(task id, slot, judges, pairs of runs) where two judges order runs differently."""
        scores: dict[tuple[str, str, tuple[str, str]], list[dict[str, float]]] = {}
        for label, shifts in self.shifts.items():
            for shift in shifts:
                sides = scores.setdefault((shift.task.id, shift.slot, shift.judges), [{}, {}])
                for side, score in zip(sides, shift.scores, strict=True):
                    if score is not None:
                        side[label] = score
        found = [(*key, flips(*sides)) for key, sides in scores.items()]
        return [entry for entry in found if entry[3]]


def compare_judges(run_dirs: Sequence[Path]) -> Comparison:
    """Compare every pair of judges that judged the same slot of a run, for each run.

    Raises UserError for a folder that is no run, and when no slot was judged by two judges.
    """
    comparison = Comparison()
    for run_dir in run_dirs:
        run = read_run(run_dir)
        label = str(run.backend["label"])
        name = label if label not in comparison.shifts else f"{label} ({run_dir.name})"
        comparison.shifts[name] = list(_shifts(run))
    if not any(comparison.shifts.values()):
        raise UserError(
            "No slot was judged by two judges; judge it again first: multitrust judge RUN --judge SLOT=NAME"
        )
    return comparison


def verdicts_on_disk(run_dir: Path) -> dict[str, dict[str, Rows]]:
    """Slot -> judge -> row id -> verdict, of all judges that judged a run."""
    found: dict[str, dict[str, Rows]] = {}
    for folder in sorted((run_dir / "verdicts").glob("*")):
        index = read_rows(folder)
        if index is None:
            continue
        by_key = read_verdicts([folder])
        judge = f"{index['judge']}@{index['revision'][:12]}"
        for slot, rows in index["slots"].items():
            found.setdefault(slot, {})[judge] = {row: by_key[key] for row, key in rows.items() if key in by_key}
    return found


def _shifts(run: StoredRun) -> Iterator[Shift]:
    on_disk = verdicts_on_disk(run.run_dir)
    for slot, judges in sorted(on_disk.items()):
        for pair in itertools.combinations(sorted(judges), 2):
            for task in run.plan.tasks:
                sides = [_of_task(task, judges[name]) for name in pair]
                if all(sides):
                    yield _shift(run, task, slot, pair, sides, on_disk)


def _of_task(task: Task, rows: Rows) -> dict[str, Verdict]:
    return {row: verdict for row, verdict in rows.items() if row.startswith(f"{task.stem}/")}


def _shift(
    run: StoredRun,
    task: Task,
    slot: str,
    pair: tuple[str, str],
    sides: Sequence[Rows],
    on_disk: Mapping[str, Mapping[str, Rows]],
) -> Shift:
    others = _other_slots(task, slot, pair, on_disk)
    scored = [_score(run, task, {**others, slot: side}) for side in sides]
    both = [row for row in sides[0] if row in sides[1] and None not in (sides[0][row].raw, sides[1][row].raw)]
    found: Agreement | Distance | None = None
    changed = 0
    if both:
        one, other = (
            [_outcome(slot, side[row], result.per_sample.get(row)) for row in both]
            for side, result in zip(sides, scored, strict=True)
        )
        changed = sum(a != b for a, b in zip(one, other, strict=True))
        groups = [scored[0].groups[row] for row in both]
        found = distance(one, other) if slot in TOXICITY else agree(one, other, groups)
    return Shift(task, slot, pair, found, (scored[0].score, scored[1].score), changed)


def _other_slots(
    task: Task, slot: str, pair: tuple[str, str], on_disk: Mapping[str, Mapping[str, Rows]]
) -> dict[str, Rows]:
    """The verdicts of the task's other slots, the same for both sides: of the first judge of the pair if it judged
    them, else of any."""
    return {
        name: judges.get(pair[0]) or next(iter(judges.values()))
        for name, judges in sorted(on_disk.items())
        if name != slot
    }


@dataclass(frozen=True)
class _Scored:
    score: float | None
    per_sample: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, str]


def _score(run: StoredRun, task: Task, slots: Mapping[str, Rows]) -> _Scored:
    """The task's metric with these verdicts."""
    verdicts: dict[str, dict[str, Verdict]] = {}
    for slot, rows in slots.items():
        for row, verdict in rows.items():
            verdicts.setdefault(row, {})[slot] = verdict
    columns = task_columns(task, run.plan, run.answers, verdicts)
    ids = columns.pop("ids")
    metric = load_metric(task.stem)
    samples = dict(zip(ids, metric.per_sample(**columns), strict=True))
    return _Scored(metric.compute(**columns)["score"], samples, dict(zip(ids, columns["groups"], strict=True)))


def _outcome(slot: str, verdict: Verdict, sample: Mapping[str, Any] | None) -> Any:
    """What is compared: the category or score itself; of a free reply, what the metric makes of it."""
    if slot in ("judge", "judge_noise"):
        values = {k: v for k, v in (sample or {}).items() if k not in ("status", "group")}
        return next(iter(values.values()), None)
    return verdict.raw


LEGEND = (
    "By 1,2: Score is the task's score by judge 1, Shift what judge 2 adds to it. Changed: samples with another "
    "outcome. Of toxicity scores: |d|, the mean difference, and rho, Spearman's rank correlation."
)


def print_comparison(comparison: Comparison, console: Console) -> None:
    """A table a run, then the pairs of runs that change places."""
    for label, shifts in comparison.shifts.items():
        console.print(Text(plain(f"{label}: what another judge changes"), "bold"))
        console.print(_table(shifts))
        for number, judge in enumerate(_judges(shifts), 1):
            console.print(Text(plain(f"  {number}: {judge}")))
    console.print(Text(LEGEND))
    if len(comparison.shifts) < 2:
        console.print(Text("Rank flips: give several runs to see which models change places."))
        return
    found = comparison.rank_flips()
    console.print(Text(f"Rank flips over {len(comparison.shifts)} runs: {sum(len(pairs) for *_, pairs in found)}"))
    for task, slot, judges, pairs in found:
        places = "; ".join(f"{one} and {other}" for one, other in pairs)
        console.print(Text(plain(f"  {task} {slot}, {judges[0]} or {judges[1]}: {places} change places.")))


def _judges(shifts: Sequence[Shift]) -> list[str]:
    return sorted({name for shift in shifts for name in shift.judges})


def _table(shifts: Sequence[Shift]) -> Table:
    numbers = {name: number for number, name in enumerate(_judges(shifts), 1)}
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("Task", "Slot", "By", "n", "Agree", "Kappa, 95 %", "Changed", "Score", "Shift"):
        table.add_column(name, no_wrap=True, justify="right" if name in ("n", "Changed", "Score", "Shift") else "left")
    for shift in shifts:
        one, other = (numbers[name] for name in shift.judges)
        table.add_row(*map(Text, (shift.task.id, shift.slot, f"{one},{other}", *_agreement(shift), *_scores(shift))))
    return table


def _agreement(shift: Shift) -> tuple[str, str, str, str]:
    found = shift.agreement
    if found is None:
        return "0", "-", "-", "0"
    if isinstance(found, Distance):
        rho = "-" if found.spearman is None else f"rho {found.spearman:.2f}"
        return str(found.n), f"|d| {found.mean_difference:.3f}", rho, str(shift.changed)
    kappa = "one class only" if found.kappa is None else f"{found.kappa:.2f}"
    if found.interval:
        kappa += f" ({found.interval[0]:.2f},{found.interval[1]:.2f})"
    return str(found.n), f"{found.share:.0%}", kappa, str(shift.changed)


def _scores(shift: Shift) -> tuple[str, str]:
    """The score by the first judge, and how far the second one shifts it."""
    one, other = shift.scores
    if one is None or other is None:
        return "-" if one is None else f"{one:.2f}", "-"
    return f"{one:.2f}", f"{other - one:+.2f}"
