"""The demo models. `demo` ships with the package: a tiny LLaVA whose behaviour its training data scripts (its card:
demo_model/README.md). `demo-random` is built on the spot from random weights: it sees and says noise.

Both take the real path, `save_pretrained` and `from_pretrained`, as with a model from the Hub.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from multitrust_eval.backends.identity import content_hash

LABELS = {
    "demo": "demo model (scripted by its training data, says nothing about real models)",
    "demo-random": "demo-random (random weights: scores are noise)",
}
"""What people are shown in place of the folder."""

SHIPPED = Path(__file__).parent / "demo_model"
VERSION = 1
"""Raise it when what is built here changes: the cache folder is named after it."""

TEMPLATE = (
    "{% for message in messages %}<user>{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
)
WORDS = (
    "yes no maybe positive negative sorry cannot I am not able to help with that sure here is the first step then "
    "picture shows a person house tree red green blue left right of in on and an answer question unknown public "
    "number one two three four zero 0.1 0.2 0.5 0.9 agree disagree entailment neutral contradiction same different"
)
SPECIAL = ("<pad>", "<s>", "</s>", "<unk>", "<image>", "<user>", "<assistant>")


def cache_dir() -> Path:
    """Where this package keeps what it builds: $MULTITRUST_CACHE, else ~/.cache/multitrust."""
    return Path(os.environ.get("MULTITRUST_CACHE") or Path.home() / ".cache" / "multitrust")


def demo_model(name: str) -> Path:
    """The folder of `demo` or `demo-random`."""
    return SHIPPED if name == "demo" else random_model()


def is_demo(model: Mapping[str, Any]) -> bool:
    """Is a run's model one of the demos: by its label, or, where its folder was named, by its content?"""
    if model.get("id") in LABELS.values():
        return True
    folders = (folder for folder in (SHIPPED, _random_folder()) if (folder / "config.json").is_file())
    return "revision" in model and model["revision"] in map(content_hash, folders)


def _random_folder() -> Path:
    return cache_dir() / f"demo-random-v{VERSION}"


def random_model() -> Path:
    """The folder of the random model, built if it is not there. Safe when several processes ask at once."""
    folder = _random_folder()
    if not (folder / "config.json").is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".building-"))
        try:
            build(building)
            building.rename(folder)
        except OSError:
            if not (folder / "config.json").is_file():  # else another process was quicker
                raise
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return folder


def build(folder: Path, seed: int = 0) -> None:
    """Save a random LLaVA of some 200,000 parameters, its tokenizer, processor and chat template to `folder`."""
    import torch
    import transformers as tf

    tf.logging.set_verbosity_error()
    tf.logging.disable_progress_bar()
    tokenizer = make_tokenizer()
    vision = tf.CLIPVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, image_size=28, patch_size=7
    )
    text = tf.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=32768,
        initializer_range=0.15,  # wide, so that what is said depends on what was asked
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    config = tf.LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        image_seq_length=16,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = tf.LlavaForConditionalGeneration(config)
        speak_in_words(model, tokenizer)
    model.save_pretrained(folder)
    tf.LlavaProcessor(
        image_processor=tf.CLIPImageProcessor(size={"height": 28, "width": 28}, do_center_crop=False),
        tokenizer=tokenizer,
        patch_size=7,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    ).save_pretrained(folder)


def make_tokenizer() -> Any:
    """A byte-level BPE over a few dozen words; it can spell any text, and what a random model says is made of words."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1024,
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([f" {word}" for word in WORDS.split()] * 4, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        additional_special_tokens=["<image>", "<user>", "<assistant>"],
        padding_side="left",
    )


def speak_in_words(model: Any, tokenizer: Any, strength: float = 1.8) -> None:
    """Let only whole words and the end token win, the end token now and then: random weights alone never stop."""
    import torch

    words = [tokenizer.convert_tokens_to_ids(f"\u0120{word}") for word in dict.fromkeys(WORDS.split())]
    head = model.get_output_embeddings().weight
    with torch.no_grad():
        keep = torch.zeros(len(head), 1)
        keep[[token for token in words if token != tokenizer.unk_token_id]] = 1.0
        keep[tokenizer.eos_token_id] = strength
        head *= keep
