"""The commands on data and prompts, as a user types them."""

import json
from pathlib import Path

import PIL.Image
import pytest
import yaml
from multitrust_metrics.measures import adversarial, refusal, yes_no
from rich.console import Console
from toolbox import COMMIT, fabricate
from typer.testing import CliRunner

from multitrust_datasets.sources import SAMPLE, resolve
from multitrust_eval import cli, data_commands
from multitrust_eval.list_check import check_lists

ESCAPE = "\x1b[2J"


def run(*arguments: str, code: int = 0) -> str:
    """What a command prints, errors included. They must not be Python's."""
    result = CliRunner().invoke(cli.app, list(arguments))
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


class TestShow:
    def test_a_task(self) -> None:
        shown = run("show", "f4", "--rows", "2")
        assert shown.startswith("F.4  Stereotype query test  (f4_stereotype_query)")
        assert "Metric f4_stereotype_query: " in shown
        assert "unrelated-image-noise: unrelated pictures; 100 new tokens; judged: refusal" in shown
        assert shown.count("prompt     ") == 2
        assert "2 of 8 rows of text" in shown

    def test_a_variant_with_pictures_and_targets(self) -> None:
        shown = run("show", "T.1", "--variant", "grounding", "--rows", "1")
        assert "picture    " in shown
        assert " x " in shown
        assert "reference  '[" in shown

    def test_drawn_pictures_and_structs(self) -> None:
        assert "PNG, drawn" in run("show", "p6", "--variant", "image-allinfo", "--rows", "1")
        assert "'keywords'" in run("show", "s2", "--rows", "1")

    def test_no_rows_or_more_than_there_are(self) -> None:
        assert "0 of 8 rows of text" in run("show", "f4", "--rows", "0")
        assert "8 of 8 rows of text" in run("show", "f4", "--rows", "99")
        assert " rows of " not in run("show", "f4", "--rows", "-1", code=2)

    def test_a_source_beside_the_current_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "tree").symlink_to(resolve(SAMPLE))
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        assert "3 of 8 rows of image" in run("show", "f4", "--source", "../tree", "--variant", "image")

    def test_text_of_strangers_cannot_move_the_cursor(self, tmp_path: Path) -> None:
        folder = tmp_path / "tree/fairness"
        (folder / "stereo_query_images").mkdir(parents=True)
        (folder / "stereo_query.csv").write_text(f'question\n"{ESCAPE}[bold]a\u202e\nb[/bold]"\n')
        shown = run("show", "f4", "--source", str(tmp_path / "tree"))
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "?[2J[bold]a?" in shown
        assert "\n             b[/bold]" in shown

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["show", "f9"], "There is no task 'f9'."),
            (["show", "fairness"], "'fairness' names 7 tasks; name one."),
            (["show", "f4", "--variant", "x"], "has no variant 'x'. Its variants: text, image"),
            (["show", "f4", "--on-bad-row", "drop"], "--on-bad-row drop: give error or skip."),
            (["show", "f4", "--protocol", "nowhere.yaml"], "The protocol nowhere.yaml cannot be read"),
            (["show", "f4", "--source", "nowhere"], "The source 'nowhere' is no folder"),
        ],
    )
    def test_mistakes(self, arguments: list[str], told: str) -> None:
        result = CliRunner().invoke(cli.app, arguments)
        assert result.exit_code in (1, 2)
        assert told in result.output
        assert "Traceback" not in result.output


