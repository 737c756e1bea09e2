"""Any image-text or text model of transformers: the processor's chat template, left padding, greedy decoding."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from multitrust_eval.backends.base import Limits, OutOfMemory, Prepared
from multitrust_eval.backends.families import APART
from multitrust_eval.backends.identity import digest_of, locate
from multitrust_eval.backends.inputs import InputMaker, TextInputs, VisionInputs
from multitrust_eval.backends.loading import load_config, load_model, pick_device, reason, refuse_code, takes_pictures
from multitrust_eval.backends.memory import Gauge, batch_limits, is_out_of_memory
from multitrust_eval.backends.reading import Reader
from multitrust_eval.errors import UserError
from multitrust_eval.records import Answer, Request
from multitrust_eval.system_prompt import SystemPrompt

DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}
SMALL = 100_000_000
"""Below so many parameters a second CPU thread costs more than it brings."""


@dataclass(frozen=True)
class HubOptions:
    """How a model is loaded. `label` is what people are shown in place of its id."""

    model: str
    revision: str | None = None
    dtype: str = "auto"
    device: str = "auto"
    device_map: str | None = None
    attn: str | None = None
    trust_remote_code: bool = False
    chat_template: str | None = None
    max_pixels: int | None = None
    system_prompt: SystemPrompt | None = None
    local_rank: int = 0
    label: str | None = None


class HubBackend:
    """One model on one device, or spread by `device_map`. Raises UsageError for what is no such model."""

    def __init__(self, options: HubOptions) -> None:
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        self._options = options
        self.where = locate(options.model, options.revision)
        self._config = load_config(self.where, self._access())
        self.takes_images = takes_pictures(self._config, self.where.id)
        self._inputs: InputMaker = self._make_inputs()
        self._reader = Reader(self._inputs.tokenizer, self._inputs.opens)
        self._dtype = DTYPES.get(options.dtype) or str(getattr(self._config, "dtype", None) or "float32").split(".")[-1]
        self.label = options.label or self.where.id
        self.identity: Mapping[str, Any] = self._identify()
        self._model: Any = None
        self._facts: dict[str, Any] = {}

    def load(self) -> None:
        """Bring the weights to the device. Raises UserError when they cannot be loaded."""
        import torch

        from multitrust_eval.backends import decoding  # imports torch

        options = self._options
        settings = {"attn_implementation": options.attn, "device_map": options.device_map, **self._access()}
        settings["dtype"] = getattr(torch, self._dtype)
        device = pick_device(options.device, options.local_rank)
        self._model = load_model(self.where, self._config, self.takes_images, device, settings).eval()
        if self._model.device.type == "cpu" and self._model.num_parameters() < SMALL:
            torch.set_num_threads(1)
        self._greedy = _greedy(self._model, self._inputs.tokenizer)
        self._gauge = Gauge(self._model)
        self._facts = {
            "parameters": self._model.num_parameters(),
            "device": str(self._model.device),
            "attention": str(getattr(self._model.config, "_attn_implementation", "")),
        }
        self._loop = {"custom_generate": decoding.greedy} if decoding.suits(self._model, self._greedy) else {}

    def limits(self) -> Limits:
        return batch_limits(self._model, apart=self._config.model_type in APART)

    def memory_share(self) -> float | None:
        return self._gauge.share()

    def measure(self, requests: Sequence[Request]) -> list[int]:
        return self._inputs.measure(requests)

    def prepare(self, requests: Sequence[Request]) -> Prepared:
        batch = self._inputs.batch(requests)
        if batch.inputs is not None:
            batch.width = batch.inputs["input_ids"].shape[1] + requests[0].max_new_tokens
        if batch.inputs is not None and self._greedy.repetition_penalty not in (None, 1.0):
            _pad_with_own_start(batch.inputs)
        if batch.inputs is not None and self._model.device.type == "cuda":
            batch.inputs = {name: _pinned(value) for name, value in batch.inputs.items()}
        return batch

    def generate(self, batch: Prepared) -> Any:
        """The new tokens, [rows, steps], on the CPU. Raises OutOfMemory."""
        import torch

        inputs = {name: self._moved(value) for name, value in batch.inputs.items()}
        try:
            with torch.inference_mode():
                limit = batch.requests[0].max_new_tokens
                output = self._model.generate(
                    **inputs, generation_config=self._greedy, max_new_tokens=limit, **self._loop
                )
            return output[:, inputs["input_ids"].shape[1] :].cpu()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        # Only outside the handler has the failed batch's frame, and with it its memory, been let go.
        del inputs
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        raise OutOfMemory(f"no room for {len(batch.requests)} rows")

    def decode(self, batch: Prepared, output: Any) -> list[Answer]:
        ends = set(self._greedy.eos_token_id)
        lengths = batch.inputs["attention_mask"].sum(dim=1).tolist()
        answers = []
        for request, tokens, length in zip(batch.requests, output.tolist(), lengths, strict=True):
            new = next((i for i, token in enumerate(tokens) if token in ends), None)
            parts = self._reader.parts(tokens[:new])
            ended = new is not None
            answers.append(
                Answer(
                    key=request.key,
                    text=parts.answer,
                    status="ok" if ended and parts.closed else "truncated",
                    finish_reason="stop" if ended else "length",
                    prompt_tokens=int(length),
                    new_tokens=len(tokens) if new is None else new + 1,
                    reasoning=parts.reasoning,
                )
            )
        return answers

    def about(self) -> dict[str, Any]:
        return {"architecture": (self._config.architectures or ["?"])[0], "dtype": self._dtype, **self._facts}

    def close(self) -> None:
        import gc

        import torch

        self._model = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _access(self) -> dict[str, Any]:
        return {"revision": self.where.revision, "trust_remote_code": self._options.trust_remote_code}

    def _make_inputs(self) -> InputMaker:
        kind = VisionInputs if self.takes_images else TextInputs
        options = self._options
        try:
            maker: InputMaker = kind(
                self.where, self._config, options.chat_template, options.max_pixels, self._access()
            )
            maker.begin_with(options.system_prompt.text if options.system_prompt else None)
            return maker
        except UserError:
            raise
        except Exception as error:  # tokenizers, for one, raise nothing more special
            refuse_code(self.where, error)
            raise UserError(f"{self.where.id} has no usable processor: {reason(error)}") from error

    def _identify(self) -> dict[str, Any]:
        system_prompt = self._options.system_prompt
        return {
            "kind": "hub",
            "id": self.where.id,
            "revision": self.where.commit,
            "dtype": self._dtype,
            "quantization": digest_of(getattr(self._config, "quantization_config", None) or {}),
            "attention": self._options.attn or "default",
            "processor": self._inputs.settings(),
            "chat_template": hashlib.sha256(self._inputs.template.encode()).hexdigest()[:16],
            **({"system_prompt": system_prompt.sha256} if system_prompt else {}),
        }

    def _moved(self, value: Any) -> Any:
        """A tensor on the model's device; floating ones in its dtype."""
        if not hasattr(value, "is_floating_point"):
            return value
        dtype = self._model.dtype if value.is_floating_point() else value.dtype
        return value.to(device=self._model.device, dtype=dtype, non_blocking=True)


