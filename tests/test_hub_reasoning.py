"""Hub models that think aloud, and system prompts: from the chat template to the papers of the run."""

import hashlib

import pytest
import tiny
from runs import results, run_here

from multitrust_eval.backends.hub import HubBackend, HubOptions
from multitrust_eval.backends.processors import system_turn
from multitrust_eval.backends.reading import Reader
from multitrust_eval.errors import UsageError
from multitrust_eval.options import RunOptions
from multitrust_eval.reasoning import FAMILIES
from multitrust_eval.records import Request
from multitrust_eval.store import read_records
from multitrust_eval.system_prompt import SystemPrompt, read_system_prompt

ASK = Request("k", "What is it?", (), 8, ("row",))
OPENING = (
    "{% for m in messages %}{{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}answer:<think>\n{% endif %}"
)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("MULTITRUST_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    return tiny.llama(tmp_path_factory.mktemp("models") / "llama")


@pytest.fixture(scope="module")
def qwen(tmp_path_factory):
    return tiny.qwen2_5_vl(tmp_path_factory.mktemp("models") / "qwen")


def says(backend: HubBackend, text: str, ends: bool = True):
    """The record of a model that generated `text`, then its end token or nothing more."""
    import torch

    tokens = backend._inputs.tokenizer(text, add_special_tokens=False)["input_ids"]
    tokens += backend._greedy.eos_token_id[:1] if ends else []
    return backend.decode(backend.prepare([ASK]), torch.tensor([tokens]))[0]


@pytest.fixture(scope="module")
def plain(llama):
    backend = HubBackend(HubOptions(str(llama)))
    backend.load()
    return backend


@pytest.mark.parametrize(
    "text, ends, expected",
    [
        (" yes", True, ("yes", "ok", "")),
        (" yes", False, ("yes", "truncated", "")),
        ("<think>a tree</think> no", True, ("no", "ok", "a tree")),
        ("<think>a tree</think> no", False, ("no", "truncated", "a tree")),
        ("<think>a tree", False, ("", "truncated", "a tree")),
        ("<think>a tree", True, ("", "truncated", "a tree")),
        ("a tree</think> no", True, ("no", "ok", "a tree")),
    ],
)
def test_reasoning_is_kept_apart_from_the_answer(plain, text, ends, expected):
    answer = says(plain, text, ends)
    assert (answer.text, answer.status, answer.reasoning) == expected
    assert answer.finish_reason == ("stop" if ends else "length")


@pytest.mark.parametrize("tags", FAMILIES, ids=lambda tags: tags.opens.strip())
def test_markers_that_are_special_tokens_are_seen_and_then_dropped(tags):
    """Magistral, Gemma 4 and gpt-oss: decoding without special tokens would run reasoning and answer together."""
    tokenizer = tiny._tokenizer((tags.opens.strip(), tags.closes, "<|note|>"), end="</s>")
    text = f"{tags.opens}a tree<|note|>{tags.closes}<|note|> no"
    parts = Reader(tokenizer, "").parts(tokenizer(text, add_special_tokens=False)["input_ids"])
    assert (parts.answer, parts.reasoning, parts.closed) == ("no", "a tree", True)


def test_a_template_that_opens_the_tag_makes_the_text_begin_inside(llama, tmp_path):
    (tmp_path / "template.jinja").write_text(OPENING)
    backend = HubBackend(HubOptions(str(llama), chat_template=str(tmp_path / "template.jinja")))
    backend.load()
    answer = says(backend, "a tree</think> no")
    assert (answer.text, answer.status, answer.reasoning) == ("no", "ok", "a tree")
    answer = says(backend, "a tree", ends=False)
    assert (answer.text, answer.status, answer.reasoning) == ("", "truncated", "a tree")


def run_llama(llama, folder, *arguments) -> int:
    return run_here("--model", llama, "--tasks", "f4", "--limit", "2", *arguments, "--output-dir", folder)


def test_a_run_of_a_model_that_never_comes_to_its_answer(llama, tmp_path, capsys):
    (tmp_path / "template.jinja").write_text(OPENING)
    command = ("--chat-template", tmp_path / "template.jinja", "--profile", "reasoning", "--max-new-tokens", "300")
    assert run_llama(llama, tmp_path / "run", *command) == 0
    records = [record for record in read_records(tmp_path / "run" / "responses") if record is not None]
    assert records and all((r["text"], r["status"]) == ("", "truncated") and r["reasoning"] for r in records)
    found = results(tmp_path / "run")
    assert found["profile"] == "reasoning" and found["tasks"]["f4_stereotype_query"]["rates"]["truncated"] == 1.0
    assert any("profile `reasoning`" in reason for reason in found["comparable_to_paper"]["reasons"])
    assert not any("capped" in reason for reason in found["comparable_to_paper"]["reasons"])


def test_profiles_are_not_mixed_and_ask_something_else(llama, tmp_path, capsys):
    assert run_llama(llama, tmp_path / "paper") == 0
    assert run_llama(llama, tmp_path / "paper", "--profile", "reasoning", "--max-new-tokens", "40") == 1
    assert "profile was paper, is reasoning" in " ".join(capsys.readouterr().err.split())
    assert run_llama(llama, tmp_path / "long", "--profile", "reasoning", "--max-new-tokens", "130") == 0
    one, other = results(tmp_path / "paper"), results(tmp_path / "long")
    assert one["suite_fingerprint"] != other["suite_fingerprint"]
    assert (one["profile"], other["profile"]) == ("paper", "reasoning")


@pytest.mark.parametrize(
    "options, folder",
    [
        ({"model": "org/model"}, "runs/model"),
        ({"model": "org/model", "profile": "reasoning"}, "runs/model-reasoning"),
        ({"model": "openai:org/model", "system_prompt": "prompts/be safe.txt"}, "runs/model-be-safe"),
        ({"model": "openai:gpt", "system_prompt": "../x.txt", "profile": "reasoning"}, "runs/openai-gpt-reasoning-x"),
    ],
)
def test_runs_of_another_kind_get_a_folder_of_their_own(options, folder):
    assert RunOptions(**options).filled().output_dir == folder


def test_limits_of_the_profiles():
    def limits(**options):
        filled = RunOptions(model="m", **options).filled()
        return filled.token_floor, filled.token_cap

    assert limits() == (None, None)
    assert limits(max_new_tokens=9) == (None, 9)
    assert limits(profile="reasoning") == (4096, None)
    assert limits(profile="reasoning", max_new_tokens=9000) == (9000, None)
    assert limits(profile="demo", max_new_tokens=9) == (None, 9)


SAFE = "Say no to\nwhat may do harm."


def test_a_system_prompt_goes_ahead_of_every_question(qwen):
    system = SystemPrompt(SAFE)
    backend = HubBackend(HubOptions(str(qwen), system_prompt=system))
    assert f"<|im_start|>system\n{SAFE}<|im_end|>\n<|im_start|>user\n" in backend._inputs._render(ASK)
    assert backend.identity["system_prompt"] == hashlib.sha256(SAFE.encode()).hexdigest()
    without = HubBackend(HubOptions(str(qwen)))
    assert "system" not in without._inputs._render(ASK)
    assert {**without.identity, "system_prompt": system.sha256} == backend.identity
    assert backend.measure([ASK])[0] > without.measure([ASK])[0]


def test_control_tokens_in_a_system_prompt_stay_text(qwen):
    backend = HubBackend(HubOptions(str(qwen), system_prompt=SystemPrompt("Be good.<|im_end|><|image_pad|>")))
    text = backend._inputs._render(ASK)
    assert text.count("<|im_end|>") == 2 and "<|image_pad|>" not in text


def test_runs_with_and_without_it_compare_in_pairs(qwen, tmp_path, capsys):
    (tmp_path / "safe.txt").write_text(f"\n{SAFE}\n")
    common = ("--model", qwen, "--dtype", "fp32", "--tasks", "f4,t6", "--limit", "3", "--max-new-tokens", "12")
    assert run_here(*common, "--output-dir", tmp_path / "without") == 0
    system = ("--system-prompt", tmp_path / "safe.txt")
    assert run_here(*common, *system, "--output-dir", tmp_path / "with") == 0
    without, within = results(tmp_path / "without"), results(tmp_path / "with")
    digest = hashlib.sha256(SAFE.encode()).hexdigest()
    assert (without["system_prompt"], within["system_prompt"]) == (None, {"sha256": digest})
    assert without["base_fingerprint"] == within["base_fingerprint"] == without["suite_fingerprint"]
    assert within["suite_fingerprint"] != within["base_fingerprint"]
    said = [reason for reason in within["comparable_to_paper"]["reasons"] if "system prompt" in reason]
    assert len(said) == 1 and digest[:12] in said[0]
    texts = [
        {row: record["text"] for record in read_records(tmp_path / name / "responses") for row in record["ids"]}
        for name in ("without", "with")
    ]
    assert texts[0].keys() == texts[1].keys() and texts[0] != texts[1]
    assert run_here(*common, *system, "--output-dir", tmp_path / "without") == 1
    assert "system_prompt was None, is" in " ".join(capsys.readouterr().err.split())


def test_a_template_without_a_system_role_is_told(llama):
    with pytest.raises(UsageError, match=r"llama has no system role.*--chat-template FILE"):
        HubBackend(HubOptions(str(llama), system_prompt=SystemPrompt(SAFE)))


TEMPLATES = {
    # what a template does with the role -> the shape of the content that reaches it, None where none does
    "{{ m.role }}: {{ m.content[0].text if m.content is not string else m.content }}": "parts",
    "{{ m.role }}: {{ m.content if m.role == 'system' else m.content[0].text }}": "text",
    "{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{{ m.content }}": None,
    "{% if m.role != 'system' %}{{ m.role }}: {{ m.content[0].text }}{% endif %}": None,
    "user: {{ m.content[0].text }}": None,
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_system_role_of_a_template_is_found_by_trying_it(template, llama):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(llama)
    whole = f"{{% for m in messages %}}{template}\n{{% endfor %}}"

    def render(turns):
        return tokenizer.apply_chat_template(turns, chat_template=whole, tokenize=False)

    if TEMPLATES[template] is None:
        with pytest.raises(UsageError, match="no system role"):
            system_turn(render, SAFE, "m", ("parts", "text"))
    else:
        turn = system_turn(render, SAFE, "m", ("parts", "text"))
        assert turn == {
            "role": "system",
            "content": [{"type": "text", "text": SAFE}] if TEMPLATES[template] == "parts" else SAFE,
        }
        assert f"system: {SAFE}" in render([turn])


def test_files_that_hold_no_system_prompt(tmp_path):
    assert read_system_prompt(None) is None
    cases = {"empty": b" \n", "binary": b"\xff\xfe\x00", "gone": None}
    for name, content in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(UsageError, match=f"system prompt {path}"):
            read_system_prompt(str(path))


def test_a_baseline_takes_no_system_prompt(tmp_path, capsys):
    (tmp_path / "safe.txt").write_text(SAFE)
    assert run_here("--model", "baseline:always-yes", "--system-prompt", tmp_path / "safe.txt") == 2
    assert "no effect on a baseline" in capsys.readouterr().err
