"""Who may import whom: the two inner rooms know nothing of each other or of the engine."""

import ast
from pathlib import Path

import pytest

REPO = Path(__file__).parent.parent
ROOMS = {
    "multitrust_datasets": ("multitrust_datasets", {"multitrust_metrics", "multitrust_eval", "run_eval"}),
    "metrics": ("multitrust_metrics", {"multitrust_datasets", "multitrust_eval", "run_eval"}),
}


def imported(path: Path) -> set[str]:
    """The top-level names that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_inner_rooms_do_not_look_out(room: str) -> None:
    package, forbidden = ROOMS[room]
    files = sorted((REPO / room).rglob("*.py"))
    assert files
    for path in files:
        assert not imported(path) & forbidden, f"{path} of {package} imports another room"


def test_run_eval_knows_only_the_engine() -> None:
    path = REPO / "run_eval.py"
    ours = imported(path) & {"multitrust_datasets", "multitrust_metrics", "multitrust_eval"}
    assert ours == {"multitrust_eval"}
    assert len(path.read_text().splitlines()) < 60
