"""Why a run's figures are not MultiTrust's: each reason a plain sentence, in results.json, the table and the pages."""

from collections.abc import Mapping
from typing import Any

from multitrust_datasets.raw import AS_ORIGINAL
from multitrust_eval.demo import is_demo
from multitrust_eval.options import REASONING
from multitrust_eval.plan import Plan, RunContext

PAPER_JUDGES = {
    "judge": "gpt-4-1106-preview",
    "judge_noise": "gpt-4-1106-preview",
    "attack": "cais/HarmBench-Llama-2-13b-cls",
    "refusal": "LibrAI/longformer-action-ro",
    "perspective": "Perspective API",
    "moderation": "OpenAI Moderation API",
}
"""Slot -> what filled it in the paper."""
PAPER_KINDS = {"judge": "openai", "judge_noise": "openai", "attack": "harmbench", "refusal": "classifier"}
"""Slot -> the kind of judge that asks that model the paper's question; the two services have none."""


def is_paper_judge(slot: str, name: str) -> bool:
    """Does the judge called `name` run the paper's own model for this slot, in the paper's way?"""
    kind, _, model = name.partition(":")
    return kind == PAPER_KINDS.get(slot) and model.partition("@")[0] == PAPER_JUDGES[slot]


def reasons_not_comparable(
    plan: Plan, context: RunContext, judges: Mapping[str, Mapping[str, Any]], tasks: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Empty only for a whole, uncapped run on the real data with the paper's prompts and judges."""
    reasons = []
    if context.stand_in_sample:
        reasons.append("The source is the embedded sample: our own content, not MultiTrust's.")
    if context.limit is not None:
        reasons.append(f"The run is limited to a part of each task (--limit {context.limit}).")
    if context.protocol.get("name") == "default":
        reasons.append(
            "The prompts are ours, not the paper's; `multitrust protocol import` brings the original wording."
        )
    elif not context.paper_wording:
        reasons.append(f"The prompts of the pack {context.protocol.get('name')} are not the paper's to the letter.")
    if context.token_cap is not None:
        reasons.append(f"Answers are capped at {context.token_cap} tokens.")
    if context.profile == REASONING:
        reasons.append("The profile `reasoning` lets answers be far longer than the paper's limits did.")
    reasons += _other_questions(context.model)
    if str(context.model.get("id", "")).startswith("baseline:"):
        reasons.append("The answers are a baseline's, fixed in advance; no model was asked.")
    if is_demo(context.model):
        reasons.append("A demo model is a fixture, scripted or random: its scores only show the path of a run.")
    reasons += _other_judges(judges)
    reasons += _gaps(plan, tasks)
    return reasons


def _other_questions(model: Mapping[str, Any]) -> list[str]:
    """What went to the model beside the question, or changed how it answers."""
    reasons = []
    if system_prompt := model.get("system_prompt"):
        reasons.append(
            f"A system prompt (sha256 {str(system_prompt)[:12]}) goes ahead of every question; the paper used none. "
            "Compare with a run without it: their base fingerprints are equal."
        )
    parameters = model.get("parameters", {"temperature": 0.0})
    if parameters.get("temperature") != 0:
        reasons.append("The model does not answer greedily: temperature 0 is left out or changed by --extra-body.")
    elif len(parameters) > 1:
        reasons.append(f"Requests carry fields of your own: {', '.join(sorted(set(parameters) - {'temperature'}))}.")
    return reasons


def _other_judges(judges: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A line for each judge that is not the paper's, with all its slots."""
    slots_of: dict[str, list[str]] = {}
    for slot, judge in judges.items():
        if not is_paper_judge(slot, judge["name"]):
            slots_of.setdefault(judge["name"], []).append(slot)
    reasons = []
    for name, slots in sorted(slots_of.items()):
        papers = ", ".join(dict.fromkeys(PAPER_JUDGES[slot] for slot in slots))
        reasons.append(f"{name} fills {', '.join(slots)}; the paper used {papers}.")
    return reasons


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _gaps(plan: Plan, tasks: Mapping[str, Mapping[str, Any]]) -> list[str]:
    reasons = []
    left_out = [item for counts in plan.left_out.values() for item in counts.items()]
    rows = sum(count for reason, count in left_out if not reason.endswith(AS_ORIGINAL))
    if rows:
        reasons.append(f"The source could not give {_counted(rows, 'row')}; left out.")
    if plan.unavailable:
        short = ", ".join(stem.partition("_")[0] for stem in plan.unavailable)
        reasons.append(f"Not run, for their data are not in the source: {short}.")
    if plan.not_applicable:
        reasons.append(f"This model cannot be asked all: {_counted(len(plan.not_applicable), 'variant')} left out.")
    partial = [task["id"] for task in tasks.values() if task.get("missing") and not task["not_applicable"]]
    if partial:
        reasons.append(f"Variants that the score needs were not run or have nothing scored in {', '.join(partial)}.")
    return reasons
