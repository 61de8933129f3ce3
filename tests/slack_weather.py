"""How a Slack goes wrong, by chance and by the clock: errors, lost answers, slow ones, storms of 429 and outages."""

import random
from collections.abc import Sequence

from msgspec import Struct


class Weather(Struct, kw_only=True):
    """Chances are of each call; times are in Slack's seconds since it began, as (from, to)."""

    error: float = 0.0
    """500, before anything was done."""
    lost: float = 0.0
    """What was asked is done, and then the connection breaks."""
    reset: float = 0.0
    """The connection breaks before anything was done."""
    slow: float = 0.0
    """It takes `slow_seconds`."""
    slow_seconds: float = 2.0
    storms: Sequence[tuple[float, float]] = ()
    """Every call is answered with 429."""
    outages: Sequence[tuple[float, float]] = ()
    """Every call breaks."""
    seed: int = 1


class Sky:
    """A weather as it comes."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self.seen: dict[str, int] = {}
        """How often each kind of it came."""
        self._chance = random.Random(weather.seed)

    def now(self, seconds: float) -> str | None:
        """What befalls a call at this time; None where it is fair."""
        kind = self._now(seconds)
        if kind is not None:
            self.seen[kind] = self.seen.get(kind, 0) + 1
        return kind

    def _now(self, seconds: float) -> str | None:
        if any(begin <= seconds < end for begin, end in self.weather.outages):
            return "outage"
        if any(begin <= seconds < end for begin, end in self.weather.storms):
            return "storm"
        drawn = self._chance.random()
        for kind in ("error", "lost", "reset", "slow"):
            drawn -= getattr(self.weather, kind)
            if drawn < 0:
                return kind
        return None
