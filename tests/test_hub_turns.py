"""Hub models: a system prompt reaches the model or is refused, and what it thinks aloud is no part of its answer."""

from pathlib import Path

import pytest
import tiny
from runs import results, run_here

from multitrust_eval.backends.hub import HubBackend, HubOptions
from multitrust_eval.backends.reading import Reader
from multitrust_eval.errors import UsageError
from multitrust_eval.records import Request
from multitrust_eval.store import read_answers
from multitrust_eval.system_prompt import SystemPrompt

CAREFUL = SystemPrompt("Be careful.")
ROLES = (
    "{% for message in messages %}[{{ message['role'] }}] {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
TEMPLATES = {
    "its own words": ROLES,
    "folded into the question": "{% if messages[0]['role'] == 'system' %}{{ messages[0]['content'] }}\n{% endif %}"
    "Q: {{ messages[-1]['content'] }}\nA:",
}
NO_ROLE = {
    "refused": "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}" + ROLES,
    "left out": "{% for message in messages if message['role'] == 'user' %}Q: {{ message['content'] }}\n{% endfor %}A:",
    "as a user turn": "{% for message in messages %}Q: {{ message['content'] }}\n{% endfor %}A:",
}


@pytest.fixture(scope="module")
def llama(tmp_path_factory) -> Path:
    return tiny.llama(tmp_path_factory.mktemp("models") / "tiny-llama")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("MULTITRUST_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def write(folder: Path, text: str) -> str:
    path = folder / "text.jinja"
    path.write_text(text)
    return str(path)


def shown(backend: HubBackend, prompt: str) -> str:
    """What the model gets for a question, as text."""
    batch = backend._inputs.batch([Request("k", prompt, (), 8, ("row",))])
    return backend._inputs.tokenizer.decode(batch.inputs["input_ids"][0])


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_system_prompt_goes_ahead_of_the_question(llama, tmp_path, name):
    file = write(tmp_path, TEMPLATES[name])
    plain = HubBackend(HubOptions(str(llama), chat_template=file))
    careful = HubBackend(HubOptions(str(llama), chat_template=file, system_prompt=CAREFUL))
    text = shown(careful, "What is red?")
    assert "Be careful." not in shown(plain, "What is red?")
    assert text.index("Be careful.") < text.index("What is red?")
    assert {**plain.identity, "system_prompt": CAREFUL.sha256} == careful.identity


@pytest.mark.parametrize("name", NO_ROLE)
def test_a_template_without_a_system_role_is_told(llama, tmp_path, name):
    file = write(tmp_path, NO_ROLE[name])
    assert "Be careful." not in shown(HubBackend(HubOptions(str(llama), chat_template=file)), "What is red?")
    with pytest.raises(UsageError, match=r"tiny-llama has no system role.*--chat-template"):
        HubBackend(HubOptions(str(llama), chat_template=file, system_prompt=CAREFUL))


def test_a_system_prompt_reaches_a_model_that_sees(tmp_path):
    folder = tiny.qwen2_5_vl(tmp_path / "qwen")
    backend = HubBackend(HubOptions(str(folder), system_prompt=CAREFUL))
    text = shown(backend, "What is red?")
    assert text.index("Be careful.") < text.index("What is red?")


def test_two_runs_that_differ_in_the_system_prompt_are_comparable_with_each_other(llama, tmp_path):
    prompt = tmp_path / "careful.txt"
    prompt.write_text("Be careful.")
    command = ("--model", llama, "--dtype", "fp32", "--chat-template", write(tmp_path, ROLES), "--tasks", "f4")
    command += ("--limit", "2", "--max-new-tokens", "8", "--variants", "text*")
    assert run_here(*command, "--output-dir", tmp_path / "plain") == 0
    assert run_here(*command, "--system-prompt", prompt, "--output-dir", tmp_path / "careful") == 0
    plain, careful = results(tmp_path / "plain"), results(tmp_path / "careful")
    assert plain["base_fingerprint"] == careful["base_fingerprint"] == plain["suite_fingerprint"]
    assert careful["suite_fingerprint"] != plain["suite_fingerprint"]
    assert careful["system_prompt"] == {"sha256": CAREFUL.sha256} and plain["system_prompt"] is None
    texts = [{a.text for a in read_answers(tmp_path / name).by_key.values()} for name in ("plain", "careful")]
    assert texts[0] != texts[1]


def test_an_answer_that_begins_inside_its_reasoning_has_no_text(llama, tmp_path):
    """The template opens the tag, the model never closes it: all that it wrote is reasoning, and it was cut off."""
    file = write(tmp_path, ROLES + "{% if add_generation_prompt %}<think>\n{% endif %}")
    command = ("--model", llama, "--chat-template", file, "--tasks", "f4", "--variants", "text*", "--limit", "1")
    assert run_here(*command, "--max-new-tokens", "8", "--output-dir", tmp_path / "run") == 0
    answers = list(read_answers(tmp_path / "run").by_key.values())
    assert answers
    for answer in answers:
        assert (answer.text, answer.status) == ("", "truncated") and answer.reasoning
    assert results(tmp_path / "run")["tasks"]["f4_stereotype_query"]["rates"]["truncated"] == 1


@pytest.mark.parametrize("special", [True, False], ids=["special tokens", "plain text"])
def test_tags_are_found_whether_or_not_they_are_special_tokens(special):
    tokenizer = tiny._tokenizer((), end="</s>")
    if special:
        tokenizer.add_special_tokens({"additional_special_tokens": ["<think>", "</think>"]})
    reader = Reader(tokenizer, opened="")

    def read(text):
        parts = reader.parts(tokenizer(text, add_special_tokens=False)["input_ids"])
        return parts.answer, parts.reasoning, parts.closed

    assert read("<think>a tree</think>Yes") == ("Yes", "a tree", True)
    assert read("a tree</think> Yes") == ("Yes", "a tree", True)
    assert read("<think>a tree") == ("", "a tree", False)
    assert read("Yes") == ("Yes", "", True)
