"""Tiny models with random weights, saved as a user would find them: real configs, processors and chat templates.

Each function fills a folder. Sizes are such that loading and a batch take a fraction of a second. The chat templates
are ours, with each family's own markers; most say neither system prompt nor default text, as the benchmark wants.
"""

import json
from pathlib import Path
from typing import Any

from multitrust_eval import demo

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}IMAGE{% else %}{{ part['text'] }}"
    "{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CHATML_TOKENS = ("<|im_start|>", "<|im_end|>")
SIGHT = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
"""A vision tower, in the words of most families."""


def llava(folder: Path) -> Path:
    demo.build(folder)
    return folder


def llava_next(folder: Path) -> Path:
    """Cuts a picture into tiles by its shape, and keeps the whole beside them."""
    import transformers as tf

    tokenizer = _tokenizer((), end="</s>")
    grid = [[28, 56], [56, 28], [56, 56]]
    config = tf.LlavaNextConfig(
        text_config={"model_type": "llama", **_text(tokenizer)},
        vision_config={"model_type": "clip_vision_model", **SIGHT, "image_size": 28, "patch_size": 7},
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        image_grid_pinpoints=grid,
        image_seq_length=16,
    )
    _save(tf.LlavaNextForConditionalGeneration, config, tokenizer, folder)
    tf.LlavaNextProcessor(
        image_processor=tf.LlavaNextImageProcessorPil(
            size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}, image_grid_pinpoints=grid
        ),
        tokenizer=tokenizer,
        patch_size=7,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=demo.TEMPLATE,
    ).save_pretrained(folder)
    return folder


def llava_onevision(folder: Path) -> Path:
    """As LLaVA-NeXT, with the picture padded to the grid; rows with several pictures show each whole."""
    import transformers as tf

    tokenizer = _tokenizer((*CHATML_TOKENS, "<video>"), end="<|im_end|>")
    grid = [[28, 28], [28, 56], [56, 28], [56, 56]]
    number = tokenizer.convert_tokens_to_ids
    config = tf.LlavaOnevisionConfig(
        text_config={"model_type": "qwen2", **_text(tokenizer)},
        vision_config={
            "model_type": "siglip_vision_model",
            **SIGHT,
            "image_size": 28,
            "patch_size": 7,
            "vision_use_head": False,
        },
        image_token_index=number("<image>"),
        video_token_index=number("<video>"),
        image_grid_pinpoints=grid,
        vision_aspect_ratio="anyres_max_9",
    )
    _save(tf.LlavaOnevisionForConditionalGeneration, config, tokenizer, folder)
    pictures = tf.LlavaOnevisionImageProcessorPil(size={"height": 28, "width": 28}, image_grid_pinpoints=grid)
    settings = {"num_image_tokens": 16, "vision_feature_select_strategy": "full", "vision_aspect_ratio": "anyres_max_9"}
    _save_processor(
        folder, "LlavaOnevisionProcessor", pictures, tokenizer, CHATML.replace("IMAGE", "<image>"), settings
    )
    return folder


def qwen2_5_vl(folder: Path) -> Path:
    """A family with several sizes of picture, rotary positions in three dimensions, and a video part that needs
    torchvision."""
    import transformers as tf

    tokenizer = _tokenizer((*QWEN_TOKENS, *CHATML_TOKENS), end="<|im_end|>")
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
        **_qwen_numbers(tokenizer),
    )
    _save(tf.Qwen2_5_VLForConditionalGeneration, config, tokenizer, folder)
    pictures = tf.Qwen2VLImageProcessorPil(size={"shortest_edge": 28 * 28, "longest_edge": 56 * 56})
    _save_processor(folder, "Qwen2_5_VLProcessor", pictures, tokenizer, QWEN_TEMPLATE)
    return folder


def qwen3_vl(folder: Path) -> Path:
    """As Qwen2.5-VL, with features of several layers of the vision tower added to the first layers of the text."""
    import transformers as tf

    tokenizer = _tokenizer((*QWEN_TOKENS, *CHATML_TOKENS), end="<|im_end|>")
    rope = {"rope_type": "default", "mrope_section": [3, 3, 2], "mrope_interleaved": True, "rope_theta": 10000.0}
    config = tf.Qwen3VLConfig(
        text_config={**_text(tokenizer), "head_dim": 16, "rope_parameters": rope},
        vision_config={
            "depth": 3,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 64,
            "patch_size": 14,
            "num_position_embeddings": 16,
            "deepstack_visual_indexes": [0, 1],
        },
        **_qwen_numbers(tokenizer),
    )
    _save(tf.Qwen3VLForConditionalGeneration, config, tokenizer, folder)
    pictures = tf.Qwen2VLImageProcessorPil(size={"shortest_edge": 28 * 28, "longest_edge": 56 * 56}, patch_size=14)
    _save_processor(folder, "Qwen3VLProcessor", pictures, tokenizer, QWEN_TEMPLATE)
    return folder


