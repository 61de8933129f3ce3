import random
from datetime import timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from detectors.contract import MonitorContext
from detectors.detection import Effect
from detectors.mention import Encoding
from detectors.narrative import NarrativeDetector
from detectors.snapshot import snapshot
from tests.detectors.talk import LATER, MINUTE, RUMOUR, START, Params, chatter, encoded, hear, known, mention, rumour


def test_a_new_story_is_told_once_it_has_enough_mentions_and_again_when_it_doubles() -> None:
    found, _ = hear([*chatter(44), *rumour(33)])
    assert [each.level for each in found] == [1, 2, 3]
    assert [each.evidence.mentions for each in found] == [8, 16, 32]
    assert len({(each.subject, each.starts_at) for each in found}) == 1
    assert found[0].starts_at == LATER
    assert found[0].at == LATER + 7 * MINUTE
    assert found[0].kind == "unverified"


def test_everyday_talk_at_a_steady_rate_is_never_told() -> None:
    for seed in range(3):
        assert hear(chatter(24 * 8, seed=seed), Params(sensitivity="high"))[0] == []


def test_everyday_talk_that_grows_well_beyond_its_usual_is_told() -> None:
    more = rumour(60, text="How do I fill in the form online")
    found, _ = hear([*chatter(44), *more])
    assert found
    assert found[0].evidence.usual


def test_a_story_of_fewer_than_five_authors_is_not_told() -> None:
    few = [mention(f"{RUMOUR} number {n}", LATER + n * MINUTE, f"r{n % 4}") for n in range(40)]
    assert hear([*chatter(44), *few])[0] == []


def test_nothing_is_told_in_the_first_day() -> None:
    assert hear([*chatter(20), *rumour(200, START + timedelta(hours=3), every=timedelta(seconds=9))])[0] == []


@pytest.mark.parametrize("at_once", [1, 7, 1000])
def test_the_size_of_steps_makes_no_difference(at_once: int) -> None:
    stream = [*chatter(50), *rumour(40)]
    (found, detector), (expected, other) = (
        hear(stream, claims=(known(),), at_once=at_once),
        hear(stream, claims=(known(),)),
    )
    assert found == expected
    assert snapshot(detector) == snapshot(other)


def test_a_story_that_most_deny_is_told_as_such_and_scores_low() -> None:
    denied, _ = hear([*chatter(44), *rumour(20, text=f"This is not true, debunked long ago: {RUMOUR}")])
    plain, _ = hear([*chatter(44), *rumour(20)])
    assert {each.kind for each in denied} == {"being_debunked"}
    assert Effect.BEING_DEBUNKED in denied[-1].effects
    assert denied[-1].score < plain[-1].score


def about_one_subject(text: str) -> bytes:
    """As `encoded`, but all texts are alike, as those of one subject are to a model."""
    own, subject = np.frombuffer(encoded(text), "<f2").astype(float), np.full(64, 1 / 8)
    total = 0.6**0.5 * own + 0.5**0.5 * subject
    return bytes((total / np.linalg.norm(total)).astype("<f2").tobytes())


def test_in_a_monitor_about_one_subject_stories_stay_apart_once_it_is_known() -> None:
    dice = random.Random(2)
    calm = [" ".join(f"{dice.choice('abcdefgh')}{dice.randrange(40)}word" for _ in range(7)) for _ in range(400)]
    said = [*((text, START + n * 6 * MINUTE) for n, text in enumerate(calm))]
    rumours = (RUMOUR, "Bank account PIN codes demanded everywhere online")
    said += [(f"{text} person{n}", LATER + n * MINUTE) for n in range(12) for text in rumours]
    encodings = {text: Encoding(model="fake", language="en", vector=about_one_subject(text)) for text, _ in said}
    found, _ = hear([mention(text, at, text, encoding=encodings[text]) for text, at in said])
    first = {each.evidence.exemplars[0].text for each in found}
    assert first == {f"{text} person0" for text in rumours}


