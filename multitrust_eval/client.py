"""One client for every OpenAI-compatible server, whether the model behind it is evaluated or judges.

A call is one chat completion. It waits for its place (`Throttle`), is tried again with growing pauses where that may
help, and ends as a Reply or as a CallFailed that says why. Nothing of the key ever reaches a message.
"""

import base64
import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from multitrust_eval.errors import UsageError, UserError
from multitrust_eval.throttle import Halted, Throttle

DEFAULT_URL = "https://api.openai.com/v1"
KEY = "OPENAI_API_KEY"
LONGEST_WAIT_S = 60.0
"""The longest pause of our own choice between two attempts."""
LONGEST_TOLD_S = 600.0
"""A server that asks for a longer pause than this (a daily quota is spent) is not waited for."""
CONNECT_S = 20.0

Message = Mapping[str, Any]


class CallFailed(Exception):
    """A call without a reply. `reason` is one word, for an answer's status; the text says more."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class TryAgain(CallFailed):
    """It may go well another time. `wait_s`: the pause that the server asked for; `refused`: it had too much to do."""

    def __init__(self, reason: str, text: str, wait_s: float | None = None, refused: bool = False) -> None:
        super().__init__(reason, text)
        self.wait_s, self.refused = wait_s, refused


class GiveUp(CallFailed):
    """Asking again does not mend it."""


@dataclass(frozen=True)
class Reply:
    """A chat completion. Token counts are 0 and `served` (the name that the server gives its model) "" if not told."""

    text: str
    reasoning: str = ""
    finish_reason: str = ""
    prompt_tokens: int = 0
    new_tokens: int = 0
    served: str = ""


@dataclass(frozen=True)
class Server:
    """Where to call, and how patiently. `most` calls at a time; `who` is called, for messages."""

    model: str
    who: str
    url: str | None = None
    most: int = 8
    timeout_s: float = 60.0
    attempts: int = 5
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"temperature": 0.0})
    may_drop_temperature: bool = False
    """Some models refuse a temperature. True: ask on without; False: the run ends and says so."""


class ChatClient:
    """Used from many threads at once. Raises UsageError when the address is none, or the key is missing."""

    def __init__(
        self, server: Server, before: Callable[[], None] = lambda: None, check: Callable[[Reply], None] = lambda r: None
    ) -> None:
        """`before` is called ahead of every attempt and `check` with every reply; either may raise to refuse it."""
        openai = _package(server.who)
        self._server, self._before, self._check = server, before, check
        url = server.url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL
        self.place = place_of(url)
        self._key = os.environ.get(KEY) or ""
        if not self._key and (urlsplit(url).hostname or "").endswith("openai.com"):
            raise UsageError(f"{_capital(server.who)} needs a key: set {KEY}, or OPENAI_BASE_URL for your own server.")
        self._secrets = _secrets_of(url, self._key)
        timeout = openai.Timeout(server.timeout_s, connect=min(CONNECT_S, server.timeout_s))
        self._api = openai.OpenAI(base_url=url, api_key=self._key or "none", timeout=timeout, max_retries=0)
        self._limit_name, self._parameters = "max_tokens", dict(server.parameters)
        self.throttle = Throttle(server.most)
        self.answered = False

    def ask(self, messages: Sequence[Message], max_tokens: int, attempts: int | None = None) -> Reply:
        """`attempts`: fewer than usual.

        Raises CallFailed, Halted when the run ends first, UserError when the server refuses the key or the model.
        """
        import tenacity

        most = attempts or self._server.attempts
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TryAgain),
            stop=lambda state: state.attempt_number >= most or _told(state) > LONGEST_TOLD_S,
            wait=_wait_as_told(tenacity.wait_exponential_jitter(multiplier=0.5, max=LONGEST_WAIT_S)),
            sleep=self._sleep,
            reraise=True,
        )
        reply: Reply = retrying(self._once, messages, max_tokens)
        return reply

    def halt(self) -> None:
        """No further attempt; who waits for one gets Halted. Calls under way come to their end."""
        self.throttle.halt()

    def close(self) -> None:
        self._api.close()

    def _sleep(self, seconds: float) -> None:
        if self.throttle.halted.wait(seconds):
            raise Halted

    def _once(self, messages: Sequence[Message], max_tokens: int) -> Reply:
        entered = self.throttle.enter()
        refused, quiet_s = False, 0.0
        try:
            self._before()
            reply = self._call(messages, max_tokens)
            self._check(reply)
        except TryAgain as error:
            refused, quiet_s = error.refused, error.wait_s or 0.0
            raise
        finally:
            self.throttle.leave(entered, refused, min(quiet_s, LONGEST_TOLD_S))
        self.answered = True
        return reply

    def _call(self, messages: Sequence[Message], max_tokens: int) -> Reply:
        openai = _package(self._server.who)
        limit_name, parameters = self._limit_name, dict(self._parameters)
        extra = {name: value for name, value in parameters.items() if name != "temperature"}
        if parameters.get("temperature") is not None:
            extra["temperature"] = parameters["temperature"]
        try:
            completion = self._api.chat.completions.create(
                model=self._server.model, messages=messages, extra_body={limit_name: max_tokens, **extra}
            )
        except openai.APIStatusError as error:
            raise self._refusal(error, limit_name, parameters) from error
        except openai.APITimeoutError as error:
            words = f"no reply within {self._server.timeout_s:g} s"
            raise TryAgain("timeout", words, refused=True) from error
        except openai.APIConnectionError as error:
            raise TryAgain("connection", f"connection failed: {self._said(error.__cause__ or error)}") from error
        except (openai.APIError, ValueError) as error:  # cut off, or no JSON
            raise TryAgain("bad_reply", f"{type(error).__name__}: {self._said(error)}") from error
        return _reply_of(completion)

    def _refusal(self, error: Any, limit_name: str, parameters: Mapping[str, Any]) -> Exception:
        """What an HTTP status other than 200 means for this call, or (UserError) for the whole run."""
        status, said = error.status_code, self._said(error)
        if status in (401, 402) or (status in (403, 404) and not self.answered) or _no_quota(error):
            return UserError(
                f"The server at {self.place} refuses {self._server.who}: {said}. Check {KEY}, OPENAI_BASE_URL (or the "
                "option for it), the model's name and the account."
            )
        if status in (429, 503, 529):
            return TryAgain(
                "rate_limited" if status == 429 else "server_error",
                f"HTTP {status}",
                _retry_after(error.response.headers),
                refused=True,
            )
        if status >= 500 or status in (408, 409, 425):
            return TryAgain("server_error", f"HTTP {status}: {said}", _retry_after(error.response.headers))
        if status == 400 and (changed := self._adapt(said, limit_name, parameters)) is not None:
            return changed
        return GiveUp("refused_request", f"HTTP {status}: {said}")

    def _adapt(self, said: str, limit_name: str, parameters: Mapping[str, Any]) -> Exception | None:
        """Some models refuse a parameter of the older API. The limit has a newer name; the temperature has none."""
        words = said.lower()
        if not any(sign in words for sign in ("unsupported", "not supported", "does not support", "unknown")):
            return None
        if "max_tokens" in words and limit_name == "max_tokens":
            self._limit_name = "max_completion_tokens"
        elif "temperature" in words and parameters.get("temperature") is not None:
            if not self._server.may_drop_temperature:
                return UserError(
                    f"{_capital(self._server.who)} takes no temperature, so it cannot answer greedily: {said}. To let "
                    "it answer as it does by default, add --extra-body '{\"temperature\": null}'."
                )
            self._parameters = {**parameters, "temperature": None}
        else:
            return None
        return TryAgain("refused_request", "a parameter is not known to the server", 0.0)

    def _said(self, error: BaseException) -> str:
        text = " ".join(str(error).split())
        for secret in self._secrets:  # some servers show in an error what they got
            text = text.replace(secret, "***")
        return text[:300].rstrip(".")


def place_of(url: str) -> str:
    """Host and path of a server, without credentials or query. Raises UsageError for what is no URL."""
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            "OPENAI_BASE_URL (or the option for it) is no address of a server: it must start with http:// or https://"
        )
    return f"{parts.hostname}{port}{parts.path.rstrip('/')}"


def plain(text: str) -> str:
    """The text with what no JSON can carry, half a surrogate pair, replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def shown_name(model: str) -> str:
    """A model as people are shown it: a server may call its own by a folder, and that path is nobody's business."""
    return model.rstrip("/").rsplit("/", 1)[-1] if model.startswith(("/", "./", "../", "~")) else model


