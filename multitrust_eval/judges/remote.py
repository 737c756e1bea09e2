"""The judge `openai`: a chat model behind any OpenAI-compatible server, OpenAI's own among them.

Bounded concurrency, retries with back-off, a budget of calls, and a graceful stop: calls in flight are paid for, so
their verdicts are waited for and kept.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any
from urllib.parse import urlsplit

from multitrust_datasets.task import SLOTS
from multitrust_eval.errors import UserError
from multitrust_eval.judges.base import JudgeError
from multitrust_eval.judges.budget import SPENT
from multitrust_eval.judges.prompts import question_for
from multitrust_eval.judges.replies import read_reply, reply_tokens
from multitrust_eval.judges.spec import Setting, Spec
from multitrust_eval.records import JudgeItem, Verdict

CONCURRENCY = 8
TIMEOUT_S = 60.0
ATTEMPTS = 5
LONGEST_WAIT_S = 60.0
HOPELESS = 20
"""So many calls failed, and none went well: the server is not there."""

Done = Callable[[int, Verdict], None]


class TryAgain(Exception):
    """A call failed in a way that may pass; `wait_s` is what the server asked for."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class GiveUp(Exception):
    """A call failed in a way that asking again does not mend."""


class Spent(Exception):
    """The budget has no call left."""


class RemoteChatJudge:
    """One judge prompt a call. `each` hands every verdict over as soon as it is there."""

    stand_in = False
    remote = True
    slots: tuple[str, ...] = SLOTS

    def __init__(self, spec: Spec, setting: Setting) -> None:
        self._protocol, self._spec = setting.protocol, spec
        self._caller = Caller(spec, setting)
        # A server may call its model by a folder of its own machine; that path is nobody's business.
        self.name = f"openai:{spec.model.rstrip('/').rsplit('/', 1)[-1] if spec.model.startswith('/') else spec.model}"
        digest = f"+{spec.digest}" if spec.digest else ""
        self.revision = f"{self._caller.place}{digest}"
        self._failed_in_a_row = 0
        self._answered = False

    def question(self, item: JudgeItem) -> str:
        return question_for(item, self._protocol)

    def __call__(self, items: Sequence[JudgeItem]) -> list[Verdict]:
        verdicts: dict[int, Verdict] = {}
        self.each(items, verdicts.__setitem__)
        return [verdicts[index] for index in range(len(items))]

    def each(self, items: Sequence[JudgeItem], done: Done) -> None:
        """Judge all items; `done(index, verdict)` is called in this thread as verdicts come in.

        On an exception (a signal's, for one) no further call is made, those in flight are waited for and handed over,
        then the exception goes on. Raises UserError when the server refuses the key or the model, or never answers.
        """
        width = int(self._spec.option("concurrency", CONCURRENCY))
        todo = iter(range(len(items)))
        flying: dict[Future[Verdict], int] = {}
        self._caller.halted.clear()
        pool = ThreadPoolExecutor(width, thread_name_prefix="judge")
        try:
            while True:
                for index in todo:
                    flying[pool.submit(self._judge, items[index])] = index
                    if len(flying) >= width:
                        break
                if not flying:
                    return
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    self._hand_over(flying.pop(future), future.result(), done)
        finally:
            self._caller.halted.set()
            pool.shutdown(wait=True, cancel_futures=True)
            for future, index in flying.items():
                if not future.cancelled() and future.exception() is None:
                    done(index, future.result())

    def close(self) -> None:
        self._caller.close()

    def _hand_over(self, index: int, verdict: Verdict, done: Done) -> None:
        done(index, verdict)
        if verdict.raw is not None:
            self._answered, self._failed_in_a_row = True, 0
        elif verdict.reason != SPENT:
            self._failed_in_a_row += 1
        if not self._answered and self._failed_in_a_row >= HOPELESS:
            raise UserError(
                f"The first {HOPELESS} calls of the judge {self.name} at {self._caller.place} all failed; the last "
                f"said: {verdict.reason}. Mend that, then run the same command again: it goes on where it stopped."
            )

    def _judge(self, item: JudgeItem) -> Verdict:
        limit = int(self._spec.option("max_new_tokens", reply_tokens(item.stem, item.slot)))
        try:
            reply = self._caller.ask(self.question(item), limit)
        except Spent:
            return Verdict(None, SPENT, self.name, self.revision)
        except (TryAgain, GiveUp) as error:
            return Verdict(None, str(error), self.name, self.revision)
        raw, reason = read_reply(item.slot, reply)
        return Verdict(raw, reason, self.name, self.revision)


