"""What answers: a Hub model (`hub`), or a fixed rule (`baseline`). `create` picks one by the model's name."""

import difflib
from pathlib import Path

from multitrust_eval.backends.base import Backend, Limits
from multitrust_eval.errors import UsageError
from multitrust_eval.options import DEMO, RunOptions, near

BASELINE = "baseline:"

__all__ = ["Backend", "Limits", "create"]


def create(options: RunOptions, local_rank: int = 0) -> Backend:
    """The backend of a run, its identity settled, its weights not yet loaded. Raises UserError."""
    if options.model.startswith(BASELINE):
        from multitrust_eval.backends.baseline import ANSWERS, BaselineBackend

        name = options.model.removeprefix(BASELINE)
        if name not in ANSWERS:
            raise UsageError(f"There is no baseline {name!r}. {near(name, ANSWERS)}")
        return BaselineBackend(name)
    close = difflib.get_close_matches(options.model, [DEMO, BASELINE], cutoff=0.7)
    if close and options.model != DEMO and not Path(options.model).exists():
        raise UsageError(f"There is no model {options.model!r}. Did you mean {close[0]}?")
    from multitrust_eval.backends.hub import HubBackend, HubOptions
    from multitrust_eval.demo import LABEL, demo_model

    demo = options.model == DEMO
    return HubBackend(
        HubOptions(
            model=str(demo_model()) if demo else options.model,
            revision=options.revision,
            dtype=options.dtype,
            device=options.device,
            device_map=options.device_map,
            attn=options.attn,
            trust_remote_code=options.trust_remote_code,
            chat_template=options.chat_template,
            max_pixels=options.max_pixels,
            local_rank=local_rank,
            label=LABEL if demo else None,
        )
    )
