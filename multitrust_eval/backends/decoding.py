"""Greedy decoding that lets go of rows that have ended, in place of the loop inside transformers' `generate`.

`generate` carries every row of a batch until the last one ends. Here ended rows leave the batch, with their part of
the cache, so that a step costs what the rows still speaking cost. All else stays with `generate`: it prepares the
inputs, the cache, the logits processors and the stopping criteria, then calls `greedy` (its `custom_generate` hook).

Rows leave only where that is known to be safe; else the batch goes on whole, as in the stock loop:

* every layer of the cache is of a class whose rows can be selected (not so recurrent states and static caches);
* a step gets no tensor but those of `ROWS_AT`, whose rows we know how to select;
* a model that remembers its batch (`rope_deltas` of the Qwen-VL and GLM-V families) is told its positions outright.
  No other image-text model of transformers 5.23 or 5.24 keeps its batch in itself; one with code of its own might,
  and keeps the stock loop;
* every logits processor is of `ROWLESS`: it holds nothing per row, or what it holds is selected too.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

import torch

DROP_AT = 1 / 8
"""Rows leave once so large a part of the batch has ended: selecting costs a copy of the cache."""

ROWS_AT = {"input_ids": 0, "attention_mask": 0, "token_type_ids": 0, "mm_token_type_ids": 0, "position_ids": -2}
"""The tensors that a decoding step may get, and which dimension counts the rows."""

CACHE_LAYERS = {"DynamicLayer", "DynamicSlidingWindowLayer"}

ROWLESS = {
    "ForcedBOSTokenLogitsProcessor",
    "ForcedEOSTokenLogitsProcessor",
    "InfNanRemoveLogitsProcessor",
    "MinLengthLogitsProcessor",
    "MinNewTokensLengthLogitsProcessor",
    "NoBadWordsLogitsProcessor",
    "NoRepeatNGramLogitsProcessor",
    "RepetitionPenaltyLogitsProcessor",  # but for `prompt_ignore_length`, which `_select` knows
    "SequenceBiasLogitsProcessor",
    "SuppressTokensAtBeginLogitsProcessor",
    "SuppressTokensLogitsProcessor",
}


def suits(model: Any, generation_config: Any) -> bool:
    """May `greedy` take the place of this model's own loop? No, where it is not the stock one to begin with."""
    from transformers import GenerationMixin

    kind = type(model)
    own_code = kind.__module__.startswith("transformers_modules")
    stock = getattr(kind, "generate", None) is GenerationMixin.generate and kind._sample is GenerationMixin._sample
    plain = generation_config.get_generation_mode().value == "greedy_search" and generation_config.use_cache
    chunked = getattr(generation_config, "prefill_chunk_size", None) is not None
    own_cache = generation_config.cache_implementation not in (None, "dynamic")
    return bool(stock and plain) and not (own_code or chunked or own_cache or model.config.is_encoder_decoder)


def greedy(
    model: Any,
    input_ids: torch.Tensor,
    logits_processor: Any,
    stopping_criteria: Any,
    generation_config: Any,
    synced_gpus: bool = False,
    **kwargs: Any,
) -> torch.Tensor:
    """The prompt and the new tokens, [rows, prompt + steps]; behind its end a row holds padding.

    Called by `model.generate(..., custom_generate=greedy)`; see `suits`.
    """
    pad = generation_config.pad_token_id or 0
    prompt = input_ids
    out = prompt.new_full((len(prompt), stopping_criteria.max_length - prompt.shape[1]), pad)
    alive = torch.arange(len(prompt), device=prompt.device)
    ended = torch.zeros_like(alive, dtype=torch.bool)
    over, step, droppable = 0, 0, len(prompt) > 1
    decode = contextlib.ExitStack()
    with decode:
        while over < len(alive):
            inputs = model.prepare_inputs_for_generation(
                input_ids, next_sequence_length=1 if step else None, is_first_iteration=not step, **kwargs
            )
            outputs = model(**inputs, return_dict=True)
            kwargs = model._update_model_kwargs_for_generation(outputs, kwargs, is_encoder_decoder=False)
            scores = logits_processor(input_ids, outputs.logits[:, -1].to(copy=True, dtype=torch.float32))
            del outputs  # the first one's logits may be large
            tokens = scores.argmax(dim=-1).to(input_ids.device).masked_fill_(ended, pad)
            out[alive, step] = tokens
            input_ids = torch.cat([input_ids, tokens[:, None]], dim=-1)
            ended |= stopping_criteria(input_ids, None)
            over = int(ended.sum())
            if step == 0:
                decode.enter_context(getattr(model, "_optimize_model_for_decode", contextlib.nullcontext)())
            elif step == 1:
                droppable = droppable and _droppable(model, inputs, logits_processor)
            if step and droppable and DROP_AT * len(alive) <= over < len(alive):
                keep = (~ended).nonzero().squeeze(1)
                input_ids, alive, ended = input_ids[keep], alive[keep], ended[keep]
                _select(keep, kwargs, logits_processor)
                over = 0
            step += 1
    return torch.cat([prompt, out[:, :step]], dim=1)


def _cache(values: Mapping[str, Any]) -> Any:
    """The cache among them, whatever its name: `past_key_values` until transformers 5.23, `cache` from 5.24 on."""
    from transformers import Cache

    return next((value for value in values.values() if isinstance(value, Cache)), None)


def _droppable(model: Any, inputs: Mapping[str, Any], processors: Any) -> bool:
    """Do we know all that counts the rows? `inputs` are those of a decoding step."""
    tensors = {name for name, value in inputs.items() if isinstance(value, torch.Tensor)}
    layers = getattr(_cache(inputs), "layers", None) or []
    remembers = any(hasattr(module, "rope_deltas") for module in model.modules())
    return (
        tensors <= ROWS_AT.keys()
        and {type(layer).__name__ for layer in layers} <= CACHE_LAYERS
        and bool(layers)
        and (not remembers or "position_ids" in tensors)
        and all(type(processor).__name__ in ROWLESS for processor in processors)
    )


def _select(keep: torch.Tensor, kwargs: dict[str, Any], processors: Any) -> None:
    """Let go of all rows but `keep`, in place."""
    for layer in _cache(kwargs).layers:
        if layer.is_initialized:
            layer.batch_select_indices(keep.to(layer.keys.device))  # a model may be spread over several devices
    for name, dim in ROWS_AT.items():
        if isinstance(kwargs.get(name), torch.Tensor):
            kwargs[name] = kwargs[name].index_select(dim, keep)
    for processor in processors:
        ignored = getattr(processor, "prompt_ignore_length", None)
        if isinstance(ignored, torch.Tensor):
            processor.prompt_ignore_length = ignored.to(keep.device)[keep]
