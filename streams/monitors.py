"""A config's monitors, ready to run: with their detectors, their claims and the routes that are theirs."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from alerting.dispatcher import DispatcherSettings
from alerting.routes import Route
from detectors.contract import MonitorContext
from detectors.detection import Audience
from detectors.known_claim import KnownClaim
from detectors.narratives.clustering.calibration import Calibration
from detectors.registry import load_detectors
from streams.pipeline import Monitor
from streams.settings import config as settings
from streams.settings.config import Config, MonitorSettings

JUDGED_WITHIN = timedelta(minutes=10)
"""How much older than the watermark a detection may be: it is dated by the beginning of what it is about, which is at
most a bin and a step of time before the moment at which it is certain."""


def monitors(
    config: Config, claims: Sequence[KnownClaim], calibrations: Sequence[Calibration] = ()
) -> tuple[Monitor, ...]:
    """All of them, in the config's order. The claims carry their vectors already; the calibrations are the model's."""
    return tuple(_monitor(config, monitor, tuple(claims), tuple(calibrations)) for monitor in config.monitors)


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
            owner=monitor.owner,
            resolve_after=monitor.resolve_after,
            reopen_within=monitor.reopen_within,
            lateness=monitor.lateness + JUDGED_WITHIN,
            routes=tuple(
                _route(route, number) for number, route in enumerate(config.routes, start=1) if _is_for(route, monitor)
            ),
        ),
        forgets=config.encoder.forget,
    )


def _is_for(route: settings.Route, monitor: MonitorSettings) -> bool:
    return route.monitors is None or monitor.name in route.monitors


def route_name(route: settings.Route, number: int) -> str:
    """What a route is called: its own name, or by its place among the config's routes, from 1."""
    return route.name or f"route-{number}"


def _route(route: settings.Route, number: int) -> Route:
    return Route(
        name=route_name(route, number),
        receivers=route.receivers,
        detectors=route.detectors,
        audience=Audience(route.audience),
        at_least=settings.severity(route.at_least),
        update_every=route.update_every,
        remind_every=route.remind_every,
    )
