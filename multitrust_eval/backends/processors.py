"""Processors of Hub models: loading them, with or without torchvision, and keeping data text plain text."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from multitrust_eval.backends.families import image_only, lacks_video
from multitrust_eval.errors import UsageError

Message = dict[str, Any]
"""A turn of a conversation: role and content."""


def load_processor(path: str, config: Any, **options: Any) -> Any:
    """The processor of an image-text model, padding on the left.

    Some processors also hold a video part that cannot be built without torchvision. There the same class is loaded
    without it. Raises ImportError for a processor whose picture part needs a package that is not installed.
    """
    from transformers import AutoProcessor

    try:
        processor = AutoProcessor.from_pretrained(path, padding_side="left", **options)
    except (ImportError, ValueError, RecursionError):  # the last: LlavaNextVideoProcessor takes itself for its part
        base = _processor_class(config.model_type)
        if base is None or not lacks_video(base):
            raise
        processor = image_only(base).from_pretrained(path, padding_side="left", **options)
    if not (hasattr(processor, "tokenizer") and hasattr(processor, "image_processor")):
        raise ValueError("it brings none that takes pictures and text together.")
    return processor


def _processor_class(model_type: str) -> Any:
    import transformers
    from transformers.models.auto.processing_auto import PROCESSOR_MAPPING_NAMES

    name = PROCESSOR_MAPPING_NAMES.get(model_type)
    return getattr(transformers, name) if name else None


def choose_template(processor: Any, tokenizer: Any, model: str, file: str | None) -> str:
    """The chat template as text: the user's file, else the processor's, else the tokenizer's. Raises UsageError."""
    if file is not None:
        try:
            return Path(file).read_text(encoding="utf-8")
        except OSError as error:
            raise UsageError(f"The chat template {file} cannot be read: {error.strerror}.") from error
    for holder in (processor, tokenizer):
        template = getattr(holder, "chat_template", None)
        if isinstance(template, dict):
            template = template.get("default") or next(iter(template.values()), None)
        if template:
            return str(template)
    raise UsageError(
        f"{model} has no chat template, so it is not known how to put a question to it. Give one with "
        "--chat-template FILE (a Jinja template)."
    )


def check_template(render: Callable[[list[Message]], str], model: str) -> None:
    """Raises UsageError for a chat template that has no place for pictures, as one made for a text model."""
    question = {"type": "text", "text": "what the user says"}
    try:
        without, shown = (
            render([{"role": "user", "content": [*pictures, question]}]) for pictures in ([], [{"type": "image"}])
        )
    except Exception as error:  # whatever the template stumbles over
        raise UsageError(
            f"The chat template of {model} cannot write a question: {' '.join(str(error).split())}"
        ) from error
    if shown == without or "{'type'" in shown or question["text"] not in shown:
        raise UsageError(
            f"The chat template of {model} has no place for pictures, or for the question beside them. Give one that "
            "writes a list of parts with --chat-template FILE (docs/MODELS.md shows one)."
        )


def system_turn(render: Callable[[list[Message]], str], text: str, model: str, shapes: Sequence[str]) -> Message:
    """The turn that puts `text` into the template's system role, in the first of `shapes` that the template can write:
    "parts" (a list of typed parts) or "text".

    Raises UsageError for a template that refuses the role, leaves its text out, or writes it as one more user turn.
    """
    words = "what the system says"
    for shape in shapes:
        shown = _rendered(render, "system", words, shape, shapes[0])
        if (
            shown
            and words in shown
            and "{'type'" not in shown
            and shown != _rendered(render, "user", words, shape, shapes[0])
        ):
            return {"role": "system", "content": _content(text, shape)}
    raise UsageError(
        f"The chat template of {model} has no system role, so --system-prompt cannot reach the model. Give a template "
        "that has one with --chat-template FILE, or leave --system-prompt out."
    )


def _rendered(render: Callable[[list[Message]], str], role: str, words: str, shape: str, usual: str) -> str | None:
    """A turn ahead of a question as the template writes them; None where it refuses."""
    try:
        return render(
            [{"role": role, "content": _content(words, shape)}, {"role": "user", "content": _content("?", usual)}]
        )
    except Exception:  # templates refuse by an error of their own making, or stumble over a shape
        return None


def _content(text: str, shape: str) -> Any:
    return [{"type": "text", "text": text}] if shape == "parts" else text


class PlainText:
    """Breaks control tokens inside data text: `<image>` becomes `< image>`.

    A benchmark's text is data. Left alone, a placeholder in it raises an error (more placeholders than pictures), and
    an end-of-turn token lets the text speak in another role.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = sorted({t.strip() for t in tokens if len(t.strip()) > 1}, key=lambda t: (-len(t), t))
        self._pattern = re.compile("|".join(map(re.escape, self.tokens))) if self.tokens else None

    def __call__(self, text: str) -> str:
        while self._pattern is not None and self._pattern.search(text):
            text = self._pattern.sub(lambda match: f"{match[0][0]} {match[0][1:]}", text)
        return text


def control_tokens(processor: Any, tokenizer: Any) -> set[str]:
    """The tokens that mean more than their text: the tokenizer's special ones, the processor's placeholders."""
    tokens = set(map(str, tokenizer.all_special_tokens))
    tokens |= {str(token) for token in getattr(tokenizer, "added_tokens_decoder", {}).values() if token.special}
    for name, value in vars(processor).items() if processor is not None else ():
        if name.endswith("_token") and isinstance(value, str):
            tokens.add(value)
    return tokens
