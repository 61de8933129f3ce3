"""A recording is sent line by line, good or bad, from a file, a pipe or an archive."""

import gzip
import io
import os
import re
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from kafka.errors import MessageSizeTooLargeError

from streams.commands.backtest import command as backtest
from streams.commands.ingest import command
from streams.ingesting import LARGEST_LINE_BYTES, LINES_A_RECORD, Recording, Sender, Span
from streams.kafka.client import AccessError, access, admin, for_kafka_python
from streams.kafka.topics import create_missing, names, required
from streams.settings.config import Kafka
from tests.streams.sending import CONFIG, NOW, OLD, Kept, line, recording


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


def test_a_mark_of_byte_order_before_the_first_line_is_left_out(tmp_path: Path) -> None:
    marked = b"\xef\xbb\xbf" + line()
    assert list(recording(tmp_path, marked, marked)) == [line(), marked]


def test_progress_is_told_in_lines(tmp_path: Path) -> None:
    told: list[int] = []
    Sender(Kept(), "mentions").send(recording(tmp_path, *[line()] * 40), progress=told.append)
    assert told == [32, 40]


def test_the_span_of_a_recording_is_that_of_its_times(tmp_path: Path) -> None:
    found = recording(tmp_path, b"oops", line(OLD + timedelta(hours=2)), line(OLD)).span
    assert found == Span(OLD, OLD + timedelta(hours=2))
    assert recording(tmp_path, b"oops").span is None


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
