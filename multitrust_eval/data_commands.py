"""What the commands on data and prompts do: show, data check, protocol import, show and diff, export.

Plain functions; `data_cli` puts them on the command line. Texts from data, packs and files are shown by way of `plain`.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import PIL.Image
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from multitrust_datasets import DataError, Task, list_tasks, load_dataset
from multitrust_datasets.check import Check, VariantCheck, check_source
from multitrust_datasets.export import Exported, export_task
from multitrust_datasets.protocol import Protocol, differences, fallen_back, load_protocol, needed_slots, task_prompts
from multitrust_datasets.protocol_import import import_protocol, places
from multitrust_datasets.raw import OnBadRow
from multitrust_datasets.sources import SAMPLE
from multitrust_eval.errors import UsageError
from multitrust_eval.list_check import check_lists
from multitrust_eval.report.text import plain
from multitrust_eval.select import choose_tasks

_FAULTS_SHOWN = 5
_PAIRS_SHOWN = 10


def say(console: Console, text: str = "", indent: int = 0) -> None:
    """A line or several, whatever characters a stranger put into them."""
    for line in text.split("\n"):
        console.print(Text(" " * indent + plain(line)), soft_wrap=True)


def show_task(
    name: str,
    console: Console,
    *,
    rows: int = 3,
    variant: str | None = None,
    source: str = SAMPLE,
    protocol: str | None = None,
    fallback: bool = False,
    on_bad_row: OnBadRow = "error",
) -> int:
    """What a task is, how it is scored, and the first rows of one variant (by default its first)."""
    task = _task(name)
    chosen = _variant(task, variant)
    pack = load_protocol(protocol, fallback=fallback)
    dataset = load_dataset(task.stem, chosen, source=source, protocol=pack, on_bad_row=on_bad_row)
    say(console, f"{task.id}  {task.title}  ({task.stem})")
    say(console, f"{task.aspect}, {task.sub_aspect}. {_measures(task)}", 2)
    for v in task.variants:
        notes = [f"{v.images} pictures" if v.images != "none" else "no picture"]
        notes += [f"{task.generation(v.name).max_new_tokens} new tokens"]
        notes += ["not in the score"] * (not v.scored) + ["only on request"] * (not v.launched)
        notes += [f"judged: {', '.join(needed_slots(task, v.name))}"] * bool(needed_slots(task, v.name))
        say(console, f"{v.name}: {'; '.join(notes)}", 2)
    table = dataset.with_format("arrow")[: max(rows, 0)]
    for row in table.to_pylist():
        say(console)
        _show_row(row, console)
    say(console, f"\n{min(rows, len(dataset))} of {len(dataset)} rows of {chosen}; --variant shows another.")
    return 0


def _show_row(row: dict[str, Any], console: Console) -> None:
    say(console, row["id"])
    for image in row["images"]:
        with PIL.Image.open(BytesIO(image["bytes"]) if image["bytes"] else image["path"]) as picture:
            name = Path(image["path"]).name if image["path"] else "drawn"
            say(console, f"picture    {picture.width} x {picture.height} {picture.format}, {name}", 2)
    first, *rest = row["prompt"].split("\n")
    say(console, f"prompt     {first}", 2)
    for line in rest:
        say(console, line, 13)
    say(console, f"reference  {row['reference']!r}", 2)
    if row["subset"]:
        say(console, f"subset     {row['subset']}", 2)


def _measures(task: Task) -> str:
    """The metric and, from its card, what it measures."""
    import multitrust_metrics

    card = Path(multitrust_metrics.path(task.stem)) / "README.md"
    told = card.read_text(encoding="utf-8").partition("## What it measures")[2].strip().split("\n\n")[0]
    return f"Metric {task.stem}: {' '.join(told.split())}"


# data check


def check_data(source: str, words: str, console: Console) -> int:
    """Check a raw tree. 0 if all is well, else 1."""
    tasks = choose_tasks(words, list_tasks())
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        total = sum(len(task.variants) for task in tasks)
        job = bar.add_task("Checking", total=total)
        found = check_source(source, tasks, progress=lambda name: bar.update(job, advance=1, description=plain(name)))
    print_check(found, console)
    return 0 if found.ok else 1


def print_check(found: Check, console: Console) -> None:
    """A line a variant, with its labels or else its subsets; then what is wrong, then what is remarkable."""
    names = [f"{v.stem[0].upper()}.{v.stem[1]} {v.variant}" for v in found.variants]
    wide = max(map(len, names), default=0)
    say(console, f"{'variant':<{wide}} {'rows':>6} {'pictures':>8} {'problems':>8}  labels or subsets")
    for name, v in zip(names, found.variants, strict=True):
        balance = ", ".join(f"{label or '(empty)'} {count}" for label, count in (v.labels or v.subsets).items())
        counts = f"{v.rows:>6} {v.pictures:>8} {v.problems:>8}" if v.status == "ok" else f"{v.status:>24}"
        say(console, f"{name:<{wide}} {counts}  {balance}".rstrip())
    for v in found.variants:
        _print_faults(v, console)
    _print_doubles(found, console)
    problems = sum(v.problems for v in found.variants)
    say(console, "All is well." if found.ok else f"{problems} problems; the lines above name them.")


def _print_faults(v: VariantCheck, console: Console) -> None:
    told = [v.told] if v.told else []
    told += [f"left out, {reason}: {count}" for reason, count in v.left_out.items()]
    told += [f"  {fault}" for fault in _few(v.faults)]
    told += [f"unreadable: {fault}" for fault in _few(v.undecodable)]
    told += [f"{v.empty_targets} rows have an empty target"] * bool(v.empty_targets)
    told += [f"asked twice: {line}" for line in _few([", ".join(_few(ids)) for ids in v.duplicates], " groups")]
    if told:
        say(console, f"{v.stem}/{v.variant}{' (optional)' if v.optional else ''}")
        for line in told:
            say(console, line, 2)


def _print_doubles(found: Check, console: Console) -> None:
    for stems, count in found.across.items():
        say(console, f"{count} questions are asked by {' and '.join(stems)}.")
    if found.same_pictures:
        say(console, f"{len(found.same_pictures)} pictures lie in the tree under several names:")
        for files in found.same_pictures[:_PAIRS_SHOWN]:
            say(console, " = ".join(_few(files, " files")), 2)
        if len(found.same_pictures) > _PAIRS_SHOWN:
            say(console, f"and {len(found.same_pictures) - _PAIRS_SHOWN} more", 2)


def _few(items: Sequence[str], what: str = "") -> list[str]:
    """The first few, and a word on how many there are beside them."""
    more = len(items) - _FAULTS_SHOWN
    return [*items[:_FAULTS_SHOWN], *[f"and {more} more{what}"] * (more > 0)]


# protocol


def import_pack(checkout: str, out: str, console: Console, *, name: str | None = None, partial: bool = False) -> int:
    """Write the pack of a checkout of the authors' toolbox, and say how its lists differ from the metrics'."""
    found = import_protocol(Path(checkout).expanduser(), Path(out), name=name, partial=partial)
    pack = load_protocol(out)
    texts = sum(place.type == "text" for place in places())
    say(console, f"{out}: {sum(map(len, found.prompts.values()))} of {texts} texts, protocol {pack.name},")
    say(console, f"sha256 {pack.sha256}, commit {found.source.get('commit', 'unknown')}.")
    for fault in found.faults:
        say(console, f"missing: {fault}")
    say(console, f"The texts are {'' if pack.is_papers else 'not '}those of the toolbox as we know it.")
    for check in check_lists(found.lists):
        for line in check.lines():
            say(console, line)
    say(console, f"Use it with --protocol {out}{' --protocol-fallback' if found.faults else ''}.")
    return 1 if found.faults else 0


def show_prompts(words: str, console: Console, *, protocol: str | None = None, fallback: bool = False) -> int:
    """All that the chosen tasks put to the model and to the judges, as a pack words it."""
    pack = load_protocol(protocol, fallback=fallback)
    say(console, f"Protocol {pack.name}, sha256 {pack.sha256}{f', from {pack.source}' if pack.source else ''}.")
    for task in choose_tasks(words, list_tasks()):
        say(console, f"\n{task.id}  {task.title}")
        prompts = task_prompts(task, pack)
        for (stem, key), text in prompts.items():
            ours = " (ours: the pack has none)" if pack.fell_back(stem, key) else ""
            say(console, f"{'' if stem == task.stem else f'{stem} '}{key}{ours}:", 2)
            say(console, text, 6)
        if not any(stem == task.stem for stem, _ in prompts):
            say(console, "The question is the data's own; no text of ours is around it.", 2)
    return 0


def diff_packs(old: str, new: str, console: Console, *, words: str = "all") -> int:
    """How the prompts and lists of two packs differ. 0 if they do not, else 1, as `diff` does."""
    first, second = load_protocol(old), load_protocol(new)
    stems = [task.stem for task in choose_tasks(words, list_tasks())]
    found = differences(first, second, [*stems, "shared"] if words == "all" else stems)
    for difference in found:
        say(console, f"{difference.stem} {difference.key}")
        for line in difference.lines:
            style = {"-": "red", "+": "green"}.get(line[0], "")
            console.print(Text(f"  {plain(line)}", style=style), soft_wrap=True)
    say(console, f"{len(found)} prompts and lists differ between {first.name} and {second.name}.")
    return 1 if found else 0


def tell_fallback(pack: Protocol, tasks: Iterable[Task], console: Console) -> None:
    """Name the prompts that are ours because the pack lacks them; nothing where there are none."""
    names = [f"{stem} {key}" for stem, key in fallen_back(pack, [task.stem for task in tasks])]
    if names:
        say(console, f"Ours, because the protocol {pack.name} has none: {', '.join(names)}.")


# export


def export_tasks(
    words: str,
    console: Console,
    *,
    source: str = SAMPLE,
    out: str = "build/hub",
    protocol: str | None = None,
    fallback: bool = False,
    on_bad_row: OnBadRow = "error",
) -> int:
    """Write the chosen tasks as Parquet with cards. A task that cannot be written is told, and the others go on."""
    tasks = choose_tasks(words, list_tasks())
    pack = load_protocol(protocol, fallback=fallback)
    tell_fallback(pack, tasks, console)
    failed = 0
    for task in tasks:
        try:
            done = export_task(task, Path(out), source=source, protocol=pack, on_bad_row=on_bad_row)
        except DataError as error:
            failed += 1
            say(console, f"{task.stem}: {error}")
        else:
            _tell_export(done, console)
    if failed:
        say(console, f"{failed} of {len(tasks)} tasks were not written.")
    if source != SAMPLE:
        say(console, "The terms of MultiTrust forbid passing its data on: keep these folders to yourself.")
    return 1 if failed else 0


def _tell_export(done: Exported, console: Console) -> None:
    left = sum(sum(variant.left_out.values()) for variant in done.variants)
    told = f"{done.folder}: {len(done.variants)} variants, {done.rows} rows, {done.stored_bytes / 1e6:.1f} MB"
    told += f", {left} rows left out" * bool(left) + f", without {', '.join(done.absent)}" * bool(done.absent)
    say(console, f"{told}.")


def _task(name: str) -> Task:
    found = choose_tasks(name, list_tasks())
    if len(found) != 1:
        raise UsageError(f"{name!r} names {len(found)} tasks; name one.")
    return found[0]


def _variant(task: Task, name: str | None) -> str:
    try:
        return task.variant(name or task.variants[0].name).name
    except ValueError as error:
        raise UsageError(str(error)) from error