class TestDataCheck:
    def test_the_sample(self) -> None:
        shown = run("data", "check", "--tasks", "f4,t1")
        assert shown.splitlines()[-1] == "All is well."
        assert "T.1 object" in shown
        assert "yes 4, no 4" in shown

    def test_what_is_wrong_is_named_and_is_the_exit_code(self, tmp_path: Path) -> None:
        folder = tmp_path / "tree/truthfulness/query_misleading"
        folder.mkdir(parents=True)
        entries = [{"image": f"{ESCAPE}{n}.png", "query": "q", "truth": "t"} for n in range(9)]
        (folder / "query_g_mistext.json").write_text(json.dumps(entries))
        shown = run("data", "check", "--source", str(tmp_path / "tree"), "--tasks", "t5", code=1)
        assert "\x1b" not in shown
        assert "left out, missing picture: 9" in shown
        assert "query_g_mistext.json, entry 0: the picture" in shown
        assert "and 4 more" in shown
        assert "10 problems" in shown

    def test_what_the_original_drops_is_listed_and_all_is_well(self, tmp_path: Path) -> None:
        folder = tmp_path / "tree/truthfulness/query_text"
        folder.mkdir(parents=True)
        picture = tmp_path / "tree/truthfulness/text_images/assistance/a.png"
        picture.parent.mkdir(parents=True)
        PIL.Image.new("RGB", (4, 3)).save(picture)
        for kind in ("color", "nature", "noise"):
            (tmp_path / "tree/unrelated_images").mkdir(exist_ok=True)
            PIL.Image.new("RGB", (3, 3)).save(tmp_path / f"tree/unrelated_images/{kind}.png")
        entries = [{"image": "a.png", "query": query, "truth": "t"} for query in ("q", " ")]
        (folder / "query_g_assistance.json").write_text(json.dumps(entries))
        shown = run("data", "check", "--source", str(tmp_path / "tree"), "--tasks", "t4")
        assert "left out, empty query (as in the original): 1" in shown
        assert shown.splitlines()[-1] == "All is well."

    def test_no_tree(self) -> None:
        assert "holds none of the folders" in run("data", "check", "--source", ".", code=1)


class TestProtocol:
    def test_import_and_use(self, tmp_path: Path) -> None:
        fabricate(tmp_path / "toolbox")
        shown = run("protocol", "import", "--from", "toolbox", "--out", "paper.yaml")
        assert "126 of 126 texts, protocol paper," in shown
        assert COMMIT in shown
        assert "The texts are not those of the toolbox as we know it." in shown
        assert "shared refusal_keywords: only the pack has " in shown
        assert "shared refusal_keywords: only refusal.KEYWORDS['paper'] (the metrics' default) has " in shown
        assert "Use it with --protocol paper.yaml." in shown
        assert "basic_understanding/d_basic_prompt_template/yes_no: " in run(
            "show", "t1", "--rows", "1", "--protocol", "paper.yaml"
        )
        prompts = run("protocol", "show", "t1", "--protocol", "paper.yaml")
        assert "{query}" in prompts
        assert "{Statement}" not in prompts
        assert f'"commit": "{COMMIT}"' in prompts
        assert run("protocol", "diff", "paper.yaml", "paper.yaml").startswith("0 prompts and lists differ")
        assert "143 prompts and lists differ between default and paper" in run(
            "protocol", "diff", "default", "paper.yaml", code=1
        )

    def test_a_part(self, tmp_path: Path) -> None:
        fabricate(tmp_path / "toolbox")
        (tmp_path / "toolbox/mmte/datasets/nsfw.py").unlink()
        told = run("protocol", "import", "--from", "toolbox", "--out", "part.yaml", code=1)
        assert "nsfw.py: the file is not in the checkout" in told
        assert not (tmp_path / "part.yaml").exists()
        told = run("protocol", "import", "--from", "toolbox", "--out", "part.yaml", "--partial", code=1)
        assert "124 of 126 texts" in told
        assert "--protocol part.yaml --protocol-fallback" in told
        assert "has no prompt 'describe'" in run("show", "s1", "--protocol", "part.yaml", code=1)
        run("show", "s1", "--protocol", "part.yaml", "--protocol-fallback")
        shown = run("protocol", "show", "s1", "--protocol", "part.yaml", "--protocol-fallback")
        assert "describe (ours: the pack has none):" in shown

    def test_show_ours(self) -> None:
        assert "The question is the data's own" in run("protocol", "show", "f4")
        assert "shared attack:" in run("protocol", "show", "s4")

    def test_a_pack_of_a_stranger_is_shown_escaped(self, tmp_path: Path) -> None:
        prompts = {"s1_nsfw_description": {"describe": f"{ESCAPE}[red]x"}}
        (tmp_path / "x.yaml").write_text(yaml.safe_dump({"prompts": prompts, "source": ESCAPE}))
        for shown in (
            run("protocol", "show", "s1", "--protocol", "x.yaml"),
            run("protocol", "diff", "default", "x.yaml", code=1),
        ):
            assert "\x1b" not in shown
            assert "?[2J[red]x" in shown

    def test_what_falls_back_is_told_once(self, tmp_path: Path) -> None:
        from multitrust_datasets import get_task
        from multitrust_datasets.protocol import Protocol, default_protocol

        console = Console(record=True, width=200)
        data_commands.tell_fallback(Protocol("mine", {}, fallback=True), [get_task("s1")], console)
        told = console.export_text()
        assert "mine has none: s1_nsfw_description describe, s1_nsfw_description describe_unrestricted" in told
        data_commands.tell_fallback(default_protocol(), [get_task("s1")], console)
        assert console.export_text() == ""


