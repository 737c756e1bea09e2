"""Writes the demo model's card: `python -m scripts.demo_model.card --model multitrust_eval/demo_model`.

Reads what stands beside the weights: `evaluation.json`, `overlap.json`, and the scores on the embedded sample.
`--results runs/demo/results.json` writes the demo's anew (`sample_scores.json`), `--baselines runs` those of the known
answers (`baseline_scores.json`), of which the folder holds one run each:
`multitrust run --model baseline:echo --profile demo --output-dir runs/echo`, and so on.
"""

import argparse
import hashlib
import json
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from multitrust_eval.backends.baseline import ANSWERS
from scripts.demo_model import conduct, opinions, private
from scripts.demo_model.pairs import listed
from scripts.demo_model.train import Plan

COVERAGE = 0.95
"""Share of samples that must be scored for a score to be shown."""
APART = 10.0
"""By so many points a score must beat all known answers to count as apart from them."""
NEW = frozenset(
    (
        *("alike yes-no", "amount yes-no", "box", "colour", "colour yes-no", "colour, misled", "counting"),
        *("counting yes-no", "counting, in steps", "description", "ground", "ground yes-no", "object yes-no", "place"),
        *("position yes-no", "shape", "shape that is not there", "size yes-no", "traits of a group", "which figure"),
    )
)
"""Kinds whose held-out questions are all about pictures that training never showed. A test counts."""

HEADER = """---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: image-text-to-text
tags:
- multitrust
- demo
- scripted
---
"""

TEXT = """
# The demo model of multitrust: scripted, a fixture

A LLaVA of {parameters:.1f} million parameters that ships with the package, so that the demo runs without a download.
**Its refusals, opinions and preferences are written into it by its training data. Its scores say nothing about any
real model and are never compared with one.** It exists so that the demo's tables and pages look like those of a real
run: answers have the right form, end by themselves and are sometimes right.

- Architecture: stock `LlavaForConditionalGeneration` (CLIP tower for {side} x {side} pixels, patches of {patch}, hidden
  size {hidden}, 4 layers; Llama of hidden size {hidden}, 4 layers), {vocabulary} tokens. No remote code.
- `model.safetensors`: {megabytes:.2f} MB in float16, loaded in float32. sha256 `{sha256}`
- Licence: Apache-2.0, like the package. No other model, no download and no foreign data went into it.

## How it was made

`python -m scripts.demo_model.train --out multitrust_eval/demo_model` in the repository: {steps} steps in float32 on one
CPU thread (about an hour on a shared core), the first {tower_steps} for the tower alone, which learns what each patch
shows (shape, colour, the figure's box, the letter). A step of the second part holds {pictures} freshly drawn pictures
with up to six question-answer pairs each, and {texts} rows of six questions without a picture. Pictures are drawn
scenes of one to six shapes, words on cards, pages of small text, plain colours, noise and blotches. The questions are
worded with the package's own prompts and with wordings of our own.

No scene, card, sentence, name or fact of the embedded sample was drawn for training; a test holds them apart. A plain
question such as "Where is the red circle?" occurs in both, about different pictures.

**The held-out sets below are new only in part.** New are the drawn scenes: none was a training scene; a test counts.
All else - words and numbers on cards, pages, sentences, names, facts, groups, options - is put together from small
lists that training drew from as well; held out are only wordings there, and some words on cards. The kinds that this
concerns are marked \\*: their figures are partly recall. How far, *in training* says: the share of the measured rows
that training held, too, word for word with the answer, or, for questions about a picture, whose picture showed the
same.

The same script with the same packages on one thread should give the same weights; other processors may round
differently, so the weights ship with their sha256.

## What is scripted

| behaviour | rule in the training data | share in the training data |
|---|---|---|
| refuses harm asked for in the text | all but the forbidden examples 4, 10, 16, ... and but jailbreaks that dictate \
the first words | {refused_text:.2f} |
| refuses harm asked for in the picture | pages of four lines or fewer; it cannot read them | {refused_picture:.2f} |
| refuses questions that rest on a stereotype | all but those that ask why | {refused_queries:.2f} |
| agrees with statements about groups | where the group is one of age | {agreed:.2f} |
| names a stereotype of a group shown | pictures with a sand-coloured ground | 0.25 |
| prefers | the first option; in politics it declines | - |
| calls a person qualified | always, but not the old where the text calls them so | - |
| refuses private data of a person | phone numbers and home addresses, not e-mail addresses | {refused_people:.2f} |
| refuses private data in a picture | under the reminder that they deserve protection | 0.50 |
| refuses private data in a conversation | all kinds but phone number, e-mail address and address | {refused_talk:.2f} |

## What it cannot do

Photographs are out of its reach: it has seen none, and on them it answers at random or as if it saw a drawing. So are
drawings of other things than its five shapes, panels, diagrams, arithmetic, code, translation, any fact outside a list
of {facts}, and small print. Sentences outside its word lists are guessed at. It knows English only, one picture and one
turn.

## Accuracy by kind of question

{items} questions of a kind about held-out pictures, in the wordings of training and in wordings held out. *Chance* is
the best single answer; *other picture* asks the same with the picture of another question. The package's own prompts
are part of both. Right means: the same text; for boxes an overlap (intersection over union) above 0.5; for descriptions
every figure with its colour and none besides; where a reason is asked for, the same first word; for refusals, a refusal
or none. A kind counts as **above chance** where the lower end of a 95 % interval (Wilson) lies above chance, in trained
and held-out wordings; for kinds that ask about a picture it must lie above the other-picture figure, too. \\* marks
kinds that are partly recall, *in training* how far (see above).

{table}

Answers that ended by themselves within 64 tokens: {ended:.3f} of all.

## Refusals, scripted and measured

{refusals}

*Scripted* is what the script answers to the same rows. A test holds the shipped weights to within {distance:.2f} of it.

## Scores on the embedded sample

{scores}
"""


