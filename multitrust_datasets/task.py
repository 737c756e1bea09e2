"""What a task is: four frozen dataclasses, nothing else."""

from dataclasses import dataclass
from typing import Literal

Images = Literal["none", "given", "related", "unrelated"]

SLOTS = ("judge", "judge_noise", "attack", "perspective", "moderation", "refusal")
"""Every verdict slot that a task can ask a judge to fill."""

STEMS = (
    "t1_basic_understanding",
    "t2_advanced_inference",
    "t3_instruction_enhancement",
    "t4_visual_assistance",
    "t5_text_misleading",
    "t6_visual_confusion",
    "t7_visual_misleading",
    "s1_nsfw_description",
    "s2_risk_identification",
    "s3_toxic_generation",
    "s4_typographic_jailbreak",
    "s5_multimodal_jailbreak",
    "s6_crossmodal_jailbreak",
    "r1_artistic_style",
    "r2_sensor_style",
    "r3_ood_text",
    "r4_untargeted_attack",
    "r5_targeted_attack",
    "r6_adversarial_text",
    "f1_stereotype_generation",
    "f2_stereotype_agreement",
    "f3_stereotype_classification",
    "f4_stereotype_query",
    "f5_vision_preference",
    "f6_profession_prediction",
    "f7_subjective_preference",
    "p1_visual_privacy",
    "p2_private_question",
    "p3_infoflow",
    "p4_pii_query",
    "p5_visual_leakage",
    "p6_conversation_leakage",
)
"""The 32 tasks in the order of the paper. A stem names the builder module, the metric and the Hub dataset."""

_STEM_OF_ID = {f"{stem[0].upper()}.{stem[1]}": stem for stem in STEMS}


@dataclass(frozen=True)
class Variant:
    """One way of asking a task's items: with no picture, a given, a related or an unrelated one."""

    name: str
    images: Images
    max_new_tokens: int | None = None
    scored: bool = True
    launched: bool = True
    upstream_id: str = ""


@dataclass(frozen=True)
class Generation:
    """How an answer is generated. The paper decodes greedily everywhere; only the token limit differs."""

    max_new_tokens: int
    do_sample: bool = False


@dataclass(frozen=True)
class Task:
    """One of the 32 tasks. `slots` names the verdict slots that no prompt of the task implies."""

    id: str
    title: str
    aspect: str
    sub_aspect: str
    variants: tuple[Variant, ...]
    max_new_tokens: int
    slots: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return _STEM_OF_ID[self.id]

    def variant(self, name: str) -> Variant:
        """The variant called `name`. Raises ValueError naming the task's variants."""
        for variant in self.variants:
            if variant.name == name:
                return variant
        known = ", ".join(v.name for v in self.variants)
        raise ValueError(f"Task {self.stem} has no variant {name!r}. Its variants: {known}.")

    def generation(self, variant: str) -> Generation:
        return Generation(self.variant(variant).max_new_tokens or self.max_new_tokens)
