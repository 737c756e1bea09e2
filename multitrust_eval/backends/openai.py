"""A model behind any OpenAI-compatible server: vLLM, SGLang, TGI, `transformers serve`, or a hosted one."""

import hashlib
import io
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from multitrust_eval.backends.base import Limits
from multitrust_eval.backends.data_urls import data_url
from multitrust_eval.backends.pictures import UnreadableImage
from multitrust_eval.client import CallFailed, ChatClient, Message, Reply, Server, plain, shown_name
from multitrust_eval.errors import UserError
from multitrust_eval.reasoning import strip_reasoning
from multitrust_eval.records import Answer, Image, Request
from multitrust_eval.system_prompt import SystemPrompt

ATTEMPTS = 8
"""With growing pauses that is at least a minute: long enough for a rate limit that counts by the minute."""
PROBE_ATTEMPTS, PROBE_TOKENS = 3, 16
_TOKENS_OF_A_PICTURE, _LETTERS_OF_A_TOKEN = 600, 4


@dataclass(frozen=True)
class OpenAIOptions:
    """`model` as the server calls it. `parameters`: request fields beside messages and token limit."""

    model: str
    base_url: str | None = None
    concurrency: int = 32
    timeout_s: float = 600.0
    takes_images: bool = True
    max_pixels: int | None = None
    system_prompt: SystemPrompt | None = None
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"temperature": 0.0})


class OpenAIBackend:
    """Raises UsageError for an address that is none, for a missing key and without the extra `openai`."""

    def __init__(self, options: OpenAIOptions) -> None:
        self._options = options
        self.takes_images, self.width = options.takes_images, options.concurrency
        self.label = f"openai:{shown_name(options.model)}"
        self._client = ChatClient(
            Server(
                model=options.model,
                who=f"the model {shown_name(options.model)}",
                url=options.base_url,
                most=options.concurrency,
                timeout_s=options.timeout_s,
                attempts=ATTEMPTS,
                parameters=options.parameters,
            )
        )
        self.identity: Mapping[str, Any] = self._identify()
        self._lock = threading.Lock()
        self._served: set[str] = set()
        self._tokens = {"prompt_tokens": 0, "new_tokens": 0}

    def load(self) -> None:
        """Ask once in words, once with a picture: what is wrong with address, key or model is told before the run.

        Raises UserError, also for a server that takes pictures and then drops them: its scores would be silently wrong.
        """
        words = self._probe(())
        if not self.takes_images:
            return
        seen = self._probe((_probe_picture(),))
        if words and seen and 0 < seen.prompt_tokens <= words.prompt_tokens:
            raise UserError(
                f"The server at {self._client.place} drops pictures: a question with one is no longer than without "
                f"({seen.prompt_tokens} tokens). If the model takes none, add --text-only."
            )

    def limits(self) -> Limits:
        return Limits(rows=1)

    def measure(self, requests: Sequence[Request]) -> list[int]:
        return [
            len(request.prompt) // _LETTERS_OF_A_TOKEN + _TOKENS_OF_A_PICTURE * len(request.images)
            for request in requests
        ]

    def answer(self, request: Request) -> Answer:
        try:
            reply = self._client.ask(self._messages(request.prompt, request.images), request.max_new_tokens)
        except UnreadableImage as error:
            return Answer(request.key, "", "error:unreadable_image", detail=str(error)[:500])
        except CallFailed as error:
            return Answer(request.key, "", f"error:{error.reason}", detail=str(error)[:500])
        with self._lock:
            self._served |= {reply.served} - {""}
            self._tokens["prompt_tokens"] += reply.prompt_tokens
            self._tokens["new_tokens"] += reply.new_tokens
        return answer_of(request.key, reply)

    def halt(self) -> None:
        self._client.halt()

    def about(self) -> dict[str, Any]:
        """`served_as`: the names by which the server called its model in the answers of this process."""
        if not self._served:
            return {"server": self._client.place}
        names = sorted(shown_name(name) for name in self._served)
        return {"server": self._client.place, "served_as": names, **self._tokens}

    def close(self) -> None:
        self._client.close()

    def _messages(self, prompt: str, images: Sequence[Image]) -> list[Message]:
        messages: list[Message] = []
        if self._options.system_prompt is not None:
            messages.append({"role": "system", "content": self._options.system_prompt.text})
        urls = [data_url(image, self._options.max_pixels) for image in images]
        content: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
        content.append({"type": "text", "text": plain(prompt)})
        # Without pictures plain text: some servers of text models read nothing else.
        messages.append({"role": "user", "content": content if images else plain(prompt)})
        return messages

    def _probe(self, images: Sequence[Image]) -> Reply | None:
        """A short question; None when the server is too busy just now, or has nothing to say to it."""
        messages = self._messages("Say yes.", images)
        try:
            return self._client.ask(messages, PROBE_TOKENS, PROBE_ATTEMPTS)
        except CallFailed as error:
            if error.reason in ("rate_limited", "empty_reply"):
                return None
            where = f"The server at {self._client.place}"
            if images:
                raise UserError(
                    f"{where} answers in words but not with a picture: {error}. If its model takes none, add "
                    "--text-only."
                ) from error
            raise UserError(f"{where} does not answer: {error}. See that it runs and serves the model.") from error

    def _identify(self) -> dict[str, Any]:
        options = self._options
        identity: dict[str, Any] = {
            "kind": "openai",
            "id": self.label,
            "revision": None,  # a server does not tell
            "base_url": self._client.place,
            "parameters": dict(options.parameters),
            "pictures": f"at most {options.max_pixels} pixels" if options.max_pixels else "as stored",
        }
        if shown_name(options.model) != options.model:
            identity["served_name"] = hashlib.sha256(options.model.encode()).hexdigest()[:16]
        if options.system_prompt is not None:
            identity["system_prompt"] = options.system_prompt.sha256
        return identity


def answer_of(key: str, reply: Reply) -> Answer:
    """The record of a reply: reasoning apart, whether the server or the text marks it."""
    if reply.finish_reason == "content_filter":
        return Answer(key, "", "error:content_filter", "content_filter", detail="the server's filter held it back")
    parts = strip_reasoning(reply.text)
    truncated = reply.finish_reason in ("length", "max_tokens") or not parts.closed
    return Answer(
        key=key,
        text=parts.answer,
        status="truncated" if truncated else "ok",
        finish_reason=reply.finish_reason,
        prompt_tokens=reply.prompt_tokens,
        new_tokens=reply.new_tokens,
        reasoning="\n\n".join(filter(None, (reply.reasoning.strip(), parts.reasoning))),
    )


def _probe_picture() -> Image:
    import PIL.Image

    file = io.BytesIO()
    PIL.Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(file, "PNG")
    return Image(hashlib.sha256(file.getvalue()).hexdigest(), data=file.getvalue())
