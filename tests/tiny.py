"""Tiny models with random weights, saved as a user would find them: real configs, processors and chat templates.

Each function fills a folder. Sizes are such that loading and a batch take a fraction of a second.
"""

from pathlib import Path
from typing import Any

from multitrust_eval import demo


def llava(folder: Path) -> Path:
    demo.build(folder)
    return folder


def qwen2_5_vl(folder: Path) -> Path:
    """A family with several sizes of picture, rotary positions in three dimensions, and a video part that needs
    torchvision."""
    import transformers as tf

    special = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>", "<|im_start|>", "<|im_end|>")
    tokenizer = _tokenizer(special, end="<|im_end|>")
    number = tokenizer.convert_tokens_to_ids
    config = tf.Qwen2_5_VLConfig(
        text_config={**_text(tokenizer), "rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3]}},
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 64,
            "patch_size": 14,
            "window_size": 56,
            "fullatt_block_indexes": [1],
        },
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
    )
    _save(tf.Qwen2_5_VLForConditionalGeneration, config, tokenizer, folder)
    template = (
        "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% for part in message['content'] %}"
        "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}"
        "{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    pictures = tf.Qwen2VLImageProcessorPil(size={"shortest_edge": 28 * 28, "longest_edge": 56 * 56})
    pictures.save_pretrained(folder)
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(template)
    return folder


def llama(folder: Path, template: bool = True) -> Path:
    """A text model: no pictures."""
    import transformers as tf

    tokenizer = _tokenizer((), end="</s>")
    if template:
        tokenizer.chat_template = (
            "{{ bos_token }}{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
            "{% if add_generation_prompt %}answer:{% endif %}"
        )
    _save(tf.LlamaForCausalLM, tf.LlamaConfig(**_text(tokenizer)), tokenizer, folder)
    tokenizer.save_pretrained(folder)
    return folder


def _text(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 8192,
        "initializer_range": 0.15,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _tokenizer(special: tuple[str, ...], end: str) -> Any:
    tokenizer = demo.make_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": list(special)})
    tokenizer.eos_token = end
    return tokenizer


def _save(kind: Any, config: Any, tokenizer: Any, folder: Path) -> None:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = kind(config)
        demo.speak_in_words(model, tokenizer)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(folder)
