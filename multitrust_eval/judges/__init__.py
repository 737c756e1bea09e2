"""Judges fill the verdict slots of the tasks that no rule can score. `load(name)` gives one."""

from multitrust_eval.judges.base import Judge, JudgeError
from multitrust_eval.judges.registry import KINDS, is_stand_in, load

__all__ = ["KINDS", "Judge", "JudgeError", "is_stand_in", "load"]