class Caller:
    """One chat completion a call: temperature 0, one user message, retried with exponential back-off."""

    def __init__(self, spec: Spec, setting: Setting) -> None:
        openai = _openai()
        self._budget, self._model = setting.budget, spec.model
        base_url = str(spec.option("base_url", os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"))
        key = os.environ.get("OPENAI_API_KEY")
        if not key and (urlsplit(base_url).hostname or "").endswith("openai.com"):
            raise JudgeError(
                f"The judge openai:{spec.model} needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of "
                "your own."
            )
        self.place = _place(base_url)
        self._attempts = int(spec.option("attempts", ATTEMPTS))
        timeout = float(spec.option("timeout", TIMEOUT_S))
        self._client = openai.OpenAI(base_url=base_url, api_key=key or "none", timeout=timeout, max_retries=0)
        self._parameters = {"temperature": 0.0, "limit": "max_tokens"}
        self.halted = threading.Event()

    def ask(self, prompt: str, max_tokens: int) -> str:
        """The reply's text. Raises Spent, GiveUp, or TryAgain when the attempts are used up."""
        import tenacity

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TryAgain),
            stop=tenacity.stop_after_attempt(self._attempts) | tenacity.stop_when_event_set(self.halted),
            wait=_wait_as_told(tenacity.wait_exponential_jitter(multiplier=0.5, max=LONGEST_WAIT_S)),
            sleep=tenacity.sleep_using_event(self.halted),
            reraise=True,
        )
        return str(retrying(self._once, prompt, max_tokens))

    def close(self) -> None:
        self._client.close()

    def _once(self, prompt: str, max_tokens: int) -> str:
        if self.halted.is_set():
            raise GiveUp("stopped")
        if not self._budget.take():
            raise Spent
        openai = _openai()
        messages = [{"role": "user", "content": prompt}]
        try:
            completion = self._client.chat.completions.create(
                model=self._model, messages=messages, **self._arguments(max_tokens)
            )
        except (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError) as error:
            raise UserError(
                f"The server at {self.place} refuses the judge {self._model}: {_said(error)}. Check OPENAI_API_KEY, "
                "OPENAI_BASE_URL and the model's name."
            ) from error
        except openai.BadRequestError as error:
            self._adapt(str(error))
            raise GiveUp(f"HTTP 400: {_said(error)}") from error
        except openai.APIStatusError as error:
            raise TryAgain(f"HTTP {error.status_code}", _retry_after(error.response.headers)) from error
        except (openai.APIError, ValueError) as error:  # no connection, too slow, cut off, or no JSON
            raise TryAgain(f"{type(error).__name__}: {_said(error)}") from error
        return _text_of(completion)

    def _arguments(self, max_tokens: int) -> dict[str, Any]:
        arguments: dict[str, Any] = {str(self._parameters["limit"]): max_tokens}
        if self._parameters["temperature"] is not None:
            arguments["temperature"] = self._parameters["temperature"]
        return arguments

    def _adapt(self, message: str) -> None:
        """Some models refuse a parameter of the older API: leave it out from now on and ask again."""
        if "max_tokens" in message and self._parameters["limit"] == "max_tokens":
            self._parameters["limit"] = "max_completion_tokens"
        elif "temperature" in message and self._parameters["temperature"] is not None:
            self._parameters["temperature"] = None
        else:
            return
        raise TryAgain("a parameter is not known to the server", 0.0)


def _text_of(completion: Any) -> str:
    """The text of the first choice. Raises TryAgain for anything that is no completion, and for an empty one."""
    try:
        text = completion.choices[0].message.content
    except (AttributeError, IndexError, TypeError) as error:
        raise TryAgain("the server's reply is no chat completion") from error
    if not isinstance(text, str) or not text.strip():
        raise TryAgain("empty reply")
    return text


def _wait_as_told(otherwise: Any) -> Callable[[Any], float]:
    def wait_s(state: Any) -> float:
        told = getattr(state.outcome.exception(), "wait_s", None)
        return min(float(told if told is not None else otherwise(state)), LONGEST_WAIT_S)

    return wait_s


def _retry_after(headers: Any) -> float | None:
    try:
        return max(0.0, float(headers.get("retry-after")))
    except (TypeError, ValueError):
        return None


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")


def _place(base_url: str) -> str:
    """Host and path of a server, without credentials or query. Raises JudgeError for what is no URL."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise JudgeError(
            "OPENAI_BASE_URL (or `base_url`) is no address of a server: it must start with http:// or https://"
        )
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname}{port}{parts.path.rstrip('/')}"


def _openai() -> Any:
    try:
        import openai
        import tenacity  # noqa: F401 - asked for here, so that both are named in one sentence
    except ImportError as error:
        raise JudgeError(
            f"The judge `openai` needs the package {error.name}: install this project with its extra, "
            '`pip install -e ".[openai]"`.'
        ) from error
    return openai
