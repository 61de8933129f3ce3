from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from alerting.alert import Alert, Reason, Severity, State, Story
from alerting.reasons import Timing, Told, ask_again_at, news_for, reason_to_notify, told_now
from detectors.detection import Evidence, MatchedClaim, Share

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EACH_TEN = Timing(update_every=10 * MINUTE)


def alert(
    mentions: int = 100,
    *,
    fingerprint: str = "f",
    kind: str = "rise",
    state: State = State.FIRING,
    certain: bool | None = None,
) -> Alert:
    claim = None
    if certain is not None:
        claim = MatchedClaim(id="c1", claim="", verdict="", checked_by="", probability=0.9, certain=certain)
    return Alert(
        fingerprint=fingerprint,
        monitor="census",
        detector="d",
        subject="",
        kind=kind,
        state=state,
        severity=Severity.WARNING,
        score=0.6,
        level=1,
        effects=(),
        starts_at=NOON,
        last_at=NOON,
        evidence=Evidence(summary="s", mentions=mentions, since=NOON, counterfactual="", claim=claim),
    )


def story(*alerts: Alert, state: State = State.FIRING, severity: Severity = Severity.WARNING) -> Story:
    return Story(
        id="s",
        monitor="census",
        organisation="Census Office",
        owner=None,
        headline="h",
        state=state,
        severity=severity,
        starts_at=NOON,
        updated_at=NOON,
        alerts=alerts or (alert(),),
    )


def told(about: Story | None = None) -> Told:
    return told_now(about or story(), None, Reason.FIRST, NOON)


def test_a_story_that_fires_is_told_to_whoever_has_not_heard_of_it() -> None:
    assert reason_to_notify(story(), None, EACH_TEN, NOON) is Reason.FIRST


def test_a_story_that_is_over_is_not_told_to_whoever_has_not_heard_of_it() -> None:
    assert reason_to_notify(story(state=State.RESOLVED), None, EACH_TEN, NOON) is None


def test_nothing_new_is_nothing_told() -> None:
    assert reason_to_notify(story(), told(), EACH_TEN, NOON + 1000 * MINUTE) is None


def test_the_end_is_told_at_once_and_once() -> None:
    over = story(state=State.RESOLVED)
    assert reason_to_notify(over, told(), EACH_TEN, NOON) is Reason.RESOLVED
    after = told_now(over, told(), Reason.RESOLVED, NOON)
    assert reason_to_notify(over, after, EACH_TEN, NOON + 1000 * MINUTE) is None


def test_a_return_is_told_at_once_even_when_it_is_less_severe() -> None:
    after = told_now(story(state=State.RESOLVED), told(), Reason.RESOLVED, NOON)
    assert reason_to_notify(story(severity=Severity.INFO), after, EACH_TEN, NOON) is Reason.REOPENED


def test_a_rise_in_severity_is_told_at_once() -> None:
    assert reason_to_notify(story(severity=Severity.CRITICAL), told(), EACH_TEN, NOON) is Reason.ESCALATED


@pytest.mark.parametrize(
    "changed",
    [
        story(alert(), alert(fingerprint="g")),
        story(alert(kind="other")),
        story(alert(certain=False)),
    ],
    ids=["another alert", "another kind", "a claim"],
)
def test_a_turn_is_told_at_once_and_once(changed: Story) -> None:
    assert reason_to_notify(changed, told(), EACH_TEN, NOON) is Reason.CHANGED
    after = told_now(changed, told(), Reason.CHANGED, NOON)
    assert reason_to_notify(changed, after, EACH_TEN, NOON) is None
    back = told_now(story(), after, Reason.MORE, NOON)
    assert reason_to_notify(changed, back, EACH_TEN, NOON) is None


def test_a_possible_claim_that_becomes_certain_is_a_turn_and_not_the_other_way_round() -> None:
    possible, certain = story(alert(certain=False)), story(alert(certain=True))
    assert reason_to_notify(certain, told(possible), EACH_TEN, NOON) is Reason.CHANGED
    assert reason_to_notify(possible, told(certain), EACH_TEN, NOON) is None


