"""One channel that says nothing while the others speak."""

from datetime import timedelta

from detectors.silence import Silence
from detectors.silences.channels import MOST_CHANNELS
from detectors.snapshot import snapshot
from tests.detectors.quiet_talk import (
    BIN,
    DAY,
    HOUR,
    MONDAY,
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
)


def test_a_channel_that_always_speaks_and_goes_quiet_is_told_by_an_id_of_ours() -> None:
    down = MONDAY + 10 * DAY
    heard = talk(12, {"bluesky": always(3.0), "newsroom": but(always(1.0), down, MONDAY + 11 * DAY, 0.0)})
    found = hear(listening(), heard, MONDAY + 12 * DAY)
    assert {each.subject for each in found} == {id_of("newsroom")}
    assert down < found[0].at < down + 5 * HOUR
    assert found[-1].at <= MONDAY + 11 * DAY + HOUR
    evidence = found[0].evidence
    assert evidence.channels == ("newsroom",)
    assert evidence.summary.startswith("A channel that always speaks has been silent for ")
    assert "newsroom" not in evidence.summary + evidence.counterfactual + "".join(evidence.unknown)
    assert hear(listening(channels=False), heard, MONDAY + 12 * DAY) == []


def test_where_everything_is_quiet_only_the_whole_is_told() -> None:
    down = MONDAY + 10 * DAY
    parts = {name: but(always(1.0), down, down + DAY, 0.0) for name in ("bluesky", "news", "reddit")}
    assert episodes(hear(listening(), talk(12, parts), MONDAY + 12 * DAY)) == {("", down)}


def test_a_channel_that_rests_at_night_and_at_weekends_is_not_silent() -> None:
    heard = talk(42, {"bluesky": always(1.0), "news": office_hours(1.0)})
    assert hear(listening(), heard, MONDAY + 42 * DAY) == []


def test_a_burst_on_one_channel_does_not_make_another_look_quiet() -> None:
    burst = MONDAY + 15 * DAY
    heard = talk(20, {"bluesky": but(always(1.0), burst, burst + 6 * HOUR, 60.0), "news": always(0.5)})
    assert hear(listening(), heard, MONDAY + 20 * DAY) == []


def test_after_an_outage_that_ends_for_one_channel_first_the_other_shares_are_what_they_were() -> None:
    down = MONDAY + 10 * DAY
    heard = talk(
        15, {"bluesky": always(2.0), "news": but(always(1.0), down, down + 3 * DAY, 0.0), "reddit": always(0.5)}
    )
    found = hear(listening(), heard, MONDAY + 15 * DAY)
    assert {each.subject for each in found} == {id_of("news")}


def test_a_channel_that_stays_silent_for_a_week_is_taken_as_switched_off() -> None:
    down = MONDAY + 10 * DAY
    heard = talk(25, {"bluesky": always(1.0), "news": but(always(1.0), down, MONDAY + 99 * DAY, 0.0)})
    detector = listening()
    found = hear(detector, heard, MONDAY + 25 * DAY)
    assert found[-1].at <= down + 7 * DAY + HOUR
    assert [channel.name for channel in detector.state.channels] == ["bluesky"]


def test_after_a_month_of_nothing_it_starts_anew() -> None:
    detector = listening()
    hear(detector, mentions(always(1.0), 10), MONDAY + 10 * DAY)
    found = detector.advance(MONDAY + 60 * DAY)
    assert found[-1].at <= MONDAY + 41 * DAY
    assert detector.state == Silence.State()


def test_the_state_of_many_busy_channels_stays_below_four_kilobytes() -> None:
    heard = talk(15, {f"channel-{number}": always(1.0 + number / 10) for number in range(MOST_CHANNELS + 8)})
    detector = listening()
    hear(detector, heard, MONDAY + 15 * DAY)
    assert len(detector.state.channels) == MOST_CHANNELS
    assert sum(map(len, snapshot(detector).values())) <= 4096


def test_of_more_channels_than_are_counted_the_order_does_not_show() -> None:
    heard = [said(MONDAY + number * timedelta(milliseconds=1), f"channel-{number % 90}") for number in range(300)]
    forwards, backwards = listening(), listening()
    hear(forwards, heard, MONDAY + BIN)
    for mention in reversed(heard):
        backwards.observe(mention)
    backwards.advance(MONDAY + BIN)
    assert forwards.state == backwards.state
    assert forwards.state.recent == [300]
