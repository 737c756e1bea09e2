"""Models behind a server: what is sent, what is kept, what the papers say, and mistakes in the command. What a server
does wrong is in test_openai_faults.py."""

import base64
import hashlib
import io
import json
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import PIL.Image
import pytest
from runs import keys_written, results, run_here
from servers import Script

from multitrust_eval.backends.data_urls import data_url
from multitrust_eval.backends.openai import OpenAIBackend, OpenAIOptions, answer_of
from multitrust_eval.backends.pictures import UnreadableImage
from multitrust_eval.client import Reply, _retry_after
from multitrust_eval.ranks import Ranks
from multitrust_eval.records import Answer, Image, Request
from multitrust_eval.stop import Stop
from multitrust_eval.store import Appender, read_answers
from multitrust_eval.throttle import Halted, Throttle
from multitrust_eval.workers import Workers

SECRET = "sk-secret-of-the-test"


@pytest.fixture(autouse=True)
def patience(monkeypatch, tmp_path_factory):
    monkeypatch.setattr("multitrust_eval.client.LONGEST_WAIT_S", 0.05)
    monkeypatch.setattr("multitrust_eval.backends.openai.ATTEMPTS", 3)
    monkeypatch.setenv("MULTITRUST_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)


@pytest.fixture
def server(monkeypatch):
    with Script() as script:
        monkeypatch.setenv("OPENAI_BASE_URL", script.url)
        yield script


def run_served(folder: Path, *arguments) -> int:
    return run_here("--model", "openai:scripted", "--tasks", "f4,s4", *arguments, "--output-dir", folder)


def ask_all(folder: Path, requests: list[Request], stop: Stop | None = None, **options):
    """The answers of a run of these requests alone, without plan and probe."""
    backend = OpenAIBackend(OpenAIOptions("scripted", timeout_s=1.0, **options))
    appender = Appender(folder / "responses", "rank-000")
    try:
        Workers(backend, appender, Ranks(), stop or Stop()).run(requests, [[i] for i in range(len(requests))])
    finally:
        appender.close()
    return read_answers(folder).by_key


def test_a_signal_waits_for_no_pause(server, tmp_path):
    """Requests between two attempts are let go without a record: the next run asks them."""
    server.wait, stop = {"Retry-After": "60"}, Stop()
    server.script = lambda question: "case:429_once" if "busy" in question else "say:Yes"
    asked = [Request(f"k{n}", f"{'busy' if n > 1 else 'free'} {n}", (), 8, (f"row {n}",)) for n in range(9)]
    struck: list[float] = []

    def strike() -> None:
        """The signal comes once the free ones are answered and a busy one has been told to wait for a minute."""
        end = time.monotonic() + 30
        while (len(read_answers(tmp_path).by_key) < 2 or not server.calls.total() > 2) and time.monotonic() < end:
            time.sleep(0.01)
        struck.append(time.monotonic())
        stop.signum = 15

    threading.Thread(target=strike, daemon=True).start()
    answers = ask_all(tmp_path, asked, stop)
    assert time.monotonic() - struck[0] < 5
    assert {key: answer.text for key, answer in answers.items()} == {"k0": "Yes", "k1": "Yes"}


def test_a_reply_becomes_a_record():
    def answer(**reply):
        found = answer_of("k", Reply(**{"text": "", "finish_reason": "stop", **reply}))
        return found.status, found.text, found.reasoning

    assert answer(text=" Yes ") == ("ok", "Yes", "")
    assert answer(text="Yes, the", finish_reason="length") == ("truncated", "Yes, the", "")
    assert answer(text="Yes", reasoning="hm") == ("ok", "Yes", "hm")
    assert answer(reasoning="hm", finish_reason="length") == ("truncated", "", "hm")
    assert answer(text="hm</think>Yes") == ("ok", "Yes", "hm")
    assert answer(text="No", finish_reason="content_filter") == ("error:content_filter", "", "")


def test_a_run_over_http_end_to_end(server, tmp_path, monkeypatch):
    """Greedy, the task's own limit, pictures as they are stored; and no secret in any file."""
    monkeypatch.setenv("OPENAI_BASE_URL", server.url.replace("http://", "http://bob:hidden@") + "?key=hidden")
    assert run_served(tmp_path) == 0
    found = results(tmp_path)
    assert found["tasks"]["f4_stereotype_query"]["n_scored"] == 40
    assert found["model"]["id"] == "openai:scripted"
    assert found["model"]["base_url"] == server.url.removeprefix("http://")
    assert {key.partition(" ")[0] for key in server.keys} == {"Basic"}  # credentials in an address take the key's place
    for file in filter(Path.is_file, tmp_path.rglob("*")):
        content = file.read_text()
        assert SECRET not in content and "hidden" not in content and "bob" not in content, file
    bodies = [body for body in server.bodies if "Say yes." not in json.dumps(body)]
    assert len(bodies) == found_requests(tmp_path)
    assert {body["temperature"] for body in bodies} == {0.0}
    assert {body["model"] for body in bodies} == {"scripted"}
    shown = [part for body in bodies for part in parts_of(body) if part["type"] == "image_url"]
    assert shown
    for part in shown:
        head, _, data = part["image_url"]["url"].partition(",")
        kind = PIL.Image.open(io.BytesIO(base64.b64decode(data))).format
        assert head == f"data:{PIL.Image.MIME[kind]};base64"


def test_a_server_that_shows_what_it_got_betrays_no_secret(server, tmp_path, monkeypatch):
    """The scripted server puts the header of the request into its error."""
    monkeypatch.setenv("OPENAI_BASE_URL", server.url.replace("http://", "http://bob:hidden@"))
    for folder in ("basic", "bearer"):
        answers = ask_all(tmp_path / folder, [Request("k", "case:400_always", (), 8, ("row",))])
        detail = answers["k"].detail
        assert "***" in detail and SECRET not in detail and base64.b64encode(b"bob:hidden").decode() not in detail
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    assert {key.partition(" ")[0] for key in server.keys} == {"Basic", "Bearer"}


def parts_of(body: dict) -> list[dict]:
    content = body["messages"][-1]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def found_requests(folder: Path) -> int:
    return json.loads((folder / "manifest.json").read_text())["requests"]


def test_a_second_run_asks_nothing_and_another_model_or_server_is_not_mixed_in(server, tmp_path, capsys):
    assert run_served(tmp_path) == 0
    calls, before = len(server.bodies), (tmp_path / "results.json").read_bytes()
    assert run_served(tmp_path) == 0
    assert len(server.bodies) == calls
    assert (tmp_path / "results.json").read_bytes() == before
    assert run_here("--model", "openai:other", "--tasks", "f4,s4", "--output-dir", tmp_path) == 1
    assert run_served(tmp_path, "--extra-body", '{"top_k": 1}') == 1
    assert run_served(tmp_path, "--profile", "reasoning") == 1
    said = capsys.readouterr().err
    assert "model was openai:scripted, is openai:other" in said and "profile was paper, is reasoning" in said


def test_throttle_doubles_halves_and_grows_by_one():
    throttle = Throttle(most=64, start=4)
    drive(throttle, 4)
    assert throttle.width == 8  # twice as wide after a round, until the first refusal
    refuse_all(throttle)
    assert throttle.width == 4  # one halving, however many of a round are refused
    drive(throttle, 5)
    assert throttle.width == 5
    drive(throttle, 5000)
    assert throttle.width == 64
    for _ in range(20):
        refuse_all(throttle)
    assert throttle.width == 1


def drive(throttle: Throttle, calls: int) -> None:
    """So many calls go well, every place taken all the while."""
    flying: list[float] = []
    for _ in range(calls):
        while len(flying) < throttle.width:
            flying.append(throttle.enter())
        throttle.leave(flying.pop())
    throttle._flying = 0  # the rest is of no interest


def refuse_all(throttle: Throttle) -> None:
    for entered in [throttle.enter() for _ in range(throttle.width)]:
        throttle.leave(entered, refused=True)


def test_throttle_keeps_the_quiet_that_the_server_asked_for_and_lets_go_at_the_end():
    throttle = Throttle(most=4)
    throttle.leave(throttle.enter(), refused=True, wait_s=0.3)
    start = time.monotonic()
    throttle.leave(throttle.enter())
    assert 0.25 < time.monotonic() - start < 2
    throttle.leave(throttle.enter(), refused=True, wait_s=60)
    threading.Timer(0.1, throttle.halt).start()
    with pytest.raises(Halted):
        throttle.enter()


def test_retry_after_in_all_its_forms():
    assert _retry_after({}) is None
    assert _retry_after({"retry-after": "1.5"}) == 1.5
    assert _retry_after({"retry-after": "-3"}) == 0
    assert _retry_after({"retry-after-ms": "250", "retry-after": "9"}) == 0.25
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 25 < _retry_after({"retry-after": date}) < 31
    assert _retry_after({"retry-after": "soon"}) is None


def picture(kind: str, size=(6, 4), orientation=0) -> Image:
    file, tags = io.BytesIO(), PIL.Image.Exif()
    if orientation:
        tags[0x0112] = orientation
    PIL.Image.linear_gradient("L").resize(size).convert("RGB").save(file, kind, exif=tags)
    data = file.getvalue()
    return Image(hashlib.sha256(data).hexdigest(), data=data)


def decoded(url: str) -> tuple[str, bytes]:
    head, _, data = url.partition(";base64,")
    return head, base64.b64decode(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_go_as_the_stored_bytes_typed_by_content(kind):
    image = picture(kind)
    assert decoded(data_url(image)) == (f"data:image/{kind.lower()}", image.read())


def test_pictures_that_a_server_would_show_otherwise_are_made_anew():
    for image, size in ((picture("BMP"), (6, 4)), (picture("JPEG", orientation=6), (6, 4))):
        head, data = decoded(data_url(image))
        shown = PIL.Image.open(io.BytesIO(data))
        assert (head, shown.size, shown.getexif().get(0x0112)) == ("data:image/png", size, None)
    head, data = decoded(data_url(picture("PNG", (60, 40)), max_pixels=600))
    assert PIL.Image.open(io.BytesIO(data)).size == (30, 20)


def test_an_unreadable_picture_costs_its_row_alone_and_no_call(server, tmp_path):
    whole = picture("PNG")
    torn = Image("0" * 64, data=whole.read()[:-30])
    gone = Image("1" * 64, path=str(tmp_path / "gone.png"))
    for image in (torn, gone):
        with pytest.raises(UnreadableImage):
            data_url(image)
    rows = [Request(f"k{n}", f"say:Yes {n}", (i,), 8, (f"row {n}",)) for n, i in enumerate((whole, torn, gone))]
    statuses = {key: answer.status for key, answer in ask_all(tmp_path, rows).items()}
    assert statuses == {"k0": "ok", "k1": "error:unreadable_image", "k2": "error:unreadable_image"}
    assert len(server.bodies) == 1


def test_a_system_prompt_goes_ahead_is_in_the_papers_and_changes_only_one_fingerprint(server, tmp_path):
    file = tmp_path / "careful.txt"
    file.write_text("\nBe careful.\n")
    plain, careful = tmp_path / "plain", tmp_path / "careful"
    assert run_served(plain) == 0
    server.bodies.clear()
    assert run_served(careful, "--system-prompt", file) == 0
    assert {json.dumps(body["messages"][0]) for body in server.bodies} == {
        json.dumps({"role": "system", "content": "Be careful."})
    }
    first, second = results(plain), results(careful)
    assert first["system_prompt"] is None
    assert second["system_prompt"] == {"sha256": hashlib.sha256(b"Be careful.").hexdigest()}
    assert first["suite_fingerprint"] == first["base_fingerprint"] == second["base_fingerprint"]
    assert second["suite_fingerprint"] != second["base_fingerprint"]
    assert any("system prompt" in reason for reason in second["comparable_to_paper"]["reasons"])
    assert keys_written(plain).keys().isdisjoint(keys_written(careful))
    assert run_served(plain, "--system-prompt", file) == 1  # not mixed into the run without it


def test_the_profile_reasoning_raises_every_limit_and_says_so(server, tmp_path):
    assert run_served(tmp_path, "--profile", "reasoning") == 0
    assert {body["max_tokens"] for body in server.bodies if "Say yes." not in json.dumps(body)} == {4096}
    found = results(tmp_path)
    assert found["profile"] == "reasoning" and not found["comparable_to_paper"]["ok"]
    assert any("profile `reasoning`" in reason for reason in found["comparable_to_paper"]["reasons"])


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "openai", None)
    assert run_here("--model", "openai:m", "--base-url", "http://127.0.0.1:9/v1") == 2
    assert 'pip install -e ".[openai]"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--model", "openai:"), "lacks the model's name"),
        (("--model", "openai:m", "--base-url", "http://a:b@host/v1"), "OPENAI_API_KEY"),
        (("--model", "openai:m", "--base-url", "localhost:8000"), "must start with http"),
        (("--model", "openai:m", "--dtype", "fp32"), "--dtype has no effect"),
        (("--model", "demo", "--base-url", "http://host/v1"), "--base-url is for --model openai:"),
        (("--model", "openai:m", "--concurrency", "0"), "--concurrency 0"),
        (("--model", "openai:m", "--extra-body", '{"n": 2}'), "cannot set 'n'"),
        (("--model", "openai:m", "--extra-body", "top_k=1"), "not JSON"),
        (("--model", "openai:m", "--system-prompt", "no such file"), "cannot be read"),
        (("--model", "openai:gpt-4.1"), "needs a key"),
    ],
)
def test_mistakes_in_the_command_are_one_sentence(arguments, words, capsys, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert run_here(*arguments) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1


class Busy:
    """A served model that notes how many ask it at once."""

    def __init__(self, width: int) -> None:
        self.width, self.now, self.most = width, 0, 0
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self._lock:
            self.now -= 1
        return Answer(request.key, "yes", "ok")

    def halt(self) -> None:
        raise AssertionError("nothing to halt")


@pytest.mark.parametrize(("width", "world", "each"), [(6, 1, 6), (6, 3, 2), (4, 3, 2), (1, 3, 1)])
def test_the_processes_of_a_job_share_its_width(width: int, world: int, each: int, tmp_path: Path) -> None:
    ranks, model = Ranks(), Busy(width)
    ranks.world = world
    asked = [Request(f"k{n}", "?", (), 8, (f"row {n}",)) for n in range(40)]
    appender = Appender(tmp_path / "responses", "rank-000")
    Workers(model, appender, ranks, Stop()).run(asked, [[n] for n in range(40)])
    appender.close()
    assert model.most == each
    assert len(read_answers(tmp_path).by_key) == 40
