"""To whom a silence is told, and which story it belongs to."""

from alerting.alert import Alert, Reason, Severity, State
from alerting.dispatcher import DispatcherSettings
from alerting.routes import Route
from alerting.story import can_join
from alerting.wording import growth, growth_heading, next_step, title
from detectors.contract import MonitorContext
from detectors.detection import Audience, Detection, Effect
from detectors.silence import Silence
from streams.pipeline import Monitor, Pipeline
from tests.building import alert
from tests.detectors.quiet_talk import DAY, HOUR, MONDAY, OSLO, always, but, mentions, told


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
    assert title(first.story).startswith("Warning: census: Nothing has been heard for 1 h 15 min, where ")
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
