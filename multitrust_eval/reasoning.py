"""What a model thinks aloud before it answers is not its answer: it is cut out before scoring and kept beside it.

Which tags: those of the families below, by their published chat templates and model cards. Pure functions, no model.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Tags:
    """How a family marks its reasoning. `opens` and `closes` are plain text; `any_case` for tags that vary in case."""

    opens: str
    closes: str
    any_case: bool = False


FAMILIES: tuple[Tags, ...] = (
    # DeepSeek-R1, QwQ, QVQ, Qwen3(-VL)-Thinking, GLM-4.1V and 4.5V, MiMo-VL, InternVL3.5, MiniCPM-V 4.5, Skywork-R1V
    Tags("<think>", "</think>", any_case=True),
    Tags("<thinking>", "</thinking>", any_case=True),
    Tags("<thought>", "</thought>", any_case=True),
    Tags("<reasoning>", "</reasoning>", any_case=True),
    Tags("\u25c1think\u25b7", "\u25c1/think\u25b7"),  # Kimi-VL-Thinking
    Tags("[THINK]", "[/THINK]"),  # Magistral
    Tags("<|channel>thought\n", "<channel|>"),  # Gemma 4
    Tags("<|channel|>analysis<|message|>", "<|end|>"),  # gpt-oss
    Tags("<SUMMARY>", "</SUMMARY>"),  # LLaVA-CoT: three stages, then <CONCLUSION>
    Tags("<CAPTION>", "</CAPTION>"),
)
MARKERS = frozenset(tag for family in FAMILIES for tag in (family.opens, family.closes)) | {
    "<|channel>",
    "<|channel|>",
    "<|message|>",
}
"""Texts that a tokenizer may hold as special tokens: decoding must not drop them before the reasoning is cut out."""

_WRAPS = (
    ("<answer>", "</answer>"),
    ("<|begin_of_box|>", "<|end_of_box|>"),
    ("<CONCLUSION>", "</CONCLUSION>"),
    ("<|start|>assistant<|channel|>final<|message|>", "<|return|>"),
)
"""What some families put around the answer once they have reasoned."""


@dataclass(frozen=True)
class Parts:
    """A text taken apart. `closed` is False when it ends inside its reasoning: then there is no answer."""

    answer: str
    reasoning: str = ""
    closed: bool = True


def strip_reasoning(text: str, opened: str = "") -> Parts:
    """The answer and the reasoning of what a model wrote; a text without reasoning is its own answer, stripped.

    `opened`: the tag that the chat template wrote itself, so that the text begins inside. Where that is not known (a
    server), a closing tag without an opening one before it says the same. Whole blocks are cut out wherever they
    stand; a block that never closes only counts at the start of a line, since an answer may speak of a tag.
    """
    family = _family(opened)
    if family is not None:
        inside, tag, rest = _cut(text, _closing(family))
        if not tag:
            return Parts("", _without_opening(text, family), closed=False)
        return _outside(rest, [_without_opening(inside, family)])
    orphan = _orphan(text)
    if orphan is not None:
        return _outside(text[orphan.end() :], [text[: orphan.start()]])
    return _outside(text, [])


def begins_with_reasoning(text: str) -> bool:
    """Does the text open a block of reasoning at its very start?"""
    return _OPENING.match(text.lstrip()) is not None


def opened_by(prompt: str) -> str:
    """The tag that a rendered prompt leaves open at its end, else "". Ask it of a template, not of a row's prompt:
    data may end in anything."""
    end = prompt.rstrip()
    return next((tags.opens for tags in FAMILIES if end.endswith(tags.opens.rstrip())), "")


def _outside(text: str, thoughts: list[str]) -> Parts:
    """Take the blocks out of a text that begins outside of any, or just behind one (`thoughts`)."""
    kept, rest = "", _LEADING_CLOSES.sub("", text) if thoughts else text
    never_close: set[Tags] = set()
    while match := _OPENING.search(rest):
        family = FAMILIES[int(str(match.lastgroup)[1:])]
        before, inside = rest[: match.start()], rest[match.end() :]
        thought, tag, after = (inside, "", "") if family in never_close else _cut(inside, _closing(family))
        if tag:
            thoughts.append(thought)
            kept, rest = kept + before, _LEADING_CLOSES.sub("", after)  # some models close twice
        elif _starts_a_line(kept + before):
            return Parts((kept + before).strip(), _joined([*thoughts, inside]), closed=False)
        else:
            never_close.add(family)
            kept, rest = kept + before + match[0], inside
    answer = (kept + rest).strip()
    return Parts(_unwrapped(answer) if thoughts else answer, _joined(thoughts))


def _orphan(text: str) -> re.Match[str] | None:
    """The first closing tag, if no opening tag stands before it."""
    closing = _CLOSING.search(text)
    if closing is None:
        return None
    opening = _OPENING.search(text)
    return closing if opening is None or opening.start() > closing.start() else None


def _unwrapped(answer: str) -> str:
    """Without the tags that stand around the whole of an answer. An opening one alone is what a token limit left."""
    for opens, closes in _WRAPS:
        if answer.startswith(opens):
            inside = answer.removeprefix(opens).strip().removesuffix(closes).strip()
            return inside if closes not in inside else answer
    return answer


def _without_opening(inside: str, family: Tags) -> str:
    """Some models write the opening tag again although the template wrote it."""
    return re.sub(rf"\A\s*{re.escape(family.opens)}", "", inside, flags=re.IGNORECASE if family.any_case else 0)


def _joined(thoughts: list[str]) -> str:
    return "\n\n".join(filter(None, (thought.strip() for thought in thoughts)))


def _cut(text: str, pattern: re.Pattern[str]) -> tuple[str, str, str]:
    """The text before the first match, the match, the text after; (text, "", "") without a match."""
    match = pattern.search(text)
    return (text[: match.start()], match[0], text[match.end() :]) if match else (text, "", "")


def _starts_a_line(before: str) -> bool:
    return not before.rpartition("\n")[2].strip()


def _family(opened: str) -> Tags | None:
    return next((tags for tags in FAMILIES if tags.opens == opened), None)


def _pattern(text: str, any_case: bool) -> str:
    return f"(?i:{re.escape(text)})" if any_case else re.escape(text)


def _closing(family: Tags) -> re.Pattern[str]:
    return re.compile(_pattern(family.closes, family.any_case))


_OPENING = re.compile("|".join(f"(?P<f{n}>{_pattern(t.opens, t.any_case)})" for n, t in enumerate(FAMILIES)))
# `<|end|>` ends any message of gpt-oss: alone it closes nothing.
_CLOSES = "|".join(_pattern(tags.closes, tags.any_case) for tags in FAMILIES if tags.closes != "<|end|>")
_CLOSING = re.compile(_CLOSES)
_LEADING_CLOSES = re.compile(rf"\A\s*(?:(?:{_CLOSES})\s*)+")
