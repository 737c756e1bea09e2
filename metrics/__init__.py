"""How answers are scored: one `evaluate` metric a task, over pure functions in `measures`.

    import evaluate, multitrust_metrics
    metric = evaluate.load(multitrust_metrics.path("f4_stereotype_query"))

This module imports neither `evaluate` nor `datasets`: asking for a path costs nothing.
"""

import difflib
from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def list_metrics() -> list[str]:
    """The stems of all metrics that are installed: the tasks and `multitrust_score`, sorted."""
    return sorted(folder.name for folder in _ROOT.iterdir() if (folder / f"{folder.name}.py").is_file())


def path(stem: str) -> str:
    """The folder to hand to `evaluate.load`.

    Raises ValueError naming near names when there is no metric called `stem`.
    """
    known = list_metrics()
    if stem in known:
        return str(_ROOT / stem)
    near = difflib.get_close_matches(str(stem), known, n=3, cutoff=0.4)
    near += [name for name in known if name.split("_")[0] == str(stem).lower().replace(".", "") and name not in near]
    hint = f"Did you mean {', '.join(near)}?" if near else "multitrust_metrics.list_metrics() names them all."
    raise ValueError(f"There is no metric called {stem!r}. {hint}")
