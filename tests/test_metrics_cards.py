"""Every metric folder: a card whose example runs, a script that evaluate can load, an entry in the wheel's list."""

import ast
import configparser
import doctest
import re
from functools import cache
from pathlib import Path

import evaluate
import multitrust_metrics
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
METRICS = multitrust_metrics.list_metrics()
TASKS = [stem for stem in METRICS if stem != "multitrust_score"]
SECTIONS = ("What it measures", "Formula", "Range and direction", "Inputs", "Example", "Limits", "Citation")


@cache
def load(stem):
    return evaluate.load(multitrust_metrics.path(stem))


def card(stem):
    return (Path(multitrust_metrics.path(stem)) / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("stem", METRICS)
def test_example_of_the_card_runs(stem):
    text = card(stem)
    test = doctest.DocTestParser().get_doctest(text, {}, stem, f"{stem}/README.md", 0)
    assert len(test.examples) >= 5
    failures, _ = doctest.DocTestRunner(verbose=False).run(test)
    assert failures == 0


@pytest.mark.parametrize("stem", METRICS)
def test_card_has_a_header_and_every_section(stem):
    header = yaml.safe_load(card(stem).split("---")[1])
    assert header["tags"] == ["evaluate", "metric"]
    assert header["sdk"] == "gradio"
    assert "app_file" not in header or (Path(multitrust_metrics.path(stem)) / header["app_file"]).exists()
    assert [line[3:] for line in card(stem).splitlines() if line.startswith("## ")] == list(SECTIONS)
    assert "arXiv:2406.07057" in card(stem)


@pytest.mark.parametrize("stem", TASKS)
def test_card_names_what_the_metric_declares(stem):
    metric = load(stem)
    text = card(stem)
    assert f"# {metric.TASK_ID} " in text
    names = [*metric.WEIGHTS, *metric.SUBSETS, *metric.DIRECTION, *metric.SLOTS]
    assert [name for name in names if f"`{name}`" not in text] == []
    assert all(f"`{name}` ({way} is better)" in text for name, way in metric.DIRECTION.items())


@pytest.mark.parametrize("stem", TASKS)
def test_weights_make_one_score(stem):
    metric = load(stem)
    assert sum(metric.WEIGHTS.values()) == pytest.approx(1)
    assert set(metric.SCORED) <= set(metric.DIRECTION)
    assert set(metric.DIRECTION.values()) <= {"higher", "lower"}
    assert metric.stem == stem
    assert f"{stem[0].upper()}.{stem[1]}" == metric.TASK_ID
    assert metric.description
    assert "predictions" in metric.inputs_description


@pytest.mark.parametrize("stem", METRICS)
def test_script_is_short_and_imports_one_name_a_line(stem):
    script = (Path(multitrust_metrics.path(stem)) / f"{stem}.py").read_text(encoding="utf-8")
    assert len(script.splitlines()) <= (50 if stem in TASKS else 70)
    imports = [node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert all(len(node.names) == 1 for node in imports)
    # evaluate takes the first metric class it meets in a script for the metric itself.
    assert not re.search(r"^from (evaluate|multitrust_metrics\.task_metric) ", script, re.MULTILINE)
    classes = [node for node in ast.parse(script).body if isinstance(node, ast.ClassDef)]
    assert len(classes) == 1


def test_packages_of_the_wheel_are_the_folders():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = {name for name in setup["options"]["packages"].split() if name.startswith("multitrust_metrics.")}
    assert listed == {f"multitrust_metrics.{stem}" for stem in METRICS} | {"multitrust_metrics.measures"}


@pytest.mark.parametrize("path", sorted((ROOT / "metrics" / "measures").glob("*.py")), ids=lambda path: path.stem)
def test_measures_are_pure_and_their_examples_run(path):
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert not imported & {"evaluate", "datasets", "torch", "transformers", "multitrust_datasets", "multitrust_eval"}
    module = __import__(f"multitrust_metrics.measures.{path.stem}", fromlist=["x"]) if path.stem != "__init__" else None
    assert module is None or doctest.testmod(module).failed == 0
