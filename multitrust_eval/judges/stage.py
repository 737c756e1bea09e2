"""The judging stage of a run: answers -> items -> verdicts by row id and slot.

Only the slots that a variant needs, only answers without an error, each distinct question once, every verdict on disk
as soon as it is there.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from multitrust_datasets.protocol import Protocol, needed_slots
from multitrust_eval.errors import UserError
from multitrust_eval.judges.base import Judge, RemoteJudge
from multitrust_eval.judges.budget import SPENT, Budget
from multitrust_eval.judges.cache import folder_of, read_verdicts, record_of, verdict_key, write_rows
from multitrust_eval.judges.progress import NoProgress
from multitrust_eval.judges.registry import load
from multitrust_eval.judges.spec import Setting
from multitrust_eval.plan import Plan
from multitrust_eval.ranks import Ranks
from multitrust_eval.records import Answer, Image, JudgeItem, Verdict
from multitrust_eval.store import Appender

DEFAULT_JUDGE = "rule"
CHUNK = 32  # questions a ticket: small enough that ranks end together, large enough for sorted batches
SIZED = {("t1_basic_understanding", "grounding")}
"""Variants whose judge needs the picture's size."""

Verdicts = dict[str, dict[str, Verdict]]


@dataclass
class Settings:
    """How to judge. `budget`: the most calls of remote judges, None for no bound. `reuse`: run folders whose verdicts
    also count. `check` is called between batches and may raise to stop."""

    budget: int | None = None
    reuse: Sequence[Path] = ()
    check: Callable[[], None] = lambda: None
    progress: NoProgress = field(default_factory=NoProgress)


def judge_answers(
    plan: Plan,
    answers: Mapping[str, Answer],
    run_dir: Path,
    judges: Mapping[str, str],
    protocol: Protocol | None,
    ranks: Ranks,
    settings: Settings | None = None,
) -> Verdicts:
    """Row id -> slot -> verdict, on every rank. `judges`: slot -> judge name; `rule` where a slot is not named.

    A failed judgement is a null verdict with its reason; it is on disk too, and the next run tries it again. Raises
    JudgeError for a judge that cannot be built or cannot fill the slot.
    """
    settings = settings or Settings()
    setting = Setting(protocol, Budget(settings.budget), ranks.local_rank)
    verdicts: Verdicts = {}
    for judge, items in _by_judge(judge_items(plan, answers), judges, setting):
        for item, verdict in _judge_with(judge, items, run_dir, ranks, settings):
            verdicts.setdefault(item.id, {})[item.slot] = verdict
    return verdicts


def _by_judge(
    items: Iterable[JudgeItem], judges: Mapping[str, str], setting: Setting
) -> list[tuple[Judge, list[JudgeItem]]]:
    """Each judge with its items, in the order of their names. One judge may fill several slots."""
    by_slot: dict[str, list[JudgeItem]] = {}
    for item in items:
        by_slot.setdefault(item.slot, []).append(item)
    groups: dict[str, tuple[Judge, list[JudgeItem]]] = {}
    for slot in sorted(by_slot):
        name = judges.get(slot, DEFAULT_JUDGE)
        judge = load(name, slot, setting=setting)
        group = groups.setdefault(f"{judge.name}@{judge.revision}", (judge, []))
        group[1].extend(by_slot[slot])
    return [groups[name] for name in sorted(groups)]


def judge_items(plan: Plan, answers: Mapping[str, Answer], slots: Sequence[str] | None = None) -> Iterator[JudgeItem]:
    """One item for each slot that a row's variant needs and whose answer is no error, in plan order."""
    tasks = {task.stem: task for task in plan.tasks}
    images = _images_of(plan)
    for (stem, variant), dataset in plan.datasets.items():
        if (stem, variant) in plan.not_applicable:
            continue
        needed = [slot for slot in needed_slots(tasks[stem], variant) if slots is None or slot in slots]
        if not needed:
            continue
        rows = dataset.select_columns(["id", "subset", "reference"])[:]
        for row, subset, reference in zip(rows["id"], rows["subset"], rows["reference"], strict=True):
            answer = answers.get(plan.key_of.get(row, ""))
            if answer is None or answer.status.startswith("error:"):
                continue
            size = _size(images[row]) if (stem, variant) in SIZED else None
            for slot in needed:
                yield JudgeItem(row, stem, variant, subset, slot, answer.text, reference, size)


