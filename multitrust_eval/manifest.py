"""The papers of a run folder: what ran, with what and where. And the refusal to mix two runs in one folder."""

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from multitrust_eval.errors import UserError
from multitrust_eval.plan import Plan
from multitrust_eval.store import write_atomic

PACKAGES = (
    *("multitrust", "accelerate", "datasets", "evaluate", "huggingface_hub", "numpy", "pillow", "safetensors"),
    *("openai", "tenacity", "tokenizers", "torch", "transformers"),
)

_SECRET = re.compile(r"hf_\w{8,}|sk-[\w-]{8,}|(?<=://)[^/\s@]+(?=@)|(?<=key=)[^&\s]+|(?<=token=)[^&\s]+", re.IGNORECASE)


def read_manifest(run_dir: Path) -> dict[str, Any]:
    """The manifest of a run folder; {} where there is none yet. Raises UserError when it is damaged."""
    path = run_dir / "manifest.json"
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} cannot be read ({error}). Move the folder away, or give another --output-dir."
        ) from error
    return content


def refuse_to_mix(run_dir: Path, settings: Mapping[str, Any]) -> None:
    """Raises UserError naming what differs when the folder holds a run made with other settings."""
    before = read_manifest(run_dir).get("settings")
    if before is None:
        return
    changed = [name for name in {**before, **settings} if before.get(name) != settings.get(name)]
    if changed:
        words = "; ".join(f"{name} was {_short(before.get(name))}, is {_short(settings.get(name))}" for name in changed)
        raise UserError(
            f"{run_dir} holds another run, and answers of two runs are not mixed: {words}. Give this one its own "
            "--output-dir, or use the same settings."
        )


def settings_of(
    identity: Mapping[str, Any], source: str, protocol: Any, limits: tuple[str, int | None, int | None]
) -> dict[str, Any]:
    """What one folder may hold only one value of. `limits`: profile, token cap, token floor."""
    model = {("model" if name == "id" else name): value for name, value in identity.items() if name != "kind"}
    pack = f"{protocol.name} ({protocol.sha256[:12]})"
    named = zip(("profile", "max_new_tokens cap", "max_new_tokens floor"), limits, strict=True)
    return {**model, "source": source, "protocol": pack, **dict(named)}


def describe(plan: Plan, settings: Mapping[str, Any], command: list[str], world: int) -> dict[str, Any]:
    """The manifest at the start of a run."""
    return {
        "schema": 1,
        "settings": dict(settings),
        "suite_fingerprint": plan.suite_fingerprint,
        "base_fingerprint": plan.base_fingerprint,
        "datasets": {"/".join(cell): dataset._fingerprint for cell, dataset in plan.datasets.items()},
        "unavailable": dict(plan.unavailable),
        "rows": plan.n_rows(),
        "requests": len(plan.requests),
        "command": scrub(command),
        "processes": world,
        "seeds": "none: nothing here is drawn at random; what is picked is picked by a hash of its id",
        "started": now(),
        "packages": _versions(),
        "git": _git_commit(),
        "hardware": _hardware(),
    }


def write_manifest(run_dir: Path, manifest: Mapping[str, Any]) -> None:
    write_atomic(run_dir / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False).encode() + b"\n")


def write_config(run_dir: Path, options: Mapping[str, Any]) -> None:
    """The options of the run: `--config` of this file repeats it."""
    import yaml

    write_atomic(run_dir / "config.yaml", yaml.safe_dump(dict(options), sort_keys=True, allow_unicode=True).encode())


def scrub(command: list[str]) -> list[str]:
    """A command line without tokens, keys and the credentials of addresses."""
    return [_SECRET.sub("***", word) for word in command]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 48 else f"{text[:12]}..."


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _git_commit() -> str | None:
    """The commit of the checkout that this code runs from; None for an installed wheel."""
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def _hardware() -> dict[str, Any]:
    facts: dict[str, Any] = {
        "host": platform.node(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "cpus": os.cpu_count(),
    }
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        facts["gpus"] = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return facts
