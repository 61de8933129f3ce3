"""Gates, and a dispatcher whose monitor has them; times are of the first days of April 2030."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from alerting.alert import Gate, Notification, Reason, Severity
from alerting.dispatcher import Dispatcher, DispatcherSettings
from alerting.gates import GateRules, Gates, Inhibition, Inhibitor, Planned
from alerting.outcome import Outcome
from alerting.quiet_hours import QuietWindow
from alerting.routes import Route
from detectors.detection import Detection
from tests.building import detection, evidence

NOON = datetime(2030, 4, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NIGHT = QuietWindow(start_minute=22 * 60, end_minute=7 * 60)
WARNING, CRITICAL = 0.6, 0.9


def moment(when: str) -> datetime:
    """`22:30` on the first of April, `2 07:00` on the second."""
    day, _, clock = when.rpartition(" ")
    return datetime.fromisoformat(f"2030-04-{int(day or 1):02}T{clock}").replace(tzinfo=UTC)


def planned(**changes: Any) -> Gates:
    known: dict[str, Any] = {
        "detectors": ("volume_spike",),
        "since": NOON,
        "until": NOON + HOUR,
        "times": 3.0,
        "reason": "press release",
    }
    return Gates(rules=GateRules(planned=(Planned(**(known | changes)),)))


def inhibiting(*others: Inhibitor) -> Gates:
    rule = Inhibition(
        by_detectors=("narrative",), at_least=Severity.CRITICAL, detectors=("volume_spike",), below=Severity.CRITICAL
    )
    return Gates(rules=GateRules(inhibitions=(rule,)), others=others)


def dispatcher(
    rules: GateRules | None = None,
    *,
    quiet: Sequence[QuietWindow] = (),
    resolve_after: timedelta = 24 * HOUR,
    **route: Any,
) -> Dispatcher:
    return Dispatcher(
        DispatcherSettings(
            monitor="census",
            organisation="Census Office",
            resolve_after=resolve_after,
            gates=rules or GateRules(),
            routes=(Route(receivers=("slack",), quiet=tuple(quiet), **route),),
        )
    )


def found(when: str, score: float = WARNING, mentions: int = 100, **changes: Any) -> Detection:
    known: dict[str, Any] = {"effects": (), "evidence": evidence(mentions=mentions, usual=50.0)}
    return detection(at=moment(when), starts_at=moment(when), score=score, **(known | changes))


def hear(monitor: Dispatcher, *detections: Detection) -> Outcome:
    outcome = Outcome()
    for each in detections:
        outcome += monitor.observe(each, each.at)
    return outcome + monitor.advance(max(each.at for each in detections))


def said(notifications: Sequence[Notification]) -> list[tuple[Reason, Gate | None]]:
    return [(each.reason, None if each.hold is None else each.hold.gate) for each in notifications]
