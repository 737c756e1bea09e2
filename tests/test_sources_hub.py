"""A Hub repository as the source, against a server on this machine that speaks the Hub's protocol."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from multitrust_datasets.sources import SAMPLE, resolve

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(BaseHTTPRequestHandler):
    """`org/open` serves `files`; `org/gated` and `org/locked` refuse; `org/broken` fails."""

    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, body: bool) -> None:
        path = self.path.split("?")[0]
        status, headers, content = self._reply(path)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), "X-Repo-Commit": COMMIT, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def _reply(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if "org/gated" in path:
            return (401 if "Authorization" not in self.headers else 403), {"X-Error-Code": "GatedRepo"}, b"{}"
        if "org/broken" in path:
            return 500, {}, b"{}"
        if "org/open" not in path:
            return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"
        if path.startswith("/api/") and path.rsplit("/", 1)[-1] not in ("main", COMMIT):
            return 404, {"X-Error-Code": "RevisionNotFound"}, b"{}"
        if "/tree/" in path:
            return 200, {}, json.dumps([self._entry(name, data) for name, data in self.files.items()]).encode()
        if path.startswith("/api/"):
            siblings = [{"rfilename": name} for name in self.files]
            return 200, {}, json.dumps({"id": "org/open", "sha": COMMIT, "siblings": siblings}).encode()
        name = path.split(f"/resolve/{COMMIT}/", 1)[-1]
        self.asked.append(name)
        etag = hashlib.sha1(self.files[name]).hexdigest()
        return 200, {"ETag": f'"{etag}"', "Content-Type": "application/octet-stream"}, self.files[name]

    def _entry(self, name: str, data: bytes) -> dict[str, object]:
        return {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment that sends huggingface_hub to the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Hub.files, Hub.asked = {}, []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    yield environment | {
        "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "OMP_NUM_THREADS": "1",
    }
    server.shutdown()
    server.server_close()


def call(script: str, environment: dict[str, str]) -> list[str]:
    """The lines that a fresh process prints: huggingface_hub reads its environment when it is imported."""
    script = (
        "from multitrust_datasets.errors import DataError\nfrom multitrust_datasets.sources import resolve\n" + script
    )
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


TELL = """
for repo, revision in {asked!r}:
    try:
        print(resolve(repo, revision))
    except DataError as error:
        print(error)
"""


def test_every_refusal_is_one_sentence(hub: dict[str, str]) -> None:
    asked = [("org/gated", None), ("org/none", None), ("org/open", "v9")]
    gated, none, revision = call(TELL.format(asked=asked), hub)
    assert gated == (
        "org/gated is gated: accept the terms on its Hub page, then set HF_TOKEN to a token of that account."
    )
    assert none == "There is no dataset org/none on the Hub, or it is private; check the name, or set HF_TOKEN."
    assert revision == "The dataset org/open has no revision 'v9'."


def test_offline_says_so(hub: dict[str, str]) -> None:
    (told,) = call(TELL.format(asked=[("org/open", None)]), hub | {"HF_HUB_OFFLINE": "1"})
    assert told.startswith("org/open is not in the local cache, and HF_HUB_OFFLINE forbids to ask the Hub")


def test_a_server_out_of_reach_is_told(hub: dict[str, str]) -> None:
    (told,) = call(TELL.format(asked=[("org/open", None)]), hub | {"HF_ENDPOINT": "http://127.0.0.1:9"})
    assert told.startswith("org/open cannot be reached: ")


def test_only_what_an_aspect_needs_is_fetched(hub: dict[str, str]) -> None:
    sample = resolve(SAMPLE)
    for path in [
        sample / "truthfulness/query_basic/query_g_ocr.json",
        *(sample / "truthfulness/basic_images/ocr").iterdir(),
        *sample.glob("safety/*/*.csv"),
        sample / "unrelated_images/color_0.png",
    ]:
        Hub.files[f"data/{path.relative_to(sample)}"] = path.read_bytes()
    Hub.files |= {"README.md": b"# gated", "privacy.zip": b"large", "notes.txt": b"-"}
    script = """
from multitrust_datasets import load_dataset
print(len(load_dataset("t1", "ocr", source="org/open", streaming=True).info.features))
print(resolve("org/open", aspect="truthfulness"))
"""
    count, root = call(script, hub)
    assert count == "7"
    assert root.endswith(f"{COMMIT}/data")
    fetched = set(Hub.asked)
    assert fetched == {name for name in Hub.files if name.startswith(("data/truthfulness/", "data/unrelated_images/"))}
    assert call(script, hub | {"HF_HUB_OFFLINE": "1"}) == [count, root]
