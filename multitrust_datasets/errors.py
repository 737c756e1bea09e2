"""What can be wrong with the data or the prompts, each told in one sentence that names the place and the fix."""

from pathlib import Path


class DataError(ValueError):
    """Raw data, a source or a protocol pack that cannot be used as it is."""


class MissingData(DataError):
    """A file or folder of a task that is not in the source."""


class BadRow(DataError):
    """One annotation row that cannot become a sample. `reason` is the short name it is counted under; `place` is ""
    until the row that it belongs to is known."""

    def __init__(self, file: Path | str, place: str, what: str, reason: str) -> None:
        super().__init__(file, place, what, reason)
        self.file = file
        self.place = place
        self.what = what
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.file}{', ' if self.place else ''}{self.place}: {self.what}"

    def at(self, file: Path | str, place: str) -> "BadRow":
        """The same fault, with the annotation row that it was found in."""
        return self if self.place else type(self)(file, place, self.what, self.reason)


class MissingPicture(BadRow):
    """A row whose picture is not in the tree. Some tasks leave such rows out, as the original does."""
