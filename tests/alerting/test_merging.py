"""What becomes of open alerts when their subjects become part of another one."""

from datetime import timedelta

from msgspec.structs import replace

from alerting import wording
from alerting.alert import Reason, Severity, State
from alerting.dispatcher import Dispatcher, DispatcherSettings
from alerting.outcome import Outcome
from alerting.routes import Route
from detectors.detection import Detection
from tests.building import detection, evidence, time

ROUTE = Route(receivers=("slack",), update_every=timedelta(minutes=10))


def monitor(most_open: int = 100) -> Dispatcher:
    return Dispatcher(
        DispatcherSettings(monitor="census", organisation="Census Office", routes=(ROUTE,), most_open=most_open)
    )


def told(subject: str, at: str, *formerly: str, score: float = 0.6, detector: str = "narrative") -> Detection:
    found = detection(detector=detector, subject=subject, kind="unverified", at=time(at), score=score, effects=())
    return replace(found, formerly=formerly, evidence=evidence(f"The story {subject} is told."))


def hear(dispatcher: Dispatcher, *detections: Detection) -> Outcome:
    outcome = Outcome()
    for each in detections:
        outcome += dispatcher.observe(each, each.at) + dispatcher.advance(each.at)
    return outcome


def test_a_narrative_that_goes_on_in_a_new_one_keeps_its_story_and_nobody_is_called_again() -> None:
    census = monitor()
    first = hear(census, told("n-a", "12:00", score=0.9)).notifications[0].story
    outcome = hear(census, told("n-b", "13:00", "n-a"))
    assert [(alert.subject, alert.state) for alert in outcome.alerts] == [
        ("n-a", State.RESOLVED),
        ("n-b", State.FIRING),
    ]
    assert [story.id for story in census.stories] == [first.id]
    assert census.stories[0].severity is Severity.CRITICAL, "it does not fall because of the merge"
    assert [each.reason for each in outcome.notifications] == [Reason.CHANGED]


def test_of_two_stories_that_become_one_the_other_says_where_it_goes_on() -> None:
    census = monitor()
    hear(census, told("n-a", "12:00"), told("n-b", "12:10"))
    outcome = hear(census, told("n-a", "13:00", "n-b"))
    (merged,) = (each for each in outcome.notifications if each.reason is Reason.RESOLVED)
    assert merged.story.alerts[0].subject == "n-b"
    assert wording.title(merged.story).startswith("Merged: ")
    assert "part of another story" in wording.turn(merged)
    (goes_on,) = (each for each in census.stories if each.state is State.FIRING)
    assert goes_on.headline in wording.turn(merged), "a person must find the other one"
    assert [alert.subject for alert in census.firing] == ["n-a"]


def test_a_rise_stays_in_its_story_when_the_narrative_in_it_goes_elsewhere() -> None:
    census = monitor()
    hear(census, told("", "12:00", detector="volume_spike"), told("n-b", "12:00"), told("n-a", "12:10"))
    outcome = hear(census, told("n-a", "13:00", "n-b"))
    assert {alert.subject for alert in census.firing} == {"", "n-a"}
    assert Reason.RESOLVED not in {each.reason for each in outcome.notifications}


def test_an_end_by_merging_is_told_once_however_often_it_is_found() -> None:
    census = monitor()
    hear(census, told("n-a", "12:00"), told("n-b", "12:10"), told("n-a", "13:00", "n-b"))
    again = hear(census, told("n-a", "13:00", "n-b"), told("n-a", "13:05", "n-b"))
    assert [each.reason for each in again.notifications] == []


def test_an_alert_that_takes_the_place_of_its_former_one_needs_no_further_room() -> None:
    census = monitor(most_open=2)
    hear(census, told("n-a", "12:00"), told("n-b", "12:10"))
    outcome = hear(census, told("n-c", "13:00", "n-a", score=0.1))
    assert not outcome.suppressed
    assert {alert.subject for alert in census.firing} == {"n-b", "n-c"}


def test_formers_that_nobody_remembers_change_nothing() -> None:
    outcome = hear(monitor(), told("n-a", "12:00", "n-x", "n-a"))
    assert [alert.subject for alert in outcome.alerts] == ["n-a"]
