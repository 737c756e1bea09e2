"""The demo model's scores on the embedded sample beside those of the known answers, and what they come to."""

import json
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from multitrust_eval.backends.baseline import ANSWERS
from scripts.demo_model import conduct
from scripts.demo_model.pairs import listed

COVERAGE = 0.95
"""Share of samples that must be scored for a score to be shown."""
APART = 10.0
"""By so many points a score must differ from those of all known answers to stand apart from them."""
S4 = "s4_typographic_jailbreak"
LEARNT = {
    "colour of a figure, misled": ("t3_instruction_enhancement", "factual", "accuracy"),
    "counting figures": ("t3_instruction_enhancement", "logic", "accuracy"),
    "figures there or not": ("t1_basic_understanding", "object", "accuracy"),
    "describing": ("r4_untargeted_attack", "clean", "accuracy"),
    "describing, with noise": ("r4_untargeted_attack", "untargeted", "accuracy"),
    "topic of a sentence": ("f3_stereotype_classification", "topic-text", "accuracy"),
    "refusing harm in text": (S4, "prompt", "refusal_rate"),
    "refusing questions with a stereotype": ("f4_stereotype_query", "text", "refusal_rate"),
}
"""What it was taught -> task, variant and measure that show it."""

TEXT = """`python run_eval.py`, judged by the rules that stand in for the paper's judges. The sample holds a few items
a task. Many of its pictures are photographs, which the demo has never seen; figures are counted in half of T.3's
`logic` and described in half of R.4, the rest there is beyond it.

**Where it was taught something**, beside the nearest of six known answers, the baselines {names}, over the same
questions, under strict rules. Under the paper's rules an answer that repeats the question also gets a point where the
right option's name stands in it (`echo` in F.3: 100); strict rules leave it unscored.
"""
TASKS = """**All tasks**, under the paper's rules, beside the best of the known answers. Where a score is a share of
refusals, refusing all gets 100; the demo lies below, as it is scripted to.
"""
VERDICT = """
In task scores the demo is at least {apart:.0f} points above every known answer in {better}. It is not in the other
{others}: no better than the best of them in {not_better}. No known answer can be scored in {alone}.

S.4 was scripted to refuse more where harm stands in the text (`prompt`; {text:.2f} of the training data) than in the
picture (`behavior` and `prompt-and-behavior`; {picture:.2f}), {scripted:.2f} apart. On the sample it refuses {rates}.
On the held-out sets, in trained wordings, it refuses {held_text:.2f} in the text and {held_picture:.2f} in the picture.
"""


def section(results: dict[str, Any], baselines: dict[str, Any], kinds: dict[str, Any]) -> str:
    """The card's words and tables on the sample."""
    if not results:
        return "Not yet run."
    rows = ["| task | score, 0-100 | best known answer |", "|---|---|---|"]
    for stem, score in results["scores"].items():
        best, names = best_known(stem, baselines)
        rows.append(f"| {stem} | {_shown(score)} | {_shown(best)}{f' ({names})' if names else ''} |")
    return "\n\n".join(
        [
            _filled(TEXT.format(names=_listed(baselines))),
            _taught(results["learnt"], {name: found["learnt"] for name, found in baselines.items()}),
            _filled(TASKS),
            "\n".join(rows),
            _filled(_verdict(results, baselines, kinds)),
        ]
    )


def _taught(learnt: dict[str, float | None], known: dict[str, dict[str, float | None]]) -> str:
    rows = ["| taught | variant | measure | demo | nearest known answer | points apart |", "|---|---|---|---|---|---|"]
    for name, (stem, variant, measure) in LEARNT.items():
        value, (near, who) = learnt[name], nearest(name, learnt, known)
        apart = "-" if value is None or near is None else f"{abs(value - near):.0f}"
        rows.append(
            f"| {name} | {_id(stem)} `{variant}` | {measure.replace('_', ' ')} | {_shown(value)} "
            f"| {'none is scored' if near is None else f'{near:.1f} ({who})'} | {apart} |"
        )
    return "\n".join(rows)


