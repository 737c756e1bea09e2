"""The options of a run, each declared once: for the command line, for YAML files and for Python."""

import difflib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from multitrust_eval.errors import UsageError

DEMO, SERVED, BASELINE = "demo", "openai:", "baseline:"
DEMOS = ("demo", "demo-random")
WHAT, LOADING, SCORING, RUNNING = "What is asked", "How the model runs", "How answers are judged", "The run"
SERVER = "A model behind a server (openai:<served name>)"


def option(default: Any, panel: str, help: str, metavar: str = "", flag: bool = False) -> Any:
    return field(default=default, metadata={"panel": panel, "help": help, "metavar": metavar, "flag": flag})


@dataclass(frozen=True)
class RunOptions:
    """One run. Names are those of the command line, `-` for `_`."""

    model: str = option(
        DEMO, WHAT, "Hub id, folder, `demo`, `demo-random`, `openai:<name>`, `baseline:<name>`.", "MODEL"
    )
    revision: str | None = option(None, WHAT, "Commit, tag or branch of a Hub model.", "REV")
    tasks: str = option("all", WHAT, "Comma list of ids (`f4`), stems, globs, aspects, or `all`.", "LIST")
    variants: str | None = option(None, WHAT, "Comma list of variants or globs, e.g. `text,*noise`.", "LIST")
    source: str = option("sample", WHAT, "`sample`, a folder, an archive or a Hub dataset id.", "SOURCE")
    limit: int | None = option(None, WHAT, "At most N items a task, the same in every variant.", "N")
    protocol: str | None = option(None, WHAT, "Prompt pack (YAML) in place of ours.", "FILE")
    protocol_fallback: bool = option(False, WHAT, "Use our wording where the pack has none.", flag=True)
    on_bad_row: str = option("error", WHAT, "`error`, or `skip`: leave bad rows out and count them.", "MODE")
    profile: str | None = option(
        None, WHAT, "Token limits: `paper` (the paper's), `reasoning` (4096), `demo` (32).", "NAME"
    )
    max_new_tokens: int | None = option(None, WHAT, "Cap on every token limit (`reasoning`: its limit).", "N")
    system_prompt: str | None = option(None, WHAT, "Text file that goes ahead of every question.", "FILE")
    batch_size: str = option("auto", LOADING, "Rows a batch at most, or `auto`.", "N")
    verify_batching: int = option(4, LOADING, "Afterwards, ask N again alone and report what changes; 0: no.", "N")
    dtype: str = option("auto", LOADING, "`auto` (the checkpoint's), `bf16`, `fp16` or `fp32`.", "TYPE")
    device: str = option("auto", LOADING, "`auto`, `cpu`, `cuda`, `cuda:1`, `mps`.", "DEVICE")
    device_map: str | None = option(None, LOADING, "`auto` spreads one model over all GPUs.", "MAP")
    attn: str | None = option(None, LOADING, "Attention implementation, e.g. `sdpa`, `flash_attention_2`.", "NAME")
    max_pixels: int | None = option(None, LOADING, "Scale larger pictures down to N pixels.", "N")
    chat_template: str | None = option(None, LOADING, "Jinja file, for models that bring no template.", "FILE")
    trust_remote_code: bool = option(False, LOADING, "Run Python code that comes with the model.", flag=True)
    base_url: str | None = option(None, SERVER, "Its address. Default: `OPENAI_BASE_URL`, else OpenAI's own.", "URL")
    concurrency: int = option(32, SERVER, "Requests under way at most; fewer while the server is busy.", "N")
    request_timeout: int = option(600, SERVER, "Seconds to wait for an answer.", "S")
    extra_body: str | None = option(None, SERVER, 'Further request fields, e.g. `{"top_k": 1}`.', "JSON")
    text_only: bool = option(False, SERVER, "The served model takes no pictures.", flag=True)
    judge: tuple[str, ...] = option((), SCORING, "`SLOT=NAME` (repeatable), or `NAME` for every slot.", "JUDGE")
    judge_budget: int | None = option(None, SCORING, "At most N calls of remote judges, retries included.", "CALLS")
    output_dir: str | None = option(None, RUNNING, "The run folder. Default: `runs/<model>`.", "DIR")

    def filled(self) -> "RunOptions":
        """With the defaults that depend on others; checked. Raises UsageError."""
        _check_values(self)
        profile = self.profile or ("demo" if self.model in DEMOS else "paper")
        served = self.model.startswith(SERVED)
        base_url = self.base_url or (_keepable(os.environ.get("OPENAI_BASE_URL")) if served else None)
        named = replace(self, profile=profile, base_url=base_url)
        return replace(named, output_dir=self.output_dir or f"runs/{_folder_name(named)}")

    @property
    def token_floor(self) -> int | None:
        """What every token limit is raised to: with the profile `reasoning` only."""
        return (self.max_new_tokens or REASONING_TOKENS) if self.profile == REASONING else None

    @property
    def token_cap(self) -> int | None:
        """What every token limit is cut down to."""
        if self.profile == REASONING:
            return None
        caps = [cap for cap in (self.max_new_tokens, PROFILES[self.profile or "paper"]) if cap is not None]
        return min(caps, default=None)

    def bad_rows(self) -> Literal["error", "skip"]:
        return "skip" if self.on_bad_row == "skip" else "error"

    def judges(self) -> dict[str, str]:
        """Verdict slot -> judge name, `rule` where none is named. Raises UsageError for an unknown slot."""
        from multitrust_datasets.task import SLOTS

        chosen = dict.fromkeys(SLOTS, "rule")
        for word in self.judge:
            slot, equals, name = word.partition("=")
            if not equals:
                chosen = dict.fromkeys(SLOTS, word)
            elif slot in SLOTS:
                chosen[slot] = name
            else:
                raise UsageError(f"--judge {word}: there is no verdict slot {slot!r}. {near(slot, SLOTS)}")
        return chosen

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as in a run folder's config.yaml: options that are at their default are left out."""
        default = RunOptions()
        values = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}
        return {name: value for name, value in values.items() if getattr(self, name) != getattr(default, name)}


