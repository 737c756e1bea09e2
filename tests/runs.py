"""Running the command in tests: in this process where that will do, else as users start it."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from multitrust_eval.cli import main_run
from multitrust_eval.store import read_records

ROOT = Path(__file__).parents[1]
QUIET = {
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_EVALUATE_OFFLINE": "1",
}


def command(*arguments: str, launcher: tuple[str, ...] = ()) -> list[str]:
    return [*(launcher or (sys.executable,)), str(ROOT / "run_eval.py"), *map(str, arguments)]


def start(*arguments: str, launcher: tuple[str, ...] = ()) -> subprocess.Popen:
    """A run as a process of its own, in a new session so that a test can end all of it."""
    return subprocess.Popen(
        command(*arguments, launcher=launcher),
        env={**os.environ, **QUIET},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def torchrun(processes: int) -> tuple[str, ...]:
    return (sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}")


def accelerate_launch(processes: int) -> tuple[str, ...]:
    """As on several GPUs; where there are none, each process takes the CPU."""
    program = (sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", f"--num_processes={processes}")
    return (*program, "--mixed_precision=no", "--dynamo_backend=no", "--main_process_port=0")


def run_here(*arguments: str) -> int:
    """The same command in this process; its exit code."""
    with pytest.raises(SystemExit) as ended:
        main_run(list(map(str, arguments)))
    return int(ended.value.code)


def results(folder: Path) -> dict:
    return json.loads((folder / "results.json").read_text())


def keys_written(folder: Path) -> Counter:
    """Request key -> how many whole records it has, over all files of a run folder."""
    return Counter(record["key"] for record in read_records(folder / "responses") if record is not None)
