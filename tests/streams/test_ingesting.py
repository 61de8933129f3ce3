import gzip
import io
import json
import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from kafka.errors import MessageSizeTooLargeError

from streams import ingesting
from streams.commands.backtest import command as backtest
from streams.commands.ingest import command
from streams.ingesting import LARGEST_LINE_BYTES, LINES_A_RECORD, Recording, Sender, Span, moved, time_of
from streams.kafka.client import AccessError, access, admin, for_kafka_python
from streams.kafka.topics import create_missing, names, required
from streams.settings.config import Kafka

NOW = datetime(2030, 4, 1, 12, tzinfo=UTC)
OLD = datetime(2014, 8, 10, 9, tzinfo=UTC)


CONFIG = """\
organisation: {name: Census Office}
monitors: [{name: census, query: census, detectors: {volume_spike: {}}}]
receivers: [{name: console, type: terminal}]
routes: [{receivers: [console]}]
"""


class Delivery:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.is_done = True

    def get(self, timeout: float = 0.0) -> None:
        if self.error is not None:
            raise self.error


class Kept:
    """Keeps what a Kafka producer would send, and when it was made to send it."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.flushed_at: list[int] = []
        self.error: Exception | None = None

    def send(self, topic: str, value: bytes) -> Delivery:
        self.values.append(value)
        return Delivery(self.error)

    def flush(self) -> None:
        self.flushed_at.append(len(self.values))

    @property
    def lines(self) -> list[bytes]:
        return [line for value in self.values for line in value.split(b"\n")]


def line(at: datetime = OLD, **changes: Any) -> bytes:
    return json.dumps({"id": "m", "channel": "news", "at": at.isoformat(), "text": "x"} | changes).encode()


def recording(folder: Path, *lines: bytes, name: str = "mentions.jsonl", end: bytes = b"\n") -> Recording:
    content = end.join(lines) + end
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return Recording(path)


def times(lines: list[bytes]) -> list[datetime | None]:
    return [time_of(each) for each in lines]


def test_lines_are_sent_as_they_are_good_or_bad(tmp_path: Path) -> None:
    lines = [line(), b"oops", b'{"id": 1}', b"\xff\xfe", b'{"at": "soon"}']
    kept = Kept()
    sent = Sender(kept, "mentions").send(recording(tmp_path, *lines))
    assert kept.values == [b"\n".join(lines)]
    assert (sent.lines, sent.records) == (5, 1)


def test_bad_lines_stay_as_they_are_also_where_times_are_moved(tmp_path: Path) -> None:
    bad = [b"oops", b'{"id": 1}', b'{"at": "2014-08-10T09:00:00"}', b'[{"at": "2014-08-10T09:00:00Z"}]']
    kept = Kept()
    Sender(kept, "mentions").send(recording(tmp_path, *bad, line()), now=NOW)
    assert kept.lines[:-1] == bad


def test_empty_lines_and_the_line_ends_of_windows_are_left_out(tmp_path: Path) -> None:
    kept = Kept()
    Sender(kept, "mentions").send(recording(tmp_path, b"a", b"", b"  ", b"b", end=b"\r\n"))
    assert kept.lines == [b"a", b"b"]


def test_many_lines_share_a_record_but_not_too_many(tmp_path: Path) -> None:
    kept = Kept()
    sent = Sender(kept, "mentions").send(recording(tmp_path, *[line()] * (LINES_A_RECORD * 2 + 1)))
    assert [value.count(b"\n") + 1 for value in kept.values] == [LINES_A_RECORD, LINES_A_RECORD, 1]
    assert (sent.lines, sent.records) == (LINES_A_RECORD * 2 + 1, 3)


def test_large_lines_do_not_share_a_record(tmp_path: Path) -> None:
    kept = Kept()
    large = line(text="x" * 150_000)
    Sender(kept, "mentions").send(recording(tmp_path, line(), large, large, line()))
    assert [value.count(b"\n") + 1 for value in kept.values] == [2, 2]


def test_a_line_that_kafka_would_not_take_is_named_and_the_others_are_sent(tmp_path: Path) -> None:
    kept = Kept()
    huge = b"x" * (LARGEST_LINE_BYTES + 3_000_000)
    sent = Sender(kept, "mentions").send(recording(tmp_path, line(), b"", huge, line()))
    assert sent.refused == [3]
    assert kept.lines == [line(), line()]


def test_a_gzipped_recording_is_read_like_any_other(tmp_path: Path) -> None:
    zipped = recording(tmp_path, line(), line(), name="mentions.jsonl.gz")
    assert list(zipped) == [line(), line()]
    assert zipped.lines == 2


def test_standard_input_is_read_once_and_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.BytesIO(line(id="a") + b"\n" + line(id="b"))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stdin))
    kept = Kept()
    sent = Sender(kept, "mentions").send(Recording(None))
    assert sent.lines == 2
    assert kept.lines == [line(id="a"), line(id="b")]


def test_what_another_program_writes_is_sent_when_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    kept = Kept()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=os.fdopen(read, "rb")))
    written = iter([line(id="b") + b"\n" + line(id="c")[:20], line(id="c")[20:] + b"\n"])

    def write_more(lines: int) -> None:
        """The next ones are written only when all before them that are whole have been sent."""
        if (more := next(written, None)) is None:
            os.close(write)
        else:
            os.write(write, more)

    os.write(write, line(id="a") + b"\n")
    sent = Sender(kept, "mentions").send(Recording(None), progress=write_more)
    assert kept.values == [line(id="a"), line(id="b"), line(id="c")]
    assert sent.lines == 3


def test_that_kafka_does_not_take_what_a_stream_holds_is_told_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    kept = Kept()
    kept.error = MessageSizeTooLargeError("too large")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=os.fdopen(read, "rb")))
    os.write(write, line() + b"\n")
    with pytest.raises(AccessError, match=r"into mentions any more: .*too large.* send them again"):
        Sender(kept, "mentions").send(Recording(None))
    os.close(write)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (gzip.compress(b"\n".join([line(text=str(number)) for number in range(100)]))[:-20], "beyond line [1-9]"),
        (b"no gzip", "cannot be read: Not a gzipped file"),
    ],
)
def test_a_recording_that_is_damaged_is_told_with_how_far_it_could_be_read(
    content: bytes, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "mentions.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(OSError, match=f"{path.name} cannot be read") as raised:
        list(Recording(path))
    assert re.search(complaint, str(raised.value))
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    answer = CliRunner().invoke(backtest, [str(config), str(path)])
    assert (answer.exit_code, answer.exception.__class__) == (1, SystemExit), answer.exception
    assert "cannot be read" in answer.output


def test_rebased_to_now_the_newest_mention_is_said_now_and_the_others_keep_their_distance(tmp_path: Path) -> None:
    kept = Kept()
    lines = [line(OLD), line(OLD + timedelta(hours=3)), line(OLD + timedelta(hours=1))]
    Sender(kept, "mentions").send(recording(tmp_path, *lines), now=NOW)
    assert times(kept.lines) == [NOW - timedelta(hours=3), NOW, NOW - timedelta(hours=2)]


def test_rebased_mentions_arrive_when_they_arrive(tmp_path: Path) -> None:
    kept = Kept()
    Sender(kept, "mentions").send(recording(tmp_path, line(arrived_at=OLD.isoformat(), lang="en")), now=NOW)
    (mention,) = map(json.loads, kept.lines)
    assert "arrived_at" not in mention
    assert mention["lang"] == "en"


def test_rebased_accounts_keep_their_age() -> None:
    shift = NOW - OLD
    young = {"id": "a", "created_at": (OLD - timedelta(days=3)).isoformat()}
    mention = json.loads(moved(line(author=young), shift))
    assert datetime.fromisoformat(mention["author"]["created_at"]) == NOW - timedelta(days=3)
    assert mention["author"]["id"] == "a"


@pytest.mark.parametrize(
    "author", [None, "somebody", {}, {"created_at": None}, {"created_at": 5}, {"created_at": "2014-08-10T09:00:00"}]
)
def test_what_is_no_age_of_an_account_stays_as_it_is(author: Any) -> None:
    mention = json.loads(moved(line(author=author), NOW - OLD))
    assert mention["author"] == author
    assert datetime.fromisoformat(mention["at"]) == NOW


def test_an_age_that_leads_out_of_the_calendar_stays_as_it_is() -> None:
    last = "9999-12-31T00:00:00Z"
    assert json.loads(moved(line(author={"created_at": last}), NOW - OLD))["author"]["created_at"] == last


def test_a_mark_of_byte_order_before_the_first_line_is_left_out(tmp_path: Path) -> None:
    marked = b"\xef\xbb\xbf" + line()
    assert list(recording(tmp_path, marked, marked)) == [line(), marked]


@pytest.mark.parametrize("odd", ["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_one_clock_that_goes_wrong_does_not_move_all_others(odd: str, tmp_path: Path) -> None:
    kept = Kept()
    wrong = line().replace(OLD.isoformat().encode(), odd.encode())
    Sender(kept, "mentions").send(recording(tmp_path, line(), wrong, line(OLD + timedelta(hours=1))), now=NOW)
    assert [at for at in times(kept.lines) if at in (NOW, NOW - timedelta(hours=1))] == [
        NOW - timedelta(hours=1),
        NOW,
    ]


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.naps: list[float] = []
        monkeypatch.setattr(ingesting, "monotonic", lambda: self.now)
        monkeypatch.setattr(ingesting, "sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def test_at_a_speed_lines_are_sent_when_their_time_has_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, kept = Clock(monkeypatch), Kept()
    lines = [line(OLD, id=f"a{number}") for number in range(3)] + [line(OLD + timedelta(minutes=2))]
    sent = Sender(kept, "mentions").send(recording(tmp_path, *lines), speed=60)
    assert clock.naps == [2.0]
    assert [value.count(b"\n") + 1 for value in kept.values] == [3, 1]
    assert kept.flushed_at[0] == 1  # what was said before is on its way before it waits
    assert sent.seconds == 2.0


def test_at_a_speed_one_clock_that_goes_wrong_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, kept = Clock(monkeypatch), Kept()
    wrong = [line(datetime(1970, 1, 1, tzinfo=UTC)), line(datetime(2099, 1, 1, tzinfo=UTC)), b"oops"]
    Sender(kept, "mentions").send(recording(tmp_path, *wrong, line(OLD), line(OLD + timedelta(seconds=5))), speed=1)
    assert clock.now == 5.0
    assert len(kept.lines) == 5


def test_at_a_speed_and_rebased_the_newest_is_said_when_it_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Clock(monkeypatch)
    kept = Kept()
    lines = [line(OLD), line(OLD + timedelta(minutes=10))]
    Sender(kept, "mentions").send(recording(tmp_path, *lines), speed=60, now=NOW)
    assert times(kept.lines)[-1] == NOW + timedelta(seconds=10)


def test_progress_is_told_in_lines(tmp_path: Path) -> None:
    told: list[int] = []
    Sender(Kept(), "mentions").send(recording(tmp_path, *[line()] * 40), progress=told.append)
    assert told == [32, 40]


def test_the_span_of_a_recording_is_that_of_its_times(tmp_path: Path) -> None:
    found = recording(tmp_path, b"oops", line(OLD + timedelta(hours=2)), line(OLD)).span
    assert found == Span(OLD, OLD + timedelta(hours=2))
    assert recording(tmp_path, b"oops").span is None


@given(st.binary(max_size=80) | st.datetimes(timezones=st.timezones()).map(lambda at: line(at)))
def test_nothing_in_a_line_stops_its_being_moved(value: bytes) -> None:
    for shift in (timedelta(days=300_000), timedelta(days=-300_000), timedelta(0)):
        assert isinstance(moved(value, shift), bytes)


@pytest.mark.kafka
def test_a_recording_is_sent_to_a_real_kafka_by_command(kafka_settings: Kafka, tmp_path: Path) -> None:
    from kafka import KafkaConsumer

    reached = access(kafka_settings)
    topic = names(kafka_settings).mentions
    with admin(reached) as client:
        create_missing(client, [each for each in required(kafka_settings) if each.name == topic])
    config = tmp_path / "config.yaml"
    config.write_text(
        f"kafka: {{bootstrap: '{kafka_settings.bootstrap}', topic_prefix: {kafka_settings.topic_prefix}}}\n{CONFIG}"
    )
    large = line(text="x" * 12_000_000)
    lines = [line(id=f"m{number}") for number in range(100)] + [large, b"oops"]
    path = tmp_path / "mentions.jsonl"
    path.write_bytes(b"\n".join(lines))
    answer = CliRunner().invoke(command, [str(config), str(path)])
    assert answer.exit_code == 0, answer.output
    assert "sent 102 lines" in answer.output
    consumer = KafkaConsumer(
        topic,
        **for_kafka_python(reached),
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=20_000_000,
        fetch_max_bytes=50_000_000,
        consumer_timeout_ms=3000,
    )
    found = [each for record in consumer for each in record.value.split(b"\n")]
    consumer.close()
    assert sorted(found) == sorted(lines)


@pytest.mark.kafka
def test_that_the_topic_is_missing_is_told_at_once(kafka_settings: Kafka) -> None:
    with pytest.raises(AccessError, match="mentions is missing: create it with"), Sender.open(kafka_settings):
        pass


def test_a_stream_cannot_be_rebased_for_its_times_are_not_known_beforehand(tmp_path: Path) -> None:
    answer = CliRunner().invoke(command, [str(tmp_path / "none.yaml"), "-", "--rebase", "now"])
    assert answer.exit_code == 2
    assert "give a file" in answer.output