def idefics3(folder: Path) -> Path:
    """Splits a picture into rows and columns, named by tokens of their own."""
    import transformers as tf

    tokenizer = _idefics_tokenizer()
    config = tf.Idefics3Config(**_idefics(tokenizer))
    _save(tf.Idefics3ForConditionalGeneration, config, tokenizer, folder)
    tf.Idefics3Processor(
        image_processor=tf.Idefics3ImageProcessorPil(**IDEFICS_PICTURES),
        tokenizer=tokenizer,
        image_seq_len=4,
        chat_template=IDEFICS_TEMPLATE,
    ).save_pretrained(folder)
    return folder


def smolvlm(folder: Path) -> Path:
    """Idefics3 with a video part, whose captions want the package num2words."""
    import transformers as tf

    tokenizer = _idefics_tokenizer()
    _save(tf.SmolVLMForConditionalGeneration, tf.SmolVLMConfig(**_idefics(tokenizer)), tokenizer, folder)
    pictures = tf.SmolVLMImageProcessorPil(**IDEFICS_PICTURES)
    _save_processor(folder, "SmolVLMProcessor", pictures, tokenizer, IDEFICS_TEMPLATE, {"image_seq_len": 4})
    return folder


def gemma3(folder: Path) -> Path:
    """Sliding and full attention in turn; the tokens of a picture see each other in both directions."""
    import transformers as tf

    turns = ("<start_of_turn>", "<end_of_turn>")
    marks = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
    tokenizer = _tokenizer(turns, end="<end_of_turn>", named=marks)
    number = tokenizer.convert_tokens_to_ids
    config = tf.Gemma3Config(
        text_config={
            **_text(tokenizer),
            "num_hidden_layers": 3,
            "head_dim": 16,
            "query_pre_attn_scalar": 16,
            "initializer_range": 0.4,  # its norms even out what is smaller: every question would get one answer
            "sliding_window": 32,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        },
        vision_config={**SIGHT, "image_size": 28, "patch_size": 7, "vision_use_head": False},
        mm_tokens_per_image=4,
        boi_token_index=number("<start_of_image>"),
        eoi_token_index=number("<end_of_image>"),
        image_token_index=number("<image_soft_token>"),
        tie_word_embeddings=False,
    )
    _save(tf.Gemma3ForConditionalGeneration, config, tokenizer, folder)
    template = (
        "{{ bos_token }}{% for message in messages %}<start_of_turn>{{ message['role'] }}\n"
        "{% for part in message['content'] %}{% if part['type'] == 'image' %}<start_of_image>"
        "{% else %}{{ part['text'] | trim }}{% endif %}{% endfor %}<end_of_turn>\n{% endfor %}"
        "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
    )
    tf.Gemma3Processor(
        image_processor=tf.Gemma3ImageProcessorPil(size={"height": 28, "width": 28}),
        tokenizer=tokenizer,
        image_seq_length=4,
        chat_template=template,
    ).save_pretrained(folder)
    return folder


def internvl(folder: Path) -> Path:
    """Cuts a picture into square tiles, as many as its shape asks for."""
    import transformers as tf

    marks = {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }
    tokenizer = _tokenizer(CHATML_TOKENS, end="<|im_end|>", named=marks)
    config = tf.InternVLConfig(
        text_config={"model_type": "qwen2", **_text(tokenizer)},
        vision_config={**SIGHT, "image_size": [28, 28], "patch_size": [7, 7]},
        image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=4,
        tie_word_embeddings=False,
    )
    _save(tf.InternVLForConditionalGeneration, config, tokenizer, folder)
    pictures = tf.GotOcr2ImageProcessorPil(
        size={"height": 28, "width": 28}, crop_to_patches=True, min_patches=1, max_patches=4
    )
    template = CHATML.replace("IMAGE", "<IMG_CONTEXT>\n")
    _save_processor(folder, "InternVLProcessor", pictures, tokenizer, template, {"image_seq_length": 4})
    return folder


