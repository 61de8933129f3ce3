"""Words that an organisation has listed make a finding weigh more, where many use them."""

from datetime import timedelta
from typing import Any

import pytest

from detectors import marks
from detectors.contract import Detector, MonitorContext
from detectors.detection import Effect
from detectors.mention import Author, Mention
from detectors.narrative import NarrativeDetector
from detectors.volume_spike import VolumeSpike
from tests.building import mention, time


@pytest.mark.parametrize(
    ("marked", "mentions", "effects"),
    [
        ({}, 10, ()),
        ({"harm": 2}, 2, ()),
        ({"harm": 3}, 30, (Effect.HARM,)),
        ({"harm": 3}, 31, ()),
        ({"officials": 40, "harm": 400}, 400, (Effect.HARM, Effect.OFFICIALS)),
        ({"of another version": 40}, 40, ()),
    ],
)
def test_many_means_three_and_a_tenth(marked: dict[str, int], mentions: int, effects: tuple[Effect, ...]) -> None:
    assert marks.effects_of(marked, mentions) == effects


def said(number: int, *, marked: bool, **changes: Any) -> Mention:
    return mention(
        changes.pop("text", "Drink bleach, it cures the measles within a day or two!"),
        id=f"m{number}",
        author=Author(id=f"a{number}"),
        marks=("harm",) if marked else (),
        **changes,
    )


def effects(detector: Detector, *, marked: bool) -> list[tuple[int, set[Effect]]]:
    """Of each detection of a rise after two quiet days: the mentions that bear a mark, and the effects."""
    start = time("12:00")
    heard = 0
    for hour in range(48):
        detector.observe(said(heard, marked=False, at=start + timedelta(hours=hour), text=f"all is quiet, hour {hour}"))
        detector.advance(start + timedelta(hours=hour, minutes=59))
        heard += 1
    found = []
    for minute in range(40):
        for _ in range(4):
            now = start + timedelta(days=2, minutes=minute)
            detector.observe(said(heard, marked=marked, at=now))
            heard += 1
        found += [*detector.advance(now), *detector.peek(now)]
    return [(each.evidence.marks.get("harm", 0), set(each.effects)) for each in found]


@pytest.mark.parametrize(
    "detector",
    [
        VolumeSpike(MonitorContext(), VolumeSpike.Params()),
        NarrativeDetector(MonitorContext(), NarrativeDetector.Params()),
    ],
    ids=["volume_spike", "narrative"],
)
def test_a_rise_with_words_of_harm_is_told_with_them(detector: Detector) -> None:
    told = effects(detector, marked=True)
    assert told
    assert Effect.HARM in told[-1][1]
    assert told[-1][0] > 10


@pytest.mark.parametrize(
    "detector",
    [
        VolumeSpike(MonitorContext(), VolumeSpike.Params()),
        NarrativeDetector(MonitorContext(), NarrativeDetector.Params()),
    ],
    ids=["volume_spike", "narrative"],
)
def test_a_rise_without_them_is_not(detector: Detector) -> None:
    told = effects(detector, marked=False)
    assert told
    assert not any(count or Effect.HARM in found for count, found in told)
