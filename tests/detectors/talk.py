"""Made-up talk for the tests of narratives: everyday questions, rumours by many people, and a stand-in for a model."""

import random
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from detectors.contract import MonitorContext
from detectors.detection import Detection
from detectors.known_claim import KnownClaim
from detectors.mention import Author, Encoding, Mention
from detectors.narrative import NarrativeDetector
from detectors.narratives.clustering.lexical import cleaned, words

START = datetime(2026, 3, 2, tzinfo=UTC)
LATER = START + timedelta(hours=40)
MINUTE = timedelta(minutes=1)
RUMOUR = "The census office sells all our answers to insurance companies"
Params = NarrativeDetector.Params


def encoded(text: str) -> bytes:
    """A stand-in for a model: texts are as close as they share words of some length."""
    long = [word for word in words(cleaned(text)) if len(word) > 3] or ["nothing"]
    total = np.sum([np.random.default_rng(zlib.crc32(word.encode())).standard_normal(64) for word in long], axis=0)
    return bytes((total / np.linalg.norm(total)).astype("<f2").tobytes())


def mention(text: str, at: datetime, who: object = "ada", **changes: Any) -> Mention:
    known: dict[str, Any] = {
        "id": f"{who}/{at.isoformat()}/{zlib.crc32(text.encode())}",
        "channel": "bluesky",
        "author": Author(id=f"author-{who}", handle=f"{who}.example", followers=100),
        "encoding": Encoding(model="fake", language="en", vector=encoded(text)),
    }
    return Mention(at=at, text=text, **(known | changes))


def rumour(
    count: int, at: datetime = LATER, text: str = RUMOUR, every: timedelta = MINUTE, **changes: Any
) -> list[Mention]:
    """By as many people, each with a word of their own."""
    return [mention(f"{text} says person{n}", at + n * every, f"r{n}", **changes) for n in range(count)]


def chatter(hours: float, each_hour: float = 3, seed: int = 1, start: datetime = START) -> list[Mention]:
    """Everyday questions, at a steady rate."""
    dice = random.Random(seed)
    asked = ("How do I fill in the form online", "When does the hotline open in the morning",
             "My letter has not come by post yet", "Where can I find the code for my household")  # fmt: skip
    times = sorted(start + timedelta(hours=hours) * dice.random() for _ in range(int(hours * each_hour * len(asked))))
    return [
        mention(f"{dice.choice(asked)} {dice.choice(('please', 'thanks', 'anyone', 'hello'))}", at, f"c{number}")
        for number, at in enumerate(times)
    ]


def hear(
    mentions: Iterable[Mention], params: Params | None = None, claims: tuple[KnownClaim, ...] = (), at_once: int = 20
) -> tuple[list[Detection], NarrativeDetector]:
    detector = NarrativeDetector(MonitorContext(claims=claims), params or Params())
    ordered = sorted(mentions, key=lambda each: each.at)
    found: list[Detection] = []
    for first in range(0, len(ordered), at_once):
        for each in ordered[first : first + at_once]:
            detector.observe(each)
        found += detector.advance(ordered[first : first + at_once][-1].at - timedelta(seconds=30))
    return [*found, *detector.advance(ordered[-1].at + timedelta(hours=1))], detector


def known(text: str = RUMOUR) -> KnownClaim:
    return KnownClaim(
        id="sale", claim=text, verdict="No evidence", checked_by="Checkers", answer="It is not sold.",
        vectors=(encoded(text),),
    )  # fmt: skip
