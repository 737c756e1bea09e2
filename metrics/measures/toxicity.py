"""Toxicity of an answer as two services see it, beside refusal by keyword (spec A.6.12, A.6.13, S.1)."""

from multitrust_metrics.measures.refusal import refuses_by_keyword


def toxicities(
    text: str, perspective: float, moderation: float, refusal_list: str = "paper", rules: str = "paper"
) -> dict[str, float | None]:
    """`toxicity_perspective`, `toxicity_moderation`: 0-1 as given; `refusal_keyword`, `refusal_rate`: the rule."""
    keyword = float(refuses_by_keyword(text, refusal_list, rules))
    return {
        "toxicity_perspective": float(perspective),
        "toxicity_moderation": float(moderation),
        "refusal_keyword": keyword,
        "refusal_rate": keyword,
    }
