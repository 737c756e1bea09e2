"""What the engine's benchmarks share: models with random weights, requests, a line on the machine, a table."""

import hashlib
import os
import platform
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

VERSION = 2
"""Raise it when the models or pictures below change: the cache folders are named after it."""

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
for _name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE"):
    os.environ.setdefault(_name, "1")

SIZES: dict[str, dict[str, dict[str, Any]]] = {
    "tiny": {
        "text": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4},
        "vision": {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2},
        "picture": {"image_size": 28, "patch_size": 7},
    },
    "small": {
        "text": {"hidden_size": 512, "intermediate_size": 1408, "num_hidden_layers": 9, "num_attention_heads": 8},
        "vision": {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 4},
        "picture": {"image_size": 112, "patch_size": 14},
    },
}
VOCABULARY = 8192


def model_folder(size: str, ends: bool = False) -> Path:
    """A random LLaVA of that size, built once. It never ends its answers, or, with `ends`, now and then."""
    folder = _cache() / f"bench-{size}{'-ends' if ends else ''}-v{VERSION}"
    if not (folder / "config.json").is_file():
        building = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".building-"))
        _build(building, size, ends)
        shutil.rmtree(folder, ignore_errors=True)
        building.rename(folder)
    return folder


def _cache() -> Path:
    from multitrust_eval.demo import cache_dir

    cache_dir().mkdir(parents=True, exist_ok=True)
    return cache_dir()


def _build(folder: Path, size: str, ends: bool) -> None:
    import torch
    import transformers as tf

    from multitrust_eval import demo

    tf.logging.set_verbosity_error()
    tf.logging.disable_progress_bar()
    tokenizer = demo.make_tokenizer()
    text, vision, picture = SIZES[size]["text"], SIZES[size]["vision"], SIZES[size]["picture"]
    edge, patch = picture["image_size"], picture["patch_size"]
    config = tf.LlavaConfig(
        vision_config=tf.CLIPVisionConfig(**vision, **picture),
        text_config=tf.LlamaConfig(
            **text,
            num_key_value_heads=text["num_attention_heads"],
            vocab_size=VOCABULARY if size == "small" else len(tokenizer),
            max_position_embeddings=8192,
            initializer_range=0.15 if ends else 0.02,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        ),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        image_seq_length=(edge // patch) ** 2,
    )
    torch.manual_seed(0)
    model = tf.LlavaForConditionalGeneration(config)
    if ends:
        demo.speak_in_words(model, tokenizer, strength=1.8)
    model.save_pretrained(folder)
    tf.LlavaProcessor(
        image_processor=tf.CLIPImageProcessor(size={"height": edge, "width": edge}, do_center_crop=False),
        tokenizer=tokenizer,
        patch_size=patch,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=demo.TEMPLATE,
    ).save_pretrained(folder)


def requests(n: int, seed: int = 0, limits: Sequence[int] = (16, 48)) -> list[Any]:
    """`n` requests in random order: 60 % with a picture of their own, log-normal prompt lengths (median 40 words)."""
    from multitrust_eval.demo import WORDS
    from multitrust_eval.records import Image, Request

    draw = random.Random(seed)
    folder = _cache() / f"bench-pictures-v{VERSION}"
    folder.mkdir(exist_ok=True)
    made = []
    for i in range(n):
        words = " ".join(draw.choices(WORDS.split(), k=min(600, max(3, int(draw.lognormvariate(3.7, 0.8))))))
        images = (Image(*picture(folder, i)),) if draw.random() < 0.6 else ()
        key = hashlib.sha256(f"{seed} {i} {words}".encode()).hexdigest()
        made.append(Request(key, words, images, draw.choice(limits), (f"bench/{i}",)))
    return made


def picture(folder: Path, number: int) -> tuple[str, str]:
    """(sha256, path) of a JPEG of its own: smooth colours, 480 x 360."""
    import numpy
    import PIL.Image

    path = folder / f"{number}.jpg"
    if not path.is_file():
        coarse = numpy.random.default_rng(number).integers(0, 256, (6, 8, 3), dtype=numpy.uint8)
        picture = PIL.Image.fromarray(coarse).resize((480, 360), PIL.Image.Resampling.BICUBIC)
        picture.save(path, quality=85)
    return hashlib.sha256(path.read_bytes()).hexdigest(), str(path)


def machine() -> str:
    """Machine, versions, date and load, in one line."""
    import torch
    import transformers

    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, {torch.get_num_threads()} torch thread(s), load {load}; "
        f"Python {platform.python_version()}, torch {torch.__version__}, transformers {transformers.__version__}; "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


class Clock:
    """Wall and CPU seconds of a block. CPU seconds count all threads and hardly depend on the machine's other work."""

    def __enter__(self) -> "Clock":
        self._start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self._start[0]
        self.cpu = time.process_time() - self._start[1]


def ratios(over: Sequence[float], under: Sequence[float]) -> str:
    """Median of the rounds' ratios, with the lowest and the highest where there are several rounds."""
    found = sorted(a / b for a, b in zip(over, under, strict=True))
    spread = f" ({found[0]:.2f}-{found[-1]:.2f})" if len(found) > 1 else ""
    return f"{median(found):.2f}{spread}"


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table, aligned, ready for RESULTS.md."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    print(f"\n{title}\n{machine()}\n")
    for n, row in enumerate([head, *rows]):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if n == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
