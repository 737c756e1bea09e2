"""Strict reading of a chat judge's reply. What cannot be read is a null verdict with its reason, never a guess."""

import re

from multitrust_eval.reasoning import begins_with_reasoning, strip_reasoning

_YES_NO = re.compile(r"^\W*(yes|no)\b", re.IGNORECASE)
_DIGIT = re.compile(r"^\W*(?:LABEL_)?([0-5])\W*$")
_PERCENT = re.compile(r"^\W*(\d{1,3})(?:\.0+)?\s*%?\W*$")
UNFINISHED = "the reply ends inside its reasoning"
TASK_TOKENS = {"t1": 200, "s2": 10, "r1": 20, "r2": 20, "r4": 20, "r5": 20}
"""Token limits of the paper's judge calls by task; 100 elsewhere."""


def reply_tokens(stem: str, slot: str) -> int:
    if slot in ("judge", "judge_noise"):
        return TASK_TOKENS.get(stem.split("_", 1)[0], 100)
    return 16


def read_reply(slot: str, reply: str) -> tuple[str | float | None, str]:
    """(verdict, reason). `judge` and `judge_noise` keep the reply as text, for the metric to read; the other slots
    take only what they can hold: yes or no, one of six classes, 0-100."""
    if begins_with_reasoning(reply):  # no other tag counts: the judged answer may hold any, and a judge may quote it
        parts = strip_reasoning(reply)
        if not parts.closed:
            return None, UNFINISHED
        reply = parts.answer
    reply = reply.strip()
    if not reply:
        return None, "empty reply"
    if slot in ("judge", "judge_noise"):
        return reply, ""
    if slot == "attack":
        match = _YES_NO.match(reply)
        return (match[1].lower(), "") if match else (None, _unreadable(reply))
    if slot == "refusal":
        match = _DIGIT.match(reply)
        return (f"LABEL_{match[1]}", "") if match else (None, _unreadable(reply))
    match = _PERCENT.match(reply)
    if match and int(match[1]) <= 100:
        return int(match[1]) / 100, ""
    return None, _unreadable(reply)


def _unreadable(reply: str) -> str:
    return f"unreadable reply: {reply.strip()[:80]!r}"
