"""What each route of a config allows: how often a day it may interrupt, and when its digests come."""

from datetime import time
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerting.budget import USUAL_A_DAY
from streams.monitors import route_name
from streams.settings.config import Config


class Allowance(Struct, frozen=True, kw_only=True):
    """Of one route."""

    route: str
    receivers: tuple[str, ...]
    interrupts_a_day: int | None = USUAL_A_DAY
    """For each of its receivers; None is without limit."""
    digest: tuple[time, ...] = ()
    """The hours of its digests, by the clock of `timezone`."""
    timezone: str = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def allowances(config: Config) -> dict[str, Allowance]:
    """By the name of the route."""
    found = {}
    for number, route in enumerate(config.routes, start=1):
        name = route_name(route, number)
        found[name] = Allowance(
            route=name,
            receivers=route.receivers,
            interrupts_a_day=route.interrupts_a_day,
            digest=tuple(sorted(time.fromisoformat(hour) for hour in route.digest)),
            timezone=route.timezone or config.organisation.timezone,
        )
    return found


REMOVED = ""
"""In place of the name of a receiver that the config does not have any more."""


def watchers(config: Config) -> dict[str, tuple[str, ...]]:
    """Who is told when a receiver refuses everything: the others of those who run the system, else all others."""
    operations = {name for route in config.routes if route.audience == "operations" for name in route.receivers}
    everybody = [receiver.name for receiver in config.receivers]
    found = {}
    for refused in (*everybody, REMOVED):
        others = tuple(name for name in everybody if name != refused)
        found[refused] = tuple(name for name in others if name in operations) or others
    return found
