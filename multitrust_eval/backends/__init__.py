"""What answers: a Hub model (`hub`), one behind a server (`openai`), or a fixed rule (`baseline`), by its name."""

import difflib
from pathlib import Path

from multitrust_eval.backends.base import Backend, Limits, ServedModel
from multitrust_eval.errors import UsageError
from multitrust_eval.options import BASELINE, DEMOS, SERVED, RunOptions, near, read_extra_body
from multitrust_eval.system_prompt import SystemPrompt, read_system_prompt

__all__ = ["Backend", "Limits", "ServedModel", "create"]


def create(options: RunOptions, local_rank: int = 0) -> Backend | ServedModel:
    """The backend of a run, its identity settled, its weights not yet loaded. Raises UserError."""
    system_prompt = read_system_prompt(options.system_prompt)
    if options.model.startswith(BASELINE):
        return _baseline(options.model.removeprefix(BASELINE))
    if options.model.startswith(SERVED):
        return _served(options, system_prompt)
    close = difflib.get_close_matches(options.model, [*DEMOS, BASELINE, SERVED], cutoff=0.7)
    if close and options.model not in DEMOS and not Path(options.model).exists():
        raise UsageError(f"There is no model {options.model!r}. Did you mean {close[0]}?")
    from multitrust_eval.backends.hub import HubBackend, HubOptions
    from multitrust_eval.demo import LABELS, demo_model

    demo = options.model in DEMOS
    return HubBackend(
        HubOptions(
            model=str(demo_model(options.model)) if demo else options.model,
            revision=options.revision,
            dtype=options.dtype,
            device=options.device,
            device_map=options.device_map,
            attn=options.attn,
            trust_remote_code=options.trust_remote_code,
            chat_template=options.chat_template,
            max_pixels=options.max_pixels,
            system_prompt=system_prompt,
            local_rank=local_rank,
            label=LABELS.get(options.model),
        )
    )


def _baseline(name: str) -> Backend:
    from multitrust_eval.backends.baseline import ANSWERS, BaselineBackend

    if name not in ANSWERS:
        raise UsageError(f"There is no baseline {name!r}. {near(name, ANSWERS)}")
    return BaselineBackend(name)


def _served(options: RunOptions, system_prompt: SystemPrompt | None) -> ServedModel:
    from multitrust_eval.backends.openai import OpenAIBackend, OpenAIOptions

    name = options.model.removeprefix(SERVED)
    if not name:
        raise UsageError("--model openai: lacks the model's name: write openai:<name>, as the server calls it.")
    return OpenAIBackend(
        OpenAIOptions(
            model=name,
            base_url=options.base_url,
            concurrency=options.concurrency,
            timeout_s=float(options.request_timeout),
            takes_images=not options.text_only,
            max_pixels=options.max_pixels,
            system_prompt=system_prompt,
            parameters={"temperature": 0.0, **read_extra_body(options.extra_body)},
        )
    )