def _reply_of(completion: Any) -> Reply:
    """Raises TryAgain for anything that is no chat completion, also where the server wraps an error in one."""
    try:
        choice = completion.choices[0]
        message, finish_reason = choice.message, str(choice.finish_reason or "")
        content = message.content
    except (AttributeError, IndexError, TypeError) as error:
        told = getattr(completion, "error", None)
        words = f"the server's reply is no chat completion{f': {str(told)[:200]}' if told else ''}"
        raise TryAgain("bad_reply", words) from error
    text, thought = _texts(content)
    thought = thought or _first_text(message, "reasoning_content", "reasoning")
    text = text or _first_text(message, "refusal")
    new_tokens = _count(completion, "completion_tokens")
    if finish_reason == "error":
        raise TryAgain("bad_reply", "the server broke off")
    if not text and not thought and not (finish_reason and isinstance(content, str) and new_tokens != 0):
        raise TryAgain("empty_reply", "empty reply")
    served = getattr(completion, "model", None)
    prompt_tokens = _count(completion, "prompt_tokens")
    return Reply(text, thought, finish_reason, prompt_tokens or 0, new_tokens or 0, served if served else "")


def _texts(content: Any) -> tuple[str, str]:
    """(text, reasoning) of a message's content: a string, or a list of typed parts as some servers send it."""
    if not isinstance(content, list):
        return (content, "") if isinstance(content, str) else ("", "")
    found = {"text": "", "thinking": ""}
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind in found:
            inner = part.get(kind)
            found[kind] += inner if isinstance(inner, str) else _texts(inner)[0]
    return found["text"], found["thinking"]


