"""How detections become alerts, and alerts stories: when they begin, end and begin again."""

import msgspec

from alerting.alert import Reason, Severity, State
from alerting.outcome import Outcome, Suppression
from detectors.detection import Effect
from tests.alerting.dispatched import CRITICAL, INFO, MINUTE, NOON, at, detection, dispatcher, hear, reasons


def test_an_alert_fires_and_its_story_is_told() -> None:
    outcome = hear(dispatcher(), detection(3, began=0))
    (alert,), (notification,) = outcome.alerts, outcome.notifications
    assert (alert.state, alert.severity, alert.starts_at) == (State.FIRING, Severity.WARNING, NOON)
    assert (notification.receiver, notification.reason, notification.at) == ("slack", Reason.FIRST, at(3))
    assert notification.story.alerts == (alert,)


def test_a_repeated_detection_changes_nothing() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), detection(5, level=2))
    before = msgspec.msgpack.encode(monitor.state)
    outcome = hear(monitor, detection(0), detection(5, level=2))
    assert outcome == Outcome(suppressed=(Suppression.REPEATED, Suppression.REPEATED))
    assert msgspec.msgpack.encode(monitor.state) == before


def test_an_alert_ends_when_it_was_quiet_long_enough_and_not_when_that_was_noticed() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), detection(30))
    assert monitor.advance(at(149)) == Outcome()
    outcome = monitor.advance(at(400))
    assert outcome.alerts[0].resolved_at == at(150)
    assert reasons(outcome) == [Reason.RESOLVED]
    assert monitor.firing == ()


def test_an_alert_that_fires_again_soon_reopens_its_story() -> None:
    monitor = dispatcher()
    first = hear(monitor, detection(0)).notifications[0].story
    monitor.advance(at(120))
    outcome = hear(monitor, detection(500))
    assert reasons(outcome) == [Reason.REOPENED]
    assert outcome.notifications[0].story.id == first.id
    assert outcome.alerts[-1].starts_at == at(500)


def test_an_alert_that_fires_again_much_later_is_a_new_story() -> None:
    monitor = dispatcher()
    first = hear(monitor, detection(0)).notifications[0].story
    monitor.advance(at(120))
    outcome = hear(monitor, detection(120 + 12 * 60, began=0))
    assert reasons(outcome) == [Reason.FIRST]
    assert outcome.notifications[0].story.id != first.id


def test_an_alert_is_over_at_the_very_moment_at_which_it_was_quiet_long_enough() -> None:
    monitor = dispatcher(lateness=10 * MINUTE)
    outcome = hear(monitor, detection(0)) + hear(monitor, detection(120))
    assert [alert.starts_at for alert in outcome.alerts] == [at(0), at(0), at(120)]
    assert reasons(outcome) == [Reason.FIRST, Reason.RESOLVED, Reason.REOPENED]


def test_severity_only_rises_while_an_alert_fires() -> None:
    monitor = dispatcher()
    outcomes = [hear(monitor, detection(i, score=s)) for i, s in enumerate([INFO, CRITICAL, INFO])]
    assert [outcome.alerts[0].severity for outcome in outcomes] == [Severity.INFO, Severity.CRITICAL, Severity.CRITICAL]
    assert [reasons(outcome) for outcome in outcomes] == [[Reason.FIRST], [Reason.ESCALATED], []]


def test_a_detection_of_the_same_firing_that_comes_out_of_order_gives_the_same_alert() -> None:
    one, other = detection(0, level=1, score=CRITICAL), detection(5, level=2)
    in_order, reversed_ = dispatcher(), dispatcher()
    hear(in_order, one, other)
    hear(reversed_, other, one)
    assert in_order.firing == reversed_.firing


def test_a_late_detection_shows_that_an_alert_was_not_over() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), now=125)
    outcome = hear(monitor, detection(115, began=0), now=130)
    assert reasons(outcome) == [Reason.REOPENED]
    assert [(a.starts_at, a.state, a.resolved_at) for a in monitor.firing] == [(NOON, State.FIRING, None)]


def test_an_alert_is_not_ended_while_detections_may_still_be_late() -> None:
    monitor = dispatcher(lateness=10 * MINUTE)
    hear(monitor, detection(0), now=125)
    assert reasons(hear(monitor, detection(115), now=126)) == []


def test_a_detection_older_than_the_firing_that_is_remembered_is_left_out() -> None:
    monitor = dispatcher()
    hear(monitor, detection(300))
    assert hear(monitor, detection(0), now=300).suppressed == (Suppression.OUTDATED,)


def test_a_rise_and_a_narrative_are_one_story_and_a_second_narrative_is_another() -> None:
    monitor = dispatcher()
    outcome = hear(monitor, detection(0))
    outcome += hear(monitor, detection(1, "tales", "n1"))
    outcome += hear(monitor, detection(2, "tales", "n2"))
    assert reasons(outcome) == [Reason.FIRST, Reason.CHANGED, Reason.FIRST]
    first, changed, second = (notification.story.id for notification in outcome.notifications)
    assert first == changed != second


def test_a_rise_joins_the_most_pressing_narrative() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0, "tales", "n1"), detection(0, "tales", "n2", mentions=900))
    outcome = hear(monitor, detection(1))
    assert {alert.subject for alert in outcome.notifications[0].story.alerts} == {"", "n2"}


def test_a_story_ends_with_its_last_alert() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), detection(60, "tales", "n1"))
    assert reasons(monitor.advance(at(120))) == []
    assert reasons(monitor.advance(at(180))) == [Reason.RESOLVED]


def test_findings_for_those_who_run_it_stand_alone() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), detection(0, "quiet", effects=(Effect.OPERATIONS,)))
    assert len(monitor.stories) == 2
