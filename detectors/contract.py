"""The contract of a detector: what its author writes, and what is promised in return.

A detector is one file in this package (or in another distribution, by the entry point `groundswell.detectors`) with one
class, and one test file. Its `Params` are its config, its `State` is all that it remembers. It is told mentions by
`observe` and the time by `advance`; it never asks a clock, a file or a network.

The conformance suite (detectors/conformance/) holds every registered detector to these promises:

- the same input gives the same output;
- the order of mentions within the lateness does not matter;
- the future does not change the past;
- a restart at any point changes nothing: the state round-trips through bytes;
- the size of the steps in which time advances does not matter;
- what `peek` says is never taken back;
- the state is bounded;
- it is silent while it learns what is normal;
- its evidence renders.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from detectors.detection import Audience, Detection
from detectors.known_claim import KnownClaim
from detectors.mention import Mention
from detectors.narratives.clustering.calibration import Calibration


class MonitorContext(Struct, frozen=True, kw_only=True):
    """What a detector is told of the monitor it works for."""

    timezone: ZoneInfo = ZoneInfo("UTC")
    """Where the monitor's audience lives: seasons of the day follow its clock."""
    lateness: timedelta = timedelta(seconds=30)
    """How far behind the newest mention the watermark stands."""
    claims: tuple[KnownClaim, ...] = ()
    """With their vectors. Files of claims are read again while a worker runs: see `Detector.context`."""
    calibrations: tuple[Calibration, ...] = ()
    """Of the models and languages whose vectors may be compared. None: all may, by the thresholds of the reference."""


_DIAL = {"low": "a month", "medium": "a week", "high": "a day"}


class Detector(ABC):
    """Mentions in, detections out; see the module for the promises.

    Subclasses are registered with `@detector("name")`. `state` is the only thing that changes, and is replaced by what
    was saved when a worker takes over. Fields of `State` that are a `dict[str, X]` are saved one row per entry, and
    only the entries that changed: keep there what is large.
    """

    name: ClassVar[str]
    Params: ClassVar[type[Any]]
    """A frozen `Struct` that forbids unknown fields; each field has a description and a default."""
    State: ClassVar[type[Any]]
    """A `Struct` that builds itself without arguments and round-trips through MessagePack."""
    reads_vectors: ClassVar[bool] = False
    """Whether it needs the mentions' texts encoded: a monitor none of whose detectors does costs no encoding."""
    learns_for: ClassVar[timedelta] = timedelta(0)
    """How long after its first mention it says nothing yet; zero where it compares with nothing usual."""
    audience: ClassVar[Audience] = Audience.PUBLIC
    """Whom all it finds concerns; for those who run the system it must bear `Effect.OPERATIONS`, and else never."""
    version: ClassVar[int] = 1
    """Raise it when the meaning of the state changes: what was saved before is then learned anew, never guessed."""

    context: MonitorContext
    """Replaced between two steps where the known claims change, and in nothing else: what is made of the claims must
    be made anew when it is found to be of others."""
    params: Any
    state: Any

    def __init__(self, context: MonitorContext, params: Struct, state: Struct | None = None) -> None:
        self.context = context
        self.params = params
        self.state = self.State() if state is None else state

    def models(self) -> Sequence[str]:
        """The models (as `Encoding.model`) whose vectors it remembers, to compare what comes with them."""
        return ()

    @classmethod
    def false_alerts(cls, params: Any) -> str:
        """How many false alerts a monitor costs with these parameters, in words; empty where nobody knows.

        What each value of `sensitivity` is meant to be, unless a detector was measured and says more.
        """
        often = _DIAL.get(getattr(params, "sensitivity", ""))
        return f"about one false alert {often}" if often else ""

    @abstractmethod
    def observe(self, mention: Mention) -> None:
        """Take in one mention that is no repeat and no heartbeat. It may be late: at or behind the watermark."""

    @abstractmethod
    def advance(self, watermark: datetime) -> Sequence[Detection]:
        """What is certain now that no mention before `watermark` is to be expected any more.

        Called with a watermark that never falls. Each detection is given once, oldest first.
        """

    def peek(self, now: datetime) -> Sequence[Detection]:
        """What is certain already, though mentions up to `now` may still be missing.

        Only what no further mention can take back. A detection given here is not given again by `advance`, and without
        any call of `peek` the very same detections come from `advance`: the two differ in when, not in what. `now` is
        the greatest event time heard, plus the time passed since.
        """
        return ()

    def usual(self, start: datetime, end: datetime) -> float | None:
        """How many mentions would be usual between two moments near the watermark; None where it has no idea.

        For charts and reports: it changes nothing, and nothing is decided by it.
        """
        return None
