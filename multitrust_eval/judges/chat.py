"""The judge `chat`: a local instruct model through our own Hub backend, with the judge prompts of the protocol."""

from collections.abc import Sequence
from typing import Protocol as Interface

from multitrust_datasets.task import SLOTS
from multitrust_eval.backends.hub import HubBackend, HubOptions
from multitrust_eval.judges.local import in_batches
from multitrust_eval.judges.prompts import question_for
from multitrust_eval.judges.replies import UNFINISHED, read_reply, reply_tokens
from multitrust_eval.judges.spec import Setting, Spec
from multitrust_eval.records import Answer, JudgeItem, Request, Verdict


class Speaker(Interface):
    """Answers prompts: one answer a request, in order; a failure is an answer with an error status."""

    name: str
    revision: str

    def answer(self, requests: Sequence[Request]) -> list[Answer]: ...

    def close(self) -> None: ...


class ChatJudge:
    """Asks a speaker the judge prompts and reads its replies strictly."""

    stand_in = False
    remote = False
    slots: tuple[str, ...] = SLOTS

    def __init__(self, spec: Spec, setting: Setting, speaker: Speaker) -> None:
        self._spec, self._protocol, self._speaker = spec, setting.protocol, speaker
        self.name, self.revision = speaker.name, speaker.revision

    def question(self, item: JudgeItem) -> str:
        return question_for(item, self._protocol)

    def __call__(self, items: Sequence[JudgeItem]) -> list[Verdict]:
        answers = self._speaker.answer([self.request(item, str(number)) for number, item in enumerate(items)])
        return [self.verdict(item.slot, answer) for item, answer in zip(items, answers, strict=True)]

    def close(self) -> None:
        self._speaker.close()

    def request(self, item: JudgeItem, key: str) -> Request:
        limit = int(self._spec.option("max_new_tokens", reply_tokens(item.stem, item.slot)))
        return Request(key, self.question(item), (), limit, (item.id,))

    def verdict(self, slot: str, answer: Answer) -> Verdict:
        if answer.status.startswith("error:"):
            return Verdict(None, answer.status.removeprefix("error:"), self.name, self.revision)
        if answer.reasoning and not answer.text:
            return Verdict(None, UNFINISHED, self.name, self.revision)
        raw, reason = read_reply(slot, answer.text)
        return Verdict(raw, reason, self.name, self.revision)


class LocalSpeaker:
    """A chat model of the Hub or of a folder, loaded when the first question comes."""

    def __init__(self, spec: Spec, setting: Setting) -> None:
        self._backend = HubBackend(
            HubOptions(
                model=spec.model,
                revision=spec.revision,
                dtype=spec.option("dtype", "auto"),
                device=spec.option("device", "auto"),
                device_map=spec.option("device_map", None),
                trust_remote_code=bool(spec.option("trust_remote_code", False)),
                chat_template=spec.option("chat_template", None),
                local_rank=setting.local_rank,
            )
        )
        self.name = f"chat:{self._backend.where.id}"
        self.revision = self._backend.where.commit + (f"+{spec.digest}" if spec.digest else "")
        self._loaded = False

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        if not self._loaded:
            self._backend.load()
            self._loaded = True
        lengths = [n + r.max_new_tokens for n, r in zip(self._backend.measure(requests), requests, strict=True)]
        budget = self._backend.limits().tokens or 16 * 4096
        by_limit: dict[int, list[int]] = {}
        for index, request in enumerate(requests):
            by_limit.setdefault(request.max_new_tokens, []).append(index)  # a batch has one token limit
        answers: dict[int, Answer] = {}
        for indexes in by_limit.values():
            some = [requests[i] for i in indexes]
            done = in_batches(some, [lengths[i] for i in indexes], budget, self._batch, _failed)
            answers.update(zip(indexes, done, strict=True))
        return [answers[index] for index in range(len(requests))]

    def close(self) -> None:
        if self._loaded:
            self._backend.close()
            self._loaded = False

    def _batch(self, requests: list[Request]) -> list[Answer]:
        prepared = self._backend.prepare(requests)
        found = {answer.key: answer for answer in prepared.failed}
        if prepared.requests:
            answers = self._backend.decode(prepared, self._backend.generate(prepared))
            found |= {answer.key: answer for answer in answers}
        return [found[request.key] for request in requests]


def _failed(reason: str) -> Answer:
    return Answer("", "", f"error:{reason}")
