"""Bringing up a Hub model: its config, what kind it is, its weights on a device. Each way to fail is one sentence."""

import re
from collections.abc import Mapping
from typing import Any

from multitrust_eval.backends.families import REFUSED
from multitrust_eval.backends.identity import Where
from multitrust_eval.errors import UsageError, UserError

_PACKAGE = re.compile(r"requires? the (\S+) library|pip install (?:-U |--upgrade )?([\w-]+)|No module named '([\w-]+)")


def load_config(where: Where, access: Mapping[str, Any]) -> Any:
    """The model's config. Raises UsageError for what transformers cannot load, and for code that is not allowed."""
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(where.path, **access)
    except Exception as error:  # a file that is none, a type that is unknown, whatever code of its own raises
        refuse_code(where, error)
        raise UsageError(f"{where.id} is no model that transformers can load: {reason(error)}") from error


def takes_pictures(config: Any, name: str) -> bool:
    """Is it an image-text model (True) or a text model (False)? Raises UsageError when it can hold no conversation."""
    from transformers.models.auto import modeling_auto

    kind, own_code = config.model_type, getattr(config, "auto_map", None) or {}
    if why := REFUSED.get(kind):
        raise UsageError(f"{name} is a model of type {kind}, which cannot be put to this benchmark: {why}.")
    if any(getattr(part, "is_encoder_decoder", False) for part in (config, getattr(config, "text_config", None))):
        raise UsageError(
            f"{name} is an encoder-decoder model ({kind}): the benchmark is put to models that go on with a "
            "conversation (image-text-to-text or text-generation)."
        )
    if kind in modeling_auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES or "AutoModelForImageTextToText" in own_code:
        return True
    if kind in modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES or "AutoModelForCausalLM" in own_code:
        return False
    raise UsageError(f"{name} is a {kind} model, neither image-text-to-text nor text-generation: it cannot answer.")


def pick_device(device: str, local_rank: int) -> str:
    """`device`, or for "auto" this process's GPU, else the CPU. Raises UsageError for one that is not here."""
    import torch

    if device != "auto":
        try:
            torch.empty(0, device=device)
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            raise UsageError(
                f"--device {device} cannot be used here ({reason(error)}). Take auto, cpu, or a GPU that torch sees."
            ) from error
        return device
    if torch.cuda.is_available():
        return f"cuda:{local_rank % torch.cuda.device_count()}"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load_model(where: Where, config: Any, sees: bool, device: str, settings: Mapping[str, Any]) -> Any:
    """The model with its weights on `device`, or spread by settings["device_map"].

    `settings` are those of `from_pretrained`; None values count as not given. Quantised weights go to their device as
    they are loaded, for most kinds cannot be moved later. Raises UsageError, UserError.
    """
    import transformers

    kind: Any = transformers.AutoModelForImageTextToText if sees else transformers.AutoModelForCausalLM
    given = {name: value for name, value in settings.items() if value is not None}
    try:
        quantised = _is_quantised(config)
        if quantised and "device_map" not in given:
            given["device_map"] = {"": device}
        model, report = kind.from_pretrained(where.path, output_loading_info=True, **given)
        if "device_map" not in given:
            model = model.to(device)
    except Exception as error:  # each library below has its own: a file torn, no room, no such device
        refuse_code(where, error)
        hint = " Try it without --attn." if "attn_implementation" in given and "attention" in str(error).lower() else ""
        raise UserError(f"{where.id} cannot be loaded: {reason(error)}{hint}") from error
    if not quantised:  # those formats count their weights in other ways
        _refuse_random(where, report)
    return model


def _is_quantised(config: Any) -> bool:
    """Raises ValueError for a kind that transformers does not know: it would take the packed numbers for weights."""
    from transformers.quantizers.auto import AutoHfQuantizer

    settings = getattr(config, "quantization_config", None)
    if isinstance(settings, dict) and not AutoHfQuantizer.supports_quant_method(settings):
        raise ValueError(f"it is quantised by {settings['quant_method']}, which this transformers does not know.")
    return settings is not None


def refuse_code(where: Where, error: Exception) -> None:
    """Raises UsageError when the error says that the model brings code of its own, which was not allowed."""
    if "trust_remote_code" in str(error):
        raise UsageError(
            f"{where.id} brings its own Python code, which would run on this machine. Read it, then allow it with "
            "--trust-remote-code."
        ) from error


def reason(error: BaseException) -> str:
    """What an error of another library says, in a line; for a package that is missing, how to install it."""
    if isinstance(error, ImportError) and (found := _PACKAGE.search(str(error))):
        package = found[found.lastindex or 0].lower()
        return f"it needs the package {package}, which is not installed: pip install {package}"
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _refuse_random(where: Where, report: Mapping[str, Any]) -> None:
    """Raises UserError when weights that the model needs are not in its files: they would be drawn at random, and its
    scores be noise. So it is with the head of a classifier or an embedding model that is loaded as one that speaks."""
    missing = sorted(report.get("missing_keys") or ())
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UserError(
            f"{where.id} lacks weights that an answering model needs ({missing[0]}{more}). Is it a classifier, an "
            "embedding model, or an adapter without its base?"
        )
