"""An alert that goes on in another does not speak for its story any more."""

from typing import Any

from alerting import wording
from alerting.alert import Alert, Severity, State, Successor
from alerting.story import headline, most_pressing_first
from tests.alerting.gated_monitor import CRITICAL, HOUR, WARNING, dispatcher, found, hear, moment
from tests.building import alert, evidence, story, time


def ended(at: str, successor: Successor | None = None, **changes: object) -> Alert:
    return alert(state=State.RESOLVED, resolved_at=time(at), successor=successor, **changes)


def into(story_id: str) -> Successor:
    return Successor(subject="n2", story=story_id, headline="The larger one")


def test_the_narrative_in_which_it_goes_on_says_the_numbers_though_it_is_less_severe() -> None:
    monitor = dispatcher(resolve_after=2 * HOUR)
    said: dict[str, Any] = {"detector": "narrative", "effects": ()}
    hear(monitor, found("12:00", CRITICAL, subject="n1", evidence=evidence("A beginning.", mentions=50), **said))
    larger = evidence("All of it.", mentions=90)
    hear(monitor, found("12:30", WARNING, subject="n2", formerly=("n1",), evidence=larger, **said))
    (known,) = monitor.stories
    assert [each.subject for each in known.alerts] == ["n2", "n1"]
    assert "90 mentions" in known.headline
    assert wording.why_now(known) == "All of it."
    assert known.severity is Severity.CRITICAL
    monitor.advance(moment("15:00"))
    assert wording.title(monitor.stories[0]).startswith("Resolved: ")


def test_what_fires_speaks_before_what_goes_on_in_another_story() -> None:
    gone = ended("12:30", into("other"), severity=Severity.CRITICAL, subject="n1", detector="narrative")
    rise = alert(severity=Severity.WARNING, evidence=evidence("It still rises."))
    ordered = most_pressing_first((gone, rise))
    assert ordered == (rise, gone)
    assert headline(ordered[0]) == headline(rise)


def test_a_story_is_merged_where_the_last_of_it_goes_on_elsewhere_and_else_resolved() -> None:
    gone_first = story(state=State.RESOLVED, alerts=(ended("14:00"), ended("12:30", into("other"))))
    assert wording.title(gone_first).startswith("Resolved: ")
    gone_last = story(state=State.RESOLVED, alerts=(ended("12:30"), ended("14:00", into("other"))))
    assert wording.title(gone_last).startswith("Merged: ")
    assert "in which it goes on: The larger one." in wording.why_now(gone_last)
    within = story(state=State.RESOLVED, alerts=(ended("14:00"), ended("14:00", into(gone_last.id))))
    assert wording.title(within).startswith("Resolved: ")
