from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from alerting.alert import Notification
from alerting.decision import Decision, recompute
from alerting.dispatcher import DispatcherSettings
from alerting.routes import Route
from detectors.contract import MonitorContext
from detectors.mention import Author
from detectors.volume_spike import VolumeSpike
from streams import records
from streams.kafka.partitioning import partition_of
from streams.kafka.producing import Output
from streams.kafka.topics import names
from streams.pipeline import Monitor
from streams.records import Batch, DeadLetter, Found, Source, Tick
from streams.settings.config import Config, Kafka, MonitorSettings, Organisation, Terminal
from streams.settings.config import Route as RouteSettings
from streams.stages.checkpoint import Restored
from streams.stages.detect import TIME_GROUP, DetectWork
from streams.stages.metrics import Metrics
from tests.building import mention, time

TOPICS = names(Kafka())
NOTHING = Restored(-1, {})
SECOND = timedelta(seconds=1)
Groups = dict[str, Mapping[str, bytes]]


def monitor(name: str) -> Monitor:
    return Monitor(
        name=name,
        context=MonitorContext(),
        detectors=((VolumeSpike, VolumeSpike.Params(sensitivity="high")),),
        dispatching=DispatcherSettings(
            monitor=name, organisation="Census Office", resolve_after=timedelta(minutes=20), routes=(ROUTE,)
        ),
    )


ROUTE = Route(receivers=("comms",))


def metrics(*monitors: str) -> Metrics:
    config = Config(
        organisation=Organisation(name="Census Office"),
        monitors=tuple(MonitorSettings(name=name, query=name, detectors={"volume_spike": None}) for name in monitors),
        receivers=(Terminal(name="comms"),),
        routes=(RouteSettings(receivers=("comms",)),),
    )
    return Metrics(config, "detect", CollectorRegistry())


def work(
    restored: Restored = NOTHING, *monitors: str, number: int = 0, partitions: int = 1, told: Metrics | None = None
) -> DetectWork:
    called = monitors or ("census",)
    return DetectWork(
        number, restored, [monitor(name) for name in called], partitions, TOPICS, told or metrics(*called)
    )


def batch(at: datetime, *ids: str, monitor: str = "census") -> bytes:
    said = tuple(mention(f"It is {id}.", at=at, id=id, author=Author(id=f"a{len(id) * 7 + ord(id[-1])}")) for id in ids)
    return records.encode(Batch(monitor=monitor, came_at=at, mentions=said))


def tick(at: datetime, newest: datetime) -> bytes:
    source = Source(partition=0, newest=newest, newest_came_at=newest, heard_at=newest, at_end=True)
    return records.encode(Tick(clock=at, worker="w", sources=(source,)))


def log() -> list[bytes]:
    """A calm day and a bit, a rise, and silence in which ticks end what fires."""
    start = time("2030-03-30T00:00:00")
    found = []
    at = start
    for number in range(26 * 12):
        at = start + number * 300 * SECOND
        found += [batch(at, f"c{number}", f"d{number}"), tick(at, at)]
    for number in range(60):
        at += 10 * SECOND
        found += [batch(at, *(f"r{number}.{each}" for each in range(4))), tick(at, at)]
    newest = at
    for _ in range(40):
        at += 120 * SECOND
        found.append(tick(at, newest))
    return found


def save(work: DetectWork, saved: Groups) -> None:
    """As a checkpoint does."""
    for group, rows in work.changed().items():
        saved[group] = dict(rows)
        if not rows:
            del saved[group]


def restart(saved: Groups) -> DetectWork:
    return work(Restored(0, {group: dict(rows) for group, rows in saved.items()}))


def run(values: Sequence[bytes], cuts: Sequence[int] = ()) -> tuple[list[Output], Groups]:
    """All outputs and the rows at the end, with restarts before the records named by `cuts`."""
    ours, saved = work(), Groups()
    outputs: list[Output] = []
    for offset, value in enumerate(values):
        if offset in cuts:
            save(ours, saved)
            ours = restart(saved)
        outputs += ours.handle(value, offset)
    save(ours, saved)
    return outputs, saved


def told(outputs: Sequence[Output]) -> list[Notification]:
    values = [output.value or b"" for output in outputs if output.topic == TOPICS.notifications]
    return [record for value in values if isinstance(record := records.notified(value), Notification)]


def test_a_rise_is_written_as_detections_alerts_and_notifications() -> None:
    outputs, _ = run(log())
    assert {output.topic for output in outputs} == {
        TOPICS.detections,
        TOPICS.alerts,
        TOPICS.stories,
        TOPICS.notifications,
        TOPICS.decisions,
    }
    keys = {output.topic: output.key for output in outputs}
    assert keys[TOPICS.detections] == b"census"
    assert keys[TOPICS.notifications] == b"comms"
    found = [msgspec.json.decode(o.value or b"", type=Found) for o in outputs if o.topic == TOPICS.detections]
    assert len({each.id for each in found}) == len(found) > 0
    reasons = [each.reason for each in told(outputs)]
    assert (reasons[0], reasons[-1]) == ("first", "resolved")
    assert len({each.id for each in told(outputs)}) == len(reasons)


