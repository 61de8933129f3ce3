"""What `silence` tells of, what it lets pass as a night, a weekend or a holiday, and what it learns from neither."""

import random
from datetime import timedelta

import pytest

from detectors.conformance.hearing import Stream
from detectors.conformance.promises import PROMISES, Check
from detectors.contract import MonitorContext
from detectors.detection import Audience, Effect
from detectors.silence import Silence
from detectors.silences.rhythm import Rhythm
from detectors.snapshot import rows_of
from tests.detectors.quiet_talk import (
    BIN,
    DAY,
    HOUR,
    MONDAY,
    OSLO,
    Rate,
    always,
    but,
    episodes,
    hear,
    id_of,
    listening,
    mentions,
    office_hours,
    said,
    talk,
    told,
)


def test_an_outage_is_told_to_engineers_and_again_until_a_mention_comes() -> None:
    down, up = MONDAY + 10 * DAY, MONDAY + 10 * DAY + 6 * HOUR
    found = told(but(always(2.0), down, up, 0.0), 12)
    assert episodes(found) == {("", down)}
    assert [each.at for each in found] == [found[0].at + step * BIN for step in range(len(found))]
    assert down + timedelta(minutes=30) < found[0].at < down + 3 * HOUR
    assert up - BIN <= found[-1].at <= up
    assert {each.effects for each in found} == {(Effect.OPERATIONS,)}
    assert Silence.audience is Audience.OPERATIONS


def test_its_evidence_says_what_is_missing_and_what_is_not_known() -> None:
    down = MONDAY + 10 * DAY
    evidence = told(but(always(2.0), down, down + DAY, 0.0), 11)[0].evidence
    assert evidence.summary == f"Nothing has been heard for 1 h 35 min, where {evidence.usual:.0f} mentions are usual."
    assert evidence.since == down
    assert evidence.mentions == 0
    assert evidence.channels == ("bluesky",)
    assert evidence.timeline[-1].observed == 0
    assert evidence.timeline[-1].expected == pytest.approx(2, abs=0.5)
    assert "it may be the source, its credentials, the query, or a holiday" in evidence.unknown[0]
    assert "it has been learned for 10 days only" in evidence.unknown[-1]


@pytest.mark.parametrize(
    ("rate", "hours"), [(0.1, 36.0), (1.0, 4.0), (10.0, 0.6), (100.0, 0.2)], ids=lambda value: str(value)
)
def test_the_more_is_usual_the_sooner_it_tells(rate: float, hours: float) -> None:
    down = MONDAY + (28 if rate < 1 else 9) * DAY
    found = told(but(always(rate), down, down + 9 * DAY, 0.0), (down - MONDAY) / DAY + 3)
    assert found[0].at - down <= hours * HOUR


def test_nothing_is_told_in_the_first_week() -> None:
    down = MONDAY + 2 * DAY
    assert told(but(always(5.0), down, down + 3 * DAY, 0.0), 7) == []


def test_a_silence_shorter_than_at_least_is_never_told() -> None:
    down = MONDAY + 9 * DAY
    rate = but(always(50.0), down, down + 3 * BIN, 0.0)
    assert told(rate, 10) != []
    assert told(rate, 10, at_least=timedelta(minutes=20)) == []


def test_a_silence_is_waited_for_at_most_until_a_channel_is_forgotten() -> None:
    with pytest.raises(ValueError, match="at_least must be at most 7 days"):
        Silence.Params(at_least=8 * DAY)


def test_nights_and_weekends_are_no_silence_and_the_clock_change_is_none_either() -> None:
    """The clocks of Oslo went forward on 29 March 2026."""
    assert told(office_hours(4.0), 42) == []


def test_three_mentions_a_day_are_never_missed() -> None:
    assert told(always(3 / 288), 120) == []


@pytest.mark.parametrize("rate", [0.3, 1.0, 5.0])
def test_a_public_holiday_with_a_third_of_the_usual_talk_is_no_silence(rate: float) -> None:
    by_day: Rate = lambda at: rate * (0.3 if at.hour < 7 else 1.2)  # noqa: E731 - a rate is a function
    holiday = MONDAY + 17 * DAY
    assert told(but(by_day, holiday, holiday + DAY, 0.3), 21) == []


def test_a_stream_that_has_become_quieter_is_not_silent() -> None:
    assert told(but(always(5.0), MONDAY + 20 * DAY, MONDAY + 99 * DAY, 0.1), 40) == []


def test_what_is_usual_stays_as_it_was_before_the_silence_from_its_first_empty_bin_on() -> None:
    down = MONDAY + 10 * DAY
    detector = listening()
    hear(detector, mentions(always(1.0), 10), down)
    before = rows_of(detector.state.rhythm)
    hear(detector, [], down + 3 * DAY)
    assert rows_of(detector.state.rhythm) == before
    learned = detector.state.rhythm.learned
    hear(detector, [said(down + 3 * DAY + HOUR)], down + 3 * DAY + 2 * HOUR)
    assert detector.state.rhythm.learned == learned + 1


def test_empty_bins_that_were_chance_are_learned_once_they_have_ended() -> None:
    detector, end = listening(), MONDAY + 8 * DAY
    hear(detector, mentions(always(1.0), 8), end)
    began = detector.state.rhythm.learned
    open_run = detector.state.run.bins
    hear(detector, [said(end + timedelta(minutes=22))], end + timedelta(minutes=25))
    assert detector.state.rhythm.learned == began + open_run + 5


def test_a_mention_that_comes_late_shows_that_something_comes() -> None:
    down = MONDAY + 10 * DAY
    detector = listening()
    hear(detector, mentions(always(5.0), 10), down)
    assert detector.advance(down + HOUR)
    detector.observe(said(down + timedelta(minutes=12)))
    assert detector.advance(down + HOUR + BIN) == []
    assert detector.state.run.bins == 0


def test_as_long_as_the_watermark_stands_still_nothing_is_silence() -> None:
    detector, down = listening(), MONDAY + 10 * DAY
    hear(detector, mentions(always(50.0), 10), down)
    assert detector.advance(down) == detector.advance(down) == []


def test_one_day_of_news_does_not_own_its_hours_of_the_week() -> None:
    rhythm = Rhythm()
    for _ in range(200):
        rhythm.learn(2, 30)
    before = rhythm.expected(30)
    for _ in range(12):
        rhythm.learn(500, 30)
    assert rhythm.expected(30) < 2 * before


@pytest.mark.parametrize("check", PROMISES, ids=lambda check: check.__name__.removeprefix("check_"))
def test_it_keeps_the_promises_where_a_channel_and_then_all_fall_silent(check: Check) -> None:
    one, all_of_them = MONDAY + 7.5 * DAY, MONDAY + 8.2 * DAY
    rate = but(always(0.3), all_of_them, all_of_them + 10 * HOUR, 0.0)
    heard = tuple(
        talk(9, {"alpha_channel": rate, "beta_channel_two": rate, "gamma_channel": but(rate, one, one + 9 * HOUR, 0.0)})
    )
    dice = random.Random(3)
    arrivals = tuple(sorted(heard, key=lambda each: each.at + dice.random() * BIN))
    context = MonitorContext(timezone=OSLO, lateness=BIN)
    found = hear(listening(), heard, MONDAY + 9 * DAY)
    assert {each.subject for each in found} == {"", id_of("gamma_channel")}
    check(Silence, Stream(context=context, mentions=heard, arrivals=arrivals, late=heard))
