"""What may hold a telling back, so that nobody is interrupted: mutes, quiet hours, planned events and inhibition.

A gate silences tellings and never state: alerts and stories go on behind it, a message that is there is still edited,
and what still fires when it opens is told then. `life_safety` passes every gate.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerting.alert import Alert, Gate, Hold, Severity, State, Story
from alerting.quiet_hours import QuietWindow, quiet_at
from detectors.detection import Effect
from detectors.mention import Moment

GATES_OF_MONITORS = (Gate.MUTED, Gate.QUIET_HOURS, Gate.PLANNED, Gate.INHIBITED)
"""Those that are decided here; a route's budget spans monitors and is kept where it is told."""


class ConfiguredMute(Struct, frozen=True, kw_only=True):
    """Nobody is interrupted for what certain detectors find."""

    detectors: tuple[str, ...] | None = None
    """None is all."""
    since: Moment | None = None
    """None is from the beginning."""
    until: Moment
    """Exclusive, as all ends here."""
    reason: str


class Planned(Struct, frozen=True, kw_only=True):
    """Something of which we know that people will talk: it raises the bar for volume, not for claims or for harm."""

    detectors: tuple[str, ...]
    """Those that find volume."""
    since: Moment
    until: Moment
    times: float
    """How many times the usual number of mentions is still expected."""
    reason: str


class Inhibition(Struct, frozen=True, kw_only=True):
    """While one thing fires, another and smaller one of the same monitor is not told."""

    by_detectors: tuple[str, ...]
    at_least: Severity
    """An alert of these detectors that is as severe holds; never below `below`, so that no two hold each other."""
    detectors: tuple[str, ...]
    """A story is held whose alerts that fire are all of these ..."""
    below: Severity
    """... and that is less severe than this."""