def _first_text(message: Any, *names: str) -> str:
    values = (getattr(message, name, None) for name in names)
    return next((value for value in values if isinstance(value, str) and value), "")


def _count(completion: Any, name: str) -> int | None:
    value = getattr(getattr(completion, "usage", None), name, None)
    return value if isinstance(value, int) else None


def _no_quota(error: Any) -> bool:
    return error.status_code == 429 and getattr(error, "code", None) == "insufficient_quota"


def _told(state: Any) -> float:
    """The pause in seconds that the server asked for in the last attempt; 0 where it did not."""
    return getattr(state.outcome.exception(), "wait_s", None) or 0.0


def _wait_as_told(otherwise: Callable[[Any], float]) -> Callable[[Any], float]:
    def wait_s(state: Any) -> float:
        told = getattr(state.outcome.exception(), "wait_s", None)
        return min(otherwise(state), LONGEST_WAIT_S) if told is None else float(told)

    return wait_s


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The pause in seconds that a reply's headers ask for: a number, a date, or milliseconds in OpenAI's own header."""
    with contextlib.suppress(TypeError, ValueError):
        return max(0.0, float(headers["retry-after-ms"]) / 1000) if "retry-after-ms" in headers else _seconds(headers)
    return None


def _seconds(headers: Mapping[str, str]) -> float | None:
    told = headers.get("retry-after")
    if told is None:
        return None
    with contextlib.suppress(ValueError):
        return max(0.0, float(told))
    return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())


def _secrets_of(url: str, key: str) -> list[str]:
    """What no message may hold: the key, and the credentials and query of the address, as written and as sent."""
    parts = urlsplit(url)
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    found = [key, parts.query, parts.password or "", unquote(parts.password or "")]
    found += [base64.b64encode(pair.encode()).decode("ascii")] if parts.username else []
    found += [value for _, value in parse_qsl(parts.query)]
    return sorted(set(filter(None, found)), key=len, reverse=True)


def _capital(who: str) -> str:
    return who[:1].upper() + who[1:]


def _package(who: str) -> Any:
    try:
        import openai
        import tenacity  # noqa: F401 - asked for here, so that both are named in one sentence
    except ImportError as error:
        raise UsageError(
            f"{_capital(who)} needs the package {error.name}: install this project with its extra, "
            '`pip install -e ".[openai]"`.'
        ) from error
    return openai
