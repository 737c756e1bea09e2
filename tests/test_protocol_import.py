"""The importer, on a miniature checkout: what it reads, what it says when a file moved or changed its shape."""

import csv
from pathlib import Path

import pytest
import yaml
from toolbox import COMMIT, fabricate, text_of, value_of

from multitrust_datasets import DataError
from multitrust_datasets.protocol import fallen_back, load_protocol
from multitrust_datasets.protocol_import import git_commit, import_protocol, places, read_checkout

JUDGE_FIELDS = {"response", "reference", "question", "answer", "keywords", "question_first_line", "image_size"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fabricate(tmp_path_factory.mktemp("toolbox"))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return fabricate(tmp_path / "toolbox")


def test_the_table_is_the_specification(tmp_path: Path) -> None:
    """The shipped places are the needed ones of the specification, word for word; only the fields are ours."""
    with (Path(__file__).parent / "data/prompt-locations.csv").open(newline="") as file:
        needed = [row for row in csv.DictReader(file) if row["needed"] == "yes"]
    assert len(places()) == len(needed) == 143
    for place, row in zip(places(), needed, strict=True):
        for name in ("stem", "key", "type", "file", "scope", "name", "kind", "item"):
            assert getattr(place, name) == row[name]
        assert (str(place.occurrence), str(place.of)) == (row["occurrence"], row["of"])
        assert list(place.slots) == row["slots"].split()
        if place.key.startswith("judge") or place.stem == "shared":
            assert set(place.slots.values()) <= JUDGE_FIELDS


def test_every_text_and_list_is_read_exactly(checkout: Path, tmp_path: Path) -> None:
    found = import_protocol(checkout, tmp_path / "packs/paper.yaml")
    assert found.faults == []
    pack = yaml.safe_load((tmp_path / "packs/paper.yaml").read_text(encoding="utf-8"))
    for place in places():
        part = pack["prompts" if place.type == "text" else "lists"]
        expected = value_of(place)
        assert part[place.stem][place.key] == expected, place
        assert pack["slots"].get(place.stem, {}).get(place.key, {}) == place.slots
    assert pack["name"] == "paper"
    assert pack["source"]["commit"] == COMMIT
    assert str(checkout) not in (tmp_path / "packs/paper.yaml").read_text(encoding="utf-8")
    assert [path.name for path in (tmp_path / "packs").iterdir()] == ["paper.yaml"]


def test_the_pack_loads_and_depends_on_every_text(checkout: Path, tmp_path: Path) -> None:
    import_protocol(checkout, tmp_path / "a.yaml", name="a")
    first = load_protocol(tmp_path / "a.yaml")
    file = checkout / "mmte/datasets/nsfw.py"
    before = file.read_text(encoding="utf-8")
    try:
        file.write_text(before.replace("describe:", "describe!:"), encoding="utf-8")
        import_protocol(checkout, tmp_path / "b.yaml", name="a")
    finally:
        file.write_text(before, encoding="utf-8")
    second = load_protocol(tmp_path / "b.yaml")
    assert first.name == second.name == "a"
    assert first.sha256 != second.sha256
    assert first.source != second.source
    assert COMMIT in first.source


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("mmte/datasets/hod.py", None, None, r"mmte/datasets/hod\.py: the file is not in the checkout"),
        ("mmte/datasets/hod.py", "PROMPT_AND_ANSWER", "QUESTIONS", "assigns PROMPT_AND_ANSWER 0 times, expected 1"),
        ("mmte/datasets/hod.py", "class HodDataset", "class Hod", "it has no HodDataset"),
        ("mmte/datasets/hod.py", "question", "query", r"item 0/questions_and_answers/0/question"),
        ("mmte/datasets/hod.py", "PROMPT_AND_ANSWER = ", "PROMPT_AND_ANSWER = load()or", "is no literal any more"),
        ("mmte/datasets/vispr.py", "{type}", "{kind}", "has the slots kind, expected type"),
        ("mmte/datasets/vispr.py", "{type}", "", "has the slots none, expected type"),
        ("mmte/datasets/vispr.py", "{type}", "{type.real}", r"has the slot \{type.real\}, which is more than a name"),
        ("mmte/datasets/vispr.py", "{type}", "{type!r}", r"which is more than a name"),
        ("mmte/datasets/vispr.py", "{type}", "{type", "is no template"),
        ("mmte/datasets/vispr.py", "class Vispr", "class Vispr(:", r"cannot be parsed \(SyntaxError\)"),
        ("mmte/datasets/vispr.py", "class Vispr", "\0", "cannot be parsed"),
        ("mmte/datasets/vispr.py", "class Vispr", "x = " + "(" * 3000, "cannot be parsed"),
        (
            "mmte/datasets/celeb.py",
            "if dataset_id == 4",
            "query = ''\n        if 1",
            "assigns query 5 times, expected 4",
        ),
        ("mmte/evaluators/chatmodel_eval.py", "= f", "= ", "is no f-string any more"),
        ("mmte/evaluators/chatmodel_eval.py", "{pred}", "{self.pred}", "more than plain names in its braces"),
        ("mmte/configs/task/safety/s2-risk-identification.yaml", "chatmodel_eval", "other", "chatmodel_eval"),
        ("mmte/configs/task/safety/s2-risk-identification.yaml", "chatmodel_eval", "a: [", r"\(\w*Error\)"),
        ("mmte/evaluators/rule_eval.py", "REJECT_TEMPLATES = [", "REJECT_TEMPLATES = 1 #", "is a int, expected a list"),
    ],
)
def test_a_changed_file_is_named(fresh: Path, tmp_path: Path, file: str, old: str, new: str, told: str) -> None:
    path = fresh / file
    if old is None:
        path.unlink()
    else:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    out = tmp_path / "paper.yaml"
    with pytest.raises(DataError, match=rf"places in .* cannot be read; nothing was written[\s\S]*{told}") as caught:
        import_protocol(fresh, out)
    assert file in str(caught.value)
    assert not out.exists()


