"""What an image processor made of a picture, kept for the next question about it.

A picture is shown with many questions: resizing and normalising it again for each is work for nothing. Whether a
processor's output for a batch is that of its pictures one by one, joined, is not known beforehand; so it is looked at:
the first batch of each form is made both ways and compared. Where they differ the processor goes on as it is.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

CACHE_BYTES = 128 << 20

Features = Any
"""A BatchFeature of transformers: name -> tensor, array or list, its first dimension running over the pictures."""


class Remembering:
    """Stands in for an image processor. Pictures that carry `digest` are processed once, the least recently used
    dropped beyond `limit` bytes; what it does not understand goes to the processor untouched. Not for two threads."""

    def __init__(self, processor: Any, limit: int = CACHE_BYTES) -> None:
        self._processor, self._limit = processor, limit
        self._parts: OrderedDict[tuple[str, str], Features] = OrderedDict()
        self._bytes = 0
        self._joins: dict[tuple[bool, bool, str], bool] = {}
        """Form of a batch -> whether its parts, joined, are the whole. Absent: not yet seen."""
        self.reused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)

    def __call__(self, images: Any = None, *more: Any, **settings: Any) -> Any:
        pictures = None if more else _pictures(images)
        if not pictures:
            return self._processor(images, *more, **settings)
        nested = isinstance(images[0], list)
        form = (nested, nested and not all(images), repr(sorted(settings.items(), key=str)))
        if self._joins.get(form) is False:
            return self._processor(images, **settings)
        parts = [self._part(picture, nested, form[2], settings) for picture in pictures]
        joined = _joined(parts)
        if joined is None:  # of unlike shapes: the processor pads them to one another
            return self._processor(images, **settings)
        if form not in self._joins:
            whole = self._processor(images, **settings)
            if len({picture.digest for picture in pictures}) > 1:  # equal pictures would show nothing
                self._joins[form] = _same(whole, joined)
            return whole
        return type(parts[0])(data=joined)

    def _part(self, picture: Any, nested: bool, how: str, settings: Mapping[str, Any]) -> Features:
        key = (picture.digest, f"{nested} {how}")
        if key in self._parts:
            self.reused += 1
            self._parts.move_to_end(key)
            return self._parts[key]
        part: Features = self._processor([[picture]] if nested else [picture], **settings)
        self._parts[key] = part
        self._bytes += _size(part)
        while self._bytes > self._limit and len(self._parts) > 1:
            self._bytes -= _size(self._parts.popitem(last=False)[1])
        return part


def _pictures(images: Any) -> list[Any] | None:
    """The pictures of a flat list, or of rows of one picture at most; None for anything else."""
    if not isinstance(images, list) or not images:
        return None
    rows = images if isinstance(images[0], list) else [[image] for image in images]
    if any(not isinstance(row, list) or len(row) > 1 for row in rows):
        return None
    pictures = [picture for row in rows for picture in row]
    return pictures if all(isinstance(getattr(p, "digest", None), str) for p in pictures) else None


def _joined(parts: Sequence[Features]) -> dict[str, Any] | None:
    """The parts one after the other, as new values; None where they do not fit together."""
    names = list(parts[0])
    if any(list(part) != names for part in parts):
        return None
    whole = {name: _concatenated([part[name] for part in parts]) for name in names}
    return None if any(value is None for value in whole.values()) else whole


def _concatenated(values: Sequence[Any]) -> Any:
    import numpy
    import torch

    if all(isinstance(value, list) for value in values):
        return [item for value in values for item in value]
    joins: tuple[tuple[type, Any], ...] = ((torch.Tensor, torch.cat), (numpy.ndarray, numpy.concatenate))
    for kind, join in joins:
        if all(isinstance(value, kind) for value in values):
            like = {(value.dtype, value.shape[1:]) for value in values}
            return join(list(values)) if len(like) == 1 and values[0].ndim else None
    return None


def _same(whole: Features, joined: Features) -> bool:
    return list(whole) == list(joined) and all(_equal(whole[name], joined[name]) for name in whole)


def _equal(one: Any, other: Any) -> bool:
    import numpy
    import torch

    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return type(one) is type(other) and bool(numpy.array_equal(one, other))


def _size(part: Features) -> int:
    return sum(_bytes_of(part.values()))


def _bytes_of(values: Iterable[Any]) -> Iterable[int]:
    for value in values:
        if isinstance(value, list):
            yield from _bytes_of(value)
        else:
            yield int(getattr(value, "nbytes", 64))