class GateRules(Struct, frozen=True, kw_only=True):
    """What the config says of a monitor's gates."""

    mutes: tuple[ConfiguredMute, ...] = ()
    planned: tuple[Planned, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()


class Inhibitor(Struct, frozen=True, kw_only=True):
    """An alert that fires in another story of the monitor."""

    story: str
    """Its id."""
    detector: str
    severity: Severity


class Gates(Struct, frozen=True, kw_only=True):
    """All by which it is decided whether a story may interrupt, beside the story itself."""

    rules: GateRules = GateRules()
    quiet: tuple[QuietWindow, ...] = ()
    """Of the receiver's route."""
    timezone: str = "UTC"
    """Of the route: an IANA name."""
    others: tuple[Inhibitor, ...] = ()
    """What fires in other stories, the most severe first."""


def closed_gate(story: Story, gates: Gates, now: datetime) -> Hold | None:
    """The gate that keeps a story from interrupting now: why, and until when; None where it may.

    Of several the first in the order of `Gate`: when it opens, the next is asked.
    """
    if story.severity is Severity.LIFE_SAFETY or story.state is State.RESOLVED:
        return None
    zone = ZoneInfo(gates.timezone)
    firing = [alert for alert in story.alerts if alert.state is State.FIRING]
    return (
        _muted_by_somebody(story, zone, now)
        or _muted_by_config(firing, gates.rules.mutes, zone, now)
        or _quiet(story, gates.quiet, zone, now)
        or _planned(firing, gates.rules.planned, zone, now)
        or _inhibited(story, firing, gates)
    )


def inhibitors(story: Story, stories: Sequence[Story], rules: GateRules) -> tuple[Inhibitor, ...]:
    """Of what fires in other stories that which may hold this one by some rule, the most severe first."""
    found = {
        Inhibitor(story=other.id, detector=alert.detector, severity=alert.severity)
        for other in stories
        if other.id != story.id
        for alert in _firing(other)
        if any(_may_hold(rule, alert) for rule in rules.inhibitions)
    }
    return tuple(sorted(found, key=lambda each: (-each.severity, each.detector, each.story)))


def _firing(story: Story) -> Iterator[Alert]:
    return (alert for alert in story.alerts if alert.state is State.FIRING)


def _may_hold(rule: Inhibition, alert: Alert | Inhibitor) -> bool:
    return alert.detector in rule.by_detectors and alert.severity >= rule.at_least


def _muted_by_somebody(story: Story, zone: ZoneInfo, now: datetime) -> Hold | None:
    mute = story.handling.mute
    if mute is None or not story.handling.is_muted(now):
        return None
    end = "the story is over" if mute.until is None else _local(mute.until, zone)
    reason = f", because: {mute.reason}" if mute.reason else ", without a reason"
    return Hold(gate=Gate.MUTED, why=f"{mute.by} muted it until {end}{reason}", until=mute.until)


def _muted_by_config(
    firing: Sequence[Alert], mutes: Sequence[ConfiguredMute], zone: ZoneInfo, now: datetime
) -> Hold | None:
    for mute in mutes:
        is_on = (mute.since is None or mute.since <= now) and now < mute.until
        if is_on and _all_of(firing, mute.detectors):
            named = " and ".join(mute.detectors) if mute.detectors else "this monitor"
            why = f"the config mutes {named} until {_local(mute.until, zone)}, because: {mute.reason}"
            return Hold(gate=Gate.MUTED, why=why, until=mute.until)
    return None


def _quiet(story: Story, windows: Sequence[QuietWindow], zone: ZoneInfo, now: datetime) -> Hold | None:
    quiet = quiet_at(windows, zone, story.severity, now)
    if quiet is None:
        return None
    why = (
        f"its route is quiet from {quiet.window}, now until {_local(quiet.until, zone)}: this is "
        f"{story.severity.label}, and only {_from(quiet.window.at_least)} interrupts"
    )
    return Hold(gate=Gate.QUIET_HOURS, why=why, until=quiet.until)


def _from(severity: Severity) -> str:
    """`critical or above`, or the highest alone."""
    return severity.label if severity is max(Severity) else f"{severity.label} or above"


def _planned(firing: Sequence[Alert], planned: Sequence[Planned], zone: ZoneInfo, now: datetime) -> Hold | None:
    if any(alert.evidence.claim is not None or Effect.HARM in alert.effects for alert in firing):
        return None  # nobody plans a claim, or that people come to harm
    for event in planned:
        if event.since <= now < event.until and _all_of(firing, event.detectors):
            counted = [_within_the_bar(alert, event.times) for alert in firing]
            if all(words is not None for words in counted):
                why = (
                    f"planned until {_local(event.until, zone)}: {event.reason}; up to {event.times:g} times the usual "
                    f"is expected, and this is {counted[0]}"
                )
                return Hold(gate=Gate.PLANNED, why=why, until=event.until)
    return None


def _within_the_bar(alert: Alert, times: float) -> str | None:
    """The count in words where it is below so many times the usual; None where it is not, or nobody knows."""
    mentions, usual = alert.evidence.mentions, alert.evidence.usual
    if usual is None or usual <= 0 or mentions >= times * usual:
        return None
    said = f"{usual:,.0f}" if usual >= 10 else f"{usual:.1f}"
    return f"{mentions:,} mentions where {said} are usual, {mentions / usual:.1f} times as many"


def _inhibited(story: Story, firing: Sequence[Alert], gates: Gates) -> Hold | None:
    for rule in gates.rules.inhibitions:
        if story.severity >= rule.below or not _all_of(firing, rule.detectors):
            continue
        holding = next((other for other in gates.others if _may_hold(rule, other)), None)
        if holding is not None:
            why = (
                f"the {holding.severity.label} {holding.detector} in story {holding.story} fires, and while it does, "
                f"{' and '.join(rule.detectors)} below {rule.below.label} interrupts nobody; this is "
                f"{story.severity.label}"
            )
            return Hold(gate=Gate.INHIBITED, why=why)
    return None


def _all_of(firing: Sequence[Alert], detectors: Sequence[str] | None) -> bool:
    return detectors is None or (bool(firing) and all(alert.detector in detectors for alert in firing))


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %-d %b %Y %H:%M} ({zone.key})"
