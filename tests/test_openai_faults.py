"""A model behind a server that fails in every way it knows: each sample ends as its replies were, no call is lost."""

import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from runs import keys_written, results, run_here, start
from servers import Script, named

from multitrust_eval.backends.data_urls import data_url
from multitrust_eval.backends.openai import OpenAIBackend, OpenAIOptions
from multitrust_eval.errors import UserError
from multitrust_eval.ledger import HOPELESS
from multitrust_eval.ranks import LocalStore, Ranks
from multitrust_eval.records import Answer, Request
from multitrust_eval.stop import Stop
from multitrust_eval.store import Appender, read_answers, read_records
from multitrust_eval.workers import Workers

SECRET = "sk-secret-of-the-test"


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Three attempts, with hardly a pause."""
    monkeypatch.setattr("multitrust_eval.client.LONGEST_WAIT_S", 0.05)
    monkeypatch.setattr("multitrust_eval.backends.openai.ATTEMPTS", 3)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with Script() as script:
        script.slow_s = 1.0
        yield script


def backend(server: Script, **options) -> OpenAIBackend:
    return OpenAIBackend(OpenAIOptions(**{"model": "m", "base_url": server.url, "timeout_s": 0.4, **options}))


def requests(*prompts: str) -> list[Request]:
    return [Request(f"k{n:03d}", prompt, (), 8, (f"row {n}",)) for n, prompt in enumerate(prompts)]


def work(folder: Path, model, asked, ranks=None, stop=None) -> dict[str, Answer]:
    appender = Appender(folder / "responses", f"rank-{(ranks or Ranks()).rank:03d}")
    try:
        Workers(model, appender, ranks or Ranks(), stop or Stop()).run(asked, [[i] for i in range(len(asked))])
    finally:
        appender.close()
    return read_answers(folder).by_key


CASES = {
    # what the server is told to do -> text, status, calls
    "say:Yes": ("Yes", "ok", 1),
    "case:429_once say:No": ("No", "ok", 2),
    "case:429_always": ("", "error:rate_limited", 3),
    "case:500_once say:No": ("No", "ok", 2),
    "case:500_always": ("", "error:server_error", 3),
    "case:503_once say:No": ("No", "ok", 2),
    "case:503_always": ("", "error:server_error", 3),
    "case:400_always": ("", "error:refused_request", 1),
    "case:413_always": ("", "error:refused_request", 1),
    "case:422_always": ("", "error:refused_request", 1),
    "case:garbage_once say:No": ("No", "ok", 2),
    "case:garbage_always": ("", "error:bad_reply", 3),
    "case:broken_once say:No": ("No", "ok", 2),
    "case:broken_always": ("", "error:bad_reply", 3),
    "case:nobody_once say:No": ("No", "ok", 2),
    "case:nobody_always": ("", "error:bad_reply", 3),
    "case:nochoice_always": ("", "error:bad_reply", 3),
    "case:wrapped_always": ("", "error:bad_reply", 3),
    "case:empty_once say:No": ("No", "ok", 2),
    "case:empty_always": ("", "error:empty_reply", 3),
    "case:slow_once say:No": ("No", "ok", 2),
    "case:slow_always": ("", "error:timeout", 3),
    "case:halfclosed_once say:No": ("No", "ok", 2),
    "case:halfclosed_always": ("", "error:connection", 3),
    "case:silent": ("", "ok", 1),
    "case:cut say:No_this_is": ("No this is", "truncated", 1),
    "case:filtered": ("", "error:content_filter", 1),
    "case:thought say:No": ("No", "ok", 1),
    "case:thinking": ("", "truncated", 1),
    "case:parts say:No": ("No", "ok", 1),
    "say:<think>so</think>_No": ("No", "ok", 1),
    "say:<think>so": ("", "truncated", 1),
    "say:so</think>_No": ("No", "ok", 1),
}
THOUGHTS = {
    "case:thought say:No": "first this, then that",
    "case:thinking": "first this, then",
    "case:parts say:No": "first this",
    "say:<think>so</think>_No": "so",
    "say:<think>so": "so",
    "say:so</think>_No": "so",
}


def test_every_reply_ends_as_the_server_was_told(server, tmp_path):
    asked = requests(*CASES)
    answers = work(tmp_path, backend(server, concurrency=8), asked)
    found = {r.prompt: (answers[r.key].text, answers[r.key].status, server.calls[r.prompt]) for r in asked}
    assert found == CASES
    assert {r.prompt: answers[r.key].reasoning for r in asked if answers[r.key].reasoning} == THOUGHTS
    for answer in answers.values():
        assert bool(answer.detail) == answer.status.startswith("error:")
        assert SECRET not in str(answer)
    assert keys_written(tmp_path) == Counter(r.key for r in asked)


WHOLE = ("--model", "openai:scripted", "--tasks", "f4,s4,t6,r6,f3,r2", "--limit", "3", "--request-timeout", "1")
FAULTS = [case for case in CASES if "400" not in case and "slow" not in case]


def is_probe(question: str) -> bool:
    return question.startswith("Say yes.")


@pytest.fixture
def questions(monkeypatch) -> dict[str, str]:
    """Request key -> the question that it became, once it is asked."""
    found: dict[str, str] = {}
    plain = OpenAIBackend.answer

    def answer(self, request):
        found[request.key] = named(request.prompt, [data_url(image) for image in request.images])
        return plain(self, request)

    monkeypatch.setattr(OpenAIBackend, "answer", answer)
    return found


def test_a_whole_run_scores_what_was_answered_and_counts_the_rest(server, tmp_path, questions):
    """Through plan, judge and metric: samples that the server was told to fail are unscored with their reason."""
    told: dict[str, str] = {}

    def script(question: str) -> str:
        if is_probe(question):
            return "say:Yes"
        with server.lock:
            return told.setdefault(question, FAULTS[len(told) % len(FAULTS)])

    server.script = script
    assert run_here(*WHOLE, "--base-url", server.url, "--output-dir", tmp_path) == 1
    records = [record for record in read_records(tmp_path / "responses") if record is not None]
    assert len(records) > 2 * len(FAULTS)
    unscored: Counter[tuple[str, str]] = Counter()
    for record in records:
        question = questions[record["key"]]
        outcome = record["text"], record["status"], server.calls[question]
        assert outcome == CASES[told[question]], (question, told[question])
        if record["status"].startswith("error:"):
            unscored.update((row.partition("/")[0], record["status"]) for row in record["ids"])
    for stem, task in results(tmp_path)["tasks"].items():
        found = {reason: n for reason, n in task["unscored"].items() if reason.startswith("error:")}
        assert found == {reason: n for (of, reason), n in unscored.items() if of == stem}
        assert task["n"] == task["n_scored"] + sum(task["unscored"].values())


def failing(question: str) -> str:
    return "case:500_always" if len(question) % 3 == 0 and not is_probe(question) else "say:No"


def test_what_failed_is_asked_again_by_the_same_command_and_nothing_else(server, tmp_path):
    server.script = failing
    command = (*WHOLE, "--base-url", server.url, "--output-dir", tmp_path)
    assert run_here(*command) == 1
    failed = {question for question in server.calls if len(question) % 3 == 0 and not is_probe(question)}
    server.script, before = lambda question: "say:No", Counter(server.calls)
    assert run_here(*command) == 0
    again = {question for question in server.calls if server.calls[question] > before[question]}
    assert failed and {question for question in again if not is_probe(question)} == failed
    before = Counter(server.calls)
    assert run_here(*command) == 0 and server.calls == before  # nothing is missing: the server is not even probed


def test_no_key_and_no_path_is_written(server, tmp_path):
    server.script = failing
    run_here(*WHOLE, "--base-url", server.url, "--output-dir", tmp_path)
    assert server.keys == {f"Bearer {SECRET}"}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 4 and not any(SECRET in path.read_text() for path in files)


def test_two_ranks_share_the_requests(server, tmp_path):
    store, asked = LocalStore(), requests(*(f"question {n} say:No" for n in range(60)))
    server.delay = 0.01
    models = [backend(server, concurrency=4, timeout_s=5) for _ in range(2)]
    threads = [
        threading.Thread(target=work, args=(tmp_path, model, asked, Ranks(rank, 1, 0, store)))
        for rank, model in enumerate(models)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {a.text for a in read_answers(tmp_path).by_key.values()} == {"No"}
    assert Counter(server.calls.values()) == {1: 60}
    assert all(path.stat().st_size for path in (tmp_path / "responses").iterdir())


def test_no_request_waits_for_a_slow_one(server, tmp_path):
    asked = requests("case:slow_always", *(f"question {n}" for n in range(40)))
    order = []
    model = backend(server, concurrency=4, timeout_s=5)
    plain = model.answer

    def answer(request):
        found = plain(request)
        order.append(request.key)
        return found

    model.answer = answer
    work(tmp_path, model, asked)
    assert order[-1] == "k000" and len(order) == 41


def lines(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in folder.glob("responses/*.jsonl"))


def started(server: Script, folder: Path):
    """A run as a process, once it has written ten answers."""
    server.delay = 0.1
    command = (*WHOLE, "--base-url", server.url, "--concurrency", "3", "--output-dir", folder)
    process = start(*map(str, command))
    end = time.monotonic() + 60
    while lines(folder) < 10 and time.monotonic() < end and process.poll() is None:
        time.sleep(0.01)
    assert process.poll() is None, process.stdout.read()
    return process


def test_sigterm_lets_requests_under_way_come_to_their_end(server, tmp_path):
    process = started(server, tmp_path)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert "Stopped by SIGTERM" in said
    asked = sum(n for question, n in server.calls.items() if not is_probe(question))
    assert 10 <= (answered := lines(tmp_path)) == asked
    server.delay = 0.0
    assert run_here("--config", tmp_path / "config.yaml") == 0
    assert max(n for question, n in server.calls.items() if not is_probe(question)) == 1
    written = keys_written(tmp_path)
    assert set(written.values()) == {1} and answered < len(written)


def test_after_sigkill_only_what_was_under_way_is_asked_again(server, tmp_path):
    process = started(server, tmp_path)
    process.kill()
    process.communicate(timeout=30)
    server.delay = 0.0
    assert run_here("--config", tmp_path / "config.yaml") == 0
    again = [n for question, n in server.calls.items() if not is_probe(question) and n > 1]
    assert len(again) <= 3 and set(again) <= {2}


def test_the_number_of_calls_follows_the_servers_room(server, tmp_path, monkeypatch):
    """Sixteen may fly, the server has room for three: nobody is lost, and refusals become few."""
    monkeypatch.setattr("multitrust_eval.backends.openai.ATTEMPTS", 20)
    server.room, server.delay = 3, 0.02
    asked = requests(*(f"question {n} say:No" for n in range(150)))
    model = backend(server, concurrency=16, timeout_s=5)
    answers = work(tmp_path, model, asked)
    assert Counter(a.status for a in answers.values()) == {"ok": 150}
    assert server.statuses[429] < 75
    assert model._client.throttle.width <= 5


def test_a_server_with_room_is_used(server, tmp_path):
    server.delay = 0.03
    work(tmp_path, backend(server, concurrency=16, timeout_s=5), requests(*(f"question {n}" for n in range(120))))
    assert server.widest == 16


@pytest.mark.parametrize(
    "headers, least",
    [({"Retry-After": "0.6"}, 0.6), ({"retry-after-ms": "600"}, 0.6), ({"Retry-After": "soon"}, 0.0), ({}, 0.0)],
)
def test_the_pause_that_a_server_asks_for_is_kept_by_all(server, tmp_path, headers, least):
    server.wait = headers
    start_s = time.monotonic()
    answers = work(tmp_path, backend(server, timeout_s=5), requests("case:429_once say:No"))
    assert answers["k000"].text == "No"
    assert least <= time.monotonic() - start_s < least + 2


def test_a_pause_of_a_day_is_not_waited_for(server, tmp_path):
    server.wait = {"Retry-After": "86400"}
    answers = work(tmp_path, backend(server, concurrency=1), requests("case:429_always"))
    assert answers["k000"].status == "error:rate_limited" and server.calls["case:429_always"] == 1


def test_a_server_that_goes_away_stops_the_run_before_all_is_an_error(server, tmp_path):
    model = backend(server, concurrency=4)
    plain = model.answer

    def answer(request):
        server.gone = server.gone or request.key == "k040"
        return plain(request)

    model.answer = answer
    with pytest.raises(UserError, match=r"requests all failed at the server .*the same command goes on"):
        work(tmp_path, model, requests(*(f"question {n}" for n in range(400))))
    statuses = Counter(a.status for a in read_answers(tmp_path).by_key.values())
    assert statuses["ok"] >= 36 and HOPELESS <= sum(statuses.values()) - statuses["ok"] <= HOPELESS + 4


@pytest.mark.parametrize("case", ["401", "403", "404", "402", "quota"])
def test_a_refused_key_model_or_account_ends_the_run_with_one_sentence(server, tmp_path, case):
    server.script = lambda question: f"case:{case}_always"
    with pytest.raises(UserError, match=r"refuses the model m: .*Check OPENAI_API_KEY") as told:
        work(tmp_path, backend(server), requests(*(f"question {n}" for n in range(50))))
    assert SECRET not in str(told.value)
    assert not read_answers(tmp_path).by_key


def test_one_refused_row_is_no_refused_model(server, tmp_path):
    """Some servers say 403 where a filter holds a question back, and 404 where no machine takes a picture."""
    asked = requests("say:No", "case:403_always", "case:404_always")
    answers = work(tmp_path, backend(server, concurrency=1), asked)
    assert [answers[r.key].status for r in asked] == ["ok", "error:refused_request", "error:refused_request"]


def test_all_requests_refused_stops_the_run(server, tmp_path):
    server.script = lambda question: "case:400_always"
    with pytest.raises(UserError, match=r"first \d+ requests all failed.*HTTP 400"):
        work(tmp_path, backend(server, concurrency=4), requests(*(f"question {n}" for n in range(400))))
    assert len(read_answers(tmp_path).by_key) <= HOPELESS + 4


def test_a_full_disk_stops_the_run(server, tmp_path, monkeypatch):
    def full(self, records):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Appender, "append", full)
    with pytest.raises(UserError, match=r"Cannot write .*No space left on device"):
        work(tmp_path, backend(server), requests(*(f"question {n}" for n in range(100))))
    assert sum(server.calls.values()) < 100


def test_an_error_of_our_own_costs_its_row_only(server, tmp_path):
    model = backend(server)
    plain = model.answer
    model.answer = lambda request: plain(request) if request.key != "k001" else 1 / 0
    answers = work(tmp_path, model, requests("say:No", "say:No", "say:No"))
    assert [a.status for _, a in sorted(answers.items())] == ["ok", "error:generation_failed", "ok"]


def test_the_limit_has_a_newer_name_on_some_servers(server, tmp_path):
    asked = requests(*(f"question {n} case:old_parameters say:No" for n in range(20)))
    answers = work(tmp_path, backend(server, concurrency=8, timeout_s=5), asked)
    assert {a.text for a in answers.values()} == {"No"}
    assert server.bodies[-1]["max_completion_tokens"] == 8 and "max_tokens" not in server.bodies[-1]


def test_a_model_without_temperature_must_be_asked_for(server, tmp_path):
    asked = requests("case:no_temperature say:No")
    with pytest.raises(UserError, match=r"takes no temperature.*--extra-body"):
        work(tmp_path / "1", backend(server), asked)
    answers = work(tmp_path / "2", backend(server, parameters={"temperature": None, "top_k": 1}), asked)
    assert answers["k000"].text == "No"
    assert server.bodies[-1]["top_k"] == 1 and "temperature" not in server.bodies[-1]


class TestProbe:
    """Before the run: is the server there, does it know the model, does it look at pictures?"""

    def test_all_is_well(self, server):
        backend(server).load()
        assert [len(body["messages"]) for body in server.bodies] == [1, 1]

    def test_nobody_is_there(self, monkeypatch):
        monkeypatch.setattr("multitrust_eval.backends.openai.PROBE_ATTEMPTS", 1)
        model = OpenAIBackend(OpenAIOptions("m", base_url="http://127.0.0.1:9/v1"))
        with pytest.raises(UserError, match=r"127\.0\.0\.1:9/v1 does not answer: connection failed"):
            model.load()

    def test_it_drops_pictures_in_silence(self, server):
        server.blind = True
        with pytest.raises(UserError, match=r"drops pictures.*--text-only"):
            backend(server).load()
        backend(server, takes_images=False).load()

    def test_it_refuses_pictures(self, server):
        with pytest.raises(UserError, match=r"not with a picture.*--text-only"):
            server.script = lambda question: "case:400_always" if len(server.bodies) > 1 else "say:Yes"
            backend(server).load()

    def test_it_has_much_to_do(self, server):
        server.script = lambda question: "case:429_always"
        backend(server).load()