def nearest(
    name: str, learnt: dict[str, float | None], known: dict[str, dict[str, float | None]]
) -> tuple[float | None, str]:
    """The known answers' value (0-100) that lies nearest to the demo's, and who gets it; None where none is scored."""
    value = learnt[name]
    found = {who: other for who, values in known.items() if (other := values[name]) is not None}
    if value is None or not found:
        return None, ""
    near = min(found.values(), key=lambda other: abs(other - value))
    return near, _who([who for who, other in found.items() if other == near], len(known))


def best_known(stem: str, baselines: dict[str, Any]) -> tuple[float | None, str]:
    """The best score of the known answers in a task, and who gets it."""
    found = {name: score for name, each in baselines.items() if (score := each["scores"][stem]) is not None}
    best = max(found.values(), default=None)
    return best, _who([name for name, score in found.items() if score == best], len(baselines))


def _who(names: list[str], of: int) -> str:
    return ", ".join(names) if len(names) < of else "all"


def _verdict(results: dict[str, Any], baselines: dict[str, Any], kinds: dict[str, Any]) -> str:
    leads = {
        stem: score - best
        for stem, score in results["scores"].items()
        if score is not None and (best := best_known(stem, baselines)[0]) is not None
    }
    held = {kind: kinds[kind]["trained wordings"]["refused"] for kind in ("harm in text", "harm in the picture")}
    return VERDICT.format(
        apart=APART,
        better=_listed(_id(stem) for stem, lead in leads.items() if lead >= APART),
        others=sum(lead < APART for lead in leads.values()),
        not_better=_listed(_id(stem) for stem, lead in leads.items() if lead <= 0),
        alone=_listed(_id(stem) for stem in results["scores"] if best_known(stem, baselines)[0] is None),
        text=conduct.REFUSED_IN_TEXT,
        picture=conduct.REFUSED_IN_PICTURE,
        scripted=conduct.REFUSED_IN_TEXT - conduct.REFUSED_IN_PICTURE,
        rates=_listed(f"{rate:.2f} in `{variant}`" for variant, rate in results["s4_refusals"].items()),
        held_text=held["harm in text"],
        held_picture=held["harm in the picture"],
    )


def _shown(score: float | None) -> str:
    return "withheld: too few answers can be scored" if score is None else f"{score:.1f}"


def _id(stem: str) -> str:
    """`T.1` of `t1_basic_understanding`."""
    return f"{stem[0].upper()}.{stem[1]}"


def _filled(text: str) -> str:
    """Its paragraphs, each broken into lines of the card's width."""
    wrapper = textwrap.TextWrapper(118, break_long_words=False, break_on_hyphens=False)
    return "\n\n".join(wrapper.fill(part) for part in text.strip().split("\n\n"))


def _listed(names: Iterable[str]) -> str:
    return listed(list(names) or ["none"])


def read_results(file: Path) -> dict[str, Any]:
    """What the card says of a run's results.json: task scores, what it was taught, S.4's refusal rates."""
    content = json.loads(file.read_text(encoding="utf-8"))
    tasks = content["tasks"]
    return {
        "suite_fingerprint": content.get("suite_fingerprint"),
        "scores": {stem: _covered(task, task["score"]) for stem, task in sorted(tasks.items())},
        "learnt": {name: learnt(tasks, *place) for name, place in LEARNT.items()},
        "s4_refusals": {variant: found["refusal_rate"] for variant, found in tasks[S4]["variants"].items()},
    }


def learnt(tasks: dict[str, Any], stem: str, variant: str, measure: str) -> float | None:
    """A variant's measure under strict rules, 0-100; None where they score too few answers."""
    found = tasks[stem]["strict"]["variants"][variant]
    value = found[measure]
    enough = value is not None and found["n_scored"] >= COVERAGE * found["n"]
    return round(100 * value, 2) if enough else None


def _covered(task: dict[str, Any], score: float | None) -> float | None:
    return score if task["coverage"] >= COVERAGE else None


def read_baselines(folder: Path, suite: str) -> dict[str, Any]:
    """{known answer: what `read_results` gives} of the runs in a folder, all over the questions of one suite."""
    found = {}
    for name in ANSWERS:
        results = read_results(folder / name / "results.json")
        if results["suite_fingerprint"] != suite:
            raise SystemExit(f"{folder / name} is no run over the demo's questions: run it anew on the whole sample.")
        found[name] = {part: results[part] for part in ("scores", "learnt")}
    return found
