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
    closeness=(11.094, 4.774, -0.201, 2.467, 14.276, 0.503, -0.801, 0.651, -1.145, -0.577),
    unrelated=-0.896,
    evidence=(
        1.599, 1.199, 1.181, 1.156, 3.702, 0.230, -0.341, 0.142, -0.473, 0.578,
        -0.001, 0.133, 0.251, 0.007, 0.181,
        -0.004, -0.031, 0.064, 0.043, -0.904, 0.240,
    ),
    intercept=-5.900,
    second_best=0.047,
)
"""For texts that have a vector; fitted to the offline model, see `claims/scale.py` for others."""
BY_LETTERS = Weights(
    closeness=(0.000, 0.000, 3.019, 5.366, 19.934, -0.072, -0.679, 0.345, -2.210, -0.607),
    unrelated=-7.141,
    evidence=(
        0.000, 0.000, 1.379, 0.949, 2.663, -0.025, -0.016, 0.008, -0.811, 0.233,
        -0.020, 0.235, 0.234, 0.179, 0.207,
        -0.222, -0.040, 0.025, 0.026, 0.217, 0.000,
    ),
    intercept=-2.532,
    second_best=0.077,
)
"""For texts that the model does not cover; fitted to English texts whose vectors were left out."""
# fmt: on
