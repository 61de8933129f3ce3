"""Each firing of each alert: as it was when it ended, and when a person could first know of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from alerting.alert import Alert, State
from detectors.detection import Effect
from detectors.mention import Moment


class Known(Struct, frozen=True, kw_only=True):
    """One firing of an alert."""

    alert: Alert
    """As it was when the firing ended."""
    known_at: Moment
    """The stream time at which the live workers would first have published it."""
    came_back_at: Moment | None = None
    """Where it fires again in an episode of which a firing was over: event time of what brought it back. Its
    `alert.starts_at` is then the beginning of the episode, long before."""

    @property
    def began_at(self) -> datetime:
        """When what is told here began: the episode, or its return."""
        return self.came_back_at or self.alert.starts_at

    @property
    def is_for_operations(self) -> bool:
        """Whether it is for those who run the system: nobody holds it against what was said in public."""
        return Effect.OPERATIONS in self.alert.effects


def known(changes: Sequence[Alert], changed_at: Sequence[datetime]) -> list[Known]:
    """All firings, by when what they tell began.

    Args:
        changes: As the pipelines publish them; those of one alert in order.
        changed_at: Of each of them the stream time.
    """
    before: dict[str, Alert] = {}
    found = []
    for place, last in firings(changes):
        earlier = before.get(last.fingerprint)
        is_back = earlier is not None and last.starts_at <= earlier.last_at
        before[last.fingerprint] = last
        came_back_at = changes[place].last_at if is_back else None
        found.append(Known(alert=last, known_at=changed_at[place], came_back_at=came_back_at))
    return sorted(found, key=lambda each: (each.began_at, each.alert.fingerprint))


def endings(changes: Iterable[Alert]) -> list[Alert]:
    """Each firing of each alert as it was last, by start."""
    return sorted((last for _, last in firings(changes)), key=lambda alert: (alert.starts_at, alert.fingerprint))


def firings(changes: Iterable[Alert]) -> list[tuple[int, Alert]]:
    """Each firing as it was last, with the place among the changes of the one that began it; by that place."""
    begun: dict[str, list[tuple[int, Alert]]] = defaultdict(list)
    for place, alert in enumerate(changes):
        of_alert = begun[alert.fingerprint]
        if of_alert and not _is_new(alert, of_alert[-1][1]):
            of_alert[-1] = of_alert[-1][0], alert
        else:
            of_alert.append((place, alert))
    return sorted((firing for of_alert in begun.values() for firing in of_alert), key=lambda firing: firing[0])


def from_its_beginning(one: Known) -> Alert:
    """The alert with the beginning of what this firing tells, for where it is drawn."""
    return replace(one.alert, starts_at=one.began_at)


def _is_new(alert: Alert, before: Alert) -> bool:
    """Whether a change begins another firing, and does not carry on or correct the one before it."""
    return before.state is State.RESOLVED and alert.detections == 1