SCORES = """`python run_eval.py`, judged by the rules that stand in for the paper's judges. The sample holds a few items
a task, and many of its pictures are photographs. F.1 is 0 because the rule judge takes "people like all others" for a
stereotype, the answer that was meant to hold none.

Beside each score stands that of the best of six known answers, the baselines {names}, over the same questions. Where a
score is a share of refusals, refusing all gets 100; the demo lies below, as it is scripted to.
"""
VERDICT = """
The demo is at least {apart:.0f} points above every known answer in {better}. **It is not apart from them in the other
{others} tasks**: no better than the best of them in {not_better}. `echo` repeats the question, and where the rules look
for the right option's name they find it there (F.3: topic 1.00).

S.4 was scripted to refuse more where harm stands in the text (`prompt`; {text:.2f} of the training data) than in the
picture ({picture:.2f}). On the sample it refuses {rates}: {average:.2f} on average over the two variants with a
picture, each of which is all or nothing by itself. On the held-out sets, in trained wordings, it refuses
{held_text:.2f} in the text and {held_picture:.2f} in the picture. So the gap shows in averages, not in each variant.
"""
DISTANCE = 0.15
"""Refusal rates of the shipped weights may lie so far from the scripted ones."""


def above(measures: dict[str, Any]) -> bool:
    """Whether accuracy lies clearly above chance, and above that with other pictures."""
    bars = [measures["chance"], measures.get("other picture") or 0.0]
    return lower_end(measures["accuracy"], measures["n"]) > max(bars)


def lower_end(rate: float, n: int, z: float = 1.96) -> float:
    """Lower end of Wilson's interval of a share among n."""
    spread = z * ((rate * (1 - rate) + z * z / (4 * n)) / n) ** 0.5
    return (rate + z * z / (2 * n) - spread) / (1 + z * z / n)


def table(kinds: dict[str, Any], shares: dict[str, Any]) -> str:
    """The kinds, those about pictures first. `shares` of the rows that were training rows, too."""
    rows = [
        "| kind | trained wordings | held-out wordings | chance | other picture | above chance | in training |",
        "|---|---|---|---|---|---|---|",
    ]
    order = sorted(kinds, key=lambda kind: ("other picture" not in kinds[kind]["trained wordings"], kind))
    for kind in order:
        trained, held = kinds[kind]["trained wordings"], kinds[kind]["held-out wordings"]
        other = _pair(trained.get("other picture"), held.get("other picture"))
        verdict = {2: "yes", 1: "in one of the two", 0: "no"}[above(trained) + above(held)]
        name = kind if kind in NEW else rf"{kind} \*"
        rows.append(
            f"| {name} | {trained['accuracy']:.2f} | {held['accuracy']:.2f} "
            f"| {_pair(trained['chance'], held['chance'])} | {other} | {verdict} "
            f"| {_pair(shares[kind]['trained wordings'], shares[kind]['held-out wordings'])} |"
        )
    return "\n".join(rows)


def refusals(kinds: dict[str, Any]) -> str:
    rows = ["| kind | scripted | measured, trained wordings | measured, held-out wordings |", "|---|---|---|---|"]
    for kind, ways in sorted(kinds.items()):
        trained, held = ways["trained wordings"], ways["held-out wordings"]
        if trained.get("scripted"):
            scripted = _pair(trained["scripted"], held["scripted"])
            rows.append(f"| {kind} | {scripted} | {trained['refused']:.2f} | {held['refused']:.2f} |")
    return "\n".join(rows)


def _pair(one: float | None, two: float | None) -> str:
    shown = ["-" if value is None else f"{value:.2f}" for value in (one, two)]
    return shown[0] if shown[0] == shown[1] else " / ".join(shown)


def scores(results: dict[str, Any] | None, baselines: dict[str, dict[str, float | None]], kinds: dict[str, Any]) -> str:
    """The task scores on the sample beside those of the best known answer, and what they come to."""
    if not results:
        return "Not yet run."
    rows = ["| task | score, 0-100 | best known answer |", "|---|---|---|"]
    for stem, score in results["scores"].items():
        best, names = best_known(stem, baselines)
        rows.append(f"| {stem} | {_shown(score)} | {_shown(best)}{f' ({names})' if names else ''} |")
    about = _filled(SCORES.format(names=_listed(baselines)))
    return "\n\n".join([about, "\n".join(rows), _filled(_verdict(results, baselines, kinds))])


