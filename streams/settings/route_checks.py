"""Whether routes name what exists, each can be reached, and the last one takes what is left."""

from collections.abc import Collection, Mapping, Sequence
from itertools import product

from msgspec.structs import replace

from detectors.contract import Detector
from detectors.detection import Audience
from streams.settings.config import Config, MonitorSettings, Route, severity
from streams.settings.duration import spell
from streams.settings.problem import did_you_mean, quoted
from streams.settings.strict_yaml import Reader

Pair = tuple[str, str, Audience]
"""A monitor, a detector that it runs, and whom that tells."""


def check_routes(
    config: Config,
    *,
    receivers: Collection[str],
    monitors: Collection[str],
    detectors: Mapping[str, type[Detector]],
    reader: Reader,
) -> None:
    """Report what is wrong; the collections hold the names that exist."""
    pairs = _pairs(config.monitors, detectors)
    for at, route in enumerate(config.routes):
        known: dict[str, Collection[str]] = {"receivers": receivers, "monitors": monitors, "detectors": detectors}
        wrong = [field for field, names in known.items() if not _names_exist(route, field, names, reader)]
        if not wrong and not reader.is_broken(route):
            _can_be_reached(at, config, pairs, reader)
        _reminds_rarely(route, reader)
    _take_what_is_left(config.routes, pairs, reader)


def covers(route: Route, monitor: str, detector: str, audience: Audience) -> bool:
    """Whether a story of this monitor with an alert of this detector, which tells this audience, may match the route.

    Its severity aside.
    """
    return (
        (route.monitors is None or monitor in route.monitors)
        and (route.detectors is None or detector in route.detectors)
        and Audience(route.audience) is audience
    )


def _names_exist(route: Route, field: str, known: Collection[str], reader: Reader) -> bool:
    names: tuple[str, ...] = getattr(route, field) or ()
    fine = True
    for at, name in enumerate(names):
        if name not in known:
            kind = field.removesuffix("s")
            text = f"no {kind} is called {quoted(name)}{did_you_mean(name, known) or _expected(known)}"
            reader.report_field(route, field, text, at)
            fine = False
        elif name in names[:at]:
            reader.report_field(route, field, f"{quoted(name)} stands here twice; expected once", at)
            fine = False
    if names == () and getattr(route, field) is not None and field != "receivers":
        reader.report_field(route, field, f'"{field}" is empty, so nothing matches; leave it out to match all')
        fine = False
    return fine


def _expected(known: Collection[str]) -> str:
    return f"; expected one of {', '.join(sorted(known)[:12])}" if known else ""


def _can_be_reached(at: int, config: Config, pairs: Collection[Pair], reader: Reader) -> None:
    """A route matches pairs of a monitor and a detector that it runs; an earlier route may take each of them."""
    route = config.routes[at]
    everywhere, pairs = pairs, [pair for pair in pairs if covers(route, *pair)]
    if not pairs:
        reader.report(reader.line(route), f"this route never matches: {_why_unreached(route, everywhere)}")
        return
    earlier = [e for e in config.routes[:at] if severity(e.at_least) <= severity(route.at_least)]
    takers = [next((e for e in earlier if covers(e, *pair)), None) for pair in pairs]
    if all(taker is not None for taker in takers):
        lines = sorted({reader.line(taker) for taker in takers if taker is not None})
        named = " and ".join(f"line {line}" for line in lines)
        routes = "the route in" if len(lines) == 1 else "the routes in"
        reader.report(
            reader.line(route),
            f"this route never matches: {routes} {named} come{'s' if len(lines) == 1 else ''} first and "
            f"take{'s' if len(lines) == 1 else ''} all that it would; put the special routes before the general ones",
        )


def _why_unreached(route: Route, pairs: Collection[Pair]) -> str:
    others = [audience for audience in Audience if audience is not Audience(route.audience)]
    if not any(covers(replace(route, audience=audience.value), *pair) for audience in others for pair in pairs):
        return "none of its monitors runs one of its detectors"
    if Audience(route.audience) is Audience.OPERATIONS:
        return 'none of its detectors tells those who run the system, as "silence" does; take out "audience"'
    return 'its detectors tell those who run the system; add "audience: operations"'


def _pairs(monitors: Collection[MonitorSettings], known: Mapping[str, type[Detector]]) -> list[Pair]:
    """Each monitor with each detector that it runs."""
    named = [pair for monitor in monitors for pair in product((monitor.name,), monitor.detectors)]
    return [(monitor, name, known[name].audience) for monitor, name in named if name in known]


def _reminds_rarely(route: Route, reader: Reader) -> None:
    if route.remind_every is not None and not route.remind_every:
        text = '"remind_every" is no time at all, so reminders would never end; expected for example 4h'
        reader.report_field(route, "remind_every", text)
    elif route.remind_every is not None and route.remind_every < route.update_every:
        remind, update = spell(route.remind_every), spell(route.update_every)
        text = f'"remind_every" is {remind}; expected at least "update_every", which is {update}'
        reader.report_field(route, "remind_every", text)


def _take_what_is_left(routes: Sequence[Route], pairs: Collection[Pair], reader: Reader) -> None:
    """Of the routes for the public; whether engineers are told of anything at all is theirs to decide."""
    if any(reader.is_broken(route, "audience") for route in routes):
        return
    of_public = [route for route in routes if Audience(route.audience) is Audience.PUBLIC]
    if of_public:
        if not reader.is_broken(of_public[-1]):
            _matches_all(of_public[-1], reader)
    elif routes and any(audience is Audience.PUBLIC for _, _, audience in pairs):
        text = "no route is for the public's stories; add one with only receivers"
        reader.report(reader.line(routes[-1]), text)


def _matches_all(route: Route, reader: Reader) -> None:
    conditions: Mapping[str, bool] = {
        "monitors": route.monitors is not None,
        "detectors": route.detectors is not None,
        "at_least": route.at_least != "info",
    }
    given = " and ".join(f'"{name}"' for name, is_given in conditions.items() if is_given)
    if given:
        text = f"the last route must match every story; take out {given}, or add a route with only receivers after it"
        reader.report(reader.line(route), text)