def _images_of(plan: Plan) -> dict[str, tuple[Image, ...]]:
    return {row: request.images for request in plan.requests for row in request.ids}


def _size(images: Sequence[Image]) -> tuple[int, int] | None:
    """Width and height of the first picture as stored, in pixels; only its header is read."""
    if not images:
        return None
    import PIL.Image

    with PIL.Image.open(io.BytesIO(images[0].read())) as picture:
        return picture.size


def _judge_with(
    judge: Judge, items: Sequence[JudgeItem], run_dir: Path, ranks: Ranks, settings: Settings
) -> list[tuple[JudgeItem, Verdict]]:
    folder = folder_of(run_dir, judge)
    folders = [folder, *(folder_of(other, judge) for other in settings.reuse)]
    keys = [verdict_key(judge, item) for item in items]
    first = dict(zip(reversed(keys), reversed(items), strict=True))
    done = {key: verdict for key, verdict in read_verdicts(folders).items() if verdict.raw is not None}
    todo = [key for key in first if key not in done]
    settings.progress.start(judge.name, len(todo), len(first) - len(todo))
    ranks.meet(f"verdicts-read/{folder.name}", settings.check)  # or a late rank would see, and number, fewer questions
    kept = _judge_pending(judge, {key: first[key] for key in todo}, folder, ranks, settings)
    settings.progress.unasked += sum(verdict.reason == SPENT for verdict in kept.values())
    if absent := ranks.meet(f"verdicts-done/{folder.name}", settings.check):
        raise UserError(f"Processes {absent} fell silent while judging. Run the same command again: it goes on there.")
    found = {**read_verdicts(folders), **kept}
    if ranks.first:
        rows: dict[str, dict[str, str]] = {}
        for key, item in zip(keys, items, strict=True):
            rows.setdefault(item.slot, {})[item.id] = key
        write_rows(folder, judge, rows)
    missing = Verdict(None, "not judged", judge.name, judge.revision)
    return [(item, found.get(key, missing)) for key, item in zip(keys, items, strict=True)]


def _judge_pending(
    judge: Judge, pending: Mapping[str, JudgeItem], folder: Path, ranks: Ranks, settings: Settings
) -> dict[str, Verdict]:
    """Take tickets until the questions are through. Longest first, so that batches are even and no rank ends late."""
    order = sorted(pending, key=lambda key: (-len(pending[key].response), key))
    size = len(order) if judge.remote else CHUNK
    chunks = [order[at : at + size] for at in range(0, len(order), size or 1)]
    kept: dict[str, Verdict] = {}
    if not chunks or (judge.remote and not ranks.first):  # one process holds a service's budget and concurrency
        judge.close()
        return kept
    file = Appender(folder, f"rank-{ranks.rank:03d}")

    def told(count: int) -> None:
        settings.progress.update(ranks.count(f"judged/{folder.name}", count))

    try:
        while (ticket := ranks.ticket(f"judge/{folder.name}")) < len(chunks):
            settings.check()
            kept |= _judge_chunk(judge, chunks[ticket], pending, file, told)
    finally:
        file.close()
        judge.close()
    return kept


def _judge_chunk(
    judge: Judge, keys: Sequence[str], pending: Mapping[str, JudgeItem], file: Appender, told: Callable[[int], None]
) -> dict[str, Verdict]:
    """The verdicts of some questions, on disk before this returns; those of a remote judge one by one."""
    kept: dict[str, Verdict] = {}

    def keep(index: int, verdict: Verdict) -> None:
        key = keys[index]
        kept[key] = verdict
        if verdict.reason != SPENT:
            file.append([record_of(key, pending[key].slot, verdict)])
        told(1)

    items = [pending[key] for key in keys]
    if isinstance(judge, RemoteJudge):
        judge.each(items, keep)
        return kept
    verdicts = judge(items)
    file.append(record_of(key, item.slot, v) for key, item, v in zip(keys, items, verdicts, strict=True))
    told(len(keys))
    return dict(zip(keys, verdicts, strict=True))
