"""What a config would have said about a recording: the live pipelines, without a broker.

Mentions are taken in file order in small steps of event time; when the recording ends, time goes on until everything
that fires has come to rest. The alerts are those of the live workers, by fingerprint, start and severity.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from msgspec import Struct, field, structs
from threadpoolctl import threadpool_limits

from alerting.alert import Alert, Notification
from detectors.detection import Detection, Effect
from detectors.mention import Mention
from detectors.volume.bins import bin_of
from streams.backtest.counts import Counts, Piece
from streams.backtest.known import Known, known
from streams.backtest.series import Series
from streams.ingesting import LONGEST_RECORDING
from streams.monitors import JUDGED_WITHIN
from streams.pipeline import REMEMBER_IDS, Monitor, Outcome, Pipeline
from streams.reading import Malformed, read_mention
from streams.stages.match import Encodes, Matches

CHUNK = 512
"""Lines that are read, matched and encoded together."""
STEP = timedelta(minutes=1)
"""Event time that passes between two looks at the detectors; they promise that its size does not show in the alerts."""
REST = timedelta(minutes=1)
COUNTED = "counts"
"""The channel of mentions of which only the number is known."""


class Level(Struct, frozen=True, kw_only=True):
    """The first detection of an episode, or of a new level of it."""

    monitor: str
    detector: str
    subject: str
    starts_at: datetime
    level: int
    at: datetime
    """What it is about, by event time."""
    known_at: datetime
    """The stream time at which it was found."""


class Report(Struct, kw_only=True):
    """What happened."""

    lines: int = 0
    """Of mentions, or rows of counts."""
    mentions: int = 0
    matches: Counter[str] = field(default_factory=Counter)
    """By monitor."""
    detectors: dict[str, tuple[str, ...]] = {}
    """Names of those that ran, by monitor."""
    malformed: Counter[str] = field(default_factory=Counter)
    """By reason."""
    known: list[Known] = []
    """Each firing of an alert, by when what it tells began."""
    changes: list[Alert] = []
    """All that the live workers would have published, in order."""
    changed_at: list[datetime] = []
    """Of each of `changes` the stream time at which it was published."""
    levels: list[Level] = []
    """All but those that tell operators of the system itself, in order."""
    notifications: list[Notification] = []
    series: dict[str, Series] = {}
    """By monitor."""
    repeats: int = 0
    late: int = 0
    too_late: int = 0
    clocks_ahead: int = 0
    """Mentions that claim to be from the future: their times are not believed."""
    first: datetime | None = None
    """The earliest time, of those that were not too late to count."""
    last: datetime | None = None

    @property
    def alerts(self) -> list[Alert]:
        """Each firing as it was when it ended."""
        return [each.alert for each in self.known]


class Backtest:
    """Runs monitors over lines.

    Args:
        monitors: What to run.
        matcher: Knows their queries.
        encoder: None where no monitor reads vectors.
        started_at: When this happens: what claims to be later has a clock that runs ahead.
    """

    def __init__(
        self, monitors: Sequence[Monitor], matcher: Matches, encoder: Encodes | None, started_at: datetime
    ) -> None:
        self._monitors = monitors
        self._pipelines = {monitor.name: Pipeline(monitor) for monitor in monitors}
        self._readers = {monitor.name for monitor in monitors if monitor.reads_vectors}
        self._matcher = matcher
        self._encoder = encoder
        self._started_at = started_at
        self._now: datetime | None = None
        running = {monitor.name: tuple(cls.name for cls, _ in monitor.detectors) for monitor in monitors}
        self._report = Report(detectors=running)
        self._levels: set[tuple[str, str, str, datetime, int]] = set()

    @property
    def pipelines(self) -> Mapping[str, Pipeline]:
        """By the name of their monitor, as they are now."""
        return self._pipelines

    def run(self, lines: Iterable[bytes], progress: Callable[[int], None] = lambda lines: None) -> Report:
        """Take in all lines. `progress` is told how many were read."""
        report = self._report
        with threadpool_limits(1, user_api="blas"):  # as in the worker: the matrices are small
            for chunk in _chunks(lines):
                report.lines += len(chunk)
                for step in _steps(self._matched(chunk)):
                    self._take(step)
                progress(report.lines)
        return self._rested()

    def count(self, files: Iterable[Counts], progress: Callable[[int], None] = lambda lines: None) -> Report:
        """Give every monitor all counts, whatever its query. `progress` is told how many rows were read."""
        report = self._report
        for file in files:
            for row in file.rows:
                report.lines += 1
                report.mentions += row.count
                for number, piece in enumerate(file.pieces(row)):
                    self._count(piece, f"{file.path.name}:{row.line}:{number}")
                if report.lines % CHUNK == 0:
                    progress(report.lines)
        progress(report.lines)
        return self._rested()

    def _count(self, piece: Piece, name: str) -> None:
        self._reach([piece.at])
        self._now = self._report.last = piece.known_at
        mention = Mention(id=name, channel=COUNTED, at=piece.at, text="", arrived_at=piece.known_at)
        for monitor, pipeline in self._pipelines.items():
            self._report.matches[monitor] += piece.count
            series = self._report.series.setdefault(monitor, Series())
            if piece.count:
                series.mentions[bin_of(piece.at)] += piece.count
            series.expect(pipeline, piece.at)
            self._note(monitor, pipeline.count(mention, piece.count, piece.known_at), piece.known_at)

    def _matched(self, chunk: Sequence[bytes]) -> list[tuple[Mention, Sequence[str]]]:
        found: list[tuple[Mention, Sequence[str]]] = []
        for line in chunk:
            mention = read_mention(line, self._started_at)
            if isinstance(mention, Malformed):
                self._report.malformed[mention.reason] += 1
                continue
            self._report.clocks_ahead += mention.clock_ahead
            monitors = self._matcher.matches(mention)
            found.append((self._matcher.marked(mention, monitors), monitors))
        self._report.mentions += len(found)
        return self._encoded(found)

    def _encoded(self, found: list[tuple[Mention, Sequence[str]]]) -> list[tuple[Mention, Sequence[str]]]:
        wanted = [at for at, (_, monitors) in enumerate(found) if not self._readers.isdisjoint(monitors)]
        if self._encoder is not None and wanted:
            encodings = self._encoder.encode([found[at][0] for at in wanted])
            for at, encoding in zip(wanted, encodings, strict=True):
                found[at] = structs.replace(found[at][0], encoding=encoding), found[at][1]
        return found

    def _take(self, step: Sequence[tuple[Mention, Sequence[str]]]) -> None:
        report = self._report
        times = [mention.at for mention, _ in step if not mention.clock_ahead]
        if times:
            self._reach(times)
        by_monitor: dict[str, list[Mention]] = defaultdict(list)
        for mention, monitors in step:
            for monitor in monitors:
                by_monitor[monitor].append(mention)
        for name, pipeline in self._pipelines.items():
            mentions = by_monitor.get(name, [])
            report.matches[name] += len(mentions)
            series = report.series.setdefault(name, Series())
            series.count(mentions)
            if self._now is not None:
                series.expect(pipeline, self._now)
            self._note(name, pipeline.observe(mentions, self._now), self._now)

    def _reach(self, times: Sequence[datetime]) -> None:
        """Let time go on. The recording begins with its first believable time: one mention of 1970 is not its start."""
        report, before = self._report, self._now
        now = self._now = report.last = max(*times, before or times[0])
        earliest = min(at for at in (*times, now) if at > now - REMEMBER_IDS)
        if report.first is None or before is None or now - before > LONGEST_RECORDING:
            report.first = earliest
        report.first = min(report.first, earliest)

    def _rested(self) -> Report:
        report = self._report
        for monitor in self._monitors:
            self._come_to_rest(monitor)
        report.known = known(report.changes, report.changed_at)
        return report

    def _come_to_rest(self, monitor: Monitor) -> None:
        """Nothing more is said: let time pass until what fires has ended and been told so."""
        if self._now is None:
            return
        dispatching = monitor.dispatching
        end = self._now + monitor.context.lateness + JUDGED_WITHIN + dispatching.lateness + dispatching.resolve_after
        now = self._now
        while now < end:
            now = min(now + REST, end)
            self._note(monitor.name, self._pipelines[monitor.name].rest(now), now)

    def _note(self, monitor: str, outcome: Outcome, now: datetime | None) -> None:
        report = self._report
        report.notifications += outcome.notifications
        report.repeats += outcome.repeats
        report.late += outcome.late
        report.too_late += outcome.too_late
        report.changes += outcome.alerts
        if now is not None:  # before stream time is known nothing is published
            report.changed_at += [now] * len(outcome.alerts)
            for _, detection in outcome.detections:
                self._note_level(monitor, detection, now)

    def _note_level(self, monitor: str, detection: Detection, now: datetime) -> None:
        about = (monitor, detection.detector, detection.subject, detection.starts_at, detection.level)
        if Effect.OPERATIONS in detection.effects or about in self._levels:
            return
        self._levels.add(about)
        level = Level(
            monitor=monitor,
            detector=detection.detector,
            subject=detection.subject,
            starts_at=detection.starts_at,
            level=detection.level,
            at=detection.at,
            known_at=now,
        )
        self._report.levels.append(level)


def _chunks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    lines = iter(lines)
    while chunk := list(islice(lines, CHUNK)):
        yield chunk


def _steps(
    matched: Iterable[tuple[Mention, Sequence[str]]],
) -> Iterator[list[tuple[Mention, Sequence[str]]]]:
    """Runs of mentions that were said within a minute."""
    step: list[tuple[Mention, Sequence[str]]] = []
    for each in matched:
        if step and each[0].at > step[0][0].at + STEP:
            yield step
            step = []
        step.append(each)
    if step:
        yield step
