import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from detectors.mention import Encoding, Mention
from streams import records
from streams.encoding.encoder import EncoderStats
from streams.event_time import StreamTime
from streams.kafka.producing import Output, Producer
from streams.kafka.topics import names
from streams.records import DEAD_LETTER_LIMIT_BYTES, Batch, DeadLetter, Tick
from streams.settings.config import Config, Kafka, MonitorSettings, Organisation, Route, Terminal
from streams.stages.match import BATCH_LIMIT, MatchStage
from streams.stages.metrics import Metrics
from tests.waiting import until

NOW = datetime(2030, 4, 1, 12, tzinfo=UTC)
TOPICS = names(Kafka())
VECTOR = b"\x00\x3c" * 2


class Captured(Producer):
    """Keeps what it is given, where a broker would have it."""

    def __init__(self) -> None:
        super().__init__({})
        self.outputs: list[Output] = []

    async def send(self, outputs: Sequence[Output]) -> None:
        self.outputs += outputs


class Words:
    """Each monitor is for mentions that hold its name as a word."""

    def __init__(self, *monitors: str) -> None:
        self.monitors = monitors

    def matches(self, mention: Mention) -> Sequence[str]:
        return [monitor for monitor in self.monitors if monitor in mention.text.split()]

    def marked(self, mention: Mention, monitors: Sequence[str]) -> Mention:
        return mention


