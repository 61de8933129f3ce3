"""Which kind a file is, what is done with each, and what cannot be used."""

import builtins
import gzip
import json
import os
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars
import pytest
from click.testing import CliRunner

from streams.backtest.bad_input import BadInput
from streams.backtest.parquet import ROWS_AT_ONCE, ParquetFile
from streams.backtest.recordings import Mentions, kind_of, opened
from streams.commands.backtest import command
from streams.reading import Malformed, read_mention
from tests.streams.recordings import CONFIG, line, lines

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
COUNTS = b"timestamp,value\n2026-03-01 00:00:00,1\n"


def parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    polars.DataFrame(rows).write_parquet(path)
    return path


def said(number: int = 0, **changes: Any) -> dict[str, Any]:
    return {"id": f"m{number}", "channel": "news", "at": AT, "text": "the census", **changes}


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jsonl", b'{"id": "1"}\n', "JSON lines"),
        ("a.jsonl", b"", "JSON lines"),
        ("a.jsonl", b"oops\n", "JSON lines"),
        ("a.jsonl", b"[12:00] oops\n", "JSON lines"),
        ("a", b'\xef\xbb\xbf\n {"id": "1"}', "JSON lines"),
        ("a.gz", gzip.compress(b'{"id": "1"}\n', mtime=0), "JSON lines"),
        ("a", gzip.compress(b'{"id": "1"}\n', mtime=0), "JSON lines"),
        ("a.jsonl.gz", gzip.compress(b'{"id": "1"}\n', mtime=0)[:5], "JSON lines"),
        ("a.csv", COUNTS, "counts"),
        ("a.txt", COUNTS, "counts"),
        ("a.CSV", b"time,count\n", "counts"),
        ("a.csv", b"", "counts"),
        ("a.csv.gz", gzip.compress(COUNTS, mtime=0), "counts"),
        ("a", gzip.compress(COUNTS, mtime=0), "counts"),
    ],
)
def test_what_a_file_is_shows_in_what_it_holds_and_then_in_its_name(
    name: str, content: bytes, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert kind_of(path) == kind


def test_parquet_is_known_whatever_it_is_called(tmp_path: Path) -> None:
    assert kind_of(parquet(tmp_path / "mentions", [said()])) == "Parquet"


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.txt", b"Dear all,\n", "what it holds is not known: give JSON lines"),
        ("a.json", b'[{"id": "1"}]', "jq -c"),
        ("a", b'[\n  {"id": "1"}]', "jq -c"),
        ("a.parquet", b"oops", "is no Parquet, whatever it is called"),
    ],
)
def test_what_is_none_of_them_is_refused_with_the_remedy(
    name: str, content: bytes, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=complaint):
        kind_of(path)


def test_counts_and_mentions_do_not_mix(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(COUNTS)
    (tmp_path / "b.jsonl").write_bytes(b'{"id": "1"}')
    with pytest.raises(BadInput, match=r"b\.jsonl: holds mentions, and .*a\.csv holds counts.*one backtest for each"):
        opened([tmp_path / "a.csv", tmp_path / "b.jsonl"])


def test_files_of_counts_follow_each_other(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_bytes(COUNTS)
    second.write_bytes(COUNTS.replace(b"00:00:00", b"00:05:00"))
    assert len(tuple(opened([first, second]))) == 2
    with pytest.raises(BadInput, match=r"a\.csv:2: begins at 2026-03-01 00:00:00, before .*b\.csv ends"):
        opened([second, first])


def test_how_far_files_are_read_is_told_in_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines()))
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines())))
    parquet(tmp_path / "c.parquet", [said(number) for number in range(3)])
    files = opened([tmp_path / name for name in ("a.jsonl", "b.jsonl.gz", "c.parquet")])
    assert isinstance(files, Mentions)
    assert files.bytes_read == 0
    assert len(list(files)) == 2 * 1164 + 3
    assert files.bytes_read == files.size == sum(path.stat().st_size for path in tmp_path.iterdir())
    next(iter(files))
    assert 0 < files.bytes_read <= (tmp_path / "a.jsonl").stat().st_size  # it is read over again


def test_parquet_gives_the_mentions_that_json_gives(tmp_path: Path) -> None:
    author = {"id": "a1", "handle": "ada", "followers": 12, "created_at": AT - timedelta(days=9), "verified": None}
    rows = [
        said(1, author=author, links=["https://example.org"], metrics={"likes": 3, "views": None}, lang="en"),
        said(2, author={**author, "created_at": None}, links=None, metrics=None, lang=None, text="數"),
    ]
    given = ParquetFile(parquet(tmp_path / "m.parquet", [row | {"our_own": 5} for row in rows]))
    expected = [json.dumps(row, default=datetime.isoformat).encode() for row in rows]
    assert [read_mention(each, AT) for each in given] == [read_mention(each, AT) for each in expected]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_times_of_every_unit_are_read_and_without_a_zone_they_are_utc(
    unit: Any, zone: str | None, tmp_path: Path
) -> None:
    naive = polars.DataFrame([said(at=AT.replace(tzinfo=None))]).with_columns(
        polars.col("at").cast(polars.Datetime(unit))
    )
    shown = (
        naive
        if zone is None
        else naive.with_columns(polars.col("at").dt.replace_time_zone("UTC").dt.convert_time_zone(zone))
    )
    shown.write_parquet(tmp_path / "m.parquet")
    (found,) = [read_mention(each, AT) for each in ParquetFile(tmp_path / "m.parquet")]
    assert not isinstance(found, Malformed)
    assert found.at == AT


def test_a_row_that_is_no_mention_is_told_of_as_a_line_would_be(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    rows = [said(1), said(2, at=None), said(4)]
    path = parquet(tmp_path / "m.parquet", [*rows, said(3, text=None)])
    answer = CliRunner().invoke(command, [str(config), str(path)])
    assert answer.exit_code == 0, answer.output
    assert "2 mentions over" in answer.output
    assert "2 lines not read: 2 missing_field" in answer.output


def test_large_parquet_is_read_in_parts(tmp_path: Path) -> None:
    path = parquet(tmp_path / "m.parquet", [said(number) for number in range(ROWS_AT_ONCE + 1)])
    ids = [json.loads(each)["id"] for each in ParquetFile(path)]
    assert ids == [f"m{number}" for number in range(ROWS_AT_ONCE + 1)]


def test_parquet_without_the_columns_of_a_mention_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no column id and channel and at, only text, when: name the columns"):
        ParquetFile(parquet(tmp_path / "m.parquet", [{"text": "x", "when": 1}]))


def test_damaged_parquet_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = parquet(tmp_path / "m.parquet", [said()])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInput, match="cannot be read as Parquet"):
        opened([path])


def test_parquet_without_polars_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path / "m.parquet", [said()])
    there = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name == "polars":
            raise ModuleNotFoundError(name)
        return there(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadInput, match=r'pip install "groundswell\[parquet\]"'):
        opened([path])


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    config, pipe = tmp_path / "config.yaml", tmp_path / "pipe"
    config.write_text(CONFIG)
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(line(1, AT) + b"\n"))
    writer.start()
    answer = CliRunner().invoke(command, [str(config), str(pipe)])
    writer.join()
    assert "1 mention over" in answer.output
    answer = CliRunner().invoke(command, [str(config), str(pipe), "--against", str(config)])
    assert (answer.exit_code, "can be read only once" in answer.output) == (1, True)
