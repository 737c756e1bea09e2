"""Records on disk: whatever tears or damages a file, what is read back is what was written whole."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitrust_eval.errors import UserError
from multitrust_eval.records import Answer
from multitrust_eval.store import Appender, RunLock, answer_record, from_line, read_answers, read_records, to_line

RECORDS = st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers() | st.none(), min_size=1, max_size=4)


def answer(key: str, text: str = "yes", status: str = "ok") -> dict:
    return answer_record(Answer(key, text, status), (f"row-{key}",))


@given(RECORDS)
def test_a_line_is_json_and_reads_back(record):
    line = to_line(record)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert {k: v for k, v in json.loads(line).items() if k != "check"} == {
        k: v for k, v in record.items() if k != "check"
    }
    assert from_line(line) == record


@given(RECORDS, st.data())
def test_a_torn_or_changed_line_is_never_believed(record, data):
    line = to_line(record)[:-1]
    cut = data.draw(st.integers(0, len(line) - 1))
    assert from_line(line[:cut]) is None
    flipped = bytearray(line)
    flipped[cut] ^= 1 << data.draw(st.integers(0, 6))
    assert from_line(bytes(flipped)) is None


def test_lone_surrogates_and_line_ends_survive(tmp_path):
    file = Appender(tmp_path, "rank-000")
    file.append([answer("a", "\ud800 \u2028 \n \x00")])
    file.close()
    assert read_answers(tmp_path.parent / tmp_path.name).by_key == {}  # answers lie in responses/
    (record,) = read_records(tmp_path)
    assert record["text"] == "\ud800 \u2028 \n \x00"


def test_a_torn_last_line_costs_that_line_only(tmp_path):
    folder = tmp_path / "responses"
    file = Appender(folder, "rank-000")
    file.append([answer("a"), answer("b")])
    file.close()
    with file.path.open("ab") as raw:
        raw.write(to_line(answer("c"))[:30])
    again = Appender(folder, "rank-000")
    again.append([answer("d")])
    again.close()
    answers = read_answers(tmp_path)
    assert set(answers.by_key) == {"a", "b", "d"}
    assert answers.damaged == 1


def test_an_answer_wins_over_an_error_in_either_order(tmp_path):
    for name, statuses in (("first", ("error:generation_failed", "ok")), ("second", ("truncated", "error:x"))):
        file = Appender(tmp_path / name / "responses", "rank-000")
        file.append(answer("a", status, status) for status in statuses)
        file.close()
        answers = read_answers(tmp_path / name)
        assert answers.by_key["a"].status in ("ok", "truncated")
        assert answers.done() == {"a"}


def test_an_error_is_not_done_and_foreign_keys_are_left_out(tmp_path):
    file = Appender(tmp_path / "responses", "rank-000")
    file.append([answer("a", "", "error:out_of_memory"), answer("b"), answer("other")])
    file.close()
    answers = read_answers(tmp_path, {"a", "b"})
    assert set(answers.by_key) == {"a", "b"}
    assert answers.done() == {"b"}


def test_a_file_that_an_orphan_still_holds_is_left_to_it(tmp_path):
    held = Appender(tmp_path, "rank-001")
    other = Appender(tmp_path, "rank-001")
    assert other.path != held.path
    held.append([answer("a")])
    other.append([answer("b")])
    assert {record["key"] for record in read_records(tmp_path)} == {"a", "b"}


def test_the_second_run_on_a_folder_is_refused_until_the_first_ends(tmp_path):
    holder = "import sys; from pathlib import Path; from multitrust_eval.store import RunLock\n"
    holder += f"lock = RunLock(Path({str(tmp_path)!r})); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", holder], stdin=-1, stdout=-1) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(UserError, match="Another run is writing"):
            RunLock(tmp_path)
        process.kill()
    RunLock(tmp_path).release()
