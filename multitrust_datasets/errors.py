"""What can be wrong with the data or the prompts, each told in one sentence that names the place and the fix."""

from pathlib import Path


class DataError(ValueError):
    """Raw data, a source or a protocol pack that cannot be used as it is."""


class MissingData(DataError):
    """A file or folder of a task that is not in the source."""


class BadRow(DataError):
    """One annotation row that cannot become a sample. `reason` is the short name it is counted under."""

    def __init__(self, file: Path | str, place: str, what: str, reason: str) -> None:
        super().__init__(f"{file}, {place}: {what}")
        self.reason = reason


class MissingPicture(BadRow):
    """A row whose picture is not in the tree. Some tasks leave such rows out, as the original does."""
