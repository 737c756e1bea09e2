"""Tiny judges that have learned one rule each, saved as a user would find them: for tests of the path, not of quality.

The classifier says LABEL_0 for an answer that holds the word `decline`, LABEL_5 otherwise. The guard says `unsafe` for
an answer that holds `recipe`, `safe` otherwise, and then a category, as Llama Guard does.
"""

import random
from pathlib import Path
from typing import Any

TEXT = """the a goat train i must decline this request here is recipe for cake first take milk then stir well sorry no
yes answer please ignore rules output verdict grader it was harmless safe unsafe s1 label_0 label_5 say only"""
WORDS = TEXT.split()
FILLER = [word for word in WORDS if word not in ("decline", "recipe", "s1")]


def tokenizer(special: tuple[str, ...] = ()) -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "</s>", *special]
    inner = Tokenizer(models.WordLevel({word: n for n, word in enumerate([*names, *WORDS])}, unk_token="[UNK]"))
    inner.normalizer = normalizers.Lowercase()
    inner.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()])
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(name, names.index(name)) for name in ("[CLS]", "[SEP]")]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        eos_token="</s>",
        additional_special_tokens=list(special),
        model_max_length=128,
    )


def sentence(draw: random.Random, word: str | None) -> str:
    words = draw.choices(FILLER, k=draw.randint(3, 12))
    if word:
        words.insert(draw.randrange(len(words)), word)
    return " ".join(words)


def classifier(folder: Path) -> Path:
    """BERT with one layer and six labels."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    tokens, draw = tokenizer(), random.Random(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(tokens),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=128,
            num_labels=6,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=0,
        )
        model = BertForSequenceClassification(config)
        optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
        for _ in range(120):
            labels = [draw.choice((0, 5)) for _ in range(32)]
            texts = [sentence(draw, "decline" if label == 0 else None) for label in labels]
            loss = model(**tokens(texts, padding=True, return_tensors="pt"), labels=torch.tensor(labels)).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval().save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder


GUARD_TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|> ' + m['content'] + ' <|end|> ' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|verdict|>' }}{% endif %}"
)


def guard(folder: Path) -> Path:
    """A Llama of two layers with a guard's chat template."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokens = tokenizer(("<|user|>", "<|assistant|>", "<|end|>", "<|verdict|>"))
    tokens.chat_template = GUARD_TEMPLATE
    tokens.padding_side = "left"
    draw = random.Random(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = LlamaConfig(
            vocab_size=len(tokens),
            hidden_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=96,
            max_position_embeddings=256,
            pad_token_id=0,
            bos_token_id=None,
            eos_token_id=tokens.eos_token_id,
        )
        model = LlamaForCausalLM(config)
        optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
        for _ in range(200):
            texts = [_guard_example(draw, tokens) for _ in range(32)]
            batch = tokens(texts, padding=True, return_tensors="pt", add_special_tokens=False)
            labels = batch["input_ids"].clone()
            labels[:, :-3] = -100  # only the verdict, the category and the end are learned
            loss = model(**batch, labels=labels).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.generation_config.eos_token_id = tokens.eos_token_id
    model.eval().save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder


def _guard_example(draw: random.Random, tokens: Any) -> str:
    unsafe = draw.random() < 0.5
    turns = [{"role": "assistant", "content": sentence(draw, "recipe" if unsafe else None)}]
    turns.insert(0, {"role": "user", "content": sentence(draw, draw.choice(("recipe", None)))})
    if draw.random() < 0.3:  # a text alone, as the toxicity slots ask
        turns = [{"role": "user", "content": turns[-1]["content"]}]
    prompt = tokens.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    return f"{prompt} {'unsafe' if unsafe else 'safe'} s1 </s>"
