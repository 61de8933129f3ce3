"""What a dispatcher is told of its monitor, and all that it remembers."""

from datetime import timedelta

from msgspec import Struct, field

from alerting.firing import Firing
from alerting.gates import GateRules
from alerting.precision import Precision
from alerting.routes import Route
from alerting.story import StoryState
from detectors.mention import Moment


class DispatcherSettings(Struct, frozen=True, kw_only=True):
    """What a dispatcher is told of its monitor."""

    monitor: str
    organisation: str
    owner: str | None = None
    timezone: str = "UTC"
    """The organisation's, an IANA name: people are told times by its clock."""
    resolve_after: timedelta = timedelta(hours=2)
    """How long an alert stays firing without a further detection."""
    reopen_within: timedelta = timedelta(hours=12)
    """How soon after its end the same alert is told as one that came back. Then it is forgotten."""
    lateness: timedelta = timedelta(0)
    """How far behind the clock that `advance` is given a detection may still come; alerts end that much later."""
    routes: tuple[Route, ...] = ()
    """Those that this monitor takes, in order."""
    gates: GateRules = GateRules()
    """What may hold a telling back, beside the routes' quiet hours and what people muted."""
    most_open: int = 100
    """So many alerts may fire at once, and so many that ended are remembered."""


class DispatcherState(Struct, kw_only=True):
    """All that a dispatcher remembers; it round-trips through MessagePack."""

    now: Moment | None = None
    """The greatest moment it was told of."""
    alerts: dict[str, Firing] = field(default_factory=dict)
    """By fingerprint."""
    stories: dict[str, StoryState] = field(default_factory=dict)
    """By id."""
    verdicts: dict[str, Precision] = field(default_factory=dict)
    """What people ever thought of what was told, by detector."""
