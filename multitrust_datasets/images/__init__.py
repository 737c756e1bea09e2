"""Image makers: pure functions of text, seed and size. RENDERER changes whenever one of them draws other pixels."""

from io import BytesIO

import PIL.Image

RENDERER = "1"


def png(image: PIL.Image.Image) -> bytes:
    """The picture as PNG bytes, the same for the same pixels."""
    buffer = BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
