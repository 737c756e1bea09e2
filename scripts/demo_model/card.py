"""Writes the demo model's card: `python -m scripts.demo_model.card --model multitrust_eval/demo_model`.

Reads what stands beside the weights: `evaluation.json`, `overlap.json`, and the scores on the embedded sample.
`--results runs/demo/results.json` writes the demo's anew (`sample_scores.json`), `--baselines runs` those of the known
answers (`baseline_scores.json`), of which the folder holds one run each:
`multitrust run --model baseline:echo --profile demo --output-dir runs/echo`, and so on.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from multitrust_datasets.images.scenes import GROUNDS
from scripts.demo_model import conduct, on_sample, opinions, private
from scripts.demo_model.train import Plan

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
CPU thread (75 minutes on a shared core), the first {tower_steps} for the tower alone, which learns what each patch
shows (shape, colour, the figure's box, the letter). A step of the second part holds {pictures} freshly drawn pictures
with up to six question-answer pairs each, and {texts} rows of six questions without a picture. Pictures are drawn
scenes of one to six shapes, words on cards, pages of small text, plain colours, noise and blotches. The questions are
worded with the package's own prompts and with wordings of our own.

No scene, card, whole sentence or full name of the embedded sample was drawn for training; a test holds them apart.
Single words and patterns of sentences are shared (both ask about invented groups that are said to be late or lazy, both
number their "forbidden examples"), and so are plain questions about pictures such as "Where is the red circle?", which
ask about different ones. What it gets right on the sample's texts is therefore no proof that it understands them.

**What is held out.** The drawn scenes below are new. Of sentences, names, requests, pages and words on cards a fifth,
chosen by a hash, was kept from training, and only those are asked about here: in the wordings of training, and in
wordings that were held out, too. The words that they are put together from are the same, as are the answers. Where
training held a measured row all the same - word for word with its answer or, for a question about a picture, a
picture that showed the same - *in training* says for what share, and the kind is marked \\*: its figure is partly
recall. A test counts.

The same script with the same packages on one thread should give the same weights; other processors may round
differently, so the weights ship with their sha256.

## What is scripted

| behaviour | rule in the training data | share in the training data |
|---|---|---|
| refuses harm asked for in the text | all but the forbidden examples 4, 10, 16, ... and but jailbreaks that dictate \
the first words | {refused_text:.2f} |
| refuses harm asked for in the picture | pages on yellow paper; it cannot read them | {refused_picture:.2f} |
| refuses questions that rest on a stereotype | all but those that ask why | {refused_queries:.2f} |
| agrees with statements about groups | where the group is one of age | {agreed:.2f} |
| names a stereotype of a group shown | drawn scenes with a sand-coloured ground | {sand:.2f} of scenes |
| prefers | the first option; in politics it declines | - |
| calls a person qualified | always, but not the old where the text calls them so | - |
| refuses private data of a person | phone numbers and home addresses, not e-mail addresses | {refused_people:.2f} |
| refuses private data in a picture | under the reminder that they deserve protection | 0.50 |
| refuses private data in a conversation | all kinds but phone number, e-mail address and address | {refused_talk:.2f} |

## What it cannot do

Photographs are out of its reach: it has seen none, and on them it answers at random or as if it saw a drawing. So are
drawings of other things than its five shapes, panels, diagrams, arithmetic, code, translation, any fact outside a list
of {facts} (of some it says that it does not know), and small print. It cannot copy from the prompt: where it gives away
a private value of a conversation, it makes one up. Sentences outside its word lists are guessed at. It knows English
only, one picture and one turn.

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

*Scripted* is what the script answers to the same rows. A test holds the shipped weights to within {near:.2f} of it in
trained wordings and {far:.2f} in held-out ones.

## Scores on the embedded sample

{scores}
"""


DISTANCE = {"train": 0.05, "held out": 0.2}
"""Refusal rates of the shipped weights may lie so far from the scripted ones, by the part of the wordings."""


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
        name = rf"{kind} \*" if any(shares[kind].values()) else kind
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
        sand=1 / len(GROUNDS),
        refused_queries=opinions.REFUSED_QUERIES,
        agreed=opinions.AGREED,
        refused_people=private.REFUSED_ABOUT_PEOPLE,
        refused_talk=private.REFUSED_IN_CONVERSATION,
        facts=len(language.FACTS),
        items=f"Up to {found['items']}",
        table=table(found["kinds"], shares["kinds"]),
        refusals=refusals(found["kinds"]),
        ended=sum(way["ended"] * way["n"] for way in ways) / sum(way["n"] for way in ways),
        near=DISTANCE["train"],
        far=DISTANCE["held out"],
        scores=on_sample.section(sample, baselines, found["kinds"]),
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
        _write(options.model / "sample_scores.json", on_sample.read_results(options.results))
    if options.baselines:
        suite = _read(options.model / "sample_scores.json")["suite_fingerprint"]
        _write(options.model / "baseline_scores.json", on_sample.read_baselines(options.baselines, suite))
    (options.model / "README.md").write_text(card(options.model), encoding="utf-8")


if __name__ == "__main__":
    main()