def test_the_rest_can_be_written_and_what_falls_back_is_listed(fresh: Path, tmp_path: Path) -> None:
    (fresh / "mmte/datasets/vizwiz.py").unlink()
    found = import_protocol(fresh, tmp_path / "part.yaml", partial=True)
    missing = [("p1_visual_privacy", "vizwiz"), ("p2_private_question", "vizwiz")]
    missing += [("p2_private_question", "vizwiz_masked")]
    assert len(found.faults) == len(missing)
    assert all("vizwiz.py" in fault for fault in found.faults)
    pack = load_protocol(tmp_path / "part.yaml", fallback=True)
    assert fallen_back(pack) == missing
    assert pack.fell_back(*missing[0])
    assert pack.text(*missing[0]) == load_protocol().text(*missing[0])
    assert fallen_back(pack, ["p1_visual_privacy", "t1_basic_understanding"]) == missing[:1]
    strict = load_protocol(tmp_path / "part.yaml")
    assert fallen_back(strict) == []
    with pytest.raises(DataError, match="has no prompt 'vizwiz' for p1_visual_privacy; add it, or allow ours"):
        strict.text(*missing[0])
    assert pack.sha256 != strict.sha256


def test_no_checkout_at_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no checkout of the toolbox"):
        read_checkout(tmp_path)


def test_an_output_that_cannot_be_written(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"):
        import_protocol(checkout, tmp_path / "file/paper.yaml")


def test_nothing_of_the_checkout_is_run(checkout: Path) -> None:
    """Each file would end the process; that the importer reads them all is the proof that it runs none."""
    with pytest.raises(SystemExit):
        exec(compile((checkout / "mmte/datasets/hod.py").read_text(encoding="utf-8"), "hod", "exec"), {})
    assert read_checkout(checkout).faults == []


def test_an_f_string_becomes_the_template_it_was(checkout: Path) -> None:
    found = read_checkout(checkout)
    (place, *_) = [place for place in places() if place.kind == "f-string"]
    assert found.prompts[place.stem][place.key] == text_of(place)
    assert "{{so}}" in text_of(place)


@pytest.mark.parametrize("layout", ["loose", "packed", "detached", "worktree", "none", "unborn", "hostile"])
def test_the_commit_is_read_from_files(fresh: Path, layout: str) -> None:
    git = fresh / ".git"
    branch = git / "refs/heads/main"
    if layout == "packed":
        branch.unlink()
        (git / "packed-refs").write_text(f"# pack-refs\n{'0' * 40} refs/heads/other\n{COMMIT} refs/heads/main\n^x\n")
    elif layout == "detached":
        (git / "HEAD").write_text(f"{COMMIT}\n")
    elif layout == "worktree":
        git.rename(fresh / "main.git")
        (fresh / "main.git/worktrees/w").mkdir(parents=True)
        (fresh / "main.git/worktrees/w/HEAD").write_text("ref: refs/heads/main\n")
        (fresh / "main.git/worktrees/w/commondir").write_text("../..\n")
        git.write_text("gitdir: main.git/worktrees/w\n")
    elif layout == "none":
        (git / "HEAD").unlink()
    elif layout == "unborn":
        branch.unlink()
    elif layout == "hostile":
        (fresh / "secret").write_text(COMMIT)
        (git / "HEAD").write_text("ref: refs/../../secret\n")
    expected = None if layout in ("none", "unborn", "hostile") else COMMIT
    assert git_commit(fresh) == expected
    assert read_checkout(fresh).source.get("commit") == expected
