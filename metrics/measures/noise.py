"""A judge's reply about a caption, and a second one about noise in the picture, which overrides it (spec A.6.9)."""

from multitrust_metrics.measures.yes_no import read_yes_no, says_yes


def says_yes_unless_noise(reply: str, noise: str, if_noise: float, rules: str = "paper") -> float | None:
    """Whether `reply` says yes, 0 or 1; `if_noise` where `noise` says that the answer mentions noise or manipulation.

    Paper: "yes" anywhere in `noise`, inside words too. Strict: `noise` read as a yes or no; None where it is neither.
    """
    noticed = "yes" in noise.lower() if rules == "paper" else read_yes_no(noise, rules)
    if noticed is None:
        return None
    return if_noise if noticed else says_yes(reply, rules)
