"""Tokens -> the answer and the reasoning before it."""

from collections.abc import Sequence
from typing import Any

from multitrust_eval.backends.processors import control_tokens
from multitrust_eval.reasoning import MARKERS, Parts, strip_reasoning


class Reader:
    """Decodes what a model generated. `opened`: the tag of reasoning that the chat template itself leaves open."""

    def __init__(self, tokenizer: Any, opened: str) -> None:
        self._tokenizer, self._opened = tokenizer, opened
        self._special = sorted(control_tokens(None, tokenizer), key=len, reverse=True)
        self._markers = set(map(tokenizer.convert_tokens_to_ids, MARKERS.intersection(self._special)))

    def parts(self, tokens: Sequence[int]) -> Parts:
        """Without special tokens. Where those mark the reasoning, they are dropped only once it is cut out."""
        if self._markers.isdisjoint(tokens):
            return strip_reasoning(self._tokenizer.decode(tokens, skip_special_tokens=True), self._opened)
        parts = strip_reasoning(self._tokenizer.decode(tokens, skip_special_tokens=False), self._opened)
        return Parts(self._bare(parts.answer), self._bare(parts.reasoning), parts.closed)

    def _bare(self, text: str) -> str:
        for token in self._special:
            text = text.replace(token, "")
        return text.strip()
