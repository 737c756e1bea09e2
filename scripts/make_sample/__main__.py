"""Writes the embedded sample: `python -m scripts.make_sample multitrust_datasets/sample`.

Deterministic: the same packages give the same bytes. All content is ours (Apache-2.0) but for the photographs, whose
sources and licences SAMPLE.md names. Where the real task is harmful the sample holds a harmless stand-in.
"""

import shutil
import sys
from pathlib import Path

from scripts.make_sample import common, fairness, privacy, robustness, safety, truthfulness


def main(folder: str) -> None:
    root = Path(folder)
    for name in ("truthfulness", "safety", "robustness", "fairness", "privacy", "unrelated_images"):
        shutil.rmtree(root / name, ignore_errors=True)
    common.write_unrelated(root)
    for aspect in (truthfulness, safety, robustness, fairness, privacy):
        aspect.write(root)
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    print(f"{root}: {sum(1 for path in root.rglob('*') if path.is_file())} files, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "multitrust_datasets/sample")