def test_vectors_of_different_models_never_meet() -> None:
    newer = Encoding(model="newer", language="en", vector=encoded(RUMOUR))
    _, detector = hear([*chatter(2), *rumour(3, START), *rumour(3, START + 9 * MINUTE, encoding=newer)])
    spaces = {each.space for each in detector.state.narratives.values() if "sells" in each.first.text}
    assert len(spaces) == 2


def test_a_late_mention_joins_its_story_and_is_counted_where_it_belongs() -> None:
    found, detector = hear([*chatter(44), *rumour(10)])
    story = found[0].subject
    before = detector.state.narratives[story].tally.mentions
    detector.observe(mention(f"{RUMOUR} late", LATER - 20 * MINUTE, "late"))
    detector.advance(LATER + timedelta(hours=30))
    tally = detector.state.narratives[story].tally
    assert tally.mentions == before + 1
    assert tally.first_at == LATER - 20 * MINUTE


def test_a_mention_whose_clock_runs_ahead_is_heard_when_it_came_whatever_stream_time_was_then() -> None:
    came = LATER - MINUTE
    for at in (came - 2 * MINUTE, came + 2 * MINUTE):
        ahead = mention(RUMOUR, at, clock_ahead=True, arrived_at=came, id="ahead")
        _, detector = hear([*chatter(2), ahead])
        [narrative] = [each for each in detector.state.narratives.values() if each.first.mention_id == "ahead"]
        assert narrative.tally.first_at == came


def test_one_that_is_read_years_later_has_no_time_at_all_and_is_not_held_for_ever() -> None:
    ahead = mention(RUMOUR, LATER, clock_ahead=True, arrived_at=LATER + timedelta(days=4000))
    _, detector = hear([*chatter(2), ahead])
    assert not detector.state.held
    assert not any(each.first.mention_id == ahead.id for each in detector.state.narratives.values())


def test_the_same_text_again_adds_to_the_counts_and_not_to_the_direction() -> None:
    _, detector = hear([mention(RUMOUR + "!" * (n % 2 + 1), START + n * MINUTE, f"r{n}") for n in range(50)])
    [narrative] = detector.state.narratives.values()
    assert (narrative.weight, narrative.tally.mentions, narrative.tally.near_duplicates) == (1, 50, 49)


def test_what_is_idle_is_forgotten_and_ids_are_not_used_again() -> None:
    first = {*hear(rumour(3, START))[1].state.narratives}
    _, detector = hear([*rumour(3, START), *rumour(3, START + timedelta(days=9))])
    assert len(detector.state.narratives) == 1
    assert not first & detector.state.narratives.keys()


@pytest.mark.parametrize("late", [timedelta(hours=20), timedelta(hours=40), timedelta(days=20)])
def test_what_came_late_is_forgotten_as_well(late: timedelta) -> None:
    detector = NarrativeDetector(MonitorContext(), Params())
    for number, each in enumerate(chatter(24 * 8, each_hour=0.5)):
        detector.observe(each)
        detector.observe(mention(" ".join(f"word{number}x{place}" for place in range(8)), each.at - late, number))
        detector.advance(each.at)
    own = [each for each in detector.state.wordings.values() if each.sample.text.startswith("word")]
    assert all(each.sample.at > START + timedelta(days=4) - late for each in own)


def test_a_row_of_the_state_is_small_whatever_is_said() -> None:
    hostile = [
        mention(
            "😀" * 20_000 + RUMOUR,
            LATER + n * MINUTE,
            "😀" * 300 + str(n),
            channel="频" * 900,
            url="https://x/" + "é" * 9000,
        )
        for n in range(60)
    ]
    found, detector = hear([*chatter(44), *hostile, *rumour(200, every=timedelta(seconds=20))])
    assert found
    assert max(len(row) for row in snapshot(detector).values()) < 20_000
    assert max(len(msgspec.msgpack.encode(each)) for each in found) < 32_000


@pytest.mark.parametrize("wrong", [{"window": timedelta(minutes=5)}, {"forget_after": timedelta(days=90)}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Params(**wrong)
