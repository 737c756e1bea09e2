"""--verify-batching: answers of batches against those of a batch of one, in the manifest and in a line of warning."""

import json

import pytest
from runs import keys_written, results, run_here
from test_engine_loop import Scripted, requests

from multitrust_eval.backends.base import OutOfMemory
from multitrust_eval.backends.hub import HubBackend
from multitrust_eval.records import Answer
from multitrust_eval.store import read_records
from multitrust_eval.verify import choose, together, verify_batching, warning

RUN = ("--model", "demo-random", "--tasks", "f4", "--limit", 6)


def on_disk(asked, **changes) -> dict:
    """The answers of a run: the prompt, but for the keys in `changes`."""
    return {r.key: changes.get(r.key, Answer(r.key, r.prompt, "ok", "stop")) for r in asked}


def verified(asked, answers, count=4, backend=None):
    return verify_batching(backend or Scripted(), asked, answers, count, lambda: None)


def manifest(folder) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def test_equal_answers_are_no_mismatch():
    asked, backend = requests(20), Scripted()
    found = verified(asked, on_disk(asked), backend=backend)
    assert (found["compared"], found["mismatches"], found["mismatch_rate"]) == (4, 0, 0.0)
    assert [len(batch) for batch in backend.batches] == [1] * 4, "each alone"
    assert warning(found, "bfloat16") == ""


@pytest.mark.parametrize(
    "other", [{"text": "other"}, {"status": "truncated"}, {"reasoning": "I thought of something else"}]
)
def test_an_answer_that_differs_is_counted_and_named(other):
    asked = requests(20)
    odd = choose(asked, on_disk(asked), 4)[2]
    said = {"text": odd.prompt, "status": "ok", "finish_reason": "stop", **other}
    found = verified(asked, on_disk(asked, **{odd.key: Answer(odd.key, **said)}))
    assert (found["mismatches"], found["mismatch_rate"], found["mismatched_ids"]) == (1, 0.25, [odd.ids[0]])
    assert "1 of 4" in warning(found, "bfloat16") and odd.ids[0] in warning(found, "bfloat16")
    assert "--dtype fp32" in warning(found, "float16") and "--batch-size 1" in warning(found, "float32")


def test_the_choice_is_the_same_in_any_order_and_grows_by_addition():
    asked = requests(50)
    answers = on_disk(asked)
    four = [r.key for r in choose(asked, answers, 4)]
    assert [r.key for r in choose(asked[::-1], answers, 4)] == four
    assert [r.key for r in choose(asked, answers, 8)][:4] == four
    assert four != sorted(answers)[:4]
    assert len(choose(asked, answers, 1000)) == 50


def test_what_has_no_answer_or_an_error_is_not_compared():
    asked = requests(6)
    answers = on_disk(asked, k001=Answer("k001", "", "error:out_of_memory"))
    del answers["k002"]
    assert {r.key for r in choose(asked, answers, 10)} == {"k000", "k003", "k004", "k005"}
    nothing = verified(asked, {}, 4)
    assert (nothing["compared"], nothing["mismatch_rate"], nothing["ids"]) == (0, None, [])
    assert warning(nothing, "bfloat16") == ""


def test_a_failure_is_no_mismatch():
    class Full(Scripted):
        def generate(self, batch):
            if batch.requests[0].key == "k003":
                raise OutOfMemory("no room")
            return super().generate(batch)

    found = verified(requests(4), on_disk(requests(4)), backend=Full())
    assert (found["compared"], found["mismatches"], found["failed_ids"]) == (3, 0, ["row 3"])


def test_a_signal_ends_it():
    asked, calls = requests(10), []

    def check():
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    backend = Scripted()
    with pytest.raises(KeyboardInterrupt):
        verify_batching(backend, asked, on_disk(asked), 8, check)
    assert len(backend.batches) == 2


@pytest.fixture
def babbling(monkeypatch):
    """A model whose answers depend on the size of their batch, as those of half precision do now and then."""
    decode, sizes = HubBackend.decode, []

    def decode_by_size(self, batch, output):
        sizes.append(len(batch.requests))
        found = decode(self, batch, output)
        return [Answer(**{**vars(a), "text": f"{a.text} {min(sizes[-1], 2)}"}) for a in found]

    monkeypatch.setattr(HubBackend, "decode", decode_by_size)
    return sizes


def test_the_manifest_and_a_warning_tell_of_it_and_the_results_do_not(babbling, tmp_path, capsys):
    folder = tmp_path / "run"
    assert run_here(*RUN, "--batch-size", 8, "--output-dir", folder) == 0
    assert babbling[-4:] == [1] * 4 and min(babbling[:-4]) > 1
    found = manifest(folder)["verify_batching"]
    assert (found["compared"], found["mismatches"], found["mismatch_rate"]) == (4, 4, 1.0)
    assert all(row.startswith("f4_stereotype_query/") for row in found["ids"])
    assert "Warning: 4 of 4 answers came out otherwise when generated alone" in capsys.readouterr().err
    assert "verif" not in json.dumps(results(folder))
    del babbling[:]
    assert run_here(*RUN, "--batch-size", 8, "--output-dir", folder) == 0
    assert babbling == [] and "Warning" not in capsys.readouterr().err, "nothing new: nothing is generated"
    assert manifest(folder)["verify_batching"] == found, "what was found stays on record"


def test_a_run_that_goes_on_compares_what_it_generated_itself(tmp_path):
    folder = tmp_path / "run"
    assert run_here(*RUN, "--output-dir", folder) == 0
    before, first = keys_written(folder), manifest(folder)["verify_batching"]
    assert run_here(*RUN[:-1], 7, "--output-dir", folder) == 0
    new = {i for record in read_records(folder / "responses") if record["key"] not in before for i in record["ids"]}
    found = manifest(folder)["verify_batching"]
    assert found["compared"] == first["compared"] + min(4, len(new)) > first["compared"]
    assert found["ids"][:4] == first["ids"] and set(found["ids"][4:]) <= new


def test_a_mismatch_stays_on_record_when_the_run_goes_on():
    one = {"ids": ["a", "b"], "mismatched_ids": ["b"], "failed_ids": []}
    two = {"ids": ["c", "d"], "mismatched_ids": [], "failed_ids": ["d"]}
    assert together(None, two) == two
    both = together(one, two)
    assert (both["compared"], both["mismatches"], both["mismatch_rate"]) == (3, 1, 1 / 3)
    assert (both["ids"], both["mismatched_ids"], both["failed_ids"]) == (["a", "b", "c", "d"], ["b"], ["d"])


@pytest.mark.parametrize("count, compared", [(2, 2), (0, None)])
def test_as_many_as_asked_for_and_none_for_0(count, compared, babbling, tmp_path):
    assert run_here(*RUN, "--verify-batching", count, "--output-dir", tmp_path / "run") == 0
    found = manifest(tmp_path / "run").get("verify_batching")
    assert (found and found["compared"]) == compared


def test_a_baseline_has_nothing_to_verify_and_a_wrong_number_is_told(tmp_path, capsys):
    assert run_here("--model", "baseline:echo", "--tasks", "f4", "--limit", 2, "--output-dir", tmp_path / "b") == 0
    assert "verify_batching" not in manifest(tmp_path / "b")
    assert run_here(*RUN, "--verify-batching", -1, "--output-dir", tmp_path / "c") == 2
    assert "--verify-batching -1: give a number of answers, or 0" in capsys.readouterr().err
