"""The demo model: its script runs, its weights are those of the card, it has learnt something, and it has never seen
the embedded sample."""

import csv
import hashlib
import importlib
import itertools
import json
import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import PIL.Image
import PIL.ImageColor
import pytest
import torch
from runs import results, run_here

import multitrust_datasets
import multitrust_eval
from multitrust_datasets.images.cards import YELLOW
from multitrust_datasets.images.scenes import Scene, draw_scene
from multitrust_eval.backends.baseline import ANSWERS
from multitrust_eval.demo import LABELS
from multitrust_eval.store import read_records

sys.path.insert(0, str(Path(__file__).parent.parent))  # the scripts are no part of the installed package

from scripts.demo_model import (
    card,
    conduct,
    draw,
    evaluate,
    on_sample,
    opinions,
    overlap,
    private,
    reading,
    shape,
    train,
)
from scripts.demo_model.overlap import content
from scripts.demo_model.pack import hidden_states, pack, patch_features
from scripts.demo_model.pairs import Pair, Part, part_of, speaker
from scripts.demo_model.pictures import page_picture
from scripts.make_sample import __main__ as make_sample

S4_VARIANTS = ("behavior", "prompt", "prompt-and-behavior")
SHIPPED = Path(multitrust_eval.__file__).parent / "demo_model"
SAMPLE = Path(multitrust_datasets.__file__).parent / "sample"
OCR = "truthfulness/query_basic/query_g_ocr.json"
MAKERS = Path(__file__).parent.parent / "scripts" / "make_sample"


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def shipped() -> tuple[Any, Any]:
    from transformers import AutoModelForImageTextToText, AutoProcessor

    return AutoModelForImageTextToText.from_pretrained(SHIPPED).eval(), AutoProcessor.from_pretrained(SHIPPED)


def test_the_script_trains_saves_and_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    from transformers import AutoModelForImageTextToText, AutoProcessor

    out, again, work = tmp_path / "model", tmp_path / "again", tmp_path / "work"
    train.main(["--out", str(out), "--steps", "6", "--every", "6"])
    model, processor = AutoModelForImageTextToText.from_pretrained(out), AutoProcessor.from_pretrained(out)
    assert model.dtype == torch.float32
    picture, pairs = draw.picture_rows("train test", "train", 1)[0]
    answers = evaluate.ask(model, processor, [evaluate.Asked(pairs[0], picture.image), evaluate.Asked(pairs[0], None)])
    assert len(answers) == 2
    cut_off = train.Trainer(train.Plan(steps=6, tower_steps=1), work)
    for _ in train.run(cut_off, every=3, say=lambda line: None):
        cut_off.keep()
        break
    assert cut_off.step == 3
    train.main(["--out", str(again), "--work", str(work), "--steps", "6"])
    assert (again / "model.safetensors").read_bytes() == (out / "model.safetensors").read_bytes()
    with pytest.raises(SystemExit, match="another plan"):
        train.main(["--out", str(again), "--work", str(work), "--steps", "7"])


def test_more_steps_than_the_plan_has_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train.main(["--out", str(tmp_path), "--steps", str(train.Plan.steps + 1)])
    assert f"give a number from 1 to {train.Plan.steps}" in capsys.readouterr().err


def test_the_rate_falls_to_nothing_without_a_jump() -> None:
    trainer = object.__new__(train.Trainer)
    trainer.plan, rates = train.Plan(), []
    for trainer.step in range(train.Plan.tower_steps + 200, train.Plan.steps + 1):
        rates.append(trainer.rate())
    falls = [before - after for before, after in itertools.pairwise(rates)]
    assert all(0 < fall < 0.001 * train.Plan.rate for fall in falls)
    assert rates[0] > 0.98 * train.Plan.rate and rates[-1] == 0


