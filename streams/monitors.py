"""A config's monitors, ready to run: with their detectors, their claims and the routes that are theirs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from alerting.dispatcher import DispatcherSettings
from alerting.gates import ConfiguredMute, GateRules, Inhibition, Planned
from alerting.quiet_hours import QuietWindow
from alerting.routes import Route
from detectors.contract import MonitorContext
from detectors.detection import Audience
from detectors.known_claim import KnownClaim
from detectors.marks import EFFECTS
from detectors.narratives.clustering.calibration import Calibration
from detectors.registry import load_detectors
from streams.pipeline import Monitor
from streams.queries.matching import Matcher
from streams.queries.query import parse
from streams.settings import config as settings
from streams.settings.config import Config, MonitorSettings
from streams.settings.gates import DAYS, QuietHours, minute_of, moment

JUDGED_WITHIN = timedelta(minutes=10)
"""How much older than the watermark a detection may be: it is dated by the beginning of what it is about, which is at
most a bin and a step of time before the moment at which it is certain."""


class _ForMonitors(Protocol):
    """A part of the config that is for some monitors, or for all."""

    @property
    def monitors(self) -> tuple[str, ...] | None: ...


def monitors(
    config: Config, claims: Sequence[KnownClaim], calibrations: Sequence[Calibration] = ()
) -> tuple[Monitor, ...]:
    """All of them, in the config's order. The claims carry their vectors already; the calibrations are the model's."""
    return tuple(_monitor(config, monitor, tuple(claims), tuple(calibrations)) for monitor in config.monitors)


def matcher(config: Config) -> Matcher:
    """Finds the monitors that a mention is for, and marks it by the words that the organisation lists."""
    listed = {name: getattr(config.organisation, name) for name in EFFECTS}
    return Matcher(
        {monitor.name: parse(monitor.query) for monitor in config.monitors},
        {name: parse(query) for name, query in listed.items() if query is not None},
    )


def _monitor(
    config: Config, monitor: MonitorSettings, claims: tuple[KnownClaim, ...], calibrations: tuple[Calibration, ...]
) -> Monitor:
    known = load_detectors()
    return Monitor(
        name=monitor.name,
        context=MonitorContext(
            timezone=ZoneInfo(monitor.timezone or config.organisation.timezone),
            lateness=monitor.lateness,
            claims=claims,
            calibrations=calibrations,
        ),
        detectors=tuple((known[name], params) for name, params in monitor.detectors.items()),
        dispatching=DispatcherSettings(
            monitor=monitor.name,
            organisation=config.organisation.name,
            timezone=config.organisation.timezone,
            owner=monitor.owner,
            resolve_after=monitor.resolve_after,
            reopen_within=monitor.reopen_within,
            lateness=monitor.lateness + JUDGED_WITHIN,
            routes=tuple(
                _route(route, number, config.organisation.timezone)
                for number, route in enumerate(config.routes, start=1)
                if _is_for(route, monitor)
            ),
            gates=_gates(config, monitor),
        ),
        forgets=config.encoder.forget,
    )


def _is_for(each: _ForMonitors, monitor: MonitorSettings) -> bool:
    return each.monitors is None or monitor.name in each.monitors


def route_name(route: settings.Route, number: int) -> str:
    """What a route is called: its own name, or by its place among the config's routes, from 1."""
    return route.name or f"route-{number}"


def _route(route: settings.Route, number: int, timezone: str) -> Route:
    return Route(
        name=route_name(route, number),
        receivers=route.receivers,
        detectors=route.detectors,
        audience=Audience(route.audience),
        at_least=settings.severity(route.at_least),
        update_every=route.update_every,
        remind_every=route.remind_every,
        quiet=tuple(map(_quiet, route.quiet)),
        timezone=route.timezone or timezone,
    )


def _quiet(hours: QuietHours) -> QuietWindow:
    return QuietWindow(
        start_minute=minute_of(hours.start),
        end_minute=minute_of(hours.end),
        days=tuple(sorted({DAYS.index(day) for day in hours.days})),
        at_least=settings.severity(hours.at_least),
    )


def _gates(config: Config, monitor: MonitorSettings) -> GateRules:
    def local(when: str) -> datetime:
        return moment(when, config.organisation.timezone)

    return GateRules(
        mutes=tuple(
            ConfiguredMute(
                detectors=mute.detectors,
                since=None if mute.start is None else local(mute.start),
                until=local(mute.end),
                reason=mute.reason,
            )
            for mute in config.mutes
            if _is_for(mute, monitor)
        ),
        planned=tuple(
            Planned(
                detectors=event.detectors,
                since=local(event.start),
                until=local(event.end),
                times=event.times,
                reason=event.reason,
            )
            for event in config.planned
            if _is_for(event, monitor)
        ),
        inhibitions=tuple(
            Inhibition(
                by_detectors=rule.by.detectors,
                at_least=settings.severity(rule.by.at_least),
                detectors=rule.hold.detectors,
                below=settings.severity(rule.hold.below),
            )
            for rule in config.inhibit
            if _is_for(rule, monitor)
        ),
    )
