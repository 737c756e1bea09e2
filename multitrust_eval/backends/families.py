"""The exceptions: all that this package knows of single families of models, and why. Whatever else a family needs, its
own processor and model classes do. docs/MODELS.md shows these tables to users."""

import sys
from importlib.util import find_spec
from typing import Any

APART: dict[str, str] = {
    "mllama": "it looks at as many pictures in every row as in the row that has most, at empty ones for want of others",
}
"""Model types whose rows of a batch must all have the same number of pictures, and what goes wrong if they do not."""

REFUSED: dict[str, str] = {
    "instructblip": "it takes no question without a picture, and padding changes what it answers",
    "instructblipvideo": "it takes no question without a video",
}
"""Model types that transformers can load but that cannot be put to the benchmark."""

VIDEO_PACKAGES: dict[str, str] = {"SmolVLMProcessor": "num2words"}
"""Processor classes that refuse to be built without a package which they use for videos only. It stands in their module
under its own name, None where it is not installed."""


class _NoVideo:
    """Stands where a processor keeps its video part. Shows what processors look at even when there is no video."""

    num_frames = fps = 1
    size = None
    do_sample_frames = False
    video_sampling: dict[str, Any] = {}  # noqa: RUF012 - read only


def lacks_video(base: Any) -> bool:
    """Has this processor class a video part, and is a package for it missing here?"""
    needed = ("torchvision", VIDEO_PACKAGES.get(base.__name__, "torchvision"))
    has_video = any("video_processor" in name for name in base.get_attributes())
    return has_video and any(find_spec(package) is None for package in needed)


def image_only(base: Any) -> Any:
    """The processor class `base` without its video part: this benchmark shows no videos."""
    names = base.get_attributes()
    kept = [name for name in names if "video_processor" not in name]
    _do_without(VIDEO_PACKAGES.get(base.__name__), base)

    class ImageOnly(base):
        video_processor = property(lambda self: _NoVideo, lambda self, value: None)

        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            made = super().__new__(cls)
            made.get_attributes = lambda: names  # while it is built, its arguments are told apart by their places
            return made

        @classmethod
        def from_args_and_dict(cls, *args: Any, **kwargs: Any) -> Any:
            made = super().from_args_and_dict(*args, **kwargs)
            del made.get_attributes
            return made

        @classmethod
        def get_attributes(cls) -> list[str]:
            return list(kept)

        @classmethod
        def _get_arguments_from_pretrained(cls, path: Any, processor_dict: Any = None, **kwargs: Any) -> list[Any]:
            found = iter(super()._get_arguments_from_pretrained(path, processor_dict, **kwargs))
            return [next(found) if name in kept else None for name in names]

        def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
            return super().check_argument_for_proper_class(argument_name, argument) if argument_name in kept else None

    ImageOnly.__name__, ImageOnly.__qualname__, ImageOnly.__module__ = base.__name__, base.__name__, base.__module__
    return ImageOnly


def _do_without(package: str | None, base: Any) -> None:
    """Let the class believe that the package is there; to use it would raise TypeError."""
    module = sys.modules[base.__module__]
    if package is not None and getattr(module, package, None) is None:
        setattr(module, package, _NoVideo)