def mllama(folder: Path) -> Path:
    """Text layers that look across at the picture: Llama 3.2 Vision."""
    import transformers as tf

    tokenizer = _tokenizer(("<|image|>", "<|eot|>", "<|python_tag|>"), end="<|eot|>")
    text = _text(tokenizer)
    text.pop("initializer_range")
    config = tf.MllamaConfig(
        text_config={**text, "num_hidden_layers": 3, "cross_attention_layers": [1], "initializer_range": 0.15},
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_global_layers": 1,
            "attention_heads": 2,
            "image_size": 28,
            "patch_size": 7,
            "intermediate_layers_indices": [0],
            "vision_output_dim": 64,
        },
        image_token_index=tokenizer.convert_tokens_to_ids("<|image|>"),
    )
    _save(tf.MllamaForConditionalGeneration, config, tokenizer, folder)
    template = (
        "{{ bos_token }}{% for message in messages %}{% for part in message['content'] %}"
        "{% if part['type'] == 'image' %}<|image|>{% else %}{{ part['text'] }}{% endif %}{% endfor %}<|eot|>"
        "{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"
    )
    tf.MllamaProcessor(
        image_processor=tf.MllamaImageProcessorPil(size={"height": 28, "width": 28}, max_image_tiles=4),
        tokenizer=tokenizer,
        chat_template=template,
    ).save_pretrained(folder)
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


FAMILIES = {
    made.__name__: made
    for made in (llava, llava_next, llava_onevision, qwen2_5_vl, qwen3_vl, idefics3, smolvlm, gemma3, internvl, mllama)
}
"""The image-text families, by transformers' name for them."""

QWEN_TOKENS = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
QWEN_TEMPLATE = CHATML.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>")
IDEFICS_PICTURES = {"size": {"longest_edge": 56}, "max_image_size": {"longest_edge": 28}}
IDEFICS_TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}:"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}"
    "{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)


def _qwen_numbers(tokenizer: Any) -> dict[str, int]:
    names = ("vision_start", "vision_end", "image", "video")
    return {
        f"{name}_token_id": tokenizer.convert_tokens_to_ids(token)
        for name, token in zip(names, QWEN_TOKENS, strict=True)
    }


def _idefics_tokenizer() -> Any:
    tiles = [f"<row_{i + 1}_col_{j + 1}>" for i in range(6) for j in range(6)]
    marks = ("<|im_start|>", "<fake_token_around_image>", "<end_of_utterance>", "<global-img>", "<video>", *tiles)
    return _tokenizer(marks, end="<end_of_utterance>")


def _idefics(tokenizer: Any) -> dict[str, Any]:
    return {
        "text_config": {"model_type": "llama", **_text(tokenizer)},
        "vision_config": {**SIGHT, "image_size": 28, "patch_size": 7},
        "image_token_id": tokenizer.convert_tokens_to_ids("<image>"),
        "scale_factor": 2,
    }


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


def _tokenizer(special: tuple[str, ...], end: str, named: dict[str, str] | None = None) -> Any:
    """The demo model's tokenizer with more special tokens; `named` ones are found by attributes, as `boi_token`."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = demo.make_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": [*special, *(named or {}).values()]})
    tokenizer.eos_token = end
    if named:
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=tokenizer.backend_tokenizer,
            extra_special_tokens=named,
            **{name: getattr(tokenizer, name) for name in ("pad_token", "bos_token", "eos_token", "unk_token")},
        )
    return tokenizer


def _save(kind: Any, config: Any, tokenizer: Any, folder: Path) -> None:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = kind(config)
        demo.speak_in_words(model, tokenizer)
        for name, weights in model.named_parameters():
            if name.endswith(("attn_gate", "mlp_gate", "mm_input_projection_weight")):
                torch.nn.init.normal_(weights)  # zero at first, in Mllama and Gemma 3: pictures would not be seen
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(folder)


def _save_processor(
    folder: Path, kind: str, pictures: Any, tokenizer: Any, template: str, settings: dict[str, Any] | None = None
) -> None:
    """The files of a processor whose class cannot be built without torchvision, as its `save_pretrained` writes them
    but for the video part."""
    pictures.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "processor_config.json").write_text(json.dumps({"processor_class": kind, **(settings or {})}))
    (folder / "chat_template.jinja").write_text(template)