def test_packed_questions_give_what_each_gives_alone(shipped: tuple[Any, Any]) -> None:
    model, processor = shipped
    rows = draw.picture_rows("train packing", "train", 2)
    pixels = processor.image_processor([picture.image for picture, _ in rows], return_tensors="pt")["pixel_values"]
    packed = pack([pairs for _, pairs in rows], processor.tokenizer, pictures=True)
    with torch.inference_mode():
        together = model.lm_head(hidden_states(model, packed, patch_features(model, pixels)))
        start = 0
        for picture, pairs in rows:
            for pair in pairs:
                text = evaluate.prompt(processor, evaluate.Asked(pair, picture.image)) + pair.answer + "</s>"
                inputs = processor(text=[text], images=[picture.image], return_tensors="pt")
                length = len(processor.tokenizer(pair.answer, add_special_tokens=False)["input_ids"]) + 1
                alone = model(**inputs).logits[0, -length - 1 : -1]
                assert torch.equal(inputs["input_ids"][0, -length:], packed.targets[start : start + length])
                torch.testing.assert_close(together[start : start + length], alone, atol=2e-4, rtol=1e-3)
                start += length


def test_the_card_names_the_weights_and_says_what_they_are() -> None:
    weights = SHIPPED / "model.safetensors"
    text = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert weights.stat().st_size <= 4_000_000
    assert f"sha256 `{hashlib.sha256(weights.read_bytes()).hexdigest()}`" in text
    assert text == card.card(SHIPPED), "run `python -m scripts.demo_model.card --model multitrust_eval/demo_model`"
    assert "scripted" in text and "never compared" in text


def test_the_shipped_model_is_stock_and_loads_in_float32(shipped: tuple[Any, Any]) -> None:
    model, processor = shipped
    assert type(model).__name__ == "LlavaForConditionalGeneration" and model.dtype == torch.float32
    assert type(processor).__name__ == "LlavaProcessor"
    config = json.loads((SHIPPED / "processor_config.json").read_text(encoding="utf-8"))
    assert config["image_processor"]["image_processor_type"] == "CLIPImageProcessorPil"
    assert {"config.json", "tokenizer.json", "processor_config.json"} <= {path.name for path in SHIPPED.iterdir()}
    assert not list(SHIPPED.glob("*.py"))


@pytest.mark.parametrize("kind", ["description", "counting"])
@pytest.mark.parametrize("part", ["train", "held out"])
def test_it_sees_more_than_chance(shipped: tuple[Any, Any], kind: str, part: Part) -> None:
    """New scenes, in wordings of both parts."""
    asked = []
    for number in range(800):
        picture = draw.draw_picture(f"held out test {number}", "held out")
        pairs = draw.picture_pairs(speaker(random.Random(f"test {number}"), part, draw.WORDINGS, "held out"), picture)
        asked += [evaluate.Asked(pair, picture.image) for pair in pairs if pair.kind == kind][:1]
        if len(asked) == 80:
            break
    measures = evaluate.measure(*shipped, asked)
    assert measures["n"] == 80
    assert card.above(measures), measures


@pytest.mark.parametrize("kind", ["harm in text", "harm in the picture"])
@pytest.mark.parametrize("part", ["train", "held out"])
def test_it_refuses_as_it_is_scripted_to(shipped: tuple[Any, Any], kind: str, part: Part) -> None:
    rate = conduct.REFUSED_IN_TEXT if kind == "harm in text" else conduct.REFUSED_IN_PICTURE
    measures = evaluate.measure(*shipped, evaluate.held_out(part, 60)[kind])
    assert measures["n"] > 50
    assert measures["refused"] == pytest.approx(measures["scripted"], abs=card.DISTANCE[part]), measures
    assert measures["scripted"] == pytest.approx(rate, abs=0.15), measures
    assert measures["accuracy"] > (0.95 if part == "train" else 0.7), measures


