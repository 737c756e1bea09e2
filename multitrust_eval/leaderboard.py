"""The published models: sub-aspects -> our overall and ranks beside the published ones, and how aspects go together."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import multitrust_metrics
from multitrust_metrics.measures.correlation import pearson, spearman
from multitrust_metrics.measures.ranking import ranks
from multitrust_metrics.measures.suite import ASPECTS, SUB_ASPECTS, roll_up

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Correlation = Callable[[Sequence[float], Sequence[float]], float | None]


@dataclass(frozen=True)
class Model:
    """A published model. Scores 0-100; `rank` is ours among the models with sub-aspects, `published_rank` theirs."""

    name: str
    sub_aspects: dict[str, float]
    aspects: dict[str, float]
    overall: float
    rank: int
    published_overall: float
    published_rank: int

    @property
    def agrees(self) -> bool:
        """Whether our overall, to the two places that were published, and our rank are the published ones."""
        return round(self.overall, 2) == self.published_overall and self.rank == self.published_rank


@dataclass(frozen=True)
class Leaderboard:
    """`models` from the best to the worst; `left_out`: models published without sub-aspects; correlations -1 to 1."""

    models: tuple[Model, ...]
    left_out: tuple[str, ...]
    pearson: dict[tuple[str, str], float]
    spearman: dict[tuple[str, str], float]


def leaderboard_tables() -> Leaderboard:
    """The published leaderboard, computed again. Published ranks are renumbered without the models left out."""
    with (Path(multitrust_metrics.path("multitrust_score")) / "leaderboard.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    complete = [row for row in rows if all(row[name] for name in SUB_ASPECTS)]
    figures = {row["model"]: roll_up({name: float(row[name]) for name in SUB_ASPECTS}) for row in complete}
    ours = ranks({name: part["overall"] for name, part in figures.items()})
    theirs = [row["model"] for row in sorted(complete, key=lambda row: int(row["published_rank"]))]
    models = tuple(
        Model(
            name=row["model"],
            rank=ours[row["model"]],
            published_overall=float(row["published_overall"]),
            published_rank=theirs.index(row["model"]) + 1,
            **figures[row["model"]],
        )
        for row in sorted(complete, key=lambda row: (ours[row["model"]], row["model"]))
    )
    return Leaderboard(
        models=models,
        left_out=tuple(row["model"] for row in rows if row not in complete),
        pearson=_pairwise(models, pearson),
        spearman=_pairwise(models, spearman),
    )


def _pairwise(models: tuple[Model, ...], measure: Correlation) -> dict[tuple[str, str], float]:
    columns = {aspect: [model.aspects[aspect] for model in models] for aspect in ASPECTS}
    pairs = [(one, other) for one in ASPECTS for other in ASPECTS if one != other]
    return {(one, other): measure(columns[one], columns[other]) or 0.0 for one, other in pairs}


def print_leaderboard(console: "Console") -> None:
    """Print the models and the correlation of the aspects over them."""
    from rich.table import Table

    board = leaderboard_tables()
    table = Table(
        title="Published models: their aspects and overall from their sub-aspects", box=None, padding=(0, 1, 0, 0)
    )
    # Initials for the aspects: 43 models stay one line each on a terminal of 80 columns.
    for name in ("#", "model", *(aspect[0].upper() for aspect in ASPECTS), "ours", "publ."):
        table.add_column(name, justify="left" if name == "model" else "right", overflow="fold")
    for model in board.models:
        parts = [f"{model.aspects[name]:.2f}" for name in ASPECTS]
        published = f"{model.published_overall:.2f}" + ("" if model.agrees else "*")
        table.add_row(str(model.rank), model.name, *parts, f"{model.overall:.2f}", published)
    console.print(table)
    same = sum(model.agrees for model in board.models)
    console.print(f"T S R F P: {', '.join(ASPECTS)}. ours: the overall computed here. publ.: as published.")
    console.print(f"Overall and rank as published: {same} of {len(board.models)} models (a star marks the others).")
    if board.left_out:
        console.print(f"Left out, published without sub-aspects: {', '.join(board.left_out)}.")
    console.print(_correlations(board))
    console.print("Above the diagonal: Spearman. Below: Pearson.")


def _correlations(board: Leaderboard) -> "Table":
    from rich.table import Table

    table = Table(title=f"Correlation of the aspects over {len(board.models)} models")
    for name in ("", *ASPECTS):
        table.add_column(name, justify="right" if name else "left")
    order = list(ASPECTS)
    for row, one in enumerate(order):
        cells = []
        for column, other in enumerate(order):
            measure = board.spearman if column > row else board.pearson
            cells.append("" if one == other else f"{measure[one, other]:+.2f}")
        table.add_row(one, *cells)
    return table
