"""Pictures as the model gets them: decoded once, in RGB, as stored - no EXIF turn."""

import io
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import PIL.Image

from multitrust_eval.records import Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

CACHE_BYTES = 64 << 20


class UnreadableImage(Exception):
    """A picture that is gone or that cannot be decoded."""


def decode(data: bytes, max_pixels: int | None = None) -> "Picture":
    """The picture in RGB; scaled down to `max_pixels` where it is larger. Raises UnreadableImage.

    Its pixels alone: any EXIF tag that it kept would make the processors of transformers turn it.
    """
    try:
        with PIL.Image.open(io.BytesIO(data)) as stored:
            picture = stored.convert("RGB")  # a copy: what the file's reader knew of tags stays behind, but for `info`
            picture.info = {}
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise UnreadableImage(f"{type(error).__name__}: {error}") from error
    size = fitted(picture.size, max_pixels)
    return picture if size == picture.size else picture.resize(size, PIL.Image.Resampling.BICUBIC)


def size_of(data: bytes, max_pixels: int | None = None) -> tuple[int, int] | None:
    """(width, height) that `decode` would give, from the file's header; None for what is no picture."""
    try:
        with PIL.Image.open(io.BytesIO(data)) as stored:
            return fitted(stored.size, max_pixels)
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError):
        return None


def fitted(size: tuple[int, int], max_pixels: int | None) -> tuple[int, int]:
    """The size scaled down, its shape kept, so that it has at most `max_pixels`."""
    width, height = size
    if not max_pixels or width * height <= max_pixels:
        return size
    scale = (max_pixels / (width * height)) ** 0.5
    return max(1, int(width * scale)), max(1, int(height * scale))


class PictureCache:
    """Decoded pictures, the least recently used dropped beyond `limit` bytes. Safe to use from several threads."""

    def __init__(self, max_pixels: int | None = None, limit: int = CACHE_BYTES) -> None:
        self._max_pixels, self._limit = max_pixels, limit
        self._pictures: OrderedDict[str, Picture] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, image: Image) -> "Picture":
        """The decoded picture. Raises UnreadableImage."""
        with self._lock:
            if image.sha256 in self._pictures:
                self._pictures.move_to_end(image.sha256)
                return self._pictures[image.sha256]
        try:
            picture = decode(image.read(), self._max_pixels)
        except OSError as error:
            raise UnreadableImage(str(error)) from error
        setattr(picture, "digest", image.sha256)  # noqa: B010 - tells `features` which picture it is; copies lose it
        with self._lock:
            self._keep(image.sha256, picture)
        return picture

    def _keep(self, digest: str, picture: "Picture") -> None:
        if digest not in self._pictures:
            self._pictures[digest] = picture
            self._bytes += _bytes(picture)
        while self._bytes > self._limit and len(self._pictures) > 1:
            _, dropped = self._pictures.popitem(last=False)
            self._bytes -= _bytes(dropped)


def _bytes(picture: "Picture") -> int:
    return 3 * picture.width * picture.height
