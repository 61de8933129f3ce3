"""The numbers of the claim matcher, as `tests/benchmarks/fit_claim_matching.py` prints them."""

from msgspec import Struct


class Weights(Struct, frozen=True, kw_only=True):
    """By which claims are ranked, and the first of them is believed."""

    closeness: tuple[float, ...]
    """By which candidates are ranked; see `CLOSENESS`."""
    unrelated: float
    """The score of a claim that has nothing to do with a text."""
    evidence: tuple[float, ...]
    """Of the log-odds that the first is right; see `matching.evidence`."""
    intercept: float
    second_best: float
    """How often another of the list is right where the first is not."""


# fmt: off
BY_MEANING = Weights(
    closeness=(10.922, 4.850, -0.636, 2.258, 14.616, 0.527, -0.819, 0.667, -1.113, -0.704),
    unrelated=-1.165,
    evidence=(
        2.024, 1.397, 0.845, 1.029, 2.791, 0.252, -0.345, 0.183, -0.392, 0.537,
        -0.016, 0.132, 0.263, -0.022, 0.174,
        -0.009, -0.028, 0.070, 0.052, -0.677, 0.182,
    ),
    intercept=-6.002,
    second_best=0.047,
)
"""For texts that have a vector; fitted to the offline model, see `claims/scale.py` for others."""
BY_LETTERS = Weights(
    closeness=(0.000, 0.000, 2.497, 5.184, 20.506, -0.046, -0.693, 0.361, -2.179, -0.765),
    unrelated=-7.407,
    evidence=(
        0.000, 0.000, 1.414, 0.992, 2.274, 0.004, -0.053, 0.051, -0.765, 0.327,
        -0.048, 0.251, 0.238, 0.114, 0.172,
        -0.206, -0.030, 0.034, 0.043, 0.217, 0.000,
    ),
    intercept=-2.904,
    second_best=0.077,
)
"""For texts that the model does not cover; fitted to English texts whose vectors were left out."""
# fmt: on
