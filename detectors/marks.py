"""Words that an organisation has listed because they change how much a finding weighs: of harm, and of officials.

`match` finds them by queries of the config and marks each mention that holds some; detectors count the marks.
"""

from collections.abc import Mapping

from detectors.detection import Effect

EFFECTS = {"harm": Effect.HARM, "officials": Effect.OFFICIALS}
"""What many mentions with a mark make of a finding, by the name of the mark."""
LEAST = 3
"""Mentions: two can be an accident."""
SHARE = 0.1
"""Of all mentions: in an outbreak somebody always speaks of death."""


def effects_of(marks: Mapping[str, int], mentions: int) -> tuple[Effect, ...]:
    """The effects of a finding about `mentions` mentions, of which so many bear each mark."""
    least = max(LEAST, SHARE * mentions)
    return tuple(effect for name, effect in EFFECTS.items() if marks.get(name, 0) >= least)


def add(marks: dict[str, int], more: Mapping[str, int]) -> None:
    """Counts of one into those of another."""
    for name, count in more.items():
        marks[name] = marks.get(name, 0) + count