class Encoder:
    """Notes what it is asked to encode."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.stats = EncoderStats()

    def encode(self, mentions: Sequence[Mention]) -> list[Encoding]:
        self.texts += [mention.text for mention in mentions]
        return [Encoding(model="m", language="en", vector=VECTOR) for _ in mentions]


class Message:
    def __init__(self, partition: int, offset: int, arrived_at: datetime) -> None:
        self.topic, self.partition, self.offset = TOPICS.mentions, partition, offset
        self.timestamp = arrived_at.timestamp()


class Event:
    def __init__(self, value: bytes | None, partition: int = 0, offset: int = 0, arrived_at: datetime = NOW) -> None:
        self.value = value
        self.message = Message(partition, offset, arrived_at)


def line(text: str = "census", **changes: Any) -> bytes:
    at = (NOW - timedelta(minutes=1)).isoformat()
    return json.dumps({"id": text[:50], "channel": "bluesky", "at": at, "text": text} | changes).encode()


class Stage:
    """A stage for the monitors `census` and `health`, of which only the first reads vectors."""

    def __init__(self) -> None:
        config = Config(
            organisation=Organisation(name="Census Office"),
            monitors=tuple(
                MonitorSettings(name=name, query=name, detectors={"volume_spike": None})
                for name in ("census", "health")
            ),
            receivers=(Terminal(name="comms"),),
            routes=(Route(receivers=("comms",)),),
        )
        self.producer = Captured()
        self.encoder = Encoder()
        self.metrics = Metrics(config, "match", CollectorRegistry())
        self.now = NOW
        self.stage = MatchStage(
            Words("census", "health"),
            self.encoder,
            {"census"},
            self.producer,
            TOPICS,
            self.metrics,
            clock=lambda: self.now,
        )

    def batches(self) -> list[Batch]:
        return [
            record
            for output in self.producer.outputs
            if output.topic == TOPICS.monitored and isinstance(record := records.monitored(output.value or b""), Batch)
        ]

    def dead(self) -> list[DeadLetter]:
        values = [output.value or b"" for output in self.producer.outputs if output.topic == TOPICS.dead_letters]
        return [msgspec.msgpack.decode(value, type=DeadLetter) for value in values]

    def tick(self, at_end: dict[int, bool]) -> Tick:
        tick = records.monitored(self.stage.tick(at_end, "w", 1)[0].value or b"")
        assert isinstance(tick, Tick)
        return tick

    def count(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


@pytest.fixture
def ours() -> Stage:
    return Stage()


async def test_a_batch_holds_the_mentions_of_one_monitor(ours: Stage) -> None:
    await ours.stage.take(
        [
            Event(line("census one") + b"\n" + line("health two"), partition=0),
            Event(line("census three"), partition=1),
            Event(line("census health four"), partition=0),
            Event(line("nothing"), partition=0),
        ]
    )
    found = {batch.monitor: [said.text for said in batch.mentions] for batch in ours.batches()}
    assert found == {
        "census": ["census one", "census three", "census health four"],
        "health": ["health two", "census health four"],
    }
    assert {output.key for output in ours.producer.outputs} == {b"census", b"health"}
    assert all(batch.came_at == NOW for batch in ours.batches())


async def test_what_nobody_reads_the_vectors_of_is_not_encoded(ours: Stage) -> None:
    await ours.stage.take([Event(line("health") + b"\n" + line("census") + b"\n" + line("neither"))])
    assert ours.encoder.texts == ["census"]
    vectors = {batch.monitor: batch.mentions[0].encoding is not None for batch in ours.batches()}
    assert vectors == {"census": True, "health": False}


async def test_a_long_batch_is_sent_in_several_records_in_order(ours: Stage) -> None:
    lines = [line(f"census {number}") for number in range(BATCH_LIMIT * 2 + 3)]
    await ours.stage.take([Event(b"\n".join(lines))])
    assert [len(batch.mentions) for batch in ours.batches()] == [BATCH_LIMIT, BATCH_LIMIT, 3]
    ids = [said.id for batch in ours.batches() for said in batch.mentions]
    assert ids == [f"census {number}" for number in range(BATCH_LIMIT * 2 + 3)]


@pytest.mark.parametrize(
    "long",
    [
        {"text": "census " + "国" * 60_000},
        {"title": "国" * 65_000},
        {"links": ["https://a.example/" + "国" * 2000] * 50},
        {
            "url": "u" * 2048,
            "in_reply_to": "r" * 512,
            "repost_of": "r" * 512,
            "author": {"id": "a" * 512, "handle": "国" * 512},
        },
    ],
)
async def test_no_batch_is_larger_than_the_topic_takes_however_long_strangers_make_their_fields(
    long: dict[str, Any], ours: Stage
) -> None:
    await ours.stage.take(
        [Event(line(**({"text": f"census {number}"} | long), id=f"m{number}")) for number in range(64)]
    )
    assert sum(len(batch.mentions) for batch in ours.batches()) == 64
    assert max(len(output.value or b"") for output in ours.producer.outputs) < 1_048_576


async def test_what_cannot_be_read_becomes_a_dead_letter_with_its_reason_and_place(ours: Stage) -> None:
    await ours.stage.take([Event(line("census") + b"\noops\n" + line("health"), partition=3, offset=17)])
    (letter,) = ours.dead()
    assert (letter.reason, letter.topic, letter.partition, letter.offset, letter.line) == (
        "not_json",
        TOPICS.mentions,
        3,
        17,
        2,
    )
    assert (letter.value, letter.size_bytes, letter.at) == (b"oops", 4, NOW)
    assert len(ours.batches()) == 2
    assert ours.count("groundswell_dead_letters_total", reason="not_json") == 1


async def test_a_dead_letter_holds_no_more_than_64_kilobytes(ours: Stage) -> None:
    await ours.stage.take([Event(b"x" * 10_000_000)])
    (letter,) = ours.dead()
    assert (letter.reason, len(letter.value), letter.size_bytes) == ("too_large", DEAD_LETTER_LIMIT_BYTES, 10_000_000)


async def test_a_tombstone_is_a_dead_letter(ours: Stage) -> None:
    await ours.stage.take([Event(None)])
    assert [letter.reason for letter in ours.dead()] == ["empty"]


async def test_sending_waits_for_what_came_before_and_reading_does_not(ours: Stage) -> None:
    before = asyncio.get_running_loop().create_future()
    task = asyncio.ensure_future(ours.stage.take([Event(line("census"))], before))
    await until(lambda: bool(ours.encoder.texts))
    await asyncio.sleep(0.01)
    assert ours.producer.outputs == []
    before.set_result(None)
    await task
    assert len(ours.producer.outputs) == 1


async def test_a_tick_does_not_overtake_what_it_speaks_of(ours: Stage) -> None:
    before = asyncio.get_running_loop().create_future()
    task = asyncio.ensure_future(ours.stage.take([Event(line("census"))], before))
    await asyncio.sleep(0.01)
    assert ours.tick({0: True}).sources[0].newest is None
    before.set_result(None)
    await task
    source = ours.tick({0: True}).sources[0]
    assert (source.newest, source.newest_came_at, source.heard_at) == (NOW - timedelta(minutes=1), NOW, NOW)


async def test_a_tick_tells_of_mentions_that_match_nothing_and_not_of_clocks_that_run_ahead(ours: Stage) -> None:
    ahead = line("neither", at="2099-01-01T00:00:00Z")
    await ours.stage.take([Event(line("neither"), partition=0), Event(ahead, partition=1)])
    tick = ours.tick({0: True, 1: False, 2: True})
    assert [(each.partition, each.newest, each.heard_at, each.at_end) for each in tick.sources] == [
        (0, NOW - timedelta(minutes=1), NOW, True),
        (1, None, None, False),
        (2, None, None, True),
    ]
    assert ours.count("groundswell_clocks_ahead_total") == 1


async def test_a_partition_into_which_nothing_but_rubbish_flows_does_not_hold_up_time(ours: Stage) -> None:
    await ours.stage.take([Event(line("census"), partition=0), Event(line("census"), partition=1)])
    stream = StreamTime()
    for _ in range(60):
        ours.now += timedelta(seconds=1)
        await ours.stage.take([Event(b"oops", partition=1), Event(line(at="2099-01-01T00:00:00Z"), partition=1)])
        stream.ticked(ours.tick({0: True, 1: True}), 2)
    assert stream.now == NOW - timedelta(minutes=1) + timedelta(seconds=60)


async def test_a_tick_goes_to_every_partition_downstream(ours: Stage) -> None:
    outputs = ours.stage.tick({0: True}, "w", 4)
    assert [(output.topic, output.partition) for output in outputs] == [
        (TOPICS.monitored, number) for number in range(4)
    ]


async def test_partitions_that_were_revoked_are_forgotten(ours: Stage) -> None:
    await ours.stage.take([Event(line("census"))])
    ours.stage.forget()
    assert ours.tick({0: False}).sources[0].newest is None


async def test_a_broker_clock_that_runs_ahead_is_not_believed(ours: Stage) -> None:
    await ours.stage.take([Event(line("census"), arrived_at=NOW + timedelta(hours=1))])
    assert ours.batches()[0].mentions[0].arrived_at == NOW


async def test_mentions_are_counted_by_what_became_of_them(ours: Stage) -> None:
    lines = [line("census"), line("neither"), line("census", synthetic=True, channel="nobody's own channel")]
    await ours.stage.take([Event(b"\n".join(lines))])
    counted = "groundswell_mentions_total"
    assert ours.count(counted, channel="bluesky", outcome="matched") == 1
    assert ours.count(counted, channel="bluesky", outcome="unmatched") == 1
    assert ours.count(counted, channel="other", outcome="synthetic") == 1
    assert ours.count("groundswell_matches_total", monitor="census") == 2
