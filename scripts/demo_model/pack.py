"""Rows for training: several questions behind one shared picture, each blind to the others.

A row is the prefix `<user><image>...` (or `<user>` alone), then question-answer blocks. A block mask lets each block
see the prefix and itself; its positions go on from the prefix. So a block's outputs are those of the whole
conversation alone, at a sixth of the cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from scripts.demo_model.pairs import Pair
from scripts.demo_model.shape import PATCHES


@dataclass(frozen=True)
class Packed:
    """Rows [B, L]: tokens, positions, additive mask [B, 1, L, L]; and flat places in [B * L] that predict `targets`."""

    tokens: torch.Tensor
    positions: torch.Tensor
    mask: torch.Tensor
    places: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor


def pack(rows: Sequence[Sequence[Pair]], tokenizer: Any, *, pictures: bool) -> Packed:
    """Pack the pairs of each row. With `pictures` each row's prefix holds a picture's places."""
    special = {name: tokenizer.convert_tokens_to_ids(name) for name in ("<user>", "<assistant>", "<image>")}
    start = [special["<user>"]] + [special["<image>"]] * (PATCHES if pictures else 0)
    texts = [text for pairs in rows for pair in pairs for text in (pair.prompt, pair.answer)]
    encoded = iter(tokenizer(texts, add_special_tokens=False)["input_ids"])
    lines = []
    for pairs in rows:
        tokens, positions, blocks, marks = list(start), list(range(len(start))), [0] * len(start), []
        for number in range(1, len(pairs) + 1):
            question = [*next(encoded), special["<assistant>"]]
            answer = [*next(encoded), tokenizer.eos_token_id]
            first = len(tokens) + len(question) - 1
            marks += [(first + i, token, len(answer) ** -0.5) for i, token in enumerate(answer)]
            tokens += question + answer
            positions += range(len(start), len(start) + len(question) + len(answer))
            blocks += [number] * (len(question) + len(answer))
        lines.append((tokens, positions, blocks, marks))
    return _tensors(lines, len(start), tokenizer.pad_token_id)


def _tensors(lines: Sequence[tuple[list[int], list[int], list[int], list[Any]]], prefix: int, pad: int) -> Packed:
    length = max(len(tokens) for tokens, *_ in lines)
    tokens = torch.full((len(lines), length), pad)
    positions = torch.zeros((len(lines), length), dtype=torch.long)
    blocks = torch.full((len(lines), length), -1)
    marks: list[tuple[int, int, float]] = []
    for row, (ids, places, numbers, answers) in enumerate(lines):
        tokens[row, : len(ids)] = torch.tensor(ids)
        positions[row, : len(ids)] = torch.tensor(places)
        blocks[row, : len(ids)] = torch.tensor(numbers)
        marks += [(row * length + place, token, weight) for place, token, weight in answers]
    order = torch.arange(length)
    shared = (order < prefix)[None, None, :]
    seen = (order[None, :] <= order[:, None])[None] & (shared | (blocks[:, :, None] == blocks[:, None, :]))
    mask = torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)[:, None]
    at, wanted, weights = zip(*marks, strict=True)
    return Packed(tokens, positions, mask, torch.tensor(at), torch.tensor(wanted), torch.tensor(weights))


def patch_features(model: Any, pixels: torch.Tensor) -> torch.Tensor:
    """What the tower says of each patch, [pictures, 64, hidden]; the class token is left out."""
    return model.model.vision_tower(pixel_values=pixels).last_hidden_state[:, 1:]


def hidden_states(model: Any, packed: Packed, patches: torch.Tensor | None = None) -> torch.Tensor:
    """The language model's last states at the places that predict answers, [answer tokens, hidden]."""
    inputs = model.model.language_model.embed_tokens(packed.tokens)
    if patches is not None:
        seen = model.model.multi_modal_projector(patches)
        inputs = torch.cat([inputs[:, :1], seen, inputs[:, 1 + PATCHES :]], dim=1)
    states = model.model.language_model(
        inputs_embeds=inputs, attention_mask=packed.mask, position_ids=packed.positions, use_cache=False
    ).last_hidden_state
    return states.reshape(-1, states.shape[-1])[packed.places]


def answer_loss(model: Any, packed: Packed, patches: torch.Tensor | None = None) -> torch.Tensor:
    """Cross entropy of the answers' tokens. A token weighs 1 / sqrt(tokens of its answer)."""
    logits = model.lm_head(hidden_states(model, packed, patches))
    losses = torch.nn.functional.cross_entropy(logits, packed.targets, reduction="none")
    return (losses * packed.weights).sum() / packed.weights.sum()
