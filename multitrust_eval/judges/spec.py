"""What a judge's name says: its kind, its model, and the options of a YAML file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from multitrust_datasets.protocol import Protocol
from multitrust_eval.judges.base import JudgeError
from multitrust_eval.judges.budget import Budget

KINDS = {
    "rule": "deterministic stand-in for every slot, offline",
    "classifier": "Hub text-classification model: refusal, perspective, moderation",
    "guard": "Hub safety guard with its own chat template: attack, perspective, moderation",
    "harmbench": "HarmBench's classifier: attack",
    "chat": "local instruct model: every slot",
    "openai": "model behind an OpenAI-compatible server: every slot",
}
"""Kind -> what it is and which slots it fills."""

OPTIONS = {
    "rule": set[str](),
    "classifier": {"labels", "max_length", "batch_tokens"},
    "guard": {"words", "max_new_tokens", "template_arguments", "batch_tokens"},
    "harmbench": {"batch_tokens"},
    "chat": {"max_new_tokens", "chat_template"},
    "openai": {"max_new_tokens", "base_url", "concurrency", "timeout", "attempts"},
}
COUNTS = {"max_length", "batch_tokens", "max_new_tokens", "concurrency", "attempts"}
MAPPINGS = {"labels", "words", "template_arguments"}
DTYPES = {"auto", "bf16", "fp16", "fp32"}
"""Options that are whole numbers of at least 1, options that are mappings, and what `dtype` may be. The rest is text,
but for `timeout`, `trust_remote_code` and `device_map`: see `_lacks`."""

HARMLESS = {"base_url", "concurrency", "timeout", "attempts", "batch_tokens", "device", "device_map"}
"""Options that change how a verdict is come by, and no verdict: verdicts that are there stay good when they change."""

LOCAL_OPTIONS = {"dtype", "device", "device_map", "trust_remote_code"}
DEFAULT_MODELS = {
    ("classifier", "refusal"): "LibrAI/longformer-action-ro",
    ("classifier", "perspective"): "unitary/toxic-bert",
    ("classifier", "moderation"): "KoalaAI/Text-Moderation",
    ("harmbench", "attack"): "cais/HarmBench-Llama-2-13b-cls",
}
"""The model of a kind that is named without one."""


@dataclass(frozen=True)
class Spec:
    """A judge as asked for. `options` are those of a YAML file; empty for a plain name."""

    kind: str
    model: str = ""
    revision: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def option(self, name: str, default: Any) -> Any:
        return self.options.get(name, default)

    @property
    def digest(self) -> str:
        """A short hash of the options that can change a verdict, "" without any; it goes into the judge's revision."""
        shown = {name: value for name, value in self.options.items() if name not in HARMLESS}
        if not shown:
            return ""
        return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Setting:
    """What judges share in a run: the prompt pack, the budget of remote calls, and this process's device."""

    protocol: Protocol | None = None
    budget: Budget = field(default_factory=Budget)
    local_rank: int = 0


def read_spec(name: str, slot: str) -> Spec:
    """The spec of `name` for a slot: `kind`, `kind:model`, `kind:model@revision`, or a YAML file.

    Raises JudgeError for an unknown kind, a kind that needs a model, and a file that is none.
    """
    if name.endswith((".yaml", ".yml")):
        return _from_file(Path(name))
    kind, colon, model = name.partition(":")
    _check_kind(kind, name)
    if kind == "rule":
        if colon:
            raise JudgeError(f"The judge {name!r}: `rule` takes no model; write `rule`.")
        return Spec(kind)
    revision = None
    if kind != "openai" and "@" in model and not Path(model).expanduser().is_dir():
        model, _, revision = model.rpartition("@")
    model = model or DEFAULT_MODELS.get((kind, slot), "")
    if not model:
        raise JudgeError(f"The judge {name!r} has no model for the slot {slot}; write `{kind}:<model>`.")
    return Spec(kind, model, revision)


def _from_file(path: Path) -> Spec:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise JudgeError(f"The judge file {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise JudgeError(f"The judge file {path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or not isinstance(content.get("kind"), str):
        raise JudgeError(f"The judge file {path} must say at least `kind: classifier` and `model: <Hub id or folder>`.")
    kind = content.pop("kind")
    _check_kind(kind, str(path))
    model, revision = str(content.pop("model", "")), content.pop("revision", None)
    known = OPTIONS[kind] | (set() if kind in ("rule", "openai") else LOCAL_OPTIONS)
    for name, value in content.items():
        if name not in known:
            raise JudgeError(f"The judge file {path} has an unknown option {name!r}; {kind} knows {_listed(known)}.")
        if value is not None and (wanted := _lacks(name, value)):
            raise JudgeError(f"The judge file {path}: {name} is {value!r}; give {wanted}.")
    if not model and kind != "rule":
        raise JudgeError(f"The judge file {path} names no model; add `model: <Hub id or folder>`.")
    return Spec(kind, model, None if revision is None else str(revision), _given(content))


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Without those that are null: as good as not written."""
    return {name: value for name, value in options.items() if value is not None}


def _lacks(name: str, value: Any) -> str:
    """What the value of an option should have been, "" when it is of that kind."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if name in COUNTS:
        return "" if number and isinstance(value, int) and value >= 1 else "a whole number of at least 1"
    if name == "timeout":
        return "" if number and value > 0 else "a number of seconds above 0"
    if name in MAPPINGS:
        return "" if isinstance(value, Mapping) else "a mapping, such as `key: value`"
    if name == "trust_remote_code":
        return "" if isinstance(value, bool) else "true or false"
    if name == "dtype":
        return "" if isinstance(value, str) and value in DTYPES else f"one of {_listed(DTYPES)}"
    if name == "device_map" and isinstance(value, Mapping):
        return ""
    return "" if isinstance(value, str) else "text"


def _check_kind(kind: str, name: str) -> None:
    if kind not in KINDS:
        raise JudgeError(f"There is no judge {name!r}. Known kinds: {_listed(KINDS)}; or a YAML file.")


def _listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"
