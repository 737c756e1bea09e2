"""Requests -> model inputs: chat template, tokens, pixels, padding on the left."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

from multitrust_eval.backends.base import Prepared
from multitrust_eval.backends.families import APART
from multitrust_eval.backends.features import Remembering
from multitrust_eval.backends.identity import Where, digest_of
from multitrust_eval.backends.pictures import PictureCache, UnreadableImage, size_of
from multitrust_eval.backends.processors import (
    Message,
    PlainText,
    check_template,
    choose_template,
    control_tokens,
    load_processor,
    system_turn,
)
from multitrust_eval.errors import UsageError
from multitrust_eval.reasoning import opened_by
from multitrust_eval.records import Answer, Image, Request

NEUTRAL = Request("", "?", (), 1, ())
"""A question of no interest: for looking at what the template writes around one."""


class InputMaker(Protocol):
    """Turns requests into the tensors of one batch. `template` and `settings()` are part of the model's identity.

    `opens` is the tag of reasoning that the template leaves open where the answer begins, or "".
    """

    tokenizer: Any
    template: str
    opens: str

    def begin_with(self, system_prompt: str | None) -> None:
        """Settle how every conversation begins. Called once. Raises UsageError for a template without a system role."""
        ...

    def settings(self) -> str: ...

    def measure(self, requests: Sequence[Request]) -> list[int]: ...

    def batch(self, requests: Sequence[Request]) -> Prepared: ...


class VisionInputs:
    """For image-text models. Rows with and without pictures go through the same processor, in one batch."""

    def __init__(
        self, where: Where, config: Any, template_file: str | None, max_pixels: int | None, access: Mapping[str, Any]
    ) -> None:
        self._processor = load_processor(where.path, config, **access)
        self._processor.image_processor = Remembering(self._processor.image_processor)
        self.tokenizer = self._processor.tokenizer
        _left_padding(self.tokenizer)
        self.template = choose_template(self._processor, self.tokenizer, where.id, template_file)
        self._plain = PlainText(control_tokens(self._processor, self.tokenizer))
        self._pictures = PictureCache(max_pixels)
        self._max_pixels = max_pixels
        self._apart = APART.get(config.model_type)
        self._where, self._ahead = where, list[Message]()
        self._sizes: dict[str, tuple[int, int] | None] = {}
        self._picture_tokens: dict[tuple[int, int], int] = {}
        # A fast tokenizer keeps its padding settings in itself: two threads must not use it at once.
        self._lock = threading.Lock()
        check_template(self._render_turns, where.id)
        self._check_text_alone()

    def begin_with(self, system_prompt: str | None) -> None:
        if system_prompt is not None:
            text = self._plain(system_prompt)
            self._ahead = [system_turn(self._render_turns, text, self._where.id, ("parts", "text"))]
        self.opens = opened_by(self._render(NEUTRAL))

    def _check_text_alone(self) -> None:
        """Raises UsageError for a processor that wants a picture with every question: many of the rows have none."""
        try:
            self._process([self._render(NEUTRAL)], [[]])
        except Exception as error:
            raise UsageError(
                f"{self._where.id} takes no question without a picture ({' '.join(str(error).split())[:200]}), so the "
                "benchmark cannot be put to it."
            ) from error

    def settings(self) -> str:
        image_processor = self._processor.image_processor.to_dict()
        return digest_of({"image_processor": image_processor, "max_pixels": self._max_pixels})

    def measure(self, requests: Sequence[Request]) -> list[int]:
        lengths = _lengths((self._render(request) for request in requests), self.tokenizer, self._lock)
        return [
            length + sum(self._tokens_of(image) for image in request.images)
            for length, request in zip(lengths, requests, strict=True)
        ]

    def batch(self, requests: Sequence[Request]) -> Prepared:
        prepared = Prepared([])
        pictures: list[list[Any]] = []
        for request in requests:
            try:
                pictures.append([self._pictures.get(image) for image in request.images])
                prepared.requests.append(request)
            except UnreadableImage as error:
                prepared.failed.append(Answer(request.key, "", "error:unreadable_image", detail=str(error)[:500]))
        if self._apart and len(set(map(len, pictures))) > 1:
            raise ValueError(f"rows with different numbers of pictures in one batch: {self._apart}")
        if prepared.requests:
            texts = [self._render(request) for request in prepared.requests]
            prepared.inputs = self._process(texts, pictures)
        return prepared

    def _render(self, request: Request) -> str:
        content: list[dict[str, str]] = [{"type": "image"} for _ in request.images]
        content.append({"type": "text", "text": self._plain(request.prompt)})
        return self._render_turns([*self._ahead, {"role": "user", "content": content}])

    def _render_turns(self, turns: list[Message]) -> str:
        text = self._processor.apply_chat_template(turns, chat_template=self.template, add_generation_prompt=True)
        return str(text)

    def _process(self, texts: list[str], pictures: list[list[Any]]) -> dict[str, Any]:
        # All-text batches pass no pictures at all: an empty list would reach the vision tower of some families.
        images = pictures if any(pictures) else None
        with self._lock:
            inputs = self._processor(
                text=texts,
                images=images,
                padding=True,
                return_tensors="pt",
                add_special_tokens=not _starts_itself(texts, self.tokenizer),
            )
        return dict(inputs)

    def _tokens_of(self, image: Image) -> int:
        """How many tokens a picture takes, by its size; each size is asked of the processor once."""
        if image.sha256 not in self._sizes:
            try:
                self._sizes[image.sha256] = size_of(image.read(), self._max_pixels)
            except OSError:
                self._sizes[image.sha256] = None  # told when the row's turn comes
        size = self._sizes[image.sha256]
        if size is None:
            return 0
        coarse = (-(-size[0] // 32) * 32, -(-size[1] // 32) * 32)
        if coarse not in self._picture_tokens:
            self._picture_tokens[coarse] = self._count_tokens(coarse)
        return self._picture_tokens[coarse]

    def _count_tokens(self, size: tuple[int, int]) -> int:
        import PIL.Image

        message = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "?"}]}
        text = self._processor.apply_chat_template([message], chat_template=self.template)
        return int(self._process([text], [[PIL.Image.new("RGB", size)]])["input_ids"].shape[1])


class TextInputs:
    """For text models: they are asked the variants without pictures."""

    def __init__(
        self, where: Where, config: Any, template_file: str | None, max_pixels: int | None, access: Mapping[str, Any]
    ) -> None:
        from transformers import AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(where.path, padding_side="left", **access)
        _left_padding(self.tokenizer)
        self.template = choose_template(None, self.tokenizer, where.id, template_file)
        self._plain = PlainText(control_tokens(None, self.tokenizer))
        self._where, self._ahead = where, list[Message]()
        self._lock = threading.Lock()

    def begin_with(self, system_prompt: str | None) -> None:
        if system_prompt is not None:
            text = self._plain(system_prompt)
            self._ahead = [system_turn(self._render_turns, text, self._where.id, ("text",))]
        self.opens = opened_by(self._render(NEUTRAL))

    def settings(self) -> str:
        return ""

    def measure(self, requests: Sequence[Request]) -> list[int]:
        return list(_lengths((self._render(request) for request in requests), self.tokenizer, self._lock))

    def batch(self, requests: Sequence[Request]) -> Prepared:
        texts = [self._render(request) for request in requests]
        with self._lock:  # as in transformers: the template writes every special token of a text model
            inputs = self.tokenizer(texts, padding=True, return_tensors="pt", add_special_tokens=False)
        return Prepared(list(requests), {name: inputs[name] for name in ("input_ids", "attention_mask")})

    def _render(self, request: Request) -> str:
        return self._render_turns([*self._ahead, {"role": "user", "content": self._plain(request.prompt)}])

    def _render_turns(self, turns: list[Message]) -> str:
        text = self.tokenizer.apply_chat_template(
            turns, chat_template=self.template, add_generation_prompt=True, tokenize=False
        )
        return str(text)


def _lengths(texts: Iterable[str], tokenizer: Any, lock: threading.Lock) -> Iterator[int]:
    """The length of each text in tokens, some hundreds at a time: the tokens of a whole plan would fill gigabytes."""
    texts = iter(texts)
    while chunk := list(islice(texts, 500)):
        with lock:
            encoded = tokenizer(chunk, add_special_tokens=False, return_attention_mask=False)["input_ids"]
        yield from map(len, encoded)


def _left_padding(tokenizer: Any) -> None:
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token


def _starts_itself(texts: Sequence[str], tokenizer: Any) -> bool:
    """Did the template write the begin token already? Then the tokenizer must not add a second one."""
    return tokenizer.bos_token is not None and texts[0].startswith(tokenizer.bos_token)
