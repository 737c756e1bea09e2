"""Which tasks, which variants, which items: the words of --tasks, --variants and --limit."""

import fnmatch
import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from multitrust_datasets.task import Task, Variant
from multitrust_eval.errors import UsageError
from multitrust_eval.options import near

if TYPE_CHECKING:
    from datasets import Dataset


def choose_tasks(words: str, known: Sequence[Task]) -> list[Task]:
    """The tasks that a comma list names, in the paper's order: `all`, stems, ids (`f4`, `F.4`), globs, aspects and
    sub-aspects (`fairness`, `T.I`). Raises UsageError for a word that names none."""
    chosen: set[str] = set()
    for word in _words(words):
        found = {task.stem for task in known if _names(word, task)}
        if not found:
            names = [name for task in known for name in (task.stem, _short(task), task.aspect)]
            raise UsageError(f"There is no task {word!r}. {near(word, names, '`multitrust tasks` lists them.')}")
        chosen |= found
    if not chosen:
        raise UsageError("--tasks names no task; `all` stands for all of them.")
    return [task for task in known if task.stem in chosen]


def choose_variants(words: str | None, tasks: Sequence[Task]) -> dict[str, list[Variant]]:
    """Stem -> the variants that are run, none for a task that has none of those named.

    Without `words` all that the paper runs; others must be named in full. Raises UsageError for a word that fits no
    variant of any of the tasks.
    """
    if words is None:
        return {task.stem: [v for v in task.variants if v.launched] for task in tasks}
    patterns = _words(words)
    names = dict.fromkeys(v.name for task in tasks for v in task.variants)
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            raise UsageError(f"None of the chosen tasks has a variant {pattern!r}. {near(pattern, names)}")
    return {
        task.stem: [
            v
            for v in task.variants
            if v.name in patterns or (v.launched and any(fnmatch.fnmatchcase(v.name, p) for p in patterns))
        ]
        for task in tasks
    }


def limit_rows(stem: str, datasets: Mapping[str, "Dataset"], limit: int) -> dict[str, "Dataset"]:
    """`limit` groups of each variant, the same ones wherever variants share groups.

    Groups are taken in turn from the subsets, within a subset by hash, those first that most variants have.
    """
    subsets = {variant: _subsets(dataset) for variant, dataset in datasets.items()}
    shared = Counter(group for groups in subsets.values() for group in groups)
    limited = {}
    for variant, dataset in datasets.items():
        keep = set(itertools.islice(_in_turn(stem, subsets[variant], shared), limit))
        rows = [i for i, group in enumerate(dataset["group"]) if group in keep]
        limited[variant] = dataset.select(rows)
    return limited


def _subsets(dataset: "Dataset") -> dict[str, tuple[str, ...]]:
    """Group -> the subsets that it has rows in."""
    found: dict[str, set[str]] = defaultdict(set)
    for group, subset in zip(dataset["group"], dataset["subset"], strict=True):
        found[group].add(subset)
    return {group: tuple(sorted(names)) for group, names in found.items()}


def _in_turn(stem: str, subsets: Mapping[str, tuple[str, ...]], shared: Counter[str]) -> list[str]:
    queues: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for group in sorted(subsets, key=lambda group: (-shared[group], _hash(stem, group))):
        queues[subsets[group]].append(group)
    order = sorted(queues, key=lambda names: _hash(stem, *names))
    turns = itertools.zip_longest(*(queues[names] for names in order))
    return [group for turn in turns for group in turn if group is not None]


def _hash(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _names(word: str, task: Task) -> bool:
    low = word.lower()
    short = _short(task)
    if low in ("all", task.stem, task.id.lower(), short, task.aspect.lower(), task.sub_aspect.lower()):
        return True
    return any(fnmatch.fnmatchcase(name, low) for name in (task.stem, task.id.lower(), short))


def _short(task: Task) -> str:
    return task.id.replace(".", "").lower()
