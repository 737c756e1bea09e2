"""Judge names -> judges. Nothing heavy is imported before a judge that needs it is asked for."""

from multitrust_datasets.task import SLOTS
from multitrust_eval.judges.base import Judge, JudgeError
from multitrust_eval.judges.spec import Setting, Spec, read_spec


def load(name: str, slot: str = "", *, setting: Setting | None = None) -> Judge:
    """The judge called `name`: `rule`, `classifier`, `guard:<model>`, `harmbench`, `chat:<model>`, `openai:<model>`,
    each `<model>` with an optional `@revision`, or a YAML file. `slot` picks the default model of `classifier`.

    Raises JudgeError for a name or model that is none, and for a judge that cannot fill `slot`.
    """
    if slot and slot not in SLOTS:
        raise JudgeError(f"There is no verdict slot {slot!r}; there are {', '.join(SLOTS)}.")
    judge = _build(read_spec(name, slot), setting or Setting())
    if slot and slot not in judge.slots:
        raise JudgeError(f"{judge.name} cannot fill the slot {slot}; it fills {', '.join(judge.slots)}.")
    return judge


def _build(spec: Spec, setting: Setting) -> Judge:
    if spec.kind == "rule":
        from multitrust_eval.judges.rule import RuleJudge

        return RuleJudge()
    if spec.kind == "classifier":
        from multitrust_eval.judges.classifier import ClassifierJudge

        return ClassifierJudge(spec, setting)
    if spec.kind in ("guard", "harmbench"):
        from multitrust_eval.judges.guard import GuardJudge, HarmBenchJudge

        return GuardJudge(spec, setting) if spec.kind == "guard" else HarmBenchJudge(spec, setting)
    from multitrust_eval.judges.chat import ChatJudge, LocalSpeaker
    from multitrust_eval.judges.remote import RemoteChatJudge

    if spec.kind == "openai":
        return RemoteChatJudge(spec, setting)
    return ChatJudge(spec, setting, LocalSpeaker(spec, setting))


def is_stand_in(name: str) -> bool:
    """Is the judge called `name` only a stand-in that keeps the pipeline whole?"""
    return name == "rule"
