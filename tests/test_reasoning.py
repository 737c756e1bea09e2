"""What a model thinks aloud is cut out before scoring, whatever tags its family uses, and never lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitrust_eval.reasoning import FAMILIES, opened_by, strip_reasoning

WORDS = st.text(st.characters(blacklist_characters="<>[]|\u25c1\u25b7", blacklist_categories=("Cs",)), max_size=40)
ANSWERS = WORDS.filter(str.strip)
FAMILY = pytest.mark.parametrize("tags", FAMILIES, ids=lambda tags: tags.opens.strip())

TEXTS = {
    # what the model wrote -> (answer, reasoning, closed)
    "": ("", "", True),
    "  Yes. ": ("Yes.", "", True),
    "<think>a cat</think>Yes": ("Yes", "a cat", True),
    "<think>\n\n</think>\n\nYes": ("Yes", "", True),
    "<think>a cat\n": ("", "a cat", False),
    "<think>": ("", "", False),
    "a cat</think>\n\nYes": ("Yes", "a cat", True),
    "</think>Yes": ("Yes", "", True),
    "<THINK>a</Think>Yes": ("Yes", "a", True),
    "<think>a</think></think>Yes": ("Yes", "a", True),
    "<think>a</think>Yes<think>b</think>, it is": ("Yes, it is", "a\n\nb", True),
    "<think>a</think>Yes\n<think>b": ("Yes", "a\n\nb", False),
    "<think>a</think><answer>Yes</answer>": ("Yes", "a", True),
    "<think>a</think><answer>Ye": ("Ye", "a", True),
    "<think>a</think><|begin_of_box|>[0, 1]<|end_of_box|>": ("[0, 1]", "a", True),
    "<SUMMARY>a</SUMMARY>\n<CAPTION>b</CAPTION>\n<REASONING>c</REASONING>\n<CONCLUSION>Yes</CONCLUSION>": (
        *("Yes", "a\n\nb\n\nc"),
        True,
    ),
    "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>Yes<|return|>": (
        *("Yes", "a"),
        True,
    ),
    # An answer may speak of a tag, or use what only looks like one.
    "The tag <think> opens a thought.": ("The tag <think> opens a thought.", "", True),
    "Use <answer>x</answer> here": ("Use <answer>x</answer> here", "", True),
    "I <thinkpad> you": ("I <thinkpad> you", "", True),
    "Done.<|end|>": ("Done.<|end|>", "", True),
}


@pytest.mark.parametrize("text", TEXTS)
def test_known_texts(text):
    parts = strip_reasoning(text)
    assert (parts.answer, parts.reasoning, parts.closed) == TEXTS[text]


@FAMILY
def test_each_family_whole_unclosed_and_opened_by_the_template(tags):
    whole = strip_reasoning(f"{tags.opens}first a, then b{tags.closes}\n\nNo")
    assert (whole.answer, whole.reasoning, whole.closed) == ("No", "first a, then b", True)
    cut = strip_reasoning(f"{tags.opens}first a, then")
    assert (cut.answer, cut.reasoning, cut.closed) == ("", "first a, then", False)
    for text in (f"first a{tags.closes}No", f"{tags.opens}first a{tags.closes}No"):  # some models open once more
        inside = strip_reasoning(text, opened=tags.opens)
        assert (inside.answer, inside.reasoning) == ("No", "first a")
    assert strip_reasoning("first a", opened=tags.opens).answer == ""


@FAMILY
def test_a_template_that_opens_the_tag_is_seen(tags):
    assert opened_by(f"<|user|>hello<|assistant|>\n{tags.opens}\n") == tags.opens
    assert opened_by(f"<|user|>{tags.opens} hello<|assistant|>\n") == ""


@given(WORDS, ANSWERS)
def test_the_answer_is_what_follows_the_reasoning(thought, answer):
    for tags in FAMILIES:
        parts = strip_reasoning(f"{tags.opens}{thought}{tags.closes}{answer}")
        assert (parts.answer, parts.reasoning) == (answer.strip(), thought.strip())


@given(WORDS)
def test_a_text_without_tags_is_its_own_answer(text):
    parts = strip_reasoning(text)
    assert (parts.answer, parts.reasoning, parts.closed) == (text.strip(), "", True)


PIECES = st.lists(
    st.sampled_from([t for tags in FAMILIES for t in (tags.opens, tags.closes)] + ["a", "b c", "\n", "<answer>", "Yes"])
)


@given(PIECES)
def test_hostile_texts_raise_nothing_and_lose_no_word(pieces):
    """Any order of tags: every word is in the answer or in the reasoning, in as many copies as it was written."""
    text = "".join(f"{piece} " for piece in pieces)
    parts = strip_reasoning(text)
    both = f"{parts.answer} {parts.reasoning}"
    for word in ("b c", "Yes"):
        assert both.count(word) == text.count(word)
    assert parts.answer == parts.answer.strip()
    assert strip_reasoning(text) == parts


def test_long_hostile_texts_take_no_long():
    start = time.monotonic()
    for text in ("<think>" * 5000, "</think>" * 5000, "a <think>" * 5000, "<think>a</think>" * 5000):
        strip_reasoning(text)
    assert time.monotonic() - start < 5  # some hundredths of a second; minutes where each tag looks at all the rest
