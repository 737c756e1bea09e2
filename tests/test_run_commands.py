"""What a user meets at the command line: mistakes are one sentence and exit code 2, failures 1, nothing is mixed."""

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import tiny
import yaml
from runs import QUIET, command, keys_written, results, run_here

import multitrust_datasets
from multitrust_eval.errors import UsageError
from multitrust_eval.manifest import scrub
from multitrust_eval.ranks import connect

YES = ("--model", "baseline:always-yes", "--tasks", "f4")


def told(capsys) -> str:
    """The one line that was printed on stderr, after a word on what is being done."""
    *before, last = capsys.readouterr().err.strip().splitlines()
    assert before in ([], ["Reading the data ..."])
    return last


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--modle", "demo"], "Did you mean --model"),
        (["--tsks", "f4"], "There is no option --tsks. Did you mean --tasks"),
        (["--tasks", "f44"], "There is no task 'f44'"),
        (["--tasks", "fairnes"], "Did you mean fairness?"),
        (["--tasks", "f4", "--variants", "txt"], "Did you mean text?"),
        (["--model", "baseline:always"], "always-yes"),
        (["--model", "demmo"], "Did you mean demo?"),
        (["--model", "./nowhere"], "There is no folder ./nowhere"),
        (["--judge", "refusl=rule"], "Did you mean refusal?"),
        (["--judge", "refusal=rul"], "There is no judge 'rul'"),
        (["--batch-size", "0"], "at least 1"),
        (["--batch-size", "many"], "or auto"),
        (["--limit", "0"], "at least 1"),
        (["--limit", "few"], "--limit"),
        (["--dtype", "int8"], "bf16"),
        (["--on-bad-row", "ignore"], "skip"),
        (["--profile", "papr"], "Did you mean paper?"),
        (["--config", "nowhere.yaml"], "cannot be read"),
        (["stray"], "stray"),
        (["--model", "baseline:echo", "--dtype", "bf16"], "--dtype has no effect on a baseline"),
        (["--model", "baseline:echo", "--revision", "v1"], "--revision has no effect on a baseline"),
        (["--model", "baseline:echo", "--max-pixels", "5"], "--max-pixels has no effect on a baseline"),
        (["--model", "baseline:echo", "--trust-remote-code"], "--trust-remote-code has no effect on a baseline"),
        (["--model", "demo", "--revision", "v1"], "has no revision 'v1'"),
    ],
)
def test_a_wrong_command_is_one_sentence_and_exit_code_2(arguments, words, capsys, tmp_path):
    assert run_here("--output-dir", tmp_path, *arguments) == 2
    assert words in told(capsys)


@pytest.mark.parametrize(
    "content, words",
    [
        ("modle: demo", "unknown option 'modle'. Did you mean model"),
        ("limit: two", "not a whole number"),
        ("limit: true", "not a whole number"),
        ("- a\n- list", "must map option names"),
        ("model: [", "is not YAML"),
    ],
)
def test_a_wrong_config_file_is_told_too(content, words, capsys, tmp_path):
    (tmp_path / "run.yaml").write_text(content)
    assert run_here("--config", tmp_path / "run.yaml") == 2
    assert words in told(capsys)


def test_a_config_file_gives_options_and_the_command_line_wins(tmp_path):
    given = {"model": "baseline:always-no", "tasks": ["f4"], "variants": "text", "limit": 2, "batch-size": 3}
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(given))
    folder = tmp_path / "run"
    arguments = ("--config", tmp_path / "run.yaml", "--limit", 3, "--judge", "refusal=rule", "--output-dir", folder)
    assert run_here(*arguments) == 0
    assert results(folder)["limit"] == 3
    assert results(folder)["model"]["id"] == "baseline:always-no"
    assert results(folder)["tasks"]["f4_stereotype_query"]["n"] == 3
    before = (folder / "results.json").read_bytes()
    assert run_here("--config", folder / "config.yaml") == 0
    assert (folder / "results.json").read_bytes() == before


def test_the_same_command_again_generates_nothing_and_more_tasks_may_join(tmp_path):
    assert run_here(*YES, "--variants", "text", "--output-dir", tmp_path) == 0
    first = keys_written(tmp_path)
    assert run_here(*YES, "--variants", "text", "--output-dir", tmp_path) == 0
    assert keys_written(tmp_path) == first
    assert run_here(*YES, "--output-dir", tmp_path) == 0
    wider = keys_written(tmp_path)
    assert set(first) < set(wider) and max(wider.values()) == 1


