"""Pictures for servers: the stored bytes in a data URL, made anew only where a server would show something else."""

import base64
import io

import PIL.Image

from multitrust_eval.backends.pictures import UnreadableImage, decode, fitted
from multitrust_eval.records import Image

UNDERSTOOD = {"PNG", "JPEG", "WEBP", "GIF"}
"""What every server reads."""
_ORIENTATION = 0x0112


def data_url(image: Image, max_pixels: int | None = None) -> str:
    """The picture as `data:<type>;base64,<bytes>`, its type by its content. Raises UnreadableImage.

    The stored bytes, with three exceptions, each a PNG of the very pixels that the `hub` backend would show: pictures
    larger than `max_pixels`; formats that servers do not read; and an EXIF tag that would make a server turn the
    picture (the original does not turn it).
    """
    try:
        data = image.read()
        with PIL.Image.open(io.BytesIO(data)) as stored:
            stored.load()  # a torn file is told here, not by each server in its own way
            kind = stored.format or ""
            turned = stored.getexif().get(_ORIENTATION, 1) != 1
            whole = fitted(stored.size, max_pixels) == stored.size
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise UnreadableImage(f"{type(error).__name__}: {error}") from error
    if kind not in UNDERSTOOD or turned or not whole:
        file = io.BytesIO()
        decode(data, max_pixels).save(file, "PNG")
        data, kind = file.getvalue(), "PNG"
    return f"data:{PIL.Image.MIME[kind]};base64,{base64.b64encode(data).decode('ascii')}"
