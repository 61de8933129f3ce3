"""The dispatcher of one monitor, and detections so many minutes after noon."""

from datetime import UTC, datetime, timedelta

from alerting.alert import Reason
from alerting.dispatcher import Dispatcher, DispatcherSettings
from alerting.outcome import Outcome
from alerting.routes import Route
from detectors.detection import Detection, Effect, Evidence

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SLACK = Route(receivers=("slack",), update_every=10 * MINUTE)
INFO, WARNING, CRITICAL = 0.2, 0.6, 0.9


def detection(
    minute: float,
    detector: str = "volume",
    subject: str = "",
    *,
    score: float = WARNING,
    level: int = 1,
    mentions: int = 100,
    began: float | None = None,
    effects: tuple[Effect, ...] = (),
) -> Detection:
    """A finding so many minutes after noon, of an episode that began when it was found or at `began`."""
    starts_at = NOON + (minute if began is None else began) * MINUTE
    return Detection(
        detector=detector,
        subject=subject,
        kind="k",
        starts_at=starts_at,
        at=NOON + minute * MINUTE,
        level=level,
        score=score,
        effects=effects,
        evidence=Evidence(summary="it rises", mentions=mentions, since=starts_at, counterfactual=""),
    )


def dispatcher(*routes: Route, most_open: int = 100, lateness: timedelta = timedelta(0)) -> Dispatcher:
    return Dispatcher(
        DispatcherSettings(
            monitor="census",
            organisation="Census Office",
            resolve_after=2 * HOUR,
            reopen_within=12 * HOUR,
            lateness=lateness,
            routes=routes or (SLACK,),
            most_open=most_open,
        )
    )


def hear(monitor: Dispatcher, *detections: Detection, now: float | None = None) -> Outcome:
    """As the pipeline does: all detections of a batch, then the time."""
    outcome = Outcome()
    for each in detections:
        outcome += monitor.observe(each, each.at)
    return outcome + monitor.advance(NOON + now * MINUTE if now is not None else max(d.at for d in detections))


def reasons(outcome: Outcome) -> list[Reason]:
    return [notification.reason for notification in outcome.notifications]


def at(minute: float) -> datetime:
    return NOON + minute * MINUTE