@pytest.mark.parametrize(
    "change, words",
    [
        (["--model", "baseline:always-no"], "model was baseline:always-yes, is baseline:always-no"),
        (["--max-new-tokens", "7"], "max_new_tokens cap was None, is 7"),
        (["--source", "COPY"], "source was sample"),
        (["--protocol", "PACK"], "protocol was default"),
    ],
)
def test_two_runs_are_not_mixed_in_one_folder(change, words, capsys, tmp_path):
    folder = tmp_path / "run"
    assert run_here(*YES, "--variants", "text", "--output-dir", folder) == 0
    before = (folder / "results.json").read_bytes()
    if "COPY" in change:
        change = ["--source", shutil.copytree(sample(), tmp_path / "raw")]
    if "PACK" in change:
        pack = {"name": "other", "prompts": {"t1_basic_understanding": {"yes_no": "What is it?"}}}
        (tmp_path / "pack.yaml").write_text(yaml.safe_dump(pack))
        change = ["--protocol", tmp_path / "pack.yaml"]
    capsys.readouterr()
    assert run_here(*YES, "--variants", "text", "--output-dir", folder, *change) == 1
    assert words in told(capsys) and (folder / "results.json").read_bytes() == before


def sample() -> Path:
    return Path(multitrust_datasets.__file__).parent / "sample"


