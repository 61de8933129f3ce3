"""What `silence` tells of, what it lets pass as a night, a weekend or a holiday, and what it learns from neither."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerting.alert import Alert, Reason, Severity, State
from alerting.dispatcher import DispatcherSettings
from alerting.routes import Route
from alerting.story import can_join
from alerting.wording import growth, growth_heading, next_step, title
from detectors.conformance.hearing import Stream
from detectors.conformance.promises import PROMISES, Check
from detectors.contract import MonitorContext
from detectors.detection import Audience, Detection, Effect
from detectors.mention import Mention
from detectors.silence import Silence
from detectors.silences.channels import MOST_CHANNELS, Channel
from detectors.silences.rhythm import Rhythm
from detectors.snapshot import rows_of, snapshot
from streams.pipeline import Monitor, Pipeline
from tests.building import alert

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
BIN, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
OSLO = ZoneInfo("Europe/Oslo")

Rate = Callable[[datetime], float]
"""Mentions that are usual in five minutes."""


def always(rate: float) -> Rate:
    return lambda at: rate


def office_hours(rate: float, zone: ZoneInfo = OSLO) -> Rate:
    """Nothing at night and nothing at weekends, by the clocks of a place."""

    def at_work(at: datetime) -> float:
        local = at.astimezone(zone)
        return rate if local.weekday() < 5 and 8 <= local.hour < 18 else 0.0

    return at_work


def but(rate: Rate, since: datetime, until: datetime, part: float) -> Rate:
    return lambda at: rate(at) * (part if since <= at < until else 1.0)


def mentions(
    rate: Rate, days: float, *, channel: str = "bluesky", seed: int = 1, starts: datetime = MONDAY
) -> list[Mention]:
    dice, found = random.Random(seed), list[Mention]()
    for number in range(round(days * DAY / BIN)):
        begins = starts + number * BIN
        found += [said(begins + dice.random() * BIN, channel) for _ in range(poisson(dice, rate(begins)))]
    return sorted(found, key=lambda each: each.at)


def said(at: datetime, channel: str = "bluesky") -> Mention:
    return Mention(id=f"{channel}/{at.isoformat()}", channel=channel, at=at, text="census")


def id_of(channel: str) -> str:
    return Channel(name=channel, learned=0).id


def poisson(dice: random.Random, mean: float) -> int:
    count, left = 0, dice.expovariate(1)
    while left < mean:
        count, left = count + 1, left + dice.expovariate(1)
    return count


def together(*streams: Sequence[Mention]) -> list[Mention]:
    return sorted((mention for stream in streams for mention in stream), key=lambda each: (each.at, each.id))


def listening(**params: Any) -> Silence:
    return Silence(MonitorContext(timezone=OSLO), Silence.Params(**params))


def hear(detector: Silence, heard: Iterable[Mention], until: datetime) -> list[Detection]:
    found: list[Detection] = []
    for mention in heard:
        detector.observe(mention)
        found += detector.advance(mention.at - timedelta(seconds=30))
    return [*found, *detector.advance(until)]


def told(rate: Rate, days: float, **params: Any) -> list[Detection]:
    return hear(listening(**params), mentions(rate, days), MONDAY + days * DAY)


def episodes(found: Iterable[Detection]) -> set[tuple[str, datetime]]:
    return {(detection.subject, detection.starts_at) for detection in found}


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
    assert (
        evidence.summary
        == f"Nothing has been heard since 12 Mar 00:00 UTC, where {evidence.usual:.0f} mentions are usual."
    )
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
    assert detector.advance(down + HOUR) != ()
    detector.observe(said(down + timedelta(minutes=12)))
    assert detector.advance(down + HOUR + BIN) == []
    assert detector.state.run.bins == 0


def test_as_long_as_the_watermark_stands_still_nothing_is_silence() -> None:
    detector, down = listening(), MONDAY + 10 * DAY
    hear(detector, mentions(always(50.0), 10), down)
    assert detector.advance(down) == detector.advance(down) == []


def talk(days: float, parts: Mapping[str, Rate]) -> list[Mention]:
    return together(*(mentions(rate, days, channel=name, seed=len(name)) for name, rate in parts.items()))


def test_a_channel_that_always_speaks_and_goes_quiet_is_told_by_an_id_of_ours() -> None:
    down = MONDAY + 10 * DAY
    heard = talk(12, {"bluesky": always(3.0), "newsroom": but(always(1.0), down, MONDAY + 11 * DAY, 0.0)})
    found = hear(listening(), heard, MONDAY + 12 * DAY)
    assert {each.subject for each in found} == {id_of("newsroom")}
    assert down < found[0].at < down + 5 * HOUR
    assert found[-1].at <= MONDAY + 11 * DAY + HOUR
    evidence = found[0].evidence
    assert evidence.channels == ("newsroom",)
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


def monitor(*routes: Route) -> Monitor:
    return Monitor(
        name="census",
        context=MonitorContext(timezone=OSLO),
        detectors=((Silence, Silence.Params()),),
        dispatching=DispatcherSettings(monitor="census", organisation="Census Office", routes=routes),
    )


def test_engineers_are_told_and_told_that_it_is_over_and_the_press_desk_hears_nothing() -> None:
    down, up = MONDAY + 9 * DAY, MONDAY + 9 * DAY + 5 * HOUR
    press, engineers = Route(receivers=("press",)), Route(receivers=("on-call",), audience=Audience.OPERATIONS)
    pipeline, notifications, alerts = Pipeline(monitor(press, engineers)), [], list[Alert]()
    for mention in mentions(but(always(3.0), down, up, 0.0), 10):
        outcome = pipeline.observe([mention], mention.at)
        notifications += outcome.notifications
        alerts += outcome.alerts
    assert [(each.receiver, each.reason) for each in notifications] == [
        ("on-call", Reason.FIRST),
        ("on-call", Reason.RESOLVED),
    ]
    first = notifications[0]
    assert first.story.severity is Severity.WARNING
    assert title(first.story).startswith(
        "Warning: Census Office (census): Nothing has been heard since 11 Mar 00:00 UTC"
    )
    assert growth_heading(first.story) == "What is missing"
    assert growth(first.story)[0].startswith("Channels: bluesky 0 (usual ")
    assert (
        next_step(first.story) == "Look whether the source still delivers: its connector, its credentials, the query."
    )
    assert alerts[-1].state is State.RESOLVED
    assert alerts[-1].resolved_at is not None
    assert up <= alerts[-1].resolved_at <= up + 2 * HOUR


def test_it_joins_no_story_of_the_public_and_none_joins_it() -> None:
    down = MONDAY + 9 * DAY
    silence = told(but(always(3.0), down, down + DAY, 0.0), 10)[0]
    assert not can_join(silence, [alert()])
    of_silence = alert(detector="silence", effects=(Effect.OPERATIONS,))
    spike = Detection(
        detector="volume_spike", kind="rise", starts_at=down, at=down, level=1, score=0.9, evidence=silence.evidence
    )
    assert not can_join(spike, [of_silence])