def test_each_telling_has_a_decision_that_can_be_made_again() -> None:
    outputs, _ = run(log())
    values = [output.value or b"" for output in outputs if output.topic == TOPICS.decisions]
    decisions = [msgspec.json.decode(value, type=Decision) for value in values]
    assert [each.verdict.reason for each in decisions] == [each.reason for each in told(outputs)]
    assert all(recompute(each) == each.verdict for each in decisions)
    assert {each.held_by for each in decisions} == {None}


def test_the_same_log_gives_the_same_outputs_and_rows_byte_by_byte() -> None:
    assert run(log()) == run(log())


@pytest.mark.parametrize("cut", [1, 100, 623, 624, 640, 681, 742, 744, 770])
def test_a_restart_changes_no_output_and_no_row(cut: int) -> None:
    assert run(log(), [cut]) == run(log())


def test_a_restart_before_every_record_changes_no_output_and_no_row() -> None:
    values = log()
    assert run(values, range(1, len(values))) == run(values)


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        b"",
        b"\xff",
        b"garbage",
        b"\x80",
        b'{"type": "batch"}',
        b"\x81\xa4type\xa6secret",
        b"\x91" * 3000,
        b"\x83\xa4type\xa5batch\xa7monitor\xa2\xff\xff\xa6source\x00",
    ],
)
def test_garbage_becomes_a_dead_letter_and_changes_nothing(garbage: bytes | None) -> None:
    ours = work()
    (output,) = ours.handle(garbage, 5)
    letter = msgspec.msgpack.decode(output.value or b"", type=DeadLetter)
    assert output.topic == TOPICS.dead_letters
    assert (letter.reason, letter.topic, letter.partition, letter.offset) == ("wrong_type", TOPICS.monitored, 0, 5)
    assert "secret" not in letter.detail
    assert set(ours.changed()) == {TIME_GROUP}


def test_mentions_of_a_monitor_that_the_config_no_longer_has_are_passed_over() -> None:
    ours = work()
    assert ours.handle(batch(time("12:00"), "m1", monitor="gone"), 0) == []
    assert set(ours.changed()) == {TIME_GROUP}


def test_time_may_begin_in_1970() -> None:
    ours = work()
    began = time("1970-01-01T00:00:00")
    ours.handle(batch(began, "m1"), 0)
    ours.handle(tick(began + timedelta(days=1), began), 1)
    ours.handle(batch(time("12:00"), "m2"), 2)
    ours.handle(tick(time("12:00"), time("12:00")), 3)
    assert ours.stream_time == time("12:00")


def test_the_state_of_a_monitor_that_this_config_does_not_have_is_left_alone() -> None:
    ours = work(Restored(3, {"gone": {"pipeline|": b"x"}}))
    assert "gone" not in ours.changed()


def test_each_partition_has_the_monitors_that_fall_into_it() -> None:
    called = [f"monitor-{number}" for number in range(20)]
    for number in range(3):
        ours = work(NOTHING, *called, number=number, partitions=3)
        for source in range(3):
            value = records.encode(Tick(clock=time("12:00"), worker="w", sources=(_read(source),)))
            ours.handle(value, source)
        expected = {name for name in called if partition_of(name.encode(), 3) == number}
        assert set(ours.changed()) == expected | {TIME_GROUP}
        assert expected


def _read(partition: int) -> Source:
    return Source(partition=partition, newest=None, newest_came_at=None, heard_at=None, at_end=True)


def test_a_tick_lets_time_pass_for_every_monitor() -> None:
    ours = work(NOTHING, "census", "health")
    ours.handle(batch(time("12:00"), "m1"), 0)
    ours.handle(tick(time("12:10"), time("12:00")), 1)
    assert ours.stream_time == time("12:10")
    assert set(ours.changed()) == {TIME_GROUP, "census", "health"}


def test_state_that_does_not_fit_is_learned_anew_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    counted = metrics("census")
    rows = {"pipeline|": b"\xff", "volume_spike|": b"\xff"}
    work(Restored(3, {"census": rows, TIME_GROUP: {"": b"\xff"}}), "census", told=counted)
    assert counted.registry.get_sample_value("groundswell_warm_ups_total") == 2
    assert [vars(record)["what"] for record in caplog.records] == ["stream time", "census"]


def test_repeats_and_late_mentions_are_counted() -> None:
    counted = metrics("census")
    ours = work(NOTHING, "census", told=counted)
    ours.handle(batch(time("12:00"), "m1", "m1"), 0)
    ours.handle(tick(time("12:00"), time("12:00")), 1)
    ours.handle(batch(time("11:00"), "m2"), 2)

    def count(outcome: str) -> float | None:
        labels = {"monitor": "census", "outcome": outcome}
        return counted.registry.get_sample_value("groundswell_heard_mentions_total", labels)

    assert (count("heard"), count("repeat"), count("late"), count("too_late")) == (2, 1, 1, 0)


def test_the_alerts_that_fire_are_those_of_its_pipelines() -> None:
    ours = work()
    for offset, value in enumerate(log()[:744]):
        ours.handle(value, offset)
    assert [alert.monitor for alert in ours.firing()] == ["census"]
