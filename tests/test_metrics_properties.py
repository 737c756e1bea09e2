"""What holds for any samples: order, neighbours, ranges, failures."""

import math
from collections import Counter
from functools import cache

import evaluate
import hypothesis.strategies as st
import multitrust_metrics
import pytest
from hypothesis import given, settings

STEMS = [stem for stem in multitrust_metrics.list_metrics() if stem != "multitrust_score"]
LONG = "I cannot say, however long I look at this picture of a street with nine shops and a dog in front of it. " * 2
ANSWERS = (
    "",
    "Yes.",
    "[No]",
    "Sorry.",
    "The piano.",
    "-50",
    "100",
    "positive",
    "2. Gender",
    "qualified",
    "Race, age",
    LONG,
)
TEXTS = st.sampled_from(ANSWERS) | st.text(max_size=12)
REPLIES = {
    "judge": st.sampled_from(("Yes", "[No]", "75", "[0.1, 0.2, 0.5, 0.6]", "[0,0,0,0]", "unclear", None)),
    "judge_noise": st.sampled_from(("Yes", "No", "unclear", None)),
    "attack": st.sampled_from(("yes", "no", "unclear", None)),
    "perspective": st.floats(0, 1) | st.none(),
    "moderation": st.floats(0, 1) | st.none(),
    "refusal": st.sampled_from((*(f"LABEL_{number}" for number in range(6)), "unclear", None)),
}
STATUSES = st.sampled_from(("ok", "ok", "ok", "truncated", "error:oom"))
STRUCTS = {
    "s2_risk_identification": st.just({"question": "?", "keywords": "knife"}),
    "r2_sensor_style": st.just({"question": "?", "answer": "Yes"}),
    "r6_adversarial_text": st.sampled_from(({"category": "rte", "label": "0"}, {"category": "mnli", "label": "2"})),
    "f6_profession_prediction": st.fixed_dictionaries(
        {"profession": st.just("nurse")}
        | {name: st.sampled_from(("one", "two", "")) for name in ("gender", "age", "skin_tone")}
    ),
    "p3_infoflow": st.floats(-100, 100),
    "p6_conversation_leakage": st.just(["50"]),
}
COLUMNS = ("predictions", "references", "variants", "subsets", "verdicts", "statuses")
few = settings(max_examples=12, deadline=None, derandomize=True)


@cache
def load(stem):
    return evaluate.load(multitrust_metrics.path(stem))


@st.composite
def rows(draw, stem, most=14):
    """Samples of a task as a list of rows; each row holds its cells in the order of COLUMNS."""
    metric = load(stem)
    drawn = []
    for _ in range(draw(st.integers(1, most))):
        variant = draw(st.sampled_from(sorted(metric.WEIGHTS)))
        reference = st.sampled_from(metric.labels(variant) or ("EXIT",))
        if variant == "grounding":
            reference = st.just("[0.1, 0.2, 0.5, 0.6]")
        drawn.append(
            (
                draw(TEXTS),
                draw(STRUCTS.get(stem, reference)),
                variant,
                draw(st.sampled_from(metric.SUBSETS or ("", "part"))),
                {slot: draw(REPLIES[slot]) for slot in metric.SLOTS},
                draw(STATUSES),
            )
        )
    return drawn


def columns(samples):
    return {name: [row[at] for row in samples] for at, name in enumerate(COLUMNS)}


def compute(stem, samples, rules):
    return load(stem).compute(**columns(samples), rules=rules)


def per_sample(stem, samples, rules):
    return load(stem).per_sample(**columns(samples), rules=rules)


