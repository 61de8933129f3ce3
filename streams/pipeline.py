"""What one monitor does with its mentions: drop repeats, run the detectors, feed the alert dispatcher.

The same code runs in the live workers, in the backtest and in the tests. It is a pure function of the mentions and the
stream times that it is given: it asks no clock, and all that it remembers can be taken out as rows and put back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field, structs

from alerting import outcome as dispatching
from alerting.action import Action
from alerting.alert import Alert, Notification, Story
from alerting.decision import Decision
from alerting.dispatcher import Dispatcher, DispatcherSettings, DispatcherState
from alerting.outcome import Suppression
from alerting.precision import Precision
from detectors.contract import Detector, MonitorContext
from detectors.detection import Audience, Detection, detection_id
from detectors.known_claim import KnownClaim
from detectors.mention import Mention
from detectors.snapshot import Rows, SnapshotMismatch, restore, rows_of, snapshot, state_from
from streams.heard_ids import HeardIds

REMEMBER_IDS = timedelta(hours=12)
"""How long, in event time, ids are remembered. What is later than this cannot be told from a repeat and is only
counted: the detectors have no use for it either."""
VERSION = 1


class Monitor(Struct, frozen=True, kw_only=True):
    """What is watched and for whom, ready to run."""

    name: str
    context: MonitorContext
    detectors: tuple[tuple[type[Detector], Struct], ...]
    """Each with its parameters."""
    dispatching: DispatcherSettings
    forgets: tuple[str, ...] = ()
    """Models whose vectors need not be kept: see `streams.settings.config.Encoder`."""

    @property
    def reads_vectors(self) -> bool:
        """Whether any of its detectors needs the texts encoded."""
        return any(cls.reads_vectors for cls, _ in self.detectors)

    def with_claims(self, claims: tuple[KnownClaim, ...]) -> "Monitor":
        """The same with these known claims, which carry their vectors."""
        return structs.replace(self, context=structs.replace(self.context, claims=claims))


class ModelChanged(Exception):  # noqa: N818 - the house names errors for what is wrong
    """What is saved holds vectors of a model that is not the one that the config names: they cannot be compared."""

    def __init__(self, monitor: str, models: Sequence[str], now: str) -> None:
        self.models = models
        super().__init__(
            f"what is saved of the monitor {monitor} holds narratives of the model {' and '.join(models)}; the config "
            f"says {now}, whose vectors cannot be compared with theirs"
        )


class Outcome(Struct, kw_only=True):
    """All that followed from one step, in the order in which it followed."""

    detections: list[tuple[str, Detection]] = []
    """With their ids."""
    alerts: list[Alert] = []
    """Each whose state changed, as it is now."""
    stories: list[Story] = []
    """Likewise."""
    forgotten: list[str] = []
    """Ids of stories that are not remembered any more."""
    notifications: list[Notification] = []
    decisions: list[Decision] = []
    """Why each of these was told or held, and why others hear nothing."""
    heard: int = 0
    """Mentions that the detectors were given."""
    repeats: int = 0
    late: int = 0
    """Mentions that came behind the watermark; the detectors were given them all the same."""
    too_late: int = 0
    """Mentions too late to be told from repeats; nobody was given them."""
    suppressed: Counter[Suppression] = field(default_factory=Counter)
    """Detections that led to nothing, or to less, by why."""


class State(Struct, kw_only=True):
    """What the pipeline itself remembers, beside its detectors and its dispatcher."""

    seen: dict[str, bytearray] = {}
    """The ids heard: see `streams/heard_ids.py`."""
    watermark: datetime | None = None
    heard_at: datetime | None = None
    """Arrival of the newest mention."""


class Pipeline:
    """One monitor at work.

    Args:
        monitor: What to do.
        rows: What `rows` gave, to go on from there. Parts of another version, or learned with other parameters, are
            left out and learned anew; `warmed_up` names them.
    """

    def __init__(self, monitor: Monitor, rows: Mapping[str, bytes] | None = None) -> None:
        self.monitor = monitor
        self.warmed_up: list[str] = []
        parts = _parts(rows or {})
        self._state = self._restored_state(parts.get("pipeline"))
        self._ids = HeardIds(self._state.seen)
        self._detectors = [self._restored_detector(cls, params, parts) for cls, params in monitor.detectors]
        self._dispatcher = self._restored_dispatcher(parts.get("alerts"))

    def observe(self, mentions: Sequence[Mention], now: datetime | None) -> Outcome:
        """Take in mentions as they came.

        Args:
            mentions: In any order; behind the lateness they count as late.
            now: Stream time, these mentions included; None while it is not known yet.
        """
        outcome = Outcome()
        for mention in mentions:
            self._take_in(mention, now, outcome)
        self._judge(now, outcome)
        return outcome

    def count(self, mention: Mention, times: int, now: datetime) -> Outcome:
        """Take in mentions of which only the number is known: all are like `mention`, and none is a repeat.

        Args:
            mention: Not before the watermark.
            times: How many, from 0.
            now: Stream time, these mentions included.
        """
        outcome = Outcome(heard=times)
        if times:
            self._state.heard_at = now
        for detector in self._detectors:
            for _ in range(times):
                detector.observe(mention)
        self._judge(now, outcome)
        return outcome

    def advance(self, now: datetime | None) -> Outcome:
        """Take in that stream time went on."""
        outcome = Outcome()
        self._judge(now, outcome)
        return outcome

    def act(self, action: Action) -> Outcome:
        """Take in what a person did about a story, and tell those who should know."""
        outcome = Outcome()
        self._tell(self._dispatcher.act(action), outcome)
        return outcome

    def rest(self, now: datetime) -> Outcome:
        """As `advance`, behind the end of a recording: that nothing more comes there is no silence to tell of."""
        outcome = Outcome()
        self._judge(now, outcome, [each for each in self._detectors if each.audience is not Audience.OPERATIONS])
        return outcome

    @property
    def watermark(self) -> datetime | None:
        """No mention before this is to be expected any more."""
        return self._state.watermark

    def usual(self, start: datetime, end: datetime) -> float | None:
        """How many mentions would be usual between two moments near the watermark; None where no detector knows."""
        said = (detector.usual(start, end) for detector in self._detectors)
        return next((usual for usual in said if usual is not None), None)

    @property
    def detectors(self) -> Sequence[Detector]:
        """As they are now: to be looked at, and not to be fed."""
        return self._detectors

    def replace_claims(self, claims: tuple[KnownClaim, ...]) -> None:
        """Go on with these known claims, which carry their vectors: the next step compares what is open with them."""
        self.monitor = self.monitor.with_claims(claims)
        for detector in self._detectors:
            detector.context = self.monitor.context

    def open_alerts(self) -> Sequence[Alert]:
        """Those that fire."""
        return self._dispatcher.firing

    def verdicts(self) -> Sequence[Precision]:
        """What people thought of what was told, by detector."""
        return self._dispatcher.verdicts

    def rows(self) -> Rows:
        """All that is remembered; the same state gives the same bytes."""
        rows = {f"pipeline|{name}": row for name, row in rows_of(self._state, version=VERSION).items()}
        for detector in self._detectors:
            rows |= {f"{detector.name}|{name}": row for name, row in snapshot(detector).items()}
        saved = rows_of(self._dispatcher.state, version=Dispatcher.version)
        return rows | {f"alerts|{name}": row for name, row in saved.items()}

    def _take_in(self, mention: Mention, now: datetime | None, outcome: Outcome) -> None:
        if mention.synthetic:
            return
        if mention.clock_ahead and now is not None and mention.at > now:
            # Its own time is worth nothing; in a recording its arrival is not either.
            mention = structs.replace(mention, at=now)
        watermark = self._state.watermark
        if watermark is not None and mention.at < watermark - REMEMBER_IDS:
            outcome.too_late += 1
            return
        if not self._ids.take(mention.id, mention.at):
            outcome.repeats += 1
            return
        if watermark is not None and mention.at < watermark:
            outcome.late += 1
        arrived_at = mention.arrived_at or mention.at
        if self._state.heard_at is None or arrived_at > self._state.heard_at:
            self._state.heard_at = arrived_at
        outcome.heard += 1
        for detector in self._detectors:
            detector.observe(mention)

    def _judge(self, now: datetime | None, outcome: Outcome, detectors: Sequence[Detector] | None = None) -> None:
        if now is None:
            return
        detectors = self._detectors if detectors is None else detectors
        watermark = now - self.monitor.context.lateness
        detections: list[Detection] = []
        if self._state.watermark is None or watermark > self._state.watermark:
            self._state.watermark = watermark
            self._ids.forget_before(watermark - REMEMBER_IDS)
            for detector in detectors:
                detections += detector.advance(watermark)
        for detector in detectors:
            detections += detector.peek(now)
        # Of what is found at the same moment the largest comes first: a rise is told with the narrative that makes it.
        for detection in sorted(detections, key=lambda each: (each.at, -each.evidence.mentions)):
            outcome.detections.append((detection_id(self.monitor.name, detection), detection))
            self._tell(self._dispatcher.observe(detection, self._state.heard_at or detection.at), outcome)
        self._tell(self._dispatcher.advance(now), outcome)

    @staticmethod
    def _tell(decided: dispatching.Outcome, outcome: Outcome) -> None:
        outcome.alerts += decided.alerts
        outcome.stories += decided.stories
        outcome.forgotten += decided.forgotten
        outcome.notifications += decided.notifications
        outcome.decisions += decided.decisions
        outcome.suppressed.update(decided.suppressed)

    def _restored_state(self, rows: Mapping[str, bytes] | None) -> State:
        if rows is not None:
            try:
                return state_from(State, rows, version=VERSION)
            except SnapshotMismatch as mismatch:
                self.warmed_up.append(f"pipeline: {mismatch}")
        return State()

    def _restored_detector(
        self, cls: type[Detector], params: Struct, parts: Mapping[str, Mapping[str, bytes]]
    ) -> Detector:
        if cls.name in parts:
            try:
                detector = restore(cls, self.monitor.context, params, parts[cls.name])
                if not (others := self._other_models(detector)):
                    return detector
                self.warmed_up.append(f"{cls.name}: it was learned with {' and '.join(others)}")
            except SnapshotMismatch as mismatch:
                self.warmed_up.append(f"{cls.name}: {mismatch}")
        return cls(self.monitor.context, params)

    def _other_models(self, detector: Detector) -> list[str]:
        """Those that it remembers vectors of, and that may be forgotten. Raises `ModelChanged` where one may not."""
        known = {each.model for each in self.monitor.context.calibrations}
        others = [model for model in detector.models() if known and model not in known]
        if set(others) - set(self.monitor.forgets):
            raise ModelChanged(self.monitor.name, others, " and ".join(sorted(known)))
        return others

    def _restored_dispatcher(self, rows: Mapping[str, bytes] | None) -> Dispatcher:
        if rows is not None:
            try:
                state = state_from(DispatcherState, rows, version=Dispatcher.version)
                return Dispatcher(self.monitor.dispatching, state)
            except SnapshotMismatch as mismatch:
                self.warmed_up.append(f"alerts: {mismatch}")
        return Dispatcher(self.monitor.dispatching)


def _parts(rows: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    parts: dict[str, dict[str, bytes]] = {}
    for name, row in rows.items():
        part, _, rest = name.partition("|")
        parts.setdefault(part, {})[rest] = row
    return parts
