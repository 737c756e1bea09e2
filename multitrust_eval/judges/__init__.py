"""Judges fill the verdict slots of the tasks that no rule can score. `load(name)` gives one."""

from multitrust_eval.judges.base import Judge, JudgeError
from multitrust_eval.judges.registry import is_stand_in, load
from multitrust_eval.judges.spec import KINDS, Setting

__all__ = ["KINDS", "Judge", "JudgeError", "Setting", "is_stand_in", "load"]