REASONING, REASONING_TOKENS = "reasoning", 4096
PROFILES: Mapping[str, int | None] = {"paper": None, REASONING: None, "demo": 32}
"""Named sets of token limits: the cap on every task's limit. `reasoning` raises them instead, to 4096."""

_CHOICES = {"on_bad_row": ("error", "skip"), "dtype": ("auto", "bf16", "fp16", "fp32"), "profile": tuple(PROFILES)}
_POSITIVE = ("limit", "max_new_tokens", "max_pixels", "judge_budget", "concurrency", "request_timeout")
_OF_SERVERS = ("base_url", "concurrency", "request_timeout", "extra_body", "text_only")
_NOT_OF_SERVERS = (
    "revision",
    "batch_size",
    "verify_batching",
    "dtype",
    "device",
    "device_map",
    "attn",
    "chat_template",
    "trust_remote_code",
)
_NOT_OF_BASELINES = (
    *(name for name in _NOT_OF_SERVERS if name not in ("batch_size", "verify_batching")),
    "max_pixels",
    "system_prompt",
)
_OURS = ("model", "messages", "max_tokens", "max_completion_tokens", "stream", "n")
"""Fields of a request that --extra-body may not set."""


def read_config(path: str) -> dict[str, Any]:
    """The options in a YAML file. Raises UsageError for a file that is none, and for an unknown name in it."""
    import yaml

    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"The config file {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"The config file {path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise UsageError(f"The config file {path} must map option names to values, such as `model: demo`.")
    return content


def from_values(values: Mapping[str, Any], where: str) -> RunOptions:
    """Options from plain values; `-` and `_` are the same in a name. Raises UsageError naming `where`."""
    kinds = {f.name: f for f in fields(RunOptions)}
    given: dict[str, Any] = {}
    for name, value in values.items():
        key = str(name).replace("-", "_")
        if key not in kinds:
            raise UsageError(f"{where} has an unknown option {name!r}. {near(key, kinds)}")
        given[key] = _typed(kinds[key], value, f"{where}: {name}")
    return RunOptions(**given)


def near(word: str, known: Iterable[str], more: str = "") -> str:
    """A sentence that names what is like `word`, else all there is, or where the long list stands (`more`)."""
    names = list(dict.fromkeys(known))
    found = difflib.get_close_matches(word.lower(), names, n=3, cutoff=0.6)
    if found:
        return f"Did you mean {' or '.join(found)}?"
    return more or f"There are: {', '.join(names)}."


def is_number(spec: Any) -> bool:
    """Does this field of RunOptions take a whole number? Its type is `int` or `int | None`."""
    return spec.type is int or str(spec.type).startswith("int ")


def _typed(spec: Any, value: Any, where: str) -> Any:
    """A YAML value as the option's type: lists may stand for comma lists, a mapping for --judge."""
    if spec.name == "judge":
        if isinstance(value, Mapping):
            value = [f"{slot}={name}" for slot, name in value.items()]
        return tuple(map(str, [value] if isinstance(value, str) else value or ()))
    if spec.name == "extra_body" and isinstance(value, Mapping):
        return json.dumps(value, sort_keys=True)
    if spec.name in ("tasks", "variants") and isinstance(value, list):
        value = ",".join(map(str, value))
    if value is None:
        return spec.default
    kind = bool if spec.metadata["flag"] else int if is_number(spec) else str
    if kind is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise UsageError(f"{where}: {value!r} is not {'a whole number' if kind is int else f'a {kind.__name__}'}.")
    return value


def _check_values(options: RunOptions) -> None:
    for name, choices in _CHOICES.items():
        value = getattr(options, name)
        if value is not None and value not in choices:
            raise UsageError(f"--{name.replace('_', '-')} cannot be {value}. {near(value, choices)}")
    for name in _POSITIVE:
        value = getattr(options, name)
        if value is not None and value < 1:
            raise UsageError(f"--{name.replace('_', '-')} {value}: give a number of at least 1.")
    if options.verify_batching < 0:
        raise UsageError(f"--verify-batching {options.verify_batching}: give a number of answers, or 0 for none.")
    size = options.batch_size
    if size != "auto" and not (size.isdecimal() and int(size) > 0):
        raise UsageError(f"--batch-size {size}: give a number of at least 1, or auto.")
    _check_server(options)


def _check_server(options: RunOptions) -> None:
    """Nothing that was asked for is passed over in silence."""
    if options.model.startswith(SERVED):
        _refuse(options, _NOT_OF_SERVERS, "has no effect on a model behind a server")
    else:
        _refuse(options, _OF_SERVERS, "is for --model openai:<served name> only")
    if options.model.startswith(BASELINE):
        _refuse(options, _NOT_OF_BASELINES, "has no effect on a baseline: its answers are fixed")
    if options.base_url and _keepable(options.base_url) is None:
        raise UsageError(
            "--base-url must hold no user, password or query: command lines are seen by others and are kept. Put the "
            "key into OPENAI_API_KEY, or the whole address into OPENAI_BASE_URL."
        )
    read_extra_body(options.extra_body)


def _refuse(options: RunOptions, names: Iterable[str], why: str) -> None:
    default = RunOptions()
    for name in names:
        if getattr(options, name) != getattr(default, name):
            raise UsageError(f"--{name.replace('_', '-')} {why}. Leave it out.")


def read_extra_body(text: str | None) -> dict[str, Any]:
    """The fields of --extra-body. Raises UsageError for what is no JSON object, and for fields that are the run's."""
    if text is None:
        return {}
    try:
        fields_ = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--extra-body is not JSON: {error}.") from error
    if not isinstance(fields_, dict):
        raise UsageError('--extra-body must be a JSON object, such as {"top_k": 1}.')
    for name in _OURS:
        if name in fields_:
            raise UsageError(f"--extra-body cannot set {name!r}: the run sets it itself.")
    return fields_


def _keepable(url: str | None) -> str | None:
    """The address if it holds nothing secret, else None."""
    return None if not url or "@" in url or "?" in url else url


def _folder_name(options: RunOptions) -> str:
    """The model's name as one safe path component, and what keeps its runs apart: profile and system prompt."""
    parts = [options.model.rstrip("/").split("/")[-1]]
    parts += [REASONING] if options.profile == REASONING else []
    parts += [Path(options.system_prompt).stem] if options.system_prompt else []
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in "-".join(parts)).strip(".-")
    return safe or "run"
