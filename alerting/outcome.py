"""What comes of one step of the dispatcher."""

from enum import StrEnum

from msgspec import Struct

from alerting.alert import Alert, Notification, Story
from alerting.decision import Decision


class Suppression(StrEnum):
    """Why a detection led to nothing, or to less."""

    REPEATED = "repeated"
    """It had been taken in before."""
    OUTDATED = "outdated"
    """It is older than the firing that is remembered, and no part of it."""
    TOO_MANY = "too_many"
    """`most_open` alerts fire: the least severe of them was ended for it, or it was turned away."""
    UNROUTED = "unrouted"
    """No route wants its story."""
    NO_STORY = "no_story"
    """Somebody acted on a story that is not remembered."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of one step."""

    alerts: tuple[Alert, ...] = ()
    """Those that changed, in order, as they are now."""
    stories: tuple[Story, ...] = ()
    """Those that changed, as they would be told now."""
    notifications: tuple[Notification, ...] = ()
    decisions: tuple[Decision, ...] = ()
    """Why each of these was told or held, and why others hear nothing."""
    forgotten: tuple[str, ...] = ()
    """Ids of stories that are not remembered any more."""
    suppressed: tuple[Suppression, ...] = ()
    """One entry each time."""

    def __add__(self, later: "Outcome") -> "Outcome":
        return Outcome(
            alerts=self.alerts + later.alerts,
            stories=self.stories + later.stories,
            notifications=self.notifications + later.notifications,
            decisions=self.decisions + later.decisions,
            forgotten=self.forgotten + later.forgotten,
            suppressed=self.suppressed + later.suppressed,
        )