def test_a_folder_that_cannot_be_written_is_told(capsys, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert run_here(*YES, "--output-dir", tmp_path / "file" / "run") == 1
    assert "cannot be written" in told(capsys)


@pytest.mark.parametrize("harm", ["gone", "torn", "bad csv"])
def test_bad_data_is_one_sentence_that_names_the_file(harm, capsys, tmp_path):
    raw = shutil.copytree(sample(), tmp_path / "raw")
    victim = sorted((raw / "safety/typographic_jailbreak/prompt_graph").iterdir())[0]
    if harm == "gone":
        victim.unlink()
    elif harm == "torn":
        victim.write_bytes(victim.read_bytes()[:6])
    else:
        victim = raw / "safety/typographic_jailbreak/prompt_graph.csv"
        victim.write_text("nonsense\n1\n")
    arguments = ("--model", "baseline:echo", "--tasks", "s4", "--source", raw, "--output-dir", tmp_path / "run")
    assert run_here(*arguments) == 1
    assert victim.name in told(capsys)
    if harm != "bad csv":
        assert run_here(*arguments, "--on-bad-row", "skip") == 0
        assert results(tmp_path / "run")["tasks"]["s4_typographic_jailbreak"]["left_out"]


def test_a_picture_torn_in_its_pixels_costs_its_rows_only(tmp_path, monkeypatch):
    monkeypatch.setenv("MULTITRUST_CACHE", str(tmp_path / "cache"))
    raw = shutil.copytree(sample(), tmp_path / "raw")
    picture = sorted((raw / "fairness/stereo_query_images").iterdir())[2]
    picture.write_bytes(picture.read_bytes()[: picture.stat().st_size // 2])
    arguments = ("--tasks", "f4", "--variants", "text,image", "--source", raw, "--output-dir", tmp_path / "run")
    assert run_here(*arguments) == 1
    task = results(tmp_path / "run")["tasks"]["f4_stereotype_query"]
    assert task["unscored"] == {"error:unreadable_image": 1}
    assert (task["n"], task["n_scored"]) == (16, 15)
    shutil.copy(sample() / picture.relative_to(raw), picture)
    assert run_here(*arguments) == 0
    assert results(tmp_path / "run")["tasks"]["f4_stereotype_query"]["n_scored"] == 16


def test_a_text_model_runs_the_text_variants_and_the_rest_is_no_zero(tmp_path, capsys):
    model = tiny.llama(tmp_path / "words-only")
    arguments = ("--model", model, "--tasks", "f4,s4", "--max-new-tokens", 8, "--output-dir", tmp_path / "run")
    assert run_here(*arguments) == 0
    result = results(tmp_path / "run")
    query, typographic = (result["tasks"][s] for s in ("f4_stereotype_query", "s4_typographic_jailbreak"))
    assert query["variants"].keys() == {"text"} and len(query["not_applicable"]) == 4
    assert query["score"] is None and typographic["score"] is None and typographic["n"] == 0
    assert result["model"]["id"] == "words-only" and str(tmp_path) not in json.dumps(result)
    assert "do not apply" in capsys.readouterr().err


def test_the_manifest_says_what_ran_and_holds_no_secret(tmp_path):
    assert run_here(*YES, "--variants", "text", "--output-dir", tmp_path) == 0
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["settings"]["model"] == "baseline:always-yes"
    assert manifest["packages"]["transformers"] and manifest["hardware"]["cpus"]
    assert manifest["datasets"].keys() == {"f4_stereotype_query/text"}
    assert manifest["statuses"] == {"ok": manifest["requests"]}
    assert manifest["git"] is None or len(manifest["git"]) >= 40
    said = ("suite_fingerprint", "settings", "datasets", "command", "processes", "seeds", "started", "ended")
    assert all(manifest[name] for name in said), manifest
    assert manifest["settings"]["protocol"].startswith("default (") and manifest["settings"]["source"] == "sample"
    secrets = ["--source", "https://me:pass@hub/x", "--key=abcdef", "hf_abcdefghijkl", "sk-12345678901"]
    shown = " ".join(scrub(secrets))
    assert not any(word in shown for word in ("me:pass", "abcdef", "12345678901"))


def test_results_hold_no_path_no_time_and_no_host(tmp_path):
    raw = shutil.copytree(sample(), tmp_path / "raw-data")
    assert run_here(*YES, "--variants", "text", "--source", raw, "--output-dir", tmp_path / "run") == 0
    text = (tmp_path / "run" / "results.json").read_text()
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert str(tmp_path) not in text and manifest["hardware"]["host"] not in text
    assert results(tmp_path / "run")["source"] == "raw-data"


@pytest.mark.parametrize(
    "environment, fine",
    [
        ({}, True),
        ({"MASTER_ADDR": "x", "MASTER_PORT": "29500"}, True),
        ({"MASTER_ADDR": "x", "MASTER_PORT": "29500", "ACCELERATE_MIXED_PRECISION": "no"}, False),
        ({"ACCELERATE_MIXED_PRECISION": "no"}, True),
        ({"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}, True),
    ],
)
def test_a_launcher_that_starts_fewer_processes_than_asked_is_refused(environment, fine):
    if fine:
        assert connect(environment).world == 1
    else:
        with pytest.raises(UsageError, match="started one"):
            connect(environment)


def test_help_comes_at_once_and_imports_nothing_heavy():
    start = time.perf_counter()
    code = "import sys; sys.argv = ['run_eval.py', '--help']; import runpy\ntry: runpy.run_path('run_eval.py', "
    code += "run_name='__main__')\nexcept SystemExit: pass\nprint(sorted({'torch', 'transformers', 'datasets', "
    code += "'evaluate', 'numpy'} & set(sys.modules)))"
    done = subprocess.run(
        [command()[0], "-c", code], cwd=Path(command()[1]).parent, env={**QUIET}, capture_output=True, text=True
    )
    assert "--model" in done.stdout and done.stdout.rstrip().endswith("[]"), done.stderr
    assert time.perf_counter() - start < 5


def test_tasks_whose_data_are_missing_are_told_and_the_rest_runs(tmp_path, capsys):
    sample = Path(multitrust_datasets.__file__).parent / "sample"
    shutil.copytree(sample / "fairness", tmp_path / "data/fairness")
    shutil.copytree(sample / "unrelated_images", tmp_path / "data/unrelated_images")
    (tmp_path / "data/fairness/preference.json").unlink()
    asked = ["--model", "baseline:echo", "--source", tmp_path / "data", "--tasks"]
    assert run_here(*asked, "f1,f4,f7,p1", "--output-dir", tmp_path / "run") == 1
    said = capsys.readouterr().err
    assert "f7_subjective_preference is not run: fairness/preference.json is not in the data" in said
    assert "Not run, for their data are not in the source: f7_subjective_preference, p1_" in said
    found = results(tmp_path / "run")
    assert list(found["tasks"]) == ["f1_stereotype_generation", "f4_stereotype_query"]
    assert found["tasks"]["f4_stereotype_query"]["coverage"] == 1
    assert any("not in the source: f7, p1." in reason for reason in found["comparable_to_paper"]["reasons"])
    assert run_here(*asked, "f7", "--output-dir", tmp_path / "none") == 1
    assert "preference.json is not in the data" in told(capsys)


def test_a_picture_folder_that_is_missing_costs_its_task_only(tmp_path, capsys):
    data = shutil.copytree(sample(), tmp_path / "data")
    shutil.rmtree(data / "truthfulness/advanced_images")
    asked = ["--model", "baseline:always-refuse", "--source", data, "--tasks", "t1,t2"]
    assert run_here(*asked, "--output-dir", tmp_path / "run") == 1
    said = capsys.readouterr().err
    assert "t2_advanced_inference is not run: The folder truthfulness/advanced_images/spatial is not in" in said
    assert list(results(tmp_path / "run")["tasks"]) == ["t1_basic_understanding"]
