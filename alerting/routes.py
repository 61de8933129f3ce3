"""Who hears of a story, and how often: the first route that matches says it."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct

from alerting.alert import Severity, Story
from alerting.quiet_hours import QuietWindow
from alerting.reasons import Timing
from detectors.detection import Audience


class Route(Struct, frozen=True, kw_only=True):
    """One line of a monitor's routes. The last one should match every story that is for the public's sake."""

    name: str = ""
    """As budgets, digests and explanations call it."""
    receivers: tuple[str, ...]
    detectors: tuple[str, ...] | None = None
    """A story matches that has an alert of one of them; None matches all."""
    audience: Audience = Audience.PUBLIC
    """A story matches that concerns them, and no other: a press desk is never called because a source is down."""
    at_least: Severity = Severity.INFO
    update_every: timedelta = timedelta(minutes=1)
    """Between two edits that only bring newer numbers."""
    remind_every: timedelta | None = None
    """How often a story that goes on is told anew; None is never."""
    quiet: tuple[QuietWindow, ...] = ()
    """When only what is severe enough interrupts."""
    timezone: str = "UTC"
    """Whose clock `quiet` follows: an IANA name."""

    @property
    def timing(self) -> Timing:
        """What of it `reason_to_notify` has to know."""
        return Timing(update_every=self.update_every, remind_every=self.remind_every)


def route_of(story: Story, routes: Sequence[Route]) -> Route | None:
    """The first route that matches, or None where nobody wants to hear of the story.

    A story that becomes more severe, or that another alert joins, may match another route than before.
    """
    return next((route for route in routes if _matches(route, story)), None)


def _matches(route: Route, story: Story) -> bool:
    if story.audience is not route.audience or story.severity < route.at_least:
        return False
    return route.detectors is None or any(alert.detector in route.detectors for alert in story.alerts)
