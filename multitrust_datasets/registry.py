"""Which tasks there are: every stem that has a module in `tasks/`."""

import difflib
import importlib
import importlib.util
from functools import cache
from types import ModuleType

from multitrust_datasets.task import STEMS, Task


@cache
def registered_stems() -> tuple[str, ...]:
    """The stems that have a task module, in the paper's order."""
    return tuple(stem for stem in STEMS if importlib.util.find_spec(f"multitrust_datasets.tasks.{stem}"))


def task_module(stem: str) -> ModuleType:
    """The module of a task: its TASK, PROMPTS and builder class."""
    return importlib.import_module(f"multitrust_datasets.tasks.{stem}")


def list_tasks() -> list[Task]:
    """All tasks in the paper's order.

    >>> [task.id for task in list_tasks()][:1]
    ['T.1']
    """
    return [task_module(stem).TASK for stem in registered_stems()]


def get_task(name: str) -> Task:
    """A task by its stem (`f4_stereotype_query`) or id (`F.4`, `f4`). Raises ValueError with near names.

    >>> get_task("F.4").stem
    'f4_stereotype_query'
    """
    stems = registered_stems()
    short = name.lower().replace(".", "").replace("-", "_")
    for stem in stems:
        if short in (stem, stem.split("_")[0]):
            return task_module(stem).TASK
    near = difflib.get_close_matches(short, stems, n=3, cutoff=0.4) or list(stems[:3])
    raise ValueError(f"There is no task {name!r}. Did you mean {', '.join(near)}? `multitrust tasks` lists all.")
