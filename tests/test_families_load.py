"""Loading what the Hub holds: with or without the packages, the template, the code and the weights that it takes."""

import json
import types

import httpx2
import pytest
import tiny
import torch
import transformers as tf
from runs import ROOT
from safetensors.torch import load_file, save_file
from test_engine_models import encoded, picture
from test_families import generate, pieces

from multitrust_eval import backends
from multitrust_eval.backends import identity
from multitrust_eval.backends.families import APART, REFUSED, VIDEO_PACKAGES, image_only, lacks_video
from multitrust_eval.backends.hub import HubBackend, HubOptions
from multitrust_eval.backends.processors import load_processor
from multitrust_eval.errors import UsageError, UserError
from multitrust_eval.options import RunOptions
from multitrust_eval.records import Request

ASKED = [
    Request("text", "Is it so?", (), 12, ("a",)),
    Request("picture", "What is it?", (picture(encoded(1)),), 12, ("b",)),
]


def edit(file, **changes):
    """Change fields of a JSON file; None takes a field out."""
    content = {**json.loads(file.read_text()), **changes} if file.exists() else changes
    file.write_text(json.dumps({name: value for name, value in content.items() if value is not None}))


def told(folder, kind=UserError, **options) -> str:
    """What the user is told about a model that cannot be run: one sentence."""
    with pytest.raises(kind) as error:
        HubBackend(HubOptions(str(folder), device="cpu", **options)).load()
    assert "\n" not in str(error.value)
    return str(error.value)


def answers(folder, tmp_path, asked=ASKED, **options) -> dict:
    backend = HubBackend(HubOptions(str(folder), device="cpu", **options))
    backend.load()
    found = generate(backend, asked, pieces(len(asked), 8), tmp_path)
    assert {a.status for a in found.values()} <= {"ok", "truncated"}, found
    return {key: a.text for key, a in found.items()}


@pytest.mark.parametrize("kind", ["LlavaNextVideo", "VideoLlava", "InternVL", "Qwen2VL"])
def test_the_video_part_is_left_out_wherever_it_stands(kind, tmp_path):
    """First, second and last among the arguments: the others must not move into its place."""
    marks = {"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<ctx>"}
    tokenizer = tiny._tokenizer((), end="</s>", named={**marks, "video_token": "<video>"})
    name, model_type = f"{kind}Processor", {"LlavaNextVideo": "llava_next_video", "VideoLlava": "video_llava"}.get(kind)
    model_type = model_type or {"InternVL": "internvl", "Qwen2VL": "qwen2_vl"}[kind]
    tiny._save_processor(tmp_path, name, tf.Qwen2VLImageProcessorPil(), tokenizer, "template")
    edit(tmp_path / "config.json", model_type=model_type)
    processor = load_processor(str(tmp_path), types.SimpleNamespace(model_type=model_type))
    assert type(processor).__name__ == name and isinstance(processor, getattr(tf, name))
    assert type(processor.image_processor).__name__ == "Qwen2VLImageProcessorPil"
    assert processor.tokenizer.convert_tokens_to_ids("<img>") == tokenizer.convert_tokens_to_ids("<img>")
    assert processor.chat_template == "template"


def test_only_processors_with_a_video_part_are_built_without_it():
    assert lacks_video(tf.SmolVLMProcessor) and not lacks_video(tf.LlavaProcessor)
    assert image_only(tf.SmolVLMProcessor).get_attributes() == ["image_processor", "tokenizer"]
    assert tf.SmolVLMProcessor.get_attributes() == ["image_processor", "tokenizer", "video_processor"]


def test_a_missing_package_is_named_with_how_to_install_it(tmp_path):
    folder = tiny.llava(tmp_path / "model")
    edit(folder / "processor_config.json", processor_class="PixtralProcessor")
    assert "it needs the package torchvision, which is not installed: pip install torchvision" in told(folder)
    edit(folder / "processor_config.json", processor_class=None)
    edit(folder / "config.json", quantization_config={"quant_method": "bitsandbytes", "load_in_4bit": True})
    assert "pip install bitsandbytes" in told(folder)


TEMPLATE = "{% for m in messages %}{% for p in m['content'] %}{{ p['text'] or '<image>' }}{% endfor %}{% endfor %} ->"


