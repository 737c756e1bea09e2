"""Where the raw files come from: the embedded sample, a folder, or a gated Hub repository."""

import re
from pathlib import Path

from multitrust_datasets.errors import DataError, MissingData

SAMPLE = "sample"
TOP_FOLDERS = ("truthfulness", "safety", "robustness", "fairness", "privacy")

_HUB_ID = re.compile(r"[\w][\w.-]*/[\w][\w.-]*")


def resolve(source: str | Path, revision: str | None = None) -> Path:
    """The root of the raw tree for a source. Raises DataError with the fix when there is none."""
    if str(source) == SAMPLE:
        return Path(__file__).parent / "sample"
    folder = Path(source).expanduser()
    if folder.is_dir():
        return _tree(folder.absolute())
    if _HUB_ID.fullmatch(str(source)) and not folder.exists():
        return _tree(_snapshot(str(source), revision))
    raise DataError(f"The source {str(source)!r} is no folder; give {SAMPLE!r}, a folder, or a Hub id like owner/name.")


def _tree(folder: Path) -> Path:
    """The folder itself, or the `data/` in it, whichever holds an aspect's folder."""
    for root in (folder, folder / "data"):
        if any((root / name).is_dir() for name in TOP_FOLDERS):
            return root
    raise MissingData(f"{folder} holds none of the folders {', '.join(TOP_FOLDERS)} (nor does its `data/`).")


def _snapshot(repo_id: str, revision: str | None) -> Path:
    """A local snapshot of a Hub dataset."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    try:
        return Path(snapshot_download(repo_id, repo_type="dataset", revision=revision))
    except GatedRepoError as error:
        raise DataError(
            f"{repo_id} is gated: accept the terms on its Hub page, then set HF_TOKEN to a token of that account."
        ) from error
    except RepositoryNotFoundError as error:
        raise DataError(
            f"There is no dataset {repo_id} on the Hub, or it is private; check the name, or set HF_TOKEN."
        ) from error
    except (LocalEntryNotFoundError, HfHubHTTPError, ConnectionError) as error:
        raise DataError(f"{repo_id} cannot be reached: {error.__cause__ or error}".rstrip(".") + ".") from error
