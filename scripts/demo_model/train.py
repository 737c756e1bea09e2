"""Trains the demo model from scratch: `python -m scripts.demo_model.train --out multitrust_eval/demo_model`.

Everything is a pure function of the step number: pictures, questions, wordings. So a run that was cut off goes on
from its last checkpoint, and the same packages on one thread give the same weights.

First the tower alone learns what each patch shows (shape, colour, the figure's box, the letter); then all learns to
answer, with that first loss beside it.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scripts.demo_model import shape
from scripts.demo_model.draw import draw_pictures, picture_rows, sample_texts, text_rows
from scripts.demo_model.pack import answer_loss, pack, patch_features
from scripts.demo_model.pictures import BINS, LETTERS, Picture

CLASSES = (6, 9, BINS, BINS, BINS, BINS, 1 + len(LETTERS))
"""What a patch is asked: shape, colour, four edges, letter."""


@dataclass(frozen=True)
class Plan:
    """How long and how fast. `steps` counts both parts, the tower's own and the one of all.

    The rate falls along a cosine towards `cosine_end` and leaves it at the first of `turns`, (step, where it would come
    to nothing if it went straight on).
    """

    steps: int = 9000
    turns: tuple[tuple[int, int], ...] = ((3400, 7000), (5000, 9000))
    cosine_end: int = 5600
    tower_steps: int = 1000
    tower_pictures: int = 24
    pictures: int = 8
    texts: int = 2
    rate: float = 2.5e-3
    tower_pace: float = 0.25
    beside: float = 0.3
    seed: int = 0


class Heads(torch.nn.Module):
    """Linear readers of a patch's features; they are left behind when training ends."""

    def __init__(self) -> None:
        super().__init__()
        self.readers = torch.nn.ModuleList(torch.nn.Linear(shape.HIDDEN, classes) for classes in CLASSES)

    def loss(self, patches: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean cross entropy over what is asked; the many patches that show nothing weigh less."""
        total = patches.new_zeros(())
        for number, reader in enumerate(self.readers):
            wanted = labels[..., number].reshape(-1)
            asked = wanted >= 0
            if asked.any():
                logits = reader(patches.reshape(-1, patches.shape[-1])[asked])
                losses = torch.nn.functional.cross_entropy(logits, wanted[asked], reduction="none")
                weights = torch.where(wanted[asked] > 0, 1.0, 0.3) if number in (0, 1, 6) else torch.ones_like(losses)
                total = total + (losses * weights).sum() / weights.sum()
        return total / len(self.readers)


class Trainer:
    """The model, its optimizer and where it stands."""

    def __init__(self, plan: Plan, work: Path) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.work, self.step = plan, work, 0
        self.tokenizer = shape.make_tokenizer(sample_texts("train vocabulary"))
        self.processor = shape.make_processor(self.tokenizer)
        self.model = shape.make_model(self.tokenizer)
        self.heads = Heads()
        self.weights = [*self.model.parameters(), *self.heads.parameters()]
        self.optimizers = _optimizers(self.model, self.heads, plan.rate)
        self.file = work / "checkpoint.pt"

    def pixels(self, pictures: list[Picture]) -> torch.Tensor:
        return self.processor.image_processor([p.image for p in pictures], return_tensors="pt")["pixel_values"]

    def rate(self) -> float:
        """A short climb and a cosine, once for the tower and once for all, the second with straight ends."""
        plan = self.plan
        if self.step < plan.tower_steps:
            return _cosine(plan.rate, self.step, plan.tower_steps, low=0.3)
        length = min(plan.cosine_end, plan.steps) - plan.tower_steps
        rate = _cosine(plan.rate, min(self.step, plan.turns[0][0]) - plan.tower_steps, length, low=0.01)
        stops = [*(start for start, _ in plan.turns[1:]), plan.steps]
        for (start, end), stop in zip(plan.turns, stops, strict=True):
            if self.step > start:
                rate *= max(0, end - min(self.step, stop)) / (end - start)
        return rate

    def pace(self, part: str) -> float:
        """What the tower has learnt alone it keeps: it goes on more slowly with the rest."""
        return self.plan.tower_pace if part == "tower" and self.step >= self.plan.tower_steps else 1.0

    def loss(self) -> tuple[torch.Tensor, dict[str, float]]:
        if self.step < self.plan.tower_steps:
            pictures = draw_pictures(f"train tower {self.step}", self.plan.tower_pictures)
            seen = self.heads.loss(patch_features(self.model, self.pixels(pictures)), _labels(pictures))
            return seen, {"tower": seen.item()}
        rows = picture_rows(f"train {self.step}", "train", self.plan.pictures)
        pictures = [picture for picture, _ in rows]
        patches = patch_features(self.model, self.pixels(pictures))
        seen = self.heads.loss(patches, _labels(pictures))
        asked = answer_loss(self.model, pack([p for _, p in rows], self.tokenizer, pictures=True), patches)
        texts = text_rows(f"train {self.step}", "train", self.plan.texts)
        told = answer_loss(self.model, pack(texts, self.tokenizer, pictures=False))
        whole = 0.75 * asked + 0.25 * told + self.plan.beside * seen
        return whole, {"tower": seen.item(), "pictures": asked.item(), "texts": told.item()}

    def advance(self) -> dict[str, float]:
        """One step. Returns the losses."""
        loss, parts = self.loss()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.rate() * self.pace(group["part"])
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return parts

    def keep(self) -> None:
        """Write a checkpoint: first under another name, so that a cut leaves the old one whole."""
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "heads": self.heads.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "plan": vars(self.plan),
        }
        self.work.mkdir(parents=True, exist_ok=True)
        torch.save(state, self.file.with_suffix(".new"))
        self.file.with_suffix(".new").replace(self.file)

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one of the same plan."""
        if not self.file.is_file():
            return
        state = torch.load(self.file, weights_only=True)
        if state["plan"] != vars(self.plan):
            raise SystemExit(f"{self.file} belongs to another plan; delete it or give another --work.")
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        self.heads.load_state_dict(state["heads"])
        for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)


