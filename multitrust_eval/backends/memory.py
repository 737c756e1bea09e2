"""Memory of the device: how many padded tokens a batch may take by estimate, and how full the device got."""

import os
from pathlib import Path
from typing import Any

from multitrust_eval.backends.base import Limits

CPU_ROWS, GPU_ROWS = 16, 128
"""Rows a batch at most. A CPU gains little from more; on a GPU the cost of a step hardly depends on them."""

CPU_BYTES = 16 << 30
"""What all processes of a machine plan with on its CPU, at most; and no more than half of what is free."""

ESTIMATE = 0.6
"""The share of free memory that the first batches are planned for. What they leave, later ones grow into."""

SHORT_ROW, LONG_ROW = 128, 4096
"""Padded tokens of a row. What a row costs whatever its length (logits) is spread over those of a short one; the first
batches are not planned for more than long ones, however small the model."""

_SAYS_SO = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")


def batch_limits(model: Any, apart: bool) -> Limits:
    """The first batches' limits for a model that is loaded, from its config and the memory that is free."""
    on_cpu = model.device.type == "cpu"
    room = free_on_cpu() if on_cpu else _free_on_devices(model)
    tokens = int(room * ESTIMATE / bytes_per_token(model.config, model.dtype.itemsize))
    rows = CPU_ROWS if on_cpu else GPU_ROWS
    return Limits(rows, max(1, min(tokens, rows * LONG_ROW)), apart)


def bytes_per_token(config: Any, itemsize: int) -> int:
    """What one padded token of a batch costs, in bytes, rather too much than too little: its keys and values in every
    layer, one layer's activations while the prompt is read, its part in the vision tower and in the logits."""
    text = config.get_text_config(decoder=True)
    hidden = _number(text, "hidden_size", default=4096)
    heads = _number(text, "num_attention_heads", default=32)
    head = _number(text, "head_dim", default=hidden // heads)
    cache = (
        2 * _number(text, "num_hidden_layers", default=32) * _number(text, "num_key_value_heads", default=heads) * head
    )
    logits = _number(text, "vocab_size", default=1 << 17) * (itemsize + 12) // SHORT_ROW
    return itemsize * (cache + _layer(text) + _tower(config)) + logits


def is_out_of_memory(error: BaseException) -> bool:
    """Does the error say that memory ran out? PyTorch raises its own class on a GPU, a RuntimeError elsewhere."""
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _SAYS_SO)


class Gauge:
    """Measures how much of the memory that the weights left free a batch took. None where the device does not tell."""

    def __init__(self, model: Any) -> None:
        import torch

        self._cuda = torch.cuda if model.device.type == "cuda" else None
        self._devices = _devices(model) if self._cuda else []
        self._before = {device: torch.cuda.memory_allocated(device) for device in self._devices}
        self._free = {device: _free(device) for device in self._devices}

    def share(self) -> float | None:
        """The fullest device's share since the last call, 0-1."""
        if self._cuda is None:
            return None
        shares = []
        for device in self._devices:
            taken = self._cuda.max_memory_allocated(device) - self._before[device]
            self._cuda.reset_peak_memory_stats(device)
            shares.append(taken / max(self._free[device], 1))
        return max(shares)


def free_on_cpu() -> int:
    """Bytes that this process may plan with: its part of what the machine, or its container, has free."""
    available = _meminfo("MemAvailable") or CPU_BYTES
    limit, used = _cgroup("memory.max"), _cgroup("memory.current")
    if limit is not None and used is not None:
        available = min(available, max(limit - used, 0))
    return min(available // 2, CPU_BYTES) // max(int(os.environ.get("LOCAL_WORLD_SIZE", "1")), 1)


def _meminfo(name: str) -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:  # not Linux
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), None)


def _cgroup(name: str) -> int | None:
    try:
        text = (Path("/sys/fs/cgroup") / name).read_text().strip()
    except OSError:  # no container, or an old kernel
        return None
    return int(text) if text.isdecimal() else None


def _free_on_devices(model: Any) -> int:
    """Free bytes of a model's devices together. Its layers are spread evenly, so the fullest one counts for all."""
    free = [_free(device) for device in _devices(model)]
    return min(free) * len(free)


def _devices(model: Any) -> list[Any]:
    spread = {
        device for device in (getattr(model, "hf_device_map", None) or {}).values() if device not in ("cpu", "disk")
    }
    return sorted(spread, key=str) or [model.device]


def _free(device: Any) -> int:
    """Free bytes of a device, with those that PyTorch holds in reserve."""
    import torch

    kind = torch.device(device).type if not isinstance(device, int) else "cuda"
    if kind == "cuda":
        held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + int(held)
    if kind == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return free_on_cpu()


def _layer(part: Any) -> int:
    """Numbers that one layer holds for a token at once."""
    hidden = _number(part, "hidden_size", "embed_dim", "d_model", default=1024)
    return 8 * hidden + 3 * _number(part, "intermediate_size", "mlp_dim", default=4 * hidden)


def _tower(config: Any) -> int:
    """The vision tower's part: four patches or so become one token."""
    vision = getattr(config, "vision_config", None)
    return 4 * _layer(vision) if vision is not None else 0


def _number(part: Any, *names: str, default: int) -> int:
    """The first of an object's attributes that is a number (a list's largest), else the default."""
    for name in names:
        value = getattr(part, name, None)
        value = max(value, default=None) if isinstance(value, list | tuple) else value
        if isinstance(value, int) and value > 0:
            return value
    return default
