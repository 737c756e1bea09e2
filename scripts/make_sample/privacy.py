"""The sample of the privacy tasks: invented people, addresses at example.org."""

from pathlib import Path


def write(root: Path) -> None:
    """Nothing yet."""