def _greedy(model: Any, tokenizer: Any) -> Any:
    """The model's own generation settings, decoded greedily. `eos_token_id` is a list."""
    import copy

    greedy = copy.deepcopy(model.generation_config)
    greedy.update(do_sample=False, num_beams=1, temperature=None, top_p=None, top_k=None, max_length=None)
    greedy.update(min_p=None, typical_p=None, use_cache=True, num_return_sequences=1, return_dict_in_generate=False)
    ends = greedy.eos_token_id if greedy.eos_token_id is not None else tokenizer.eos_token_id
    greedy.eos_token_id = [ends] if isinstance(ends, int) else list(ends or [])
    if greedy.pad_token_id is None:
        greedy.pad_token_id = tokenizer.pad_token_id
    return greedy


def _pad_with_own_start(inputs: dict[str, Any]) -> None:
    """Fill each row's padding with its first token. The repetition penalty of older transformers (5.18 does, 5.23 does
    not) looks at padding too: were that the end token, an answer would depend on the padding that its batch brought.
    """
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    starts = ids.gather(1, mask.argmax(dim=1, keepdim=True))
    inputs["input_ids"] = ids.where(mask.bool(), starts)


def _pinned(value: Any) -> Any:
    return value.pin_memory() if hasattr(value, "pin_memory") else value