@pytest.mark.parametrize(
    ("mentions", "reason"),
    [(100, None), (109, None), (110, Reason.MORE), (199, Reason.MORE), (200, Reason.DOUBLED), (50, None)],
)
def test_numbers_are_told_when_they_grew_by_a_tenth(mentions: int, reason: Reason | None) -> None:
    assert reason_to_notify(story(alert(mentions)), told(), EACH_TEN, NOON + 10 * MINUTE) is reason


def test_newer_numbers_wait_for_their_time_and_it_is_known_when_that_is() -> None:
    more = story(alert(180))
    assert reason_to_notify(more, told(), EACH_TEN, NOON + 9 * MINUTE) is None
    assert ask_again_at(more, told(), EACH_TEN) == NOON + 10 * MINUTE
    assert reason_to_notify(more, told(), EACH_TEN, NOON + 10 * MINUTE) is Reason.MORE


def test_newer_numbers_do_not_put_off_a_reminder() -> None:
    hourly = Timing(update_every=10 * MINUTE, remind_every=60 * MINUTE)
    after = told_now(story(alert(500)), told(), Reason.MORE, NOON + 50 * MINUTE)
    assert ask_again_at(story(alert(500)), after, hourly) == NOON + 60 * MINUTE
    assert reason_to_notify(story(alert(500)), after, hourly, NOON + 60 * MINUTE) is Reason.REMINDER


def test_nobody_is_reminded_of_what_is_over_or_was_never_told() -> None:
    hourly = Timing(update_every=10 * MINUTE, remind_every=60 * MINUTE)
    assert ask_again_at(story(), None, hourly) is None
    assert ask_again_at(story(state=State.RESOLVED), told(), hourly) is None


def test_each_telling_is_counted() -> None:
    assert told_now(story(), replace(told(), count=7), Reason.MORE, NOON).count == 8


def test_a_new_channel_or_language_is_told_once_and_in_its_time() -> None:
    one = alert()
    wider = story(replace(one, evidence=replace(one.evidence, channels=("news",), languages=("ja", "und"))))
    assert reason_to_notify(wider, told(), EACH_TEN, NOON + 9 * MINUTE) is None
    assert ask_again_at(wider, told(), EACH_TEN) == NOON + 10 * MINUTE
    assert reason_to_notify(wider, told(), EACH_TEN, NOON + 10 * MINUTE) is Reason.SPREAD
    assert news_for(wider, told()) == ("channel:news", "language:ja")
    after = told_now(wider, told(), Reason.SPREAD, NOON + 10 * MINUTE)
    assert reason_to_notify(wider, after, EACH_TEN, NOON + 1000 * MINUTE) is None


def test_what_always_speaks_of_it_too_is_no_new_place_of_a_rise() -> None:
    grown = (Share(dimension="channel", name="reddit", mentions=80, usual=4.0),)
    one = alert()
    risen = replace(one.evidence, channels=("reddit", "tip"), languages=("en", "ja"), shares=grown)
    assert news_for(story(replace(one, evidence=risen)), told()) == ("channel:reddit",)
    # What is said of one subject was not said there before.
    narrative = story(replace(one, subject="n1", evidence=risen))
    assert news_for(narrative, told()) == ("channel:reddit", "channel:tip", "language:en", "language:ja")


def test_twice_as_much_is_measured_from_the_last_call_and_not_from_the_last_edit() -> None:
    after = told_now(story(alert(150)), told(), Reason.MORE, NOON)
    assert reason_to_notify(story(alert(200)), after, EACH_TEN, NOON + 10 * MINUTE) is Reason.DOUBLED
    called = told_now(story(alert(200)), after, Reason.DOUBLED, NOON + 10 * MINUTE)
    assert reason_to_notify(story(alert(399)), called, EACH_TEN, NOON + 20 * MINUTE) is Reason.MORE


def test_a_rise_and_the_narrative_in_it_do_not_double_one_after_the_other() -> None:
    rise, narrative = alert(400), alert(100, fingerprint="g")
    both = story(rise, narrative)
    later = story(rise, alert(250, fingerprint="g"))
    assert reason_to_notify(later, told(both), EACH_TEN, NOON + 10 * MINUTE) is Reason.MORE
    assert reason_to_notify(story(alert(800), narrative), told(both), EACH_TEN, NOON + 10 * MINUTE) is Reason.DOUBLED
