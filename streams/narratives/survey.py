"""The narratives of a recording: those that were told, as their alerts ended, and those that were only heard."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from alerting.alert import Alert
from alerting.risk import risk_of
from detectors.detection import Detection, Evidence
from detectors.mention import Moment
from detectors.narrative import NarrativeDetector
from detectors.narratives.state import WordingState
from streams.backtest.choosing import CannotChoose
from streams.backtest.known import Known
from streams.backtest.run import Backtest, Report
from streams.backtest.series import Series
from streams.settings.config import Config
from streams.stages.starting import backtest_with

_HEARD_FROM = 3
"""Authors: what fewer say is no story yet."""


class Surveyed(Struct, frozen=True, kw_only=True):
    """One narrative."""

    monitor: str
    subject: str
    told: Known | None
    """Its worst alert, as it was when it ended; None where nobody was told."""
    told_at: Moment | None = None
    """When it was told for the first time, by the recording's clock."""
    began_at: Moment | None = None
    """When what was told first began."""
    heard: Detection | None
    """As it would have been told when it was last seen; None where it was told."""

    @property
    def alert(self) -> Alert | None:
        return self.told.alert if self.told else None

    @property
    def evidence(self) -> Evidence:
        return self.alert.evidence if self.alert is not None else self._detection.evidence

    @property
    def kind(self) -> str:
        return self.alert.kind if self.alert is not None else self._detection.kind

    @property
    def score(self) -> float:
        return self.alert.score if self.alert is not None else self._detection.score

    @property
    def risk(self) -> int | None:
        """As a story of its own it would have this risk, from 0 to 100; None where nobody was told."""
        return None if self.alert is None else risk_of(self.alert.severity, [self.alert])

    @property
    def rank(self) -> tuple[int, float, int]:
        """What it is ranked by: risk (-1 where untold), score, mentions."""
        return -1 if self.risk is None else self.risk, self.score, self.evidence.mentions

    @property
    def _detection(self) -> Detection:
        assert self.heard is not None, "a narrative was told or heard"
        return self.heard


class Survey(Struct, frozen=True):
    """What was found."""

    report: Report
    narratives: tuple[Surveyed, ...]
    """The most pressing first."""

    def timezone(self, monitor: str) -> ZoneInfo:
        return self.report.series.get(monitor, Series()).timezone


def only_narratives(config: Config, path: Path) -> Config:
    """The config with those monitors and detectors alone that follow narratives. Raises `CannotChoose`."""
    name = NarrativeDetector.name
    monitors = tuple(
        structs.replace(monitor, detectors={name: monitor.detectors[name]})
        for monitor in config.monitors
        if name in monitor.detectors
    )
    if not monitors:
        raise CannotChoose(f'{path}: no monitor has the detector "{name}": add `{name}: {{}}` to its detectors')
    return structs.replace(config, monitors=monitors)


def survey(
    config: Config,
    folder: Path,
    lines: Iterable[bytes],
    progress: Callable[[int], None] = lambda lines: None,
    path: object = "CONFIG",
) -> Survey:
    """Run the narratives of a config over lines of mentions. Raises `ConfigError`, `EncoderUnavailable`, `OSError`.

    Args:
        config: As `only_narratives` gives it.
        folder: Where its relative paths begin.
        lines: Mentions as JSON.
        progress: Is told how many lines were read.
        path: The config's file, to be named in a command that would help.
    """
    backtest = backtest_with(config, folder, path=path)
    listener = Listener(backtest)

    def look(lines: int) -> None:
        listener.look()
        progress(lines)

    report = backtest.run(lines, look)
    listener.look()
    told = _told(report)
    gone = {(each.alert.monitor, each.alert.subject) for each in report.known if each.alert.successor is not None}
    found = [
        *(_surveyed(firings) for firings in told.values()),
        *(
            Surveyed(monitor=each[0], subject=each[1], told=None, heard=detection)
            for each, detection in listener.heard().items()
            if each not in told and each not in gone
        ),
    ]
    return Survey(report, tuple(sorted(found, key=lambda each: (each.rank, each.subject), reverse=True)))


class Listener:
    """Remembers the narratives that several people tell, also when the detectors have forgotten them."""

    def __init__(self, backtest: Backtest) -> None:
        self._detectors = {
            name: detector
            for name, pipeline in backtest.pipelines.items()
            for detector in pipeline.detectors
            if isinstance(detector, NarrativeDetector)
        }
        self._newest: dict[tuple[str, str], tuple[Detection, WordingState]] = {}
        """By monitor and narrative; with a wording of it, which names the narrative that it belongs to in the end."""

    def look(self) -> None:
        """Sees how far each has come."""
        for name, detector in self._detectors.items():
            wording_of = {wording.narrative: wording for wording in detector.state.wordings.values()}
            for each in detector.survey(authors=_HEARD_FROM):
                self._newest[name, each.subject] = each, wording_of[each.subject]

    def heard(self) -> dict[tuple[str, str], Detection]:
        """Each as it was when it was last seen; of those that became a part of another one, only the other."""
        return {
            (monitor, narrative): detection
            for (monitor, narrative), (detection, wording) in self._newest.items()
            if wording.narrative == narrative or narrative in self._detectors[monitor].state.narratives
        }


def _told(report: Report) -> dict[tuple[str, str], list[Known]]:
    """The firings of each narrative's alert; of those that went on in another one, only the other's."""
    told: dict[tuple[str, str], list[Known]] = defaultdict(list)
    for known in report.known:
        if known.alert.subject and known.alert.successor is None and not known.is_for_operations:
            told[known.alert.monitor, known.alert.subject].append(known)
    return told


def _surveyed(firings: Sequence[Known]) -> Surveyed:
    """Of one narrative's firings the worst, and when the first was told."""
    first = min(firings, key=lambda known: known.known_at)
    worst = max(firings, key=lambda known: (known.alert.severity, known.alert.score, known.alert.last_at))
    alert = worst.alert
    return Surveyed(
        monitor=alert.monitor,
        subject=alert.subject,
        told=worst,
        told_at=first.known_at,
        began_at=first.began_at,
        heard=None,
    )
