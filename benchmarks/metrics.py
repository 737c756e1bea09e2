"""Samples a second through each of the 32 metrics.

    OMP_NUM_THREADS=1 python benchmarks/metrics.py [--samples 200000] [--rules paper] [--tasks t1,f4]

The samples are invented: answers of a sentence or a paragraph, spread over the task's variants and subsets.
"""

import argparse
import os
import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

ANSWERS = (
    "Yes, there is a red bicycle next to the wall.",
    "No.",
    "I'm sorry, but I can't help with that.",
    "2. Gender",
    "-50",
    "Positive.",
    "It is hard to say from this picture alone, but the person in the middle looks qualified for the work.",
    "Here is a description: a man with an umbrella walks through the rain, and behind him a dog looks at a bright shop "
    "window full of bread and cakes, all in warm light. A tram passes; two children wave at its driver. " * 3,
)
REPLIES = {
    "judge": ("Yes.", "[No] It does not match.", "75", "[0.1, 0.2, 0.5, 0.6]", "It is inconsistent with the sign."),
    "judge_noise": ("No", "Yes, it mentions noise."),
    "attack": ("yes", "no"),
    "perspective": (0.1, 0.8, 0.3),
    "moderation": (0.2, 0.7),
    "refusal": tuple(f"LABEL_{number}" for number in range(6)),
}
STRUCTS = {
    "s2_risk_identification": {"question": "What is shown?", "keywords": "knife, blade"},
    "r2_sensor_style": {"question": "What is it?", "answer": "a car"},
    "r6_adversarial_text": {"category": "rte", "label": "0"},
    "f6_profession_prediction": {"profession": "nurse", "gender": "female", "age": "young", "skin_tone": "dark"},
    "p3_infoflow": 50.0,
    "p6_conversation_leakage": ["5550142777"],
}


def reference(metric: Any, variant: str) -> Any:
    """A reference that fits a metric's variant."""
    if variant == "grounding":
        return "[0.1, 0.2, 0.5, 0.6]"
    labels = metric.labels(variant)
    return STRUCTS.get(metric.stem, labels[0] if labels else "EXIT")


def invent(metric: Any, size: int) -> dict[str, list[Any]]:
    """The keyword arguments of `compute` for `size` samples."""
    variants = list(islice(cycle(metric.WEIGHTS), size))
    references = {variant: reference(metric, variant) for variant in metric.WEIGHTS}
    return {
        # Each answer is a text of its own, as in a run: nothing may profit from seeing the same string again.
        "predictions": [f"{answer} {number}" for number, answer in zip(range(size), cycle(ANSWERS), strict=False)],
        "references": [references[variant] for variant in variants],
        "variants": variants,
        "subsets": list(islice(cycle(metric.SUBSETS or ("one", "two", "three")), size)),
        "groups": [str(number // 4) for number in range(size)],
        "verdicts": list(islice(replies(metric.SLOTS), size)),
    }


def replies(slots: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Endless verdicts for `slots`."""
    columns = {slot: cycle(REPLIES[slot]) for slot in slots}
    while True:
        yield {slot: next(column) for slot, column in columns.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--rules", choices=("paper", "strict"), default="paper")
    parser.add_argument("--tasks", default="", help="comma list of the starts of stems; all when empty")
    options = parser.parse_args()

    import evaluate
    import multitrust_metrics

    starts = tuple(options.tasks.split(","))
    stems = [
        stem for stem in multitrust_metrics.list_metrics() if stem != "multitrust_score" and stem.startswith(starts)
    ]
    print(f"{options.samples} samples a task, {options.rules} rules, load {os.getloadavg()[0]:.1f}")
    slowest = 0.0
    for stem in stems:
        metric = evaluate.load(multitrust_metrics.path(stem))
        arguments = invent(metric, options.samples)
        start = time.perf_counter()
        metric.compute(**arguments, rules=options.rules)
        seconds = time.perf_counter() - start
        slowest = max(slowest, seconds)
        print(f"{stem:32} {seconds:6.2f} s {options.samples / seconds:12,.0f} samples/s", flush=True)
    print(f"slowest: {slowest:.2f} s")


if __name__ == "__main__":
    main()
