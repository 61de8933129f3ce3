"""How pressing a story is: one number from 0 to 100, so that stories of different monitors compare.

Severity decides the band, so that nothing less severe ever stands before something more severe; what is known of the
story decides the place within it. The parts are joined as in a noisy-or (Pearl 1988, section 4.3.2): each makes it more
pressing by a share of what is left, so that no part alone fills the band and no order of them matters. The weights are
ours, and say what a press desk should read first; they are no probabilities.
"""

from collections.abc import Iterator, Sequence
from math import log10, prod

from alerting.alert import Alert, Severity, State
from detectors.detection import Effect

BANDS = {
    Severity.INFO: (0, 24),
    Severity.WARNING: (25, 54),
    Severity.CRITICAL: (55, 89),
    Severity.LIFE_SAFETY: (90, 100),
}
"""The least and the greatest risk of each severity."""

_SCORE = 0.6
_GROWTH = 0.3
"""Reached at a hundred times the usual."""
_CLAIM = 0.3
_EFFECTS = {Effect.HARM: 0.3, Effect.WIDE_REACH: 0.25, Effect.OFFICIALS: 0.2, Effect.COORDINATED: 0.1}
_FURTHER_ALERT = 0.1


def risk_of(severity: Severity, alerts: Sequence[Alert]) -> int:
    """From 0 to 100; of a story that is over, as it was last.

    Args:
        severity: The story's.
        alerts: Its alerts, of which those that fire count; all of them where none does.
    """
    least, greatest = BANDS[severity]
    counting = [alert for alert in alerts if alert.state is State.FIRING] or alerts
    strength = 1.0 - prod(1.0 - part for part in _parts(counting))
    return least + round((greatest - least) * strength)


def _parts(alerts: Sequence[Alert]) -> Iterator[float]:
    yield _SCORE * max((alert.score for alert in alerts), default=0.0)
    yield _GROWTH * max((_growth(alert) for alert in alerts), default=0.0)
    yield _CLAIM * max((alert.evidence.claim.probability for alert in alerts if alert.evidence.claim), default=0.0)
    for effect, weight in _EFFECTS.items():
        yield weight * any(effect in alert.effects for alert in alerts)
    for _ in alerts[1:]:
        yield _FURTHER_ALERT


def _growth(alert: Alert) -> float:
    """From 0 at the usual to 1 at a hundred times of it; 0 where nobody knows what is usual."""
    usual, mentions = alert.evidence.usual, alert.evidence.mentions
    if not usual or mentions <= usual:
        return 0.0
    return min(1.0, log10(mentions / usual) / 2)
