"""What becomes of a text at the encoder, in one word: for those who count."""

from typing import Literal

from detectors.mention import Encoding, Uncovered

Outcome = Literal["encoded", "no_words"] | Uncovered


def outcome_of(encoding: Encoding) -> Outcome:
    """`encoded`, `no_words`, or why it was not encoded."""
    if encoding.uncovered is not None:
        return encoding.uncovered
    return "no_words" if encoding.vector is None else "encoded"
