"""Measures the demo model on held-out pictures: `python -m scripts.demo_model.evaluate --model <folder>`.

Per kind of question: accuracy in trained and in held-out wordings, that of the best single answer (chance), and, where
a picture is asked about, that of the same questions with another picture. Writes `evaluation.json` beside the weights.
"""

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import PIL.Image
import torch

from multitrust_datasets.images.scenes import COLORS, SHAPES
from scripts.demo_model.draw import WORDINGS, draw_picture, picture_pairs, text_rows
from scripts.demo_model.pairs import Pair, Part, speaker
from scripts.demo_model.pictures import Picture

BATCH = 32
MAX_NEW_TOKENS = 64
WAYS: tuple[tuple[str, Part], ...] = (("trained wordings", "train"), ("held-out wordings", "held out"))
NAMES = re.compile(rf"\b({'|'.join(COLORS)}) ({'|'.join(SHAPES)})\b")


@dataclass(frozen=True)
class Asked:
    """A question with the picture it is asked about (None for none)."""

    pair: Pair
    image: PIL.Image.Image | None


def right(pair: Pair, answer: str) -> bool:
    """Whether an answer is the pair's, by the pair's own check."""
    if pair.check == "box":
        return overlap(numbers(answer), numbers(pair.answer)) > 0.5
    if pair.check == "names":
        return sorted(NAMES.findall(answer)) == sorted(NAMES.findall(pair.answer))
    if pair.check == "first":
        return answer.split(" ")[0] == pair.answer.split(" ")[0]
    if pair.check == "refusal":
        return refuses(answer) == refuses(pair.answer)
    return answer == pair.answer


def refuses(answer: str) -> bool:
    return "sorry" in answer


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]


def overlap(one: Sequence[float], two: Sequence[float]) -> float:
    """Intersection over union of two boxes (x min, y min, x max, y max); 0 where one is none."""
    if len(one) != 4 or len(two) != 4:
        return 0.0
    width = max(0.0, min(one[2], two[2]) - max(one[0], two[0]))
    height = max(0.0, min(one[3], two[3]) - max(one[1], two[1]))
    areas = sum(max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]) for box in (one, two))
    return width * height / (areas - width * height) if areas > width * height else 0.0


def ask(model: Any, processor: Any, asked: Sequence[Asked]) -> list[tuple[str, bool]]:
    """Each question's answer and whether it ended by itself, decoded greedily."""
    answers: dict[int, tuple[str, bool]] = {}
    processor.tokenizer.padding_side = "left"
    for seen in (True, False):
        places = [i for i, one in enumerate(asked) if (one.image is not None) == seen]
        places.sort(key=lambda i: len(asked[i].pair.prompt))
        for start in range(0, len(places), BATCH):
            batch = places[start : start + BATCH]
            inputs = processor(
                text=[prompt(processor, asked[i]) for i in batch],
                images=[[asked[i].image] for i in batch] if seen else None,
                padding=True,
                return_tensors="pt",
            )
            with torch.inference_mode():
                output = model.generate(**inputs, max_new_tokens=MAX_NEW_TOKENS, do_sample=False)
            for i, tokens in zip(batch, output[:, inputs["input_ids"].shape[1] :].tolist(), strict=True):
                ended = processor.tokenizer.eos_token_id in tokens
                answers[i] = (processor.tokenizer.decode(tokens, skip_special_tokens=True), ended)
    return [answers[i] for i in range(len(asked))]


def prompt(processor: Any, asked: Asked) -> str:
    content = [{"type": "text", "text": asked.pair.prompt}]
    if asked.image is not None:
        content.insert(0, {"type": "image"})
    return processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)


def held_out_pairs(part: Part, items: int) -> dict[str, list[tuple[Pair, Picture | None]]]:
    """Up to `items` questions of each kind about held-out pictures and items, in the wordings of a part."""
    kinds: dict[str, list[tuple[Pair, Picture | None]]] = defaultdict(list)
    for number in range(12 * items):
        picture = draw_picture(f"held out {number}", "held out")
        say = speaker(random.Random(f"held out {number} {part}"), part, WORDINGS, "held out")
        for pair in picture_pairs(say, picture):
            if pair.looks:
                kinds[pair.kind].append((pair, picture))
        for pair in text_rows(f"held out {number}", part, 1, "held out")[0]:
            kinds[pair.kind].append((pair, None))
    return {kind: found[:items] for kind, found in sorted(kinds.items())}


def held_out(part: Part, items: int) -> dict[str, list[Asked]]:
    """The same, as the model is asked."""
    return {
        kind: [Asked(pair, picture.image if picture else None) for pair, picture in found]
        for kind, found in held_out_pairs(part, items).items()
    }


def chance(pairs: Sequence[Pair]) -> float:
    """The share of right answers that the best single answer gets."""
    common = [answer for answer, _ in Counter(pair.answer for pair in pairs).most_common(60)]
    return max(sum(right(pair, answer) for pair in pairs) for answer in common) / len(pairs)


def swapped(asked: Sequence[Asked]) -> list[Asked]:
    """The same questions, each with the picture of another; none keeps its own."""
    images = [one.image for one in asked]
    for shift in range(1, len(images)):
        moved = images[shift:] + images[:shift]
        if all(new is not old for new, old in zip(moved, images, strict=True)):
            return [Asked(one.pair, new) for one, new in zip(asked, moved, strict=True)]
    return []


def share(values: Iterable[bool]) -> float | None:
    found = list(values)
    return round(sum(found) / len(found), 3) if found else None


def measure(model: Any, processor: Any, asked: Sequence[Asked]) -> dict[str, Any]:
    """Accuracy, chance, accuracy with another picture, share of answers that ended, refusals."""
    pairs = [one.pair for one in asked]
    answers = ask(model, processor, asked)
    result: dict[str, Any] = {
        "n": len(pairs),
        "accuracy": share(right(pair, answer) for pair, (answer, _) in zip(pairs, answers, strict=True)),
        "chance": round(chance(pairs), 3),
        "ended": share(ended for _, ended in answers),
    }
    if asked[0].image is not None:
        other = ask(model, processor, others) if (others := swapped(asked)) else []
        result["other picture"] = share(right(p, answer) for p, (answer, _) in zip(pairs, other, strict=bool(other)))
    if pairs[0].check == "refusal":
        result["refused"] = share(refuses(answer) for answer, _ in answers)
        result["scripted"] = share(refuses(pair.answer) for pair in pairs)
    return result


def evaluate(folder: Path, items: int) -> dict[str, Any]:
    """{kind: {way: measures}} of the model in a folder."""
    from transformers import AutoModelForImageTextToText, AutoProcessor

    model = AutoModelForImageTextToText.from_pretrained(folder).eval()
    processor = AutoProcessor.from_pretrained(folder)
    kinds: dict[str, Any] = defaultdict(dict)
    for way, part in WAYS:
        for kind, asked in held_out(part, items).items():
            kinds[kind][way] = measure(model, processor, asked)
            print(f"{kind}, {way}: {kinds[kind][way]}", flush=True)
    return dict(kinds)


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", type=Path, required=True, help="the model's folder")
    parser.add_argument("--items", type=int, default=100, help="questions of a kind (default: %(default)s)")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    found = {"items": options.items, "kinds": evaluate(options.model, options.items)}
    (options.model / "evaluation.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
