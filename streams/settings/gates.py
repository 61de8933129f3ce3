"""What a config says of gates: quiet hours, mutes, planned events, and what is not told while something else fires.

How they work is in `alerting/gates.py`; whether they fit together is checked in `streams/settings/gate_checks.py`.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

Words = Annotated[str, Meta(min_length=1)]
SeverityName = Literal["info", "warning", "critical", "life_safety"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
Start = Annotated[str, Meta(pattern=rf"^{_CLOCK}\Z", extra={"expected": "a time of the day such as 22:00"})]
End = Annotated[str, Meta(pattern=rf"^(?:{_CLOCK}|24:00)\Z", extra={"expected": "a time of the day such as 07:00"})]
When = Annotated[
    str,
    Meta(
        pattern=rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T]{_CLOCK}(?::[0-5][0-9])?(?:Z|[+-]{_CLOCK})?\Z",
        extra={"expected": "a day and a time such as 2026-11-24 10:00"},
    ),
]
"""By the organisation's clock, unless it says its offset: 2026-11-24T10:00+01:00."""


class QuietHours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Part of certain days, by the route's clock, in which only what is severe enough interrupts."""

    start: Start = field(name="from")
    end: End = field(name="to")
    """Of the next day where it is not after `from`; 24:00 is midnight."""
    days: Annotated[tuple[Day, ...], Meta(min_length=1)] = DAYS
    """On which it begins."""
    at_least: SeverityName = "critical"
    """This and what is more severe is told all the same."""


class Mute(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nobody is interrupted for what these detectors find for these monitors; absent is all."""

    monitors: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    detectors: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    start: When | None = field(name="from", default=None)
    end: When = field(name="until")
    reason: Words


class Planned(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something of which it is known that people will talk: it raises the bar for volume, and not for claims."""

    monitors: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    detectors: Annotated[tuple[str, ...], Meta(min_length=1)] = ("volume_spike",)
    """Those that find volume."""
    start: When = field(name="from")
    end: When = field(name="until")
    times: Annotated[float, Meta(ge=1)] = 3.0
    """How many times the usual number of mentions is still expected."""
    reason: Words


class While(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert of these detectors, as severe as this."""

    detectors: Annotated[tuple[str, ...], Meta(min_length=1)]
    at_least: SeverityName = "critical"


class HeldBack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A story in which only these detectors found something, and that is less severe than this."""

    detectors: Annotated[tuple[str, ...], Meta(min_length=1)]
    below: SeverityName


class Inhibit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """While one thing fires for a monitor, a smaller one of the same monitor interrupts nobody."""

    monitors: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    by: While = field(name="while")
    hold: HeldBack


def moment(when: str, timezone: str) -> datetime:
    """A `When` in UTC. Raises ValueError where the calendar does not have it."""
    read = datetime.fromisoformat(when)
    return (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


def minute_of(clock: str) -> int:
    """Of the day: `22:30` is 1350, `24:00` is 1440."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
