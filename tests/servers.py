"""A chat-completions server that does what it is told: `case:<fault> say:<reply>` in the prompt, or by `script`.

It counts the calls a question (prompt and pictures), so that tests can see what was asked twice.
"""

import hashlib
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SLOW_S = 3.0
"""Longer than the tests' timeout."""


class Script(ThreadingHTTPServer):
    """`with Script() as server:` serves at `server.url` until the block ends.

    `delay`: seconds before each reply. `script`: question -> what to do with it, in place of its own words.
    `room`: with more calls than that at once, the rest get 429. `wait`: the Retry-After of 429 and 5xx. `blind`: drops
    pictures in silence. `gone`: hangs up on everyone.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.delay, self.slow_s = delay, SLOW_S
        self.script: Callable[[str], str] = lambda question: question
        self.room = 10**6
        self.wait: dict[str, str] = {"Retry-After": "0"}
        self.blind = self.gone = False
        self.calls: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.lock = threading.Lock()
        self.flying = self.widest = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __enter__(self) -> "Script":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *about: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the script."""


@contextmanager
def set_up(monkeypatch: Any) -> Iterator[Script]:
    """A scripted server that the environment names, with a key."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-test")
    with Script() as script:
        monkeypatch.setenv("OPENAI_BASE_URL", script.url)
        yield script


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together: apart, the second would wait for the first one's receipt
    server: Script

    def do_POST(self) -> None:
        if self.server.gone:
            self.close_connection = True
            return
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt, pictures = asked(body["messages"][-1]["content"])
        question = named(prompt, pictures)
        with self.server.lock:
            self.server.calls[question] += 1
            self.server.bodies.append(body)
            self.server.keys.add(self.headers.get("Authorization", ""))
            self.server.flying += 1
            self.server.widest = max(self.server.widest, self.server.flying)
            nth, full = self.server.calls[question], self.server.flying > self.server.room
        try:
            told = self.server.script(question)
            case = re.search(r"case:(\w+)", told)
            say = re.search(r"say:(\S+)", told)
            if full:
                self.fail(429)
                return
            time.sleep(self.server.delay)
            reply = completion((say[1] if say else "Yes").replace("_", " "))
            reply["usage"]["prompt_tokens"] = len(prompt) // 4 + (0 if self.server.blind else 10 * len(pictures)) + 1
            self.play(case[1] if case else "ok", reply, nth, body)
        finally:
            with self.server.lock:
                self.server.flying -= 1

    def play(self, case: str, reply: dict[str, Any], nth: int, body: dict[str, Any]) -> None:
        """Cases ending in `_once` do it the first time only, `_always` every time."""
        fault, _, often = case.rpartition("_")
        if often not in ("once", "always") or (often == "once" and nth > 1):
            fault = ""
        refused = {"old_parameters": "max_tokens", "no_temperature": "temperature"}.get(case)
        if refused in body:
            self.send(400, {"error": {"message": f"Unsupported parameter: '{refused}'", "code": "x"}})
        elif fault.isdecimal():
            self.fail(int(fault))
        elif fault == "quota":
            self.send(429, {"error": {"message": "You have no quota left", "code": "insufficient_quota"}})
        elif fault == "garbage":
            self.raw(200, b"<html>Bad gateway</html>", "text/html")
        elif fault == "broken":
            self.raw(200, b'{"choices": [{"mess', "application/json")
        elif fault == "nobody":
            self.raw(200, b"", "application/json")
        elif fault == "nochoice":
            self.send(200, {**reply, "choices": []})
        elif fault == "wrapped":
            self.send(200, {"error": {"message": "upstream broke", "code": 502}})
        elif fault == "slow":
            time.sleep(self.server.slow_s)
            self.send(200, reply)
        elif fault == "halfclosed":
            self.half()
        else:
            self.send(200, shaped(reply, fault or case))

    def fail(self, status: int) -> None:
        key = self.headers.get("Authorization", "")  # some servers show what they got
        self.send(status, {"error": {"message": f"scripted {status}, {key}"}}, self.server.wait)

    def half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b'{"id": "1", "choices": [')
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def send(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        self.raw(status, json.dumps(content).encode(), "application/json", headers)

    def raw(self, status: int, data: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        with self.server.lock:
            self.server.statuses[status] += 1
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def asked(content: Any) -> tuple[str, list[str]]:
    """The prompt in a user turn and its pictures' URLs."""
    if isinstance(content, str):
        return content, []
    texts = [part["text"] for part in content if part["type"] == "text"]
    return "".join(texts), [part["image_url"]["url"] for part in content if part["type"] == "image_url"]


def named(prompt: str, pictures: list[str]) -> str:
    """A question by its prompt and what its pictures are."""
    return " ".join([prompt, *(hashlib.sha256(url.encode()).hexdigest() for url in pictures)])


def completion(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": len(text.split()) + 1, "total_tokens": 2},
    }


def shaped(reply: dict[str, Any], case: str) -> dict[str, Any]:
    """A reply that is well formed and says something else than a plain answer."""
    choice, message = reply["choices"][0], reply["choices"][0]["message"]
    if case == "empty":  # as from a server whose model never ran
        message["content"], reply["usage"]["completion_tokens"] = "", 0
    elif case == "silent":  # the model's own choice: its end token at once
        message["content"], reply["usage"]["completion_tokens"] = "", 1
    elif case == "cut":
        choice["finish_reason"] = "length"
    elif case == "filtered":
        message["content"], choice["finish_reason"] = "", "content_filter"
    elif case == "thought":
        message["reasoning_content"] = "first this, then that"
    elif case == "thinking":  # the limit came before the answer
        message.update(content=None, reasoning="first this, then")
        choice["finish_reason"] = "length"
    elif case == "parts":
        message["content"] = [
            {"type": "thinking", "thinking": [{"type": "text", "text": "first this"}]},
            {"type": "text", "text": message["content"]},
        ]
    return reply