class TestExport:
    def test_some_tasks(self, tmp_path: Path) -> None:
        shown = run("export", "--tasks", "f4,s1", "--out", "hub")
        assert "hub/f4_stereotype_query: 5 variants, 40 rows" in shown
        assert {path.name for path in (tmp_path / "hub").iterdir()} == {"f4_stereotype_query", "s1_nsfw_description"}

    def test_a_task_that_cannot_be_written_does_not_stop_the_others(self, tmp_path: Path) -> None:
        (tmp_path / "safety").symlink_to(resolve(SAMPLE) / "safety")
        shown = run("export", "--tasks", "t1,s1", "--source", ".", "--out", "hub", code=1)
        assert "t1_basic_understanding: truthfulness/query_basic/query_d_existence.json is not in the data" in shown
        assert "1 of 2 tasks were not written." in shown
        assert "forbid passing its data on" in shown
        assert (tmp_path / "hub/s1_nsfw_description/README.md").is_file()


class TestLists:
    def test_the_metrics_own_lists_are_equal_to_themselves(self) -> None:
        lists = {
            "shared": {
                "refusal_keywords": list(refusal.KEYWORDS["main"]),
                "yes_keywords": ["Yes", *yes_no.TEMPLATES, "[There is a]"],  # capitals can never match
            },
            "r6_adversarial_text": {
                "answers": {c: {word: int(n) for word, n in words.items()} for c, words in adversarial.OPTIONS.items()}
            },
            "p3_infoflow": {"values": [-100, -50, 0, 50, 100]},
            "r2_sensor_style": {"scores": ["0", "25", "50", "75", "100"]},
        }
        checks = check_lists(lists)
        assert len(checks) == 5
        assert all(check.equal for check in checks), [check.lines() for check in checks]
        assert "KEYWORDS['main']" in checks[0].ours

    def test_each_difference_is_named(self) -> None:
        (check,) = check_lists({"p3_infoflow": {"values": [-100, -50, 0, 50, 99]}})
        assert check.lines() == [
            "p3_infoflow values: only the pack has 99.",
            "p3_infoflow values: only infoflow.LEVELS has 100.",
        ]
        swapped = {"rte": {"yes": 1, "no": 0}}
        (check,) = check_lists({"r6_adversarial_text": {"answers": swapped}})
        assert "rte: yes: 1" in check.only_pack
        assert "rte: yes: 0" in check.only_ours

    def test_lists_that_no_metric_has_are_no_matter(self) -> None:
        assert check_lists({"t1_basic_understanding": {"x": ["y"]}}) == []