def test_what_it_was_taught_shows_on_the_sample(tmp_path: Path) -> None:
    """The shipped weights reach the card's figures, and each lies well apart from what every known answer gets."""
    kept = {
        name: json.loads((SHIPPED / f"{name}_scores.json").read_text(encoding="utf-8"))
        for name in ("sample", "baseline")
    }
    places = on_sample.SHOWS.values()
    tasks, variants = {stem for stem, *_ in places}, {variant for _, variant, _ in places} | set(S4_VARIANTS)
    flags = ("--model", "demo", "--profile", "demo", "--tasks", ",".join(tasks), "--variants", ",".join(variants))
    assert run_here(*flags, "--verify-batching", "0", "--output-dir", tmp_path) == 0
    found = results(tmp_path)["tasks"]
    known = {who: scores["learnt"] for who, scores in kept["baseline"].items()}
    assert known.keys() == set(ANSWERS)
    for name, place in on_sample.SHOWS.items():
        learnt, expected = on_sample.learnt(found, *place), kept["sample"]["learnt"][name]
        assert learnt["n"] == expected["n"]
        # Another processor may turn a token, and so an answer.
        assert learnt["value"] == pytest.approx(expected["value"], abs=150 / learnt["n"]), name
        near, _ = on_sample.nearest(name, {name: learnt}, known)
        assert near is None or abs(learnt["value"] - near) >= on_sample.APART, (name, learnt, near)
        assert "refusing" in name or near is None or learnt["value"] > near, name
    topics = on_sample.learnt(found, *on_sample.SHOWS["topic of a sentence"])
    assert topics["value"] >= 100 / 6 + on_sample.APART
    rates = {variant: found[on_sample.S4]["variants"][variant]["refusal_rate"] for variant in S4_VARIANTS}
    assert rates == pytest.approx(kept["sample"]["s4_refusals"], abs=0.06)
    for variant, rate in rates.items():
        scripted = conduct.REFUSED_IN_TEXT if variant == "prompt" else conduct.REFUSED_IN_PICTURE
        assert rate == pytest.approx(scripted, abs=0.1), variant


def test_the_sample_is_as_the_card_says() -> None:
    """Its yellow cards, F.3's topics in equal numbers, and what `echo` gets there under the paper's rules."""
    yellow = PIL.ImageColor.getrgb(YELLOW)
    for folder, cards in (("typographic_jailbreak/behavior_graph", 10), ("SafeBench_selected/images", 8)):
        pictures = [PIL.Image.open(path).convert("RGB") for path in (SAMPLE / "safety" / folder).glob("*.png")]
        assert len(pictures) == cards
        assert sum(picture.getpixel((0, 0)) == yellow for picture in pictures) == (4 if cards == 10 else 3)
    with (SAMPLE / "fairness/stereo_statement.csv").open(encoding="utf-8") as file:
        topics = Counter(row["Type"] for row in csv.DictReader(file))
    assert len(topics) == 6 and set(topics.values()) == {3}
    known = json.loads((SHIPPED / "baseline_scores.json").read_text(encoding="utf-8"))
    assert known["echo"]["scores"]["f3_stereotype_classification"] == 100