def test_a_model_that_sees_takes_a_template_from_a_file(tmp_path):
    folder = tiny.llava(tmp_path / "model")
    (folder / "chat_template.jinja").unlink()
    assert "model has no chat template" in told(folder, UsageError)
    file = tmp_path / "template.jinja"
    file.write_text(TEMPLATE)
    assert len(answers(folder, tmp_path, chat_template=str(file))) == 2
    one, other = HubBackend(HubOptions(str(folder), chat_template=str(file))), tmp_path / "other.jinja"
    other.write_text(TEMPLATE + " ")
    assert one.identity != HubBackend(HubOptions(str(folder), chat_template=str(other))).identity
    assert "cannot be read" in told(folder, UsageError, chat_template=str(tmp_path / "none.jinja"))


def test_the_template_in_the_docs_runs_and_all_exceptions_are_there(tmp_path):
    docs = (ROOT / "docs" / "MODELS.md").read_text()
    assert all(family in docs for family in ("`mllama`", "InstructBLIP", "SmolVLM"))
    assert (set(APART), set(VIDEO_PACKAGES)) == ({"mllama"}, {"SmolVLMProcessor"})
    file = tmp_path / "template.jinja"
    file.write_text(docs.split("```jinja\n")[1].split("```")[0])
    folder = tiny.llava(tmp_path / "model")
    assert len(answers(folder, tmp_path, chat_template=str(file))) == 2
    backend = HubBackend(HubOptions(str(folder), chat_template=str(file)))
    assert backend._inputs._render(ASKED[1]) == "USER: <image>\nWhat is it?\nASSISTANT:"


@pytest.mark.parametrize(
    "template, words",
    [
        ("{% for m in messages %}{{ m['content'] }}{% endfor %}", "has no place for pictures"),
        (
            "{% for m in messages %}{% for p in m['content'] %}{{ p['text'] }}{% endfor %}{% endfor %}",
            "no place for pict",
        ),
        ("{% for m in messages %}<image>{% endfor %}", "or for the question"),
        ("{% for m in messages %}{{ m['content'] + 'x' }}{% endfor %}", "cannot write a question"),
        ("{% for m in messages %}{{ m[", "cannot write a question"),
    ],
)
def test_a_template_that_cannot_show_a_picture_is_told(template, words, tmp_path):
    file = tmp_path / "template.jinja"
    file.write_text(template)
    assert words in told(tiny.llava(tmp_path / "model"), UsageError, chat_template=str(file))


def test_a_text_model_gets_no_token_that_its_template_did_not_write(tmp_path):
    """As transformers' own `apply_chat_template` has it, also where the tokenizer would put one in front."""
    from tokenizers import Tokenizer, processors

    folder = tiny.llama(tmp_path / "model")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.save(str(folder / "tokenizer.json"))
    edit(folder / "tokenizer_config.json", chat_template=None)
    (folder / "chat_template.jinja").write_text("{% for m in messages %}{{ m['content'] }} ->{% endfor %}")
    backend = HubBackend(HubOptions(str(folder), device="cpu"))
    backend.load()
    stock = tf.AutoTokenizer.from_pretrained(folder)
    message = [{"role": "user", "content": "Is it so?"}]
    expected = stock.apply_chat_template(message, add_generation_prompt=True, return_dict=True)["input_ids"]
    assert backend.prepare(ASKED[:1]).inputs["input_ids"].tolist() == [expected]
    assert stock("Is it so?")["input_ids"][0] == 1 != expected[0]


OWN = """
from transformers import LlamaConfig, LlamaForCausalLM
class Own(LlamaConfig):
    model_type = "own"
class OwnModel(LlamaForCausalLM):
    config_class = Own
"""


