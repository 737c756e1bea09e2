"""What makes a photograph look drawn by hand (R.1), taken by another sensor (R.2) or tampered with (R.4, R.5)."""

import random
from collections.abc import Callable

import numpy as np
import PIL.Image
import PIL.ImageChops
import PIL.ImageDraw
import PIL.ImageEnhance
import PIL.ImageFilter
import PIL.ImageOps

Picture = PIL.Image.Image
Filter = Callable[[Picture], Picture]


def cartoon(image: Picture) -> Picture:
    """Flat colours with dark outlines."""
    flat = PIL.ImageOps.posterize(PIL.ImageEnhance.Color(image.filter(PIL.ImageFilter.ModeFilter(5))).enhance(1.6), 3)
    lines = _lines(image).point(lambda value: 255 if value > 150 else 40)
    return PIL.ImageChops.multiply(flat, lines.convert("RGB"))


def handmade(image: Picture) -> Picture:
    """Cross-stitch: one square of thread for every four pixels, the cloth showing between them."""
    width, height = image.size
    small = image.resize((width // 4, height // 4), PIL.Image.Resampling.BOX).quantize(20).convert("RGB")
    stitched = small.resize((width // 4 * 4, height // 4 * 4), PIL.Image.Resampling.NEAREST).resize(image.size)
    cloth = stitched.copy()
    draw = PIL.ImageDraw.Draw(cloth)
    for edge in range(0, width, 4):
        draw.line((edge, 0, edge, height), fill=(232, 222, 200))
    for edge in range(0, height, 4):
        draw.line((0, edge, width, edge), fill=(232, 222, 200))
    return PIL.Image.blend(stitched, cloth, 0.45)


def painting(image: Picture) -> Picture:
    """Broad strokes on canvas."""
    smooth = PIL.ImageOps.posterize(image.filter(PIL.ImageFilter.MedianFilter(5)), 5)
    strokes = PIL.ImageEnhance.Color(smooth.filter(PIL.ImageFilter.ModeFilter(5))).enhance(1.5)
    relief = strokes.convert("L").filter(PIL.ImageFilter.EMBOSS).convert("RGB")
    return PIL.Image.blend(strokes, relief, 0.22)


def sketch(image: Picture) -> Picture:
    """Pencil on paper."""
    return _lines(image).convert("RGB")


def tattoo(image: Picture) -> Picture:
    """Blue ink on skin."""
    return PIL.ImageOps.colorize(_lines(image).point(lambda value: min(255, value + 10)), "#1d3a44", "#d9a27c")


def weather(image: Picture) -> Picture:
    """Fog and snow."""
    foggy = PIL.Image.blend(image, PIL.Image.new("RGB", image.size, (205, 210, 216)), 0.45)
    draw = PIL.ImageDraw.Draw(foggy)
    rng = random.Random("sample r1 snow")
    for _ in range(60):
        x, y, radius = rng.uniform(0, image.width), rng.uniform(0, image.height), rng.choice((0.5, 0.8, 1.2))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill="white")
    return foggy


def infrared(image: Picture) -> Picture:
    """Heat colours."""
    return PIL.ImageOps.colorize(_grey(image), "#100828", "#fff6c8", mid="#d8452e", midpoint=130)


def lxray(image: Picture) -> Picture:
    """The colours of a luggage scanner: thin orange, thick blue, on white."""
    return PIL.ImageOps.colorize(_grey(image), "#123c86", "#ffffff", mid="#e39a3b", midpoint=140)


def hxray(image: Picture) -> Picture:
    """A negative with soft edges."""
    return PIL.ImageOps.invert(_grey(image)).filter(PIL.ImageFilter.GaussianBlur(0.8)).convert("RGB")


def mri(image: Picture) -> Picture:
    """A soft grey slice on black."""
    soft = _grey(image).filter(PIL.ImageFilter.GaussianBlur(1.2)).point(lambda value: round((value / 255) ** 1.5 * 230))
    return _in_oval(soft, 6)


def ct(image: Picture) -> Picture:
    """A hard grey slice on black with a bright rim."""
    hard = _grey(image).point(lambda value: max(0, min(255, round((value - 128) * 1.9 + 120))))
    slice_ = _in_oval(hard, 6)
    PIL.ImageDraw.Draw(slice_).ellipse((6, 6, image.width - 7, image.height - 7), outline=(235, 235, 235), width=3)
    return slice_


def remote(image: Picture) -> Picture:
    """Seen from far above: coarse, hazy, a little green."""
    width, height = image.size
    coarse = image.resize((width // 2, height // 2), PIL.Image.Resampling.BOX).resize(image.size)
    return PIL.Image.blend(coarse, PIL.Image.new("RGB", image.size, (96, 116, 92)), 0.3)


def driving(image: Picture) -> Picture:
    """Through a windscreen at dusk, the dashboard below."""
    dusk = PIL.Image.blend(image, PIL.Image.new("RGB", image.size, (30, 36, 60)), 0.35)
    draw = PIL.ImageDraw.Draw(dusk)
    width, height = image.size
    draw.polygon([(0, height), (0, height * 0.9), (width * 0.3, height * 0.8), (width * 0.7, height * 0.8),
                  (width, height * 0.9), (width, height)], fill=(18, 18, 20))  # fmt: skip
    draw.arc((width * 0.08, height * 0.84, width * 0.38, height * 1.24), 180, 360, fill=(70, 70, 76), width=3)
    return dusk


def noise(image: Picture, seed: str, strength: int = 14) -> Picture:
    """Mild noise, as a stand-in for an attack: up to `strength` of 255 is added to or taken from each value."""
    rng = np.random.default_rng(list(seed.encode()))
    pixels = np.asarray(image, dtype=np.int16)
    return PIL.Image.fromarray(
        (pixels + rng.integers(-strength, strength + 1, pixels.shape)).clip(0, 255).astype("uint8")
    )


def _grey(image: Picture) -> Picture:
    return PIL.ImageOps.autocontrast(image.convert("L"), cutoff=1)


def _lines(image: Picture) -> Picture:
    """Dark lines on white where the brightness changes: the picture divided by its blur."""
    grey = _grey(image)
    pixels = np.asarray(grey, dtype=np.float64)
    around = np.asarray(grey.filter(PIL.ImageFilter.GaussianBlur(3)), dtype=np.float64)
    return PIL.Image.fromarray((255 * (pixels + 8) / (around + 8)).clip(0, 255).astype("uint8"))


def _in_oval(grey: Picture, margin: int) -> Picture:
    mask = PIL.Image.new("L", grey.size, 0)
    PIL.ImageDraw.Draw(mask).ellipse((margin, margin, grey.width - margin, grey.height - margin), fill=255)
    return PIL.ImageChops.multiply(grey, mask).convert("RGB")


STYLES: dict[str, Filter] = {
    "cartoon": cartoon,
    "handmake": handmade,
    "painting": painting,
    "sketch": sketch,
    "tattoo": tattoo,
    "weather": weather,
}
SENSORS: dict[str, Filter] = {
    "infrared": infrared,
    "lxray": lxray,
    "hxray": hxray,
    "mri": mri,
    "ct": ct,
    "remote": remote,
    "driving": driving,
}
