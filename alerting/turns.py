"""Which turns of a story are worth a line of their own below its message, and those lines. Pure.

Numbers, verdicts, mutes and assignments only change the message itself. What must not interrupt has no line, but for an
acknowledgement: somebody is up and sees to it, and the others may go on sleeping.
"""

from msgspec.structs import replace

from alerting import wording
from alerting.alert import Notification, Reason

_ALWAYS = frozenset(
    {Reason.ESCALATED, Reason.DOUBLED, Reason.SPREAD, Reason.REMINDER, Reason.RESOLVED, Reason.REOPENED}
)
_SO_FAR = frozenset({Reason.ESCALATED, Reason.DOUBLED, Reason.SPREAD, Reason.CHANGED})
"""Reasons that may stand for others, which came while they waited."""
_CLAIM = ("claim:", "certain:")
_PLACE = ("channel:", "language:")


def turns(told: Notification) -> tuple[str, ...]:
    """A line for each turn that this telling brings, the weightiest first; none where it only edits the message."""
    lines = _turns(told) if told.hold is None else []
    if _has(told, ("acknowledged",)) and told.reason is not Reason.FIRST:
        lines.append(wording.turn(replace(told, reason=Reason.HANDLED, news=("acknowledged",))))
    return tuple(lines)


def _turns(told: Notification) -> list[str]:
    tells_claim = _has(told, _CLAIM)
    # Who tells nothing of what is new is of an older version.
    is_change = told.reason is Reason.CHANGED and (tells_claim or not told.news)
    lines = [wording.turn(told)] if told.reason in _ALWAYS or is_change else []
    if told.reason not in _SO_FAR:
        return lines
    if tells_claim and not is_change:
        lines.append(wording.turn(replace(told, reason=Reason.CHANGED)))
    if told.reason is not Reason.SPREAD and _has(told, _PLACE):
        lines.append(f"{wording.reached(told.news)}.")
    return lines


def _has(told: Notification, facts: tuple[str, ...]) -> bool:
    return any(fact.startswith(facts) for fact in told.news)
