"""Judge names -> judges: a kind (`rule`), a kind and its model (`classifier:org/model@revision`), or a YAML file."""

from multitrust_datasets.protocol import Protocol
from multitrust_eval.judges.base import Judge, JudgeError

KINDS = {"rule": "deterministic stand-in for every slot, offline"}


def load(name: str, *, protocol: Protocol | None = None, budget: int | None = None) -> Judge:
    """The judge called `name`. `protocol` holds the judge prompts of chat judges, `budget` bounds the calls of remote
    ones. Raises JudgeError naming the known kinds."""
    kind = name.partition(":")[0]
    if kind == "rule":
        from multitrust_eval.judges.rule import RuleJudge

        return RuleJudge()
    raise JudgeError(f"There is no judge {name!r}. Known kinds: {', '.join(sorted(KINDS))}.")


def is_stand_in(name: str) -> bool:
    """Is the judge called `name` only a stand-in that keeps the pipeline whole?"""
    return name == "rule"
