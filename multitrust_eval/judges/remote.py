"""The judge `openai`: a chat model behind any OpenAI-compatible server, OpenAI's own among them.

The client is the engine's. Here: one judge prompt a call, a budget of calls, and a graceful stop: calls in flight are
paid for, so their verdicts are waited for and kept.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from multitrust_datasets.task import SLOTS
from multitrust_eval.client import CallFailed, ChatClient, Reply, Server, TryAgain, plain, shown_name
from multitrust_eval.errors import UserError
from multitrust_eval.judges.budget import SPENT
from multitrust_eval.judges.prompts import question_for
from multitrust_eval.judges.replies import read_reply, reply_tokens
from multitrust_eval.judges.spec import Setting, Spec
from multitrust_eval.records import JudgeItem, Verdict

CONCURRENCY = 8
TIMEOUT_S = 60.0
ATTEMPTS = 5
HOPELESS = 20
"""So many calls failed, and none went well: the server is not there."""

Done = Callable[[int, Verdict], None]


class Spent(Exception):
    """The budget has no call left."""


class RemoteChatJudge:
    """One judge prompt a call. `each` hands every verdict over as soon as it is there."""

    stand_in = False
    remote = True
    slots: tuple[str, ...] = SLOTS

    def __init__(self, spec: Spec, setting: Setting) -> None:
        self._protocol, self._spec = setting.protocol, spec
        self._budget, self._width = setting.budget, int(spec.option("concurrency", CONCURRENCY))
        self._client = ChatClient(_server_of(spec, self._width), before=self._pay, check=_not_empty)
        self.name = f"openai:{shown_name(spec.model)}"
        digest = f"+{spec.digest}" if spec.digest else ""
        self.revision = f"{self._client.place}{digest}"
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
        todo = iter(range(len(items)))
        flying: dict[Future[Verdict], int] = {}
        self._client.throttle.reopen()
        pool = ThreadPoolExecutor(self._width, thread_name_prefix="judge")
        try:
            while True:
                for index in todo:
                    flying[pool.submit(self._judge, items[index])] = index
                    if len(flying) >= self._width:
                        break
                if not flying:
                    return
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    self._hand_over(flying.pop(future), future.result(), done)
        finally:
            self._client.halt()
            pool.shutdown(wait=True, cancel_futures=True)
            for future, index in flying.items():
                if not future.cancelled() and future.exception() is None:
                    done(index, future.result())

    def close(self) -> None:
        self._client.close()

    def _hand_over(self, index: int, verdict: Verdict, done: Done) -> None:
        done(index, verdict)
        if verdict.raw is not None:
            self._answered, self._failed_in_a_row = True, 0
        elif verdict.reason != SPENT:
            self._failed_in_a_row += 1
        if not self._answered and self._failed_in_a_row >= HOPELESS:
            raise UserError(
                f"The first {HOPELESS} calls of the judge {self.name} at {self._client.place} all failed; the last "
                f"said: {verdict.reason}. Mend that, then run the same command again: it goes on where it stopped."
            )

    def _judge(self, item: JudgeItem) -> Verdict:
        limit = int(self._spec.option("max_new_tokens", reply_tokens(item.stem, item.slot)))
        try:
            reply = self._client.ask([{"role": "user", "content": plain(self.question(item))}], limit)
        except Spent:
            return Verdict(None, SPENT, self.name, self.revision)
        except CallFailed as error:
            return Verdict(None, str(error), self.name, self.revision)
        raw, reason = read_reply(item.slot, reply.text)
        return Verdict(raw, reason, self.name, self.revision)

    def _pay(self) -> None:
        if not self._budget.take():
            raise Spent


def _server_of(spec: Spec, width: int) -> Server:
    url = spec.option("base_url", None)
    return Server(
        model=spec.model,
        who=f"the judge {shown_name(spec.model)}",
        url=None if url is None else str(url),
        most=width,
        timeout_s=float(spec.option("timeout", TIMEOUT_S)),
        attempts=int(spec.option("attempts", ATTEMPTS)),
        may_drop_temperature=True,
    )


def _not_empty(reply: Reply) -> None:
    if not reply.text.strip():
        raise TryAgain("empty_reply", "empty reply")
