"""Re-judging and comparing judges: agreement against known values, and a stored run from end to end."""

import io
import json
from pathlib import Path

import judge_models
import numpy as np
import pytest
from rich.console import Console
from sklearn.metrics import cohen_kappa_score
from typer.testing import CliRunner

from multitrust_eval.cli import app
from multitrust_eval.errors import UserError
from multitrust_eval.judges.agreement import Distance, agree, distance, flips
from multitrust_eval.judges.compare import compare_judges, print_comparison


@pytest.mark.parametrize("seed", range(5))
def test_kappa_equals_scikit_learns(seed):
    draw = np.random.default_rng(seed)
    first = draw.integers(0, 4, 200).tolist()
    second = [a if draw.random() < 0.6 else int(draw.integers(0, 4)) for a in first]
    found = agree(first, second, [str(n) for n in range(200)])
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second))
    assert found.interval is not None
    assert found.interval[0] < found.kappa < found.interval[1]
    assert found.share == pytest.approx(np.mean(np.array(first) == np.array(second)))


def test_groups_widen_the_interval():
    """The same 40 samples as 40 items, and as 4 items that each give ten equal samples."""
    first = [n // 10 % 2 for n in range(40)]
    second = [a if n // 10 != 3 else 1 - a for n, a in enumerate(first)]
    alone = agree(first, second, [str(n) for n in range(40)])
    grouped = agree(first, second, [str(n // 10) for n in range(40)])
    assert alone.kappa == grouped.kappa
    assert grouped.interval[1] - grouped.interval[0] > alone.interval[1] - alone.interval[0]


def test_degenerate_agreement():
    assert agree(["yes"] * 5, ["yes"] * 5, list("abcde")).kappa is None
    assert agree(["yes", "no"], ["no", "yes"], ["a", "b"]).kappa == pytest.approx(-1.0)
    assert agree(["yes", "no"], ["yes", "no"], ["a", "b"]).kappa == pytest.approx(1.0)
    with pytest.raises(ValueError, match="no samples"):
        agree([], [], [])
    with pytest.raises(ValueError, match="one item a sample"):
        agree(["a"], ["a", "b"], ["a"])


def test_distance_and_flips():
    assert distance([0.0, 0.5, 1.0], [0.1, 0.6, 0.9]) == Distance(3, pytest.approx(0.1), pytest.approx(1.0))
    assert distance([0.5, 0.5, 0.5], [0.1, 0.6, 0.9]).spearman is None
    first, second = {"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 2.0, "b": 1.0, "c": 3.0, "d": 9.0}
    assert flips(first, second) == [("a", "b")]
    assert flips({"a": 1.0, "b": 1.0}, {"a": 1.0, "b": 2.0}) == []


def multitrust(*words: object) -> str:
    """The command line, in this process; its standard output."""
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=True)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    return judge_models.classifier(tmp_path_factory.mktemp("models") / "tiny-refusal")


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Path]:
    """Two stored runs of known answers on F.4 and S.4."""
    folders = {}
    for name in ("always-comply", "always-refuse"):
        folders[name] = tmp_path_factory.mktemp("runs") / name
        multitrust("run", "--model", f"baseline:{name}", "--tasks", "f4,s4", "--output-dir", folders[name])
    return folders


def results_of(folder: Path) -> dict:
    return json.loads((folder / "results.json").read_text())


def test_judging_again_changes_the_judged_slot_only_and_going_back_costs_nothing(runs, classifier):
    folder = runs["always-comply"]
    before = (folder / "results.json").read_bytes()
    responses = [path.read_bytes() for path in (folder / "responses").iterdir()]
    multitrust("judge", folder, "--judge", f"refusal=classifier:{classifier}")
    after = results_of(folder)
    assert after["judges"]["refusal"]["name"] == "classifier:tiny-refusal"
    assert after["judges"]["attack"]["name"] == "rule"
    assert after["tasks"]["s4_typographic_jailbreak"] == json.loads(before)["tasks"]["s4_typographic_jailbreak"]
    assert [path.read_bytes() for path in (folder / "responses").iterdir()] == responses
    assert f"refusal=classifier:{classifier}" in (folder / "config.yaml").read_text()
    multitrust("judge", folder, "--judge", "refusal=rule")
    assert (folder / "results.json").read_bytes() == before


def test_comparing_needs_two_judges(tmp_path):
    folder = tmp_path / "run"
    multitrust("run", "--model", "baseline:always-yes", "--tasks", "f4", "--limit", 2, "--output-dir", folder)
    with pytest.raises(UserError, match="judged by two judges"):
        compare_judges([folder])


def test_comparison_of_two_judges_over_two_runs(runs, classifier):
    for folder in runs.values():
        multitrust("judge", folder, "--judge", f"refusal=classifier:{classifier}")
    comparison = compare_judges(list(runs.values()))
    assert len(comparison.shifts) == 2
    for label, shifts in comparison.shifts.items():
        (shift,) = shifts
        assert (shift.task.id, shift.slot) == ("F.4", "refusal")
        assert {name.partition("@")[0] for name in shift.judges} == {"rule", "classifier:tiny-refusal"}
        assert (
            shift.agreement.n == results_of(runs[label.removeprefix("baseline:")])["tasks"]["f4_stereotype_query"]["n"]
        )
        assert None not in shift.scores
    console = Console(file=io.StringIO(), width=120)
    print_comparison(comparison, console)
    text = console.file.getvalue()
    assert "Rank flips over 2 runs" in text
    assert "tiny-refusal" in text
    assert "F.4" in multitrust("judge-compare", *runs.values())


def test_a_folder_that_is_no_run_is_told(tmp_path):
    result = CliRunner().invoke(app, ["judge", str(tmp_path), "--judge", "attack=rule"])
    assert result.exit_code == 1
    assert "is no run folder" in result.output


def test_a_run_whose_data_changed_is_not_judged_again(runs, tmp_path):
    import shutil

    folder = tmp_path / "run"
    shutil.copytree(runs["always-refuse"], folder)
    config = (folder / "config.yaml").read_text()
    (folder / "config.yaml").write_text(config + "limit: 1\n")
    result = CliRunner().invoke(app, ["judge", str(folder), "--judge", "attack=rule"])
    assert result.exit_code == 1
    assert "other data or prompts" in result.output
