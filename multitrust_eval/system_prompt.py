"""A system prompt ahead of every question: for measuring what a mitigation changes. The paper used none."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from multitrust_eval.errors import UsageError


@dataclass(frozen=True)
class SystemPrompt:
    """`text` is what the model gets: the file's content without the white space around it."""

    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


def read_system_prompt(path: str | None) -> SystemPrompt | None:
    """The prompt in a text file; None for no file. Raises UsageError for one that cannot be read or holds nothing."""
    if path is None:
        return None
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UsageError(f"The system prompt {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The system prompt {path} is not a UTF-8 text file.") from error
    if not text:
        raise UsageError(f"The system prompt {path} is empty. Leave --system-prompt out for a run without one.")
    return SystemPrompt(text)
