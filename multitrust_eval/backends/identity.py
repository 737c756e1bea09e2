"""Which model this is: a Hub repository at a commit, or a folder by its content. Never a path."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multitrust_eval.errors import UsageError, UserError

_HEAD = 1 << 16
_CONTENT = (".json", ".jinja", ".txt", ".model", ".safetensors", ".bin", ".py")


@dataclass(frozen=True)
class Where:
    """A model's files: what `from_pretrained` takes, and what names it in records."""

    path: str
    revision: str | None
    id: str
    commit: str


def locate(model: str, revision: str | None) -> Where:
    """Find a model's folder, or its repository at a resolved commit.

    Raises UsageError for a name that is neither, UserError when the Hub cannot be reached.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise UsageError(f"The folder {model} holds no config.json: it is not a saved transformers model.")
        if revision is not None:
            raise UsageError(
                f"{folder.name} is a folder and has no revision {revision!r}: leave it out, or give a Hub id."
            )
        return Where(str(folder), None, folder.resolve().name, content_hash(folder))
    if model.count("/") > 1 or model.startswith((".", "/", "~")):
        raise UsageError(f"There is no folder {model}.")
    commit = _commit(model, revision)
    return Where(model, commit, model, commit)


def content_hash(folder: Path) -> str:
    """sha256 over name, size and first 64 KiB of a folder's config, tokenizer, code and weight files."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.suffix in _CONTENT and path.is_file():
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as file:
                digest.update(file.read(_HEAD))
    return digest.hexdigest()


def digest_of(value: Any) -> str:
    """A short hash of settings. Values that are not JSON go in as their text."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _commit(repo_id: str, revision: str | None) -> str:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return Path(hf_hub_download(repo_id, "config.json", revision=revision)).parent.name
    except GatedRepoError as error:
        raise UserError(
            f"{repo_id} is gated: accept its terms on the Hub, then set HF_TOKEN to a token of that account."
        ) from error
    except RevisionNotFoundError as error:
        raise UsageError(f"{repo_id} has no revision {revision!r}.") from error
    except LocalEntryNotFoundError as error:
        raise UserError(
            f"{repo_id} is no folder here and not in the cache, and the Hub cannot be reached: {_why(error)}"
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise UsageError(
            f"There is no model {repo_id!r} on the Hub that this account can see, and no folder of that name."
        ) from error
    except EntryNotFoundError as error:
        raise UsageError(f"{repo_id} holds no config.json: it is not a transformers model.") from error
    except (HfHubHTTPError, ConnectionError) as error:
        raise UserError(f"The Hub did not give {repo_id}: {_why(error)}") from error


def _why(error: BaseException) -> str:
    return next(_lines(str(error.__cause__ or error)), type(error).__name__).rstrip(".") + "."


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