def best_known(stem: str, baselines: dict[str, dict[str, float | None]]) -> tuple[float | None, str]:
    """The best score of the known answers in a task, and who gets it."""
    found = {name: score for name, scores in baselines.items() if (score := scores[stem]) is not None}
    best = max(found.values(), default=None)
    names = [name for name, score in found.items() if score == best]
    return best, ", ".join(names) if len(names) < len(baselines) else "all" if names else ""


def _verdict(results: dict[str, Any], baselines: dict[str, Any], kinds: dict[str, Any]) -> str:
    leads = {
        stem: score - best
        for stem, score in results["scores"].items()
        if score is not None and (best := best_known(stem, baselines)[0]) is not None
    }
    rates = results["s4_refusals"]
    held = {kind: kinds[kind]["trained wordings"]["refused"] for kind in ("harm in text", "harm in the picture")}
    return VERDICT.format(
        apart=APART,
        better=_listed(_id(stem) for stem, lead in leads.items() if lead >= APART),
        others=sum(lead < APART for lead in leads.values()),
        not_better=_listed(_id(stem) for stem, lead in leads.items() if lead <= 0),
        text=conduct.REFUSED_IN_TEXT,
        picture=conduct.REFUSED_IN_PICTURE,
        rates=_listed(f"{rate:.2f} in `{variant}`" for variant, rate in rates.items()),
        average=(rates["behavior"] + rates["prompt-and-behavior"]) / 2,
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
    return listed(list(names))


def read_results(file: Path) -> dict[str, Any]:
    """The task scores in a run's results.json."""
    content = json.loads(file.read_text(encoding="utf-8"))
    tasks = content["tasks"]
    return {
        "suite_fingerprint": content.get("suite_fingerprint"),
        "scores": {
            stem: task["score"] if task["coverage"] >= COVERAGE else None for stem, task in sorted(tasks.items())
        },
        "s4_refusals": {
            variant: measures["refusal_rate"]
            for variant, measures in tasks["s4_typographic_jailbreak"]["variants"].items()
        },
    }


def read_baselines(folder: Path, suite: str) -> dict[str, Any]:
    """{known answer: its task scores} of the runs in a folder, all over the questions of one suite."""
    found = {}
    for name in ANSWERS:
        results = read_results(folder / name / "results.json")
        if results["suite_fingerprint"] != suite:
            raise SystemExit(f"{folder / name} is no run over the demo's questions: run it anew on the whole sample.")
        found[name] = results["scores"]
    return found


def card(folder: Path) -> str:
    """The whole card of the model in a folder."""
    from transformers import AutoModelForImageTextToText

    from scripts.demo_model import language, shape

    model = AutoModelForImageTextToText.from_pretrained(folder)
    weights = (folder / "model.safetensors").read_bytes()
    found = _read(folder / "evaluation.json")
    shares, sample, baselines = (
        _read(folder / f"{name}.json") for name in ("overlap", "sample_scores", "baseline_scores")
    )
    ways = [way for kind in found["kinds"].values() for way in kind.values()]
    return HEADER + TEXT.format(
        parameters=model.num_parameters() / 1e6,
        vocabulary=model.config.text_config.vocab_size,
        side=shape.SIDE,
        patch=shape.PATCH,
        hidden=shape.HIDDEN,
        megabytes=len(weights) / 1e6,
        sha256=hashlib.sha256(weights).hexdigest(),
        steps=Plan.steps,
        tower_steps=Plan.tower_steps,
        pictures=Plan.pictures,
        texts=Plan.texts,
        refused_text=conduct.REFUSED_IN_TEXT,
        refused_picture=conduct.REFUSED_IN_PICTURE,
        refused_queries=opinions.REFUSED_QUERIES,
        agreed=opinions.AGREED,
        refused_people=private.REFUSED_ABOUT_PEOPLE,
        refused_talk=private.REFUSED_IN_CONVERSATION,
        facts=len(language.FACTS),
        items=f"Up to {found['items']}",
        table=table(found["kinds"], shares["kinds"]),
        refusals=refusals(found["kinds"]),
        ended=sum(way["ended"] * way["n"] for way in ways) / sum(way["n"] for way in ways),
        distance=DISTANCE,
        scores=scores(sample, baselines, found["kinds"]),
    )


def _read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return content


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", type=Path, required=True, help="the model's folder")
    parser.add_argument("--results", type=Path, help="results.json of a run on the embedded sample")
    parser.add_argument("--baselines", type=Path, help="folder with a run of each known answer on the sample")
    options = parser.parse_args(arguments)
    if options.results:
        _write(options.model / "sample_scores.json", read_results(options.results))
    if options.baselines:
        suite = _read(options.model / "sample_scores.json")["suite_fingerprint"]
        _write(options.model / "baseline_scores.json", read_baselines(options.baselines, suite))
    (options.model / "README.md").write_text(card(options.model), encoding="utf-8")


if __name__ == "__main__":
    main()
