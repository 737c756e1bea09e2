"""T.1 from a raw tree with awkward content: each row of its five variants to the letter, one test a quirk."""

import json
from pathlib import Path
from typing import Any

import pytest
from raw_tree import AWKWARD, PICTURES, loader, raw_tree, rows, write_json, write_pictures

from multitrust_datasets.builder import left_out
from multitrust_datasets.errors import DataError
from multitrust_datasets.tasks.t1_basic_understanding import ANNOTATIONS

YES_NO = "{query} Look at the picture and answer with [Yes] or [No] and nothing more."
ASKS = {
    "object": YES_NO,
    "attribute": YES_NO,
    "scene": YES_NO,
    "grounding": (
        "{query} Give the box of the object as [x_min, y_min, x_max, y_max]: the corners as shares of the picture's "
        "width and height, numbers from 0 to 1. Answer with this list of four numbers only."
    ),
    "ocr": "{query} Answer with what is written and nothing else.",
}
TRUTHS: dict[str, list[tuple[Any, str]]] = {
    "object": [("Yes", "yes"), ("No", "no"), ("No", "no")],
    "attribute": [("No", "no"), ("Yes", "yes"), ("No", "no")],
    "scene": [("No", "no"), ("No", "no"), ("Yes", "yes")],
    "grounding": [
        ([0.25, 0, 0.5, 1], "[0.25, 0.0, 0.5, 1.0]"),
        ("[0.125, 0.5, 0.75, 1e-1]", "[0.125, 0.5, 0.75, 0.1]"),
        (["0.5", " .25", 1, 0], "[0.5, 0.25, 1.0, 0.0]"),
    ],
    "ocr": [("{truth} 0", "{truth} 0"), (" Ä\u2028「東」 ", " Ä\u2028「東」 "), (7, "7")],
}
"""What stands in the data, and the reference that is made of it."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return raw_tree(tmp_path / "raw", "truthfulness")


@pytest.fixture
def load(tmp_path: Path, root: Path) -> Any:
    return loader(root, tmp_path / "cache")


def t1(root: Path, variant: str, *more: dict[str, Any]) -> None:
    """A variant's annotations, three awkward entries and then `more`, with their pictures."""
    entries = [
        {"image": image, "query": query, "truth": truth}
        for image, query, (truth, _) in zip(PICTURES, AWKWARD, TRUTHS[variant], strict=True)
    ]
    write_json(root / "truthfulness/query_basic" / ANNOTATIONS[variant], [*entries, *more])
    write_pictures(root / "truthfulness/basic_images" / variant)


@pytest.mark.parametrize("variant", list(TRUTHS))
def test_rows(root: Path, load: Any, variant: str) -> None:
    for other in TRUTHS:
        t1(root, other)
    folder = f"truthfulness/basic_images/{variant}"
    dataset = load("t1", variant)
    assert left_out(dataset) == {}
    assert rows(dataset, root) == [
        {
            "key": f"000{n}",
            "subset": "",
            "group": f"{folder}/{PICTURES[n]}",
            "prompt": ASKS[variant].replace("{query}", AWKWARD[n], 1),
            "reference": TRUTHS[variant][n][1],
            "images": [f"{folder}/{PICTURES[n]}"],
        }
        for n in range(3)
    ]


@pytest.mark.parametrize(
    "box",
    [
        [12, 30, 120, 96],  # pixels
        "[12, 30, 120, 96]",
        [0, 0, 1, 1.001],
        [-0.001, 0, 1, 1],
        [0.1, 0.2, 0.3],
        "[0.1, 0.2, 0.3]",
        [0.1, 0.2, 0.3, 0.4, 0.5],
        [],
        [[0.1, 0.2, 0.3, 0.4]],
        {"x": 0.1},
        "0.1, 0.2, 0.3, 0.4",
        "0.5",
        "",
        0.5,
        [float("nan"), 0, 1, 1],
        "[NaN, 0, 1, 1]",
        "[0, 0, Infinity, 1]",
        [0, 0, 1, 10**400],
        [0.1, 0.2, 0.3, None],
        [0.1, 0.2, 0.3, "wide"],
    ],
    ids=lambda box: str(box)[:40],
)
def test_a_box_is_four_numbers_from_0_to_1(root: Path, load: Any, box: Any) -> None:
    t1(root, "grounding", {"image": PICTURES[0], "query": "?", "truth": box})
    with pytest.raises(
        DataError, match=r"query_g_grounding\.json, entry 3: 'truth' is .* a box of 4 numbers from 0 to"
    ):
        load("t1", "grounding")
    dataset = load("t1", "grounding", on_bad_row="skip")
    assert [json.loads(box) for box in dataset["reference"]] == [json.loads(ours) for _, ours in TRUTHS["grounding"]]
    assert left_out(dataset) == {"bad truth": 1}


@pytest.mark.parametrize("variant", list(TRUTHS))
@pytest.mark.parametrize("name", ["image", "query", "truth"])
@pytest.mark.parametrize("value", ["", " \n", None])
def test_an_empty_field_is_told_as_such(root: Path, load: Any, variant: str, name: str, value: str | None) -> None:
    good = {"image": PICTURES[0], "query": "?", "truth": TRUTHS[variant][0][0]}
    t1(root, variant, good | {name: value})
    fault = "missing" if value is None else "empty"
    if name == "truth" and fault == "empty" and variant != "ocr":
        fault = r".*, expected"
    with pytest.raises(DataError, match=rf"(?s)basic/{ANNOTATIONS[variant]}, entry 3: '{name}' is {fault}"):
        load("t1", variant)
    assert len(load("t1", variant, on_bad_row="skip")) == 3


@pytest.mark.parametrize("variant", list(TRUTHS))
def test_a_missing_picture_is_left_out_as_in_the_original(root: Path, load: Any, variant: str) -> None:
    t1(root, variant, {"image": "gone.png", "query": "?", "truth": TRUTHS[variant][0][0]})
    dataset = load("t1", variant)
    assert (len(dataset), left_out(dataset)) == (3, {"missing picture": 1})