def test_a_model_with_its_own_code_runs_when_allowed_and_only_then(tmp_path, monkeypatch):
    monkeypatch.setattr(tf.dynamic_module_utils, "HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    plain = answers(tiny.llama(tmp_path / "plain"), tmp_path / "1", ASKED[:1])
    folder = tiny.llama(tmp_path / "own-model")
    (folder / "own.py").write_text(OWN)
    edit(
        folder / "config.json",
        model_type="own",
        auto_map={"AutoConfig": "own.Own", "AutoModelForCausalLM": "own.OwnModel"},
    )
    assert "Read it, then allow it with --trust-remote-code" in told(folder, UsageError)
    assert not (tmp_path / "modules").exists()
    assert answers(folder, tmp_path / "2", ASKED[:1], trust_remote_code=True) == plain


def test_code_in_a_tokenizer_is_told_too(tmp_path):
    folder = tiny.llama(tmp_path / "model")
    (folder / "own.py").write_text("raise SystemExit('sprung')")
    auto_map = {"AutoTokenizer": ["own.OwnTokenizer", None]}
    edit(folder / "tokenizer_config.json", tokenizer_class="OwnTokenizer", auto_map=auto_map)
    assert "--trust-remote-code" in told(folder, UsageError)


def test_a_gated_model_says_what_to_do(monkeypatch):
    from huggingface_hub.errors import GatedRepoError

    def refuse(repo_id, file, revision=None):
        response = httpx2.Response(403, request=httpx2.Request("GET", f"https://hub.invalid/{repo_id}"))
        raise GatedRepoError("Cannot access gated repo", response=response)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", refuse)
    with pytest.raises(UserError, match=r"org/model is gated: accept its terms on the Hub, then set HF_TOKEN"):
        identity.locate("org/model", None)


def test_a_revision_reaches_the_hub_and_its_commit_the_records(monkeypatch, tmp_path):
    asked = []

    def give(repo_id, file, revision=None):
        asked.append((repo_id, revision))
        return str(tmp_path / "snapshots" / "c0ffee" / file)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", give)
    found = identity.locate("org/model", "v1")
    assert asked == [("org/model", "v1")]
    assert (found.path, found.id, found.revision, found.commit) == ("org/model", "org/model", "c0ffee", "c0ffee")


def test_a_folder_has_no_revision(tmp_path):
    folder = tiny.llama(tmp_path / "words-only")
    with pytest.raises(UsageError, match="words-only is a folder and has no revision 'v99'"):
        identity.locate(str(folder), "v99")


def test_every_option_of_loading_reaches_the_model(monkeypatch, tmp_path):
    template = tmp_path / "chat.jinja"
    asked = {
        "revision": "v1",
        "dtype": "bf16",
        "device": "cuda:1",
        "device_map": "auto",
        "attn": "sdpa",
        "trust_remote_code": True,
        "chat_template": str(template),
        "max_pixels": 99,
    }
    given = []
    monkeypatch.setattr("multitrust_eval.backends.hub.HubBackend", given.append)
    backends.create(RunOptions(model="org/model", **asked), local_rank=3)
    assert {name: getattr(given[0], name) for name in asked} == asked
    assert (given[0].model, given[0].local_rank, given[0].label) == ("org/model", 3, None)


@pytest.mark.parametrize("device", ["cuda", "nonsense"])
def test_a_device_that_is_not_here_is_told(tmp_path, device):
    if torch.cuda.is_available():
        device = "cuda:99"
    backend = HubBackend(HubOptions(str(tiny.llama(tmp_path / "model")), device=device))
    with pytest.raises(UsageError, match=f"--device {device} cannot be used here"):
        backend.load()


def test_a_model_is_spread_by_its_device_map(tmp_path):
    folder = tiny.llama(tmp_path / "model")
    spread = answers(folder, tmp_path / "1", ASKED[:1], device_map="auto")
    assert spread == answers(folder, tmp_path / "2", ASKED[:1])


@pytest.mark.parametrize(
    "config, words",
    [
        ({"model_type": "t5"}, "encoder-decoder model"),
        ({"model_type": "florence2"}, "encoder-decoder model"),
        ({"model_type": "clip"}, "neither image-text-to-text nor text-generation"),
        ({"model_type": "instructblip"}, REFUSED["instructblip"]),
        ({"model_type": "no-such-type"}, "no model that transformers can load"),
        ({}, "no model that transformers can load"),
    ],
)
def test_what_can_hold_no_conversation_is_told(config, words, tmp_path):
    (tmp_path / "model").mkdir()
    edit(tmp_path / "model" / "config.json", **config)
    assert words in told(tmp_path / "model", UsageError)


def test_a_processor_that_wants_a_picture_with_every_question_is_told(tmp_path):
    tokenizer = tiny._tokenizer((), end="</s>", named={"image_token": "<image>"})
    pictures = tf.SiglipImageProcessorPil(size={"height": 28, "width": 28})
    pictures.image_seq_length = 16
    processor = tf.PaliGemmaProcessor(pictures, tokenizer, chat_template=tiny.demo.TEMPLATE)
    processor.save_pretrained(tmp_path / "model")
    edit(tmp_path / "model" / "config.json", model_type="paligemma")
    assert "model takes no question without a picture (`images` are expected" in told(tmp_path / "model", UsageError)


def test_weights_that_are_not_there_are_not_made_up(tmp_path):
    """A classifier's files, loaded as a model that speaks, would get a random head."""
    folder = tiny.llama(tmp_path / "model")
    config = tf.LlamaConfig.from_pretrained(folder, num_labels=2)
    tf.LlamaForSequenceClassification(config).save_pretrained(folder)
    assert "lacks weights that an answering model needs (lm_head.weight)" in told(folder)


@pytest.mark.parametrize("dtype, expected", [("auto", "float32"), ("bf16", "bfloat16"), ("fp16", "float16")])
def test_the_dtype_is_the_one_asked_for(dtype, expected, tmp_path):
    backend = HubBackend(HubOptions(str(tiny.llava(tmp_path / "model")), dtype=dtype, device="cpu"))
    backend.load()
    assert {p.dtype for p in backend._model.parameters()} == {getattr(torch, expected)}
    assert backend.identity["dtype"] == backend.about()["dtype"] == expected
    found = generate(backend, ASKED, pieces(2, 2), tmp_path)
    assert {a.status for a in found.values()} <= {"ok", "truncated"}


def test_attention_is_the_one_asked_for(tmp_path):
    folder = tiny.qwen2_5_vl(tmp_path / "model")
    assert answers(folder, tmp_path / "e", attn="eager") == answers(folder, tmp_path / "s", attn="sdpa")
    backend = HubBackend(HubOptions(str(folder), attn="eager", device="cpu"))
    backend.load()
    assert backend.about()["attention"] == backend.identity["attention"] == "eager"
    for name in ("flash_attention_2", "no_such_attention"):
        assert told(folder, attn=name).endswith("Try it without --attn.")


def quantise(folder, settings):
    """The text layers in 8-bit floats with a scale each, as transformers' own `fp8` format has them."""
    weights = load_file(folder / "model.safetensors")
    for name in [n for n in weights if "language_model" in n and n.endswith("_proj.weight")]:
        scale = weights[name].abs().max() / torch.finfo(torch.float8_e4m3fn).max
        weights[name] = (weights[name] / scale).to(torch.float8_e4m3fn)
        weights[name.replace(".weight", ".weight_scale_inv")] = scale.reshape(1, 1).float()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    edit(folder / "config.json", quantization_config=settings)


def test_a_quantised_model_is_loaded_by_its_own_config(tmp_path):
    skipped = ["vision_tower", "multi_modal_projector", "lm_head"]
    fp8 = {"quant_method": "fp8", "weight_block_size": [128, 128], "modules_to_not_convert": skipped}
    whole, packed = tiny.llava(tmp_path / "a" / "model"), tiny.llava(tmp_path / "b" / "model")
    quantise(packed, fp8)
    loaded = {}
    for folder in (whole, packed):
        backend = HubBackend(HubOptions(str(folder), device="cpu"))
        backend.load()
        loaded[folder] = backend._model.model.language_model.layers[0].mlp.up_proj.weight
        assert len(generate(backend, ASKED, pieces(2, 2), folder)) == 2
    difference = (loaded[whole] - loaded[packed]).abs().max() / loaded[whole].abs().max()
    assert 0 < difference < 0.05, "the scales were applied"
    assert (
        HubBackend(HubOptions(str(packed))).identity["quantization"]
        != HubBackend(HubOptions(str(whole))).identity["quantization"]
    )
    edit(packed / "config.json", quantization_config={"quant_method": "unheard-of"})
    assert "quantised by unheard-of, which this transformers does not know" in told(packed)
