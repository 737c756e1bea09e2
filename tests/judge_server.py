"""A chat-completions server that does what the judged answer tells it: `case:<fault> say:<reply>`.

It counts the calls a prompt, so that tests can see what was asked twice.
"""

import json
import re
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SLOW_S = 3.0
"""Longer than the tests' timeout."""


class Script(ThreadingHTTPServer):
    """`with Script() as server:` serves at `server.url` until the block ends. `delay` seconds before each reply."""

    daemon_threads = True

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.delay = delay
        self.calls: Counter[str] = Counter()
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


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Script

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = body["messages"][0]["content"]
        with self.server.lock:
            self.server.calls[prompt] += 1
            self.server.bodies.append(body)
            self.server.keys.add(self.headers.get("Authorization", ""))
            self.server.flying += 1
            self.server.widest = max(self.server.widest, self.server.flying)
            nth = self.server.calls[prompt]
        try:
            time.sleep(self.server.delay)
            case = re.search(r"case:(\w+)", prompt)
            say = re.search(r"say:(\S+)", prompt)
            self.play(case[1] if case else "ok", (say[1] if say else "Yes").replace("_", " "), nth, body)
        finally:
            with self.server.lock:
                self.server.flying -= 1

    def play(self, case: str, say: str, nth: int, body: dict[str, Any]) -> None:
        """Cases ending in `_once` do it the first time only, `_always` every time."""
        fault, _, often = case.rpartition("_")
        if often not in ("once", "always") or (often == "once" and nth > 1):
            fault = ""
        if case == "old_parameters" and "max_tokens" in body:
            self.send(400, {"error": {"message": "Unsupported parameter: 'max_tokens'", "code": "x"}})
        elif fault.isdecimal():
            self.send(int(fault), {"error": {"message": f"scripted {fault}"}}, {"Retry-After": "0"})
        elif fault == "garbage":
            self.raw(200, b"<html>Bad gateway</html>", "text/html")
        elif fault == "broken":
            self.raw(200, b'{"choices": [{"mess', "application/json")
        elif fault == "empty":
            self.send(200, completion(""))
        elif fault == "nochoice":
            self.send(200, {**completion("x"), "choices": []})
        elif fault == "slow":
            time.sleep(SLOW_S)
            self.send(200, completion("Yes"))
        elif fault == "halfclosed":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(b'{"id": "1", "choices": [')
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
        else:
            self.send(200, completion(say))

    def send(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        self.raw(status, json.dumps(content).encode(), "application/json", headers)

    def raw(self, status: int, data: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def completion(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
