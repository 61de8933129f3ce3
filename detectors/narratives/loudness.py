"""How loud each language of a monitor is, so that a small community's story is not drowned by a large one's."""

import math
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from detectors.narratives.tally import KEPT, Quarters

MOST_LANGUAGES = 20
OTHERS = "others"
"""Stands for all languages that came when there were `MOST_LANGUAGES` already."""
FADES = 0.95
"""What is usual, per window."""


class Loudness(Struct, kw_only=True):
    """How much is said in one language."""

    heard: Quarters = field(default_factory=Quarters)
    usual: float = 0.0
    """The most mentions in a window; fades slowly."""


def hear(loudness: dict[str, Loudness], language: str, at: datetime) -> None:
    if language not in loudness and len(loudness) >= MOST_LANGUAGES:
        language = OTHERS
    loudness.setdefault(language, Loudness()).heard.add(at)


def loudness_of(loudness: Mapping[str, Loudness], languages: Mapping[str, int]) -> Loudness:
    """That of the main language of something said in these languages."""
    main = min(languages, key=lambda name: (-languages[name], name), default=OTHERS)
    return loudness.get(main) or loudness.get(OTHERS) or Loudness()


def close_window(loudness: dict[str, Loudness], start: datetime, end: datetime) -> None:
    """Learns what is usual from a window that ended, and forgets languages of which nothing is heard any more."""
    for language, each in sorted(loudness.items()):
        each.usual = max(float(each.heard.between(start, end)), each.usual * FADES)
        if each.usual < 1 and not each.heard.between(end - KEPT, end):
            del loudness[language]


def times_usual(others: float, usual: float, deviations: float, most: float) -> float:
    """How many times the usual, and some standard deviations of a count, is heard: from 1 to `most`."""
    usual = max(10.0, usual)
    return min(most, max(1.0, others / (usual + deviations * math.sqrt(usual))))
