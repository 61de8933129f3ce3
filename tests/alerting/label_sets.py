"""Alerts of a story that fire and that are over, and their label sets in Alertmanager."""

from typing import Any

from alerting.alert import Alert, Severity, State
from alerting.alertmanager_alerts import LabelSet
from tests.building import alert, time

NARRATIVE, SPIKE = LabelSet("narrative", "warning"), LabelSet("volume_spike", "critical")


def spike(severity: Severity = Severity.CRITICAL, **changes: Any) -> Alert:
    return alert(severity=severity, **changes)


def over(at: str = "12:08", **changes: Any) -> Alert:
    return alert(state=State.RESOLVED, resolved_at=time(at), **changes)