def leaves(value, path=()):
    """Every number of a result with its path."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, float):
        yield path, value


@pytest.mark.parametrize("stem", STEMS)
@few
@given(data=st.data())
def test_order_of_samples_does_not_matter(stem, data):
    samples = data.draw(rows(stem))
    rules = data.draw(st.sampled_from(("paper", "strict")))
    shuffled = data.draw(st.permutations(samples))
    assert compute(stem, shuffled, rules) == compute(stem, samples, rules)


@pytest.mark.parametrize("stem", STEMS)
@few
@given(data=st.data())
def test_outcome_of_a_sample_does_not_depend_on_its_neighbours(stem, data):
    samples = data.draw(rows(stem, most=6))
    rules = data.draw(st.sampled_from(("paper", "strict")))
    together = per_sample(stem, samples, rules)
    assert together == [per_sample(stem, [row], rules)[0] for row in samples]


@pytest.mark.parametrize("stem", STEMS)
@few
@given(data=st.data())
def test_numbers_stay_in_range_and_nothing_is_lost(stem, data):
    samples = data.draw(rows(stem))
    rules = data.draw(st.sampled_from(("paper", "strict")))
    metric = load(stem)
    result = compute(stem, samples, rules)
    assert result["n"] == len(samples) == result["n_scored"] + sum(result["unscored"].values())
    assert (result["score"] is None) == ("missing" in result)
    low = -100 if stem == "p3_infoflow" else 0
    for path, number in leaves(result):
        assert math.isfinite(number)
        assert low <= number <= metric.SCALE * 100 + 1e-9
        if path[0] in ("coverage", "rates"):
            assert 0 <= number <= 1
        if path[-1] in metric.DIRECTION:
            assert (-1 if path[-1] == "pearson" else 0) <= number <= metric.SCALE
    for name, part in result["variants"].items():
        assert part["n"] == sum(row[2] == name for row in samples)
        assert sum(subset["n"] for subset in part.get("subsets", {}).values()) in (0, part["n"])
    reasons = Counter(row["status"] for row in per_sample(stem, samples, rules))
    assert reasons.pop("scored", 0) == result["n_scored"]
    assert reasons == result["unscored"]


def certain(stem):
    """Samples that are scored under any rules, enough for a score: two of every subset of every variant."""
    metric = load(stem)
    text = {"p3": "50", "f3": "2", "r3": "positive", "r6": "yes"}.get(stem[:2], "Yes.")
    verdicts = {"judge_noise": "No", "attack": "no", "perspective": 0.5, "moderation": 0.5, "refusal": "LABEL_5"}
    for variant in metric.WEIGHTS:
        box = "[0.1, 0.2, 0.5, 0.6]" if variant == "grounding" else ""
        reference = STRUCTS.get(stem, st.just(box or (metric.labels(variant) or ("EXIT",))[0]))
        reply = {"judge": box or ("75" if stem == "r2_sensor_style" else "No")} if metric.SLOTS else {}
        for part in metric.SUBSETS or ("",):
            yield from [(text, reference, variant, part, verdicts | reply, "ok")] * 2


@pytest.mark.parametrize("stem", STEMS)
@few
@given(data=st.data())
def test_a_failure_never_raises_what_is_certain(stem, data):
    """A failed sample leaves the denominator, so that a mean may rise. What is certain may not: coverage falls, and
    the bounds, the scores if all unscored samples were wrong or right, can only move apart, around the score."""
    sure = [(text, data.draw(reference), *rest) for text, reference, *rest in certain(stem)]
    samples = data.draw(rows(stem)) + sure
    place = data.draw(st.integers(0, len(samples) - 1))
    failed = [*samples[:place], (*samples[place][:5], "error:oom"), *samples[place + 1 :]]
    before, after = compute(stem, samples, "paper"), compute(stem, failed, "paper")
    assert after["coverage"] <= before["coverage"]
    assert after["n_scored"] <= before["n_scored"]
    (low, high), (lower, higher) = (result.get("bounds", [result["score"]] * 2) for result in (before, after))
    assert lower <= low + 1e-9
    assert higher >= high - 1e-9
    assert low - 1e-9 <= before["score"] <= high + 1e-9
    assert lower - 1e-9 <= after["score"] <= higher + 1e-9


@pytest.mark.parametrize("stem", STEMS)
@few
@given(data=st.data())
def test_adding_failed_samples_leaves_the_score_unchanged(stem, data):
    samples = [(text, data.draw(reference), *rest) for text, reference, *rest in certain(stem)] + data.draw(rows(stem))
    rules = data.draw(st.sampled_from(("paper", "strict")))
    failed = [(*row[:5], "error:oom") for row in data.draw(rows(stem, most=4))]
    before, after = compute(stem, samples, rules), compute(stem, samples + failed, rules)
    assert before["score"] is not None
    assert after["score"] == before["score"]
    assert (after["n"], after["n_scored"]) == (before["n"] + len(failed), before["n_scored"])
