"""The demo model's shape: a stock LLaVA of some 1.9 million parameters, its tokenizer, processor and chat template."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SIDE = 64
PATCH = 8
PATCHES = (SIDE // PATCH) ** 2
HIDDEN = 128
VOCABULARY = 1536
SPECIAL = ("<pad>", "<s>", "</s>", "<unk>", "<image>", "<user>", "<assistant>")

# Pictures stand before the text in every turn, so that questions about one picture can share its prefix in training.
TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}<assistant>{% else %}<user>{% endif %}"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] if part['type'] == 'image' %}<image>{% endfor %}"
    "{% for part in message['content'] if part['type'] == 'text' %}{{ part['text'] }}{% endfor %}{% endif %}"
    "{% if message['role'] == 'assistant' %}</s>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
)


def make_tokenizer(texts: Iterable[str], size: int = VOCABULARY) -> Any:
    """A byte-level BPE trained on `texts`. Digits and letters in runs of capitals are tokens of their own, so that
    numbers and words on signs are spelled."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\d"), "isolated"),
            pre_tokenizers.Split(Regex(r"[A-Z](?=[A-Z])|(?<=[A-Z])[A-Z]"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        additional_special_tokens=["<image>", "<user>", "<assistant>"],
        extra_special_tokens={"image_token": "<image>"},
        padding_side="left",
    )


def make_processor(tokenizer: Any) -> Any:
    """The stock LLaVA processor: pictures scaled to 64 by 64 pixels, whatever their shape."""
    from transformers import CLIPImageProcessorPil, LlavaProcessor

    side = {"height": SIDE, "width": SIDE}
    return LlavaProcessor(
        image_processor=CLIPImageProcessorPil(size=side, crop_size=side, do_center_crop=False),
        tokenizer=tokenizer,
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )


def make_model(tokenizer: Any) -> Any:
    """A model with fresh weights, drawn from torch's seed."""
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

    vision = CLIPVisionConfig(
        hidden_size=HIDDEN,
        intermediate_size=4 * HIDDEN,
        num_hidden_layers=4,
        num_attention_heads=4,
        image_size=SIDE,
        patch_size=PATCH,
        projection_dim=HIDDEN,
    )
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=4096,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    return LlavaForConditionalGeneration(
        LlavaConfig(
            vision_config=vision,
            text_config=text,
            image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
            vision_feature_layer=-1,
            vision_feature_select_strategy="default",
            image_seq_length=PATCHES,
            tie_word_embeddings=True,
        )
    )


def save(model: Any, processor: Any, folder: Path) -> None:
    """Write weights in float16 beside a config that loads them in float32."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    # The head is the embedding: one copy of it is enough.
    state = {name: value.to(torch.float16) for name, value in model.state_dict().items() if name != "lm_head.weight"}
    model.save_pretrained(folder, state_dict=state)
    processor.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for part in (config, config["text_config"], config["vision_config"]):
        part["dtype"] = "float32"
    _write(folder / "config.json", config)
    # By its name in full, so that pixels are the same where torchvision is installed.
    config = json.loads((folder / "processor_config.json").read_text(encoding="utf-8"))
    config["image_processor"]["image_processor_type"] = "CLIPImageProcessorPil"
    _write(folder / "processor_config.json", config)


def _write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