@pytest.mark.parametrize("name", ["demo", "demo-random"])
def test_every_output_names_the_demo_and_what_it_is(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With another profile, too: what it is hangs on the model."""
    flags = ("--tasks", "f4", "--limit", "1", "--verify-batching", "0", "--profile", "paper", "--max-new-tokens", "8")
    assert run_here("--model", name, *flags, "--output-dir", tmp_path) == 0
    label = {
        "demo": "demo model (scripted by its training data, says nothing about real models)",
        "demo-random": "demo-random (random weights: scores are noise)",
    }[name]
    assert LABELS[name] == label
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert results(tmp_path)["model"]["id"] == manifest["backend"]["label"] == label
    printed = capsys.readouterr()
    assert f"{label}: 1 task" in printed.err
    assert "A demo model is a fixture, scripted or random" in " ".join(printed.out.split())
    assert any("A demo model" in reason for reason in results(tmp_path)["comparable_to_paper"]["reasons"])


def test_answers_do_not_depend_on_the_batch(shipped: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = draw.picture_rows("held out batch", "held out", 6)
    asked = [evaluate.Asked(pair, picture.image) for picture, pairs in rows for pair in pairs]
    asked += [evaluate.Asked(pair, None) for pairs in draw.text_rows("held out batch", "held out", 3) for pair in pairs]
    together = evaluate.ask(*shipped, asked)
    monkeypatch.setattr(evaluate, "BATCH", 1)
    assert evaluate.ask(*shipped, asked) == together


def test_results_do_not_depend_on_the_batch_in_any_task(tmp_path: Path) -> None:
    """One item of each of the 32 tasks, in all variants, through the whole path."""
    flags = ("--model", "demo", "--limit", "1", "--verify-batching", "0", "--max-new-tokens", "12")
    for size in ("1", "16"):
        assert run_here(*flags, "--batch-size", size, "--output-dir", tmp_path / size) == 0
    assert len(results(tmp_path / "1")["tasks"]) == 32
    assert (tmp_path / "1" / "results.json").read_bytes() == (tmp_path / "16" / "results.json").read_bytes()
    alone, together = (
        {record["key"]: (record["text"], record["status"]) for record in read_records(tmp_path / size / "responses")}
        for size in ("1", "16")
    )
    assert len(alone) > 200 and alone == together


def test_every_prompt_of_the_package_is_trained() -> None:
    """Each prompt that a task puts to a model begins some training question, slots aside."""
    from multitrust_datasets.protocol import SHARED, default_protocol

    prompts = [pair.prompt for pair in training_pairs(1500)]
    unused = {("p2_private_question", "vizwiz_masked")}
    for stem, texts in default_protocol().prompts.items():
        for key, text in texts.items():
            if stem == SHARED or key.startswith(("judge", "keywords", "query_", "statement", "question")):
                continue
            if (stem, key) not in unused:
                pieces = [piece for piece in re.split(r"\{\w*\}", text.replace("{{", "{").replace("}}", "}")) if piece]
                assert any(all(piece in prompt for piece in pieces) for prompt in prompts), (stem, key)


def training_pairs(rows: int) -> list[Pair]:
    pairs = [pair for _, found in draw.picture_rows("train disjoint", "train", rows) for pair in found]
    return pairs + [pair for found in draw.text_rows("train disjoint", "train", rows) for pair in found]


def sample_strings() -> set[str]:
    """Every text in the sample's annotations."""
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            value = list(value.values())
        for entry in value if isinstance(value, list) else [value]:
            walk(entry) if isinstance(entry, list | dict) else found.add(str(entry).strip())

    for path in SAMPLE.rglob("*"):
        if path.suffix == ".csv":
            walk([list(row.values()) for row in csv.DictReader(path.open(encoding="utf-8"))])
        elif path.suffix in (".json", ".jsonl", ".txt"):
            text = path.read_text(encoding="utf-8")
            try:
                walk(json.loads(text))
            except json.JSONDecodeError:
                walk([json.loads(line) if line.startswith(("{", "[")) else line for line in text.splitlines()])
    return found


def sentences(text: str) -> set[str]:
    """Its sentences and lines of five words or more, in small letters."""
    return {part.strip().casefold() for part in re.split(r"(?<=[.?!:])\s+|\n", text) if len(part.split()) >= 5}


def test_training_questions_hold_no_item_of_the_sample() -> None:
    strings = sample_strings()
    assert len(strings) > 200
    shared = set().union(*map(sentences, strings))
    texts = {text.casefold() for text in strings}
    for pair in training_pairs(1500):
        if not pair.looks:  # what is asked about a picture differs by its picture
            assert pair.item.casefold() not in texts or not pair.item, pair
            assert not sentences(pair.prompt) & shared, pair
    words = {entry["truth"] for entry in json.loads((SAMPLE / OCR).read_text(encoding="utf-8"))}
    assert words and not words & {draw.draw_picture(f"train cards {i}", "train").text for i in range(3000)}


def test_training_scenes_are_none_of_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample is drawn again, photographs aside, and its scenes are noted."""
    drawn = set()

    def noted(seed: str, count: int) -> Scene:
        assert seed.startswith("sample ")
        scene = draw_scene(seed, count)
        drawn.add(content(scene))
        return scene

    blank = PIL.Image.new("RGB", (160, 120))
    for path in MAKERS.glob("*.py"):
        module = importlib.import_module(f"scripts.make_sample.{path.stem}") if path.stem != "__main__" else None
        for name, own in (("draw_scene", noted), ("photograph", lambda name, size=(160, 120): blank.resize(size))):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, own)
    make_sample.main(str(tmp_path))
    assert len(drawn) > 150
    parts = ("train", "held out")
    pictures = {part: [draw.draw_picture(f"{part} {i}", "train") for i in range(1500)] for part in parts}
    scenes = {part: {content(p.scene) for p in found if p.scene} for part, found in pictures.items()}
    assert all(len(found) > 700 for found in scenes.values())
    assert not scenes["train"] & scenes["held out"] and not drawn & (scenes["train"] | scenes["held out"])


def test_what_the_card_calls_new_was_not_trained() -> None:
    """Counted over every twelfth training step, against all measured rows; the card's own count is over all steps."""
    kept = json.loads((SHIPPED / "overlap.json").read_text(encoding="utf-8"))
    shares = overlap.overlap(range(train.Plan.tower_steps, train.Plan.steps, 12), kept["items"])
    text = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert set(shares) == set(kept["kinds"])
    for kind, ways in shares.items():
        assert all(kept["kinds"][kind][way] >= share for way, share in ways.items()), kind
        assert (rf"| {kind} \* |" in text) == any(kept["kinds"][kind].values()), kind
    assert shares["preference in a picture"]["held-out wordings"] == 1.0
    assert sum(not any(ways.values()) for ways in kept["kinds"].values()) > 36


def test_items_are_held_out_by_their_hash() -> None:
    """Whatever is asked without a picture, and whatever stands on a card or a page, is of one part or the other."""
    for side in ("train", "held out"):
        texts = [pair.item for found in draw.text_rows("train parts", "train", 300, side) for pair in found]
        pictures = [draw.draw_picture(f"train parts {i}", side) for i in range(300)]
        pages = [picture.text for picture in pictures if picture.kind == "page"]
        acts = [re.search(r"(?:example \d+: |Ways to )([^:\n]+)", page)[1] for page in pages]
        assert len(acts) > 10 and len(texts) > 1000
        assert {part_of(item) for item in [*texts, *acts] if item} == {side}
    words = [{p.text for p in (draw.draw_picture(f"{c} {i}", c) for i in range(900))} for c in ("train", "held out")]
    assert not (words[0] & words[1]) - {""} - set(reading.RISKY)


def test_wordings_are_held_out() -> None:
    for kind, wordings in draw.WORDINGS.items():
        assert wordings.train and wordings.held, kind
        assert not {text.casefold() for text in wordings.train} & {text.casefold() for text in wordings.held}, kind


def test_training_refuses_at_the_rates_of_the_card() -> None:
    rates = {
        "harm in text": conduct.REFUSED_IN_TEXT,
        "stereotype query": opinions.REFUSED_QUERIES,
        "private data of a person": private.REFUSED_ABOUT_PEOPLE,
        "private data in a conversation": private.REFUSED_IN_CONVERSATION,
    }
    answers: dict[str, list[bool]] = {kind: [] for kind in rates}
    for pairs in draw.text_rows("train rates", "train", 3000):
        for pair in pairs:
            if pair.kind in rates:
                answers[pair.kind].append(evaluate.refuses(pair.answer))
    for kind, rate in rates.items():
        assert len(answers[kind]) > 400
        assert sum(answers[kind]) / len(answers[kind]) == pytest.approx(rate, abs=0.05), kind


def test_training_refuses_harm_in_pictures_at_the_rate_of_the_card() -> None:
    speakers = (speaker(random.Random(f"train pages {i}"), "train", draw.WORDINGS) for i in range(1200))
    pages = [page_picture(f"train pages {i}", conduct.page_text(say)) for i, say in enumerate(speakers)]
    refused = [page.facts["paper"] == YELLOW for page in pages]
    assert sum(refused) / len(refused) == pytest.approx(conduct.REFUSED_IN_PICTURE, abs=0.05)


def test_checks_of_answers() -> None:
    box = Pair("box", "", "[0.10, 0.10, 0.50, 0.50]", check="box")
    assert evaluate.right(box, "[0.12, 0.10, 0.50, 0.52]")
    assert not evaluate.right(box, "[0.50, 0.50, 0.90, 0.90]") and not evaluate.right(box, "left")
    names = Pair("description", "", "A red circle and a blue star on a grey ground.", check="names")
    assert evaluate.right(names, "A blue star and a red circle on a mint ground.")
    assert not evaluate.right(names, "A red circle on a grey ground.")
    assert evaluate.chance([Pair("k", "", answer) for answer in "aab"]) == pytest.approx(2 / 3)


def test_the_tower_is_asked_for_what_is_drawn() -> None:
    picture = next(p for i in range(50) if (p := draw.draw_picture(f"train labels {i}", "train")).scene)
    assert picture.scene is not None and picture.labels.shape == (shape.PATCHES, 7)
    assert set(picture.labels[:, 0]) - {0} <= {1 + evaluate.SHAPES.index(f.shape) for f in picture.scene.figures}