def _optimizers(model: Any, heads: Heads, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the layers' matrices, which learns here in half the steps; AdamW for all else."""
    groups: dict[tuple[bool, str], list[torch.nn.Parameter]] = {}
    for name, weight in (*model.named_parameters(), *heads.named_parameters()):
        matrix = weight.ndim == 2 and ("layers." in name or "projector" in name)
        groups.setdefault((matrix, "tower" if "vision_tower" in name else "rest"), []).append(weight)
    chosen = {
        kind: [{"params": weights, "part": part} for (matrix, part), weights in groups.items() if matrix == kind]
        for kind in (True, False)
    }
    return [
        torch.optim.Muon(chosen[True], lr=rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(chosen[False], lr=rate, betas=(0.9, 0.98), weight_decay=0.05),
    ]


def _cosine(rate: float, done: int, length: int, low: float) -> float:
    """A climb over a tenth of the length, 200 steps at most, and a cosine from `rate` down to its share `low`."""
    climb = min(1.0, (done + 1) / max(1, min(200, length // 10)))
    return rate * climb * (low + (1 - low) * 0.5 * (1 + math.cos(math.pi * done / max(1, length))))


def _labels(pictures: list[Picture]) -> torch.Tensor:
    return torch.from_numpy(np.stack([picture.labels for picture in pictures]))


def run(trainer: Trainer, every: int, say: Any = print) -> Iterator[int]:
    """Train to the end. Yields the step whenever a checkpoint is due; says the mean losses."""
    sums: dict[str, list[float]] = {}
    since, started = trainer.step, time.monotonic()
    while trainer.step < trainer.plan.steps:
        for name, value in trainer.advance().items():
            sums.setdefault(name, []).append(value)
        if trainer.step % every == 0 or trainer.step == trainer.plan.steps:
            pace = (time.monotonic() - started) / (trainer.step - since)
            losses = {name: round(sum(v) / len(v), 3) for name, v in sums.items()}
            say(json.dumps({"step": trainer.step, "s/step": round(pace, 3), "rate": round(trainer.rate(), 6)} | losses))
            since, sums, started = trainer.step, {}, time.monotonic()
            yield trainer.step


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the model")
    parser.add_argument("--work", type=Path, help="folder for the checkpoint (default: <out>.work)")
    parser.add_argument(
        "--steps",
        type=int,
        default=Plan.steps,
        help="steps in all (default and most: %(default)s; fewer only try the script)",
    )
    parser.add_argument("--every", type=int, default=250, help="steps between checkpoints (default: %(default)s)")
    options = parser.parse_args(arguments)
    if not 0 < options.steps <= Plan.steps:
        parser.error(f"--steps {options.steps}: give a number from 1 to {Plan.steps}, where the rate comes to nothing.")
    torch.set_num_threads(1)
    plan = Plan(steps=options.steps, tower_steps=min(Plan.tower_steps, options.steps // 5))
    trainer = Trainer(plan, options.work or options.out.with_name(options.out.name + ".work"))
    trainer.resume()
    for _ in run(trainer, options.every, say=lambda line: print(line, flush=True)):
        trainer.keep()
    shape.save(trainer.model, trainer.processor, options.out)
    print(f"Saved {options.out}")


if __name__ == "__main__":
    main()
