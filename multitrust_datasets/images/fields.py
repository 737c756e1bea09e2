"""Pictures that show nothing: one colour, or noise."""

import hashlib

import numpy as np
import PIL.Image


def color(seed: str, size: tuple[int, int]) -> PIL.Image.Image:
    """One colour over (width, height) pixels, drawn from the seed."""
    red, green, blue = hashlib.sha256(seed.encode()).digest()[:3]
    return PIL.Image.new("RGB", size, (red, green, blue))


def noise(seed: str, size: tuple[int, int]) -> PIL.Image.Image:
    """An independent uniform colour for each of (width, height) pixels, drawn from the seed."""
    width, height = size
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big"))
    return PIL.Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
