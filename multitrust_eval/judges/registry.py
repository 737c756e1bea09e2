"""Judge names -> judges: a kind (`rule`), a kind and its model (`classifier:org/model@revision`), or a YAML file."""

from typing import Any

from multitrust_eval.judges.base import Judge, JudgeError

KINDS = {"rule": "deterministic stand-in for every slot, offline"}


def load(name: str, **options: Any) -> Judge:
    """The judge called `name`. Raises JudgeError naming the known kinds."""
    kind = name.partition(":")[0]
    if kind == "rule":
        from multitrust_eval.judges.rule import RuleJudge

        return RuleJudge()
    raise JudgeError(f"There is no judge {name!r}. Known kinds: {', '.join(sorted(KINDS))}.")
