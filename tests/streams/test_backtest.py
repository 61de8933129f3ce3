from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from alerting.alert import Alert, Severity, State
from detectors.mention import Encoding, Mention
from streams import records
from streams.backtest.known import endings, known
from streams.backtest.run import Backtest, Report
from streams.encoding.encoder import EncoderStats
from streams.kafka.producing import Output, Producer
from streams.kafka.topics import names
from streams.monitors import monitors
from streams.pipeline import Monitor
from streams.queries.matching import Matcher
from streams.queries.query import parse
from streams.records import Source, Tick
from streams.settings.config import Config, Kafka
from streams.settings.loading import load
from streams.stages.checkpoint import Restored
from streams.stages.detect import DetectWork
from streams.stages.match import MatchStage
from streams.stages.metrics import Metrics
from tests.building import alert, time
from tests.streams.recordings import CONFIG, START, line, lines

STARTED = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    return load(path)


def matcher(config: Config) -> Matcher:
    return Matcher({monitor.name: parse(monitor.query) for monitor in config.monitors})


def report(config: Config, said: Sequence[bytes]) -> Report:
    return Backtest(monitors(config, ()), matcher(config), None, STARTED).run(said)


def test_a_rise_in_a_recording_is_one_alert_that_came_to_rest(config: Config) -> None:
    found = report(config, lines())
    (risen,) = found.alerts
    assert (risen.monitor, risen.detector, risen.state) == ("census", "volume_spike", State.RESOLVED)
    assert time("2024-03-30T05:50:00") <= risen.starts_at <= time("2024-03-30T06:10:00")
    reasons = [told.reason for told in found.notifications]
    assert (reasons[0], reasons[-1]) == ("first", "resolved")


def test_everything_in_a_recording_is_accounted_for(config: Config) -> None:
    found = report(config, lines())
    assert (found.lines, found.mentions) == (1164, 1162)
    assert found.matches == {"census": 1161, "health": 0}
    assert found.malformed == {"not_json": 1, "wrong_type": 1}
    assert (found.repeats, found.late, found.too_late) == (1, 0, 0)
    assert found.first == START


def test_each_report_counts_for_itself(config: Config) -> None:
    report(config, lines()[:50])
    assert report(config, lines()[:50]).matches == {"census": 50, "health": 0}


def test_an_empty_recording_has_no_alerts(config: Config) -> None:
    found = report(config, [])
    assert (found.lines, found.alerts, found.first) == (0, [], None)


def test_hostile_times_change_nothing(config: Config) -> None:
    odd = [line(9000, datetime(1970, 1, 1, tzinfo=UTC)), line(9001, datetime(2099, 1, 1, tzinfo=UTC))]
    said = lines()
    found = report(config, [*said[:500], *odd, *said[500:]])
    assert _outline(found.alerts) == _outline(report(config, said).alerts)
    assert (found.too_late, found.clocks_ahead) == (1, 1)


@pytest.mark.parametrize("place", [0, 1, 500])
def test_one_time_of_long_ago_is_not_where_a_recording_begins(place: int, config: Config) -> None:
    said = lines()
    found = report(config, [*said[:place], line(9000, datetime(1970, 1, 1, tzinfo=UTC)), *said[place:]])
    assert found.first == START


def _outline(alerts: Sequence[Alert]) -> list[tuple[str, datetime, Severity]]:
    return [(each.fingerprint, each.starts_at, each.severity) for each in alerts]


def test_progress_is_told_in_lines(config: Config) -> None:
    told: list[int] = []
    Backtest(monitors(config, ()), matcher(config), None, STARTED).run(lines(), told.append)
    assert told == [512, 1024, 1164]


class Counting:
    """An encoder that notes what it is given."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.stats = EncoderStats()

    def encode(self, mentions: Sequence[Mention]) -> list[Encoding]:
        self.texts += [mention.text for mention in mentions]
        return [Encoding(model="m", language="en") for _ in mentions]


def test_what_nobody_reads_the_vectors_of_is_not_encoded(config: Config) -> None:
    encoder = Counting()
    Backtest(monitors(config, ()), matcher(config), encoder, STARTED).run(lines())
    assert encoder.texts == []


class Kept(Producer):
    def __init__(self) -> None:
        super().__init__({})
        self.outputs: list[Output] = []

    async def send(self, outputs: Sequence[Output]) -> None:
        self.outputs += outputs


class Record:
    def __init__(self, value: bytes, offset: int) -> None:
        self.value = value
        self.message = Message(offset)


class Message:
    def __init__(self, offset: int) -> None:
        self.topic, self.partition, self.offset, self.timestamp = "mentions", 0, offset, STARTED.timestamp()


@pytest.mark.parametrize("size", [1, 32])
async def test_the_stages_give_the_alerts_of_the_backtest(size: int, config: Config) -> None:
    ready: tuple[Monitor, ...] = monitors(config, ())
    topics, kept = names(Kafka()), Kept()
    match = MatchStage(
        matcher(config), None, set(), kept, topics, Metrics(config, "match", CollectorRegistry()), lambda: STARTED
    )
    said = lines()
    for offset, start in enumerate(range(0, len(said), size)):
        await match.take([Record(b"\n".join(said[start : start + size]), offset)])
    newest = START + timedelta(hours=32, minutes=10)
    source = Source(partition=0, newest=newest, newest_came_at=STARTED, heard_at=STARTED, at_end=True)
    ticks = [
        records.encode(Tick(clock=STARTED + number * timedelta(minutes=1), worker="w", sources=(source,)))
        for number in range(1, 120)
    ]
    detect = DetectWork(0, Restored(-1, {}), ready, 1, topics, Metrics(config, "detect", CollectorRegistry()))
    changes: list[Alert] = []
    values = [output.value or b"" for output in kept.outputs if output.topic == topics.monitored]
    for offset, value in enumerate([*values, *ticks]):
        written = [output.value or b"" for output in detect.handle(value, offset) if output.topic == topics.alerts]
        changes += [msgspec.json.decode(each, type=Alert) for each in written]
    assert _outline(endings(changes)) == _outline(report(config, said).alerts)


def test_an_alert_that_comes_again_is_another_firing() -> None:
    changes = [
        alert(detections=1, starts_at=time("10:00")),
        alert(detections=2, severity=Severity.LIFE_SAFETY),
        alert(detections=2, state=State.RESOLVED),
        alert(detections=1, starts_at=time("16:00")),
    ]
    assert [(each.state, each.starts_at) for each in endings(changes)] == [
        (State.RESOLVED, time("11:50")),
        (State.FIRING, time("16:00")),
    ]


def test_what_fires_again_in_an_episode_that_was_over_is_told_where_it_comes_back() -> None:
    begins, again, another = (time(at) for at in ("10:00", "14:00", "20:00"))
    changes = [
        alert(detections=1, starts_at=begins, last_at=begins),
        alert(detections=1, starts_at=begins, last_at=begins, state=State.RESOLVED),
        alert(detections=1, starts_at=begins, last_at=again),
        alert(detections=2, starts_at=begins, last_at=time("15:00"), state=State.RESOLVED),
        alert(detections=1, starts_at=another, last_at=another),
    ]
    found = known(changes, [time(at) for at in ("10:02", "12:00", "14:03", "17:00", "20:01")])
    assert [(each.began_at, each.known_at, each.came_back_at) for each in found] == [
        (begins, time("10:02"), None),
        (again, time("14:03"), again),
        (another, time("20:01"), None),
    ]
    assert found[1].alert is changes[3]
