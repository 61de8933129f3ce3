"""Files of counts: how they are read, what is wrong with them, and that they are judged like as many mentions."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerting.alert import Alert
from detectors.mention import Mention
from detectors.volume.bins import bin_of
from streams.backtest.bad_input import BadInput
from streams.backtest.counts import Counts, read_counts
from streams.backtest.run import Backtest, Report
from streams.backtest.scores import rows_of, scores
from streams.monitors import monitors
from streams.queries.matching import Matcher
from streams.queries.query import parse
from streams.settings.loading import load
from tests.streams.recordings import CONFIG

START = datetime(2026, 3, 1, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)
STARTED = datetime(2031, 1, 1, tzinfo=UTC)


def written(folder: Path, *rows: str, name: str = "counts.csv") -> Path:
    path = folder / name
    content = "\n".join(("timestamp,value", *rows)).encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def rows(values: Sequence[int], start: datetime = START, interval: timedelta = FIVE_MINUTES) -> list[str]:
    return [f"{start + number * interval:%Y-%m-%d %H:%M:%S},{value}" for number, value in enumerate(values)]


def calm_and_rise(rise: Sequence[int] = (60, 90)) -> list[int]:
    """Two days of about ten, then a rise, then ten again."""
    return [10 + number % 3 for number in range(2 * 288)] + list(rise) + [10] * 20


def report(folder: Path, *files: Counts) -> Report:
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    loaded = load(config)
    matcher = Matcher({monitor.name: parse(monitor.query) for monitor in loaded.monitors})
    return Backtest(monitors(loaded, ()), matcher, None, STARTED).count(files)


@pytest.mark.parametrize("name", ["counts.csv", "counts.csv.gz"])
def test_rows_are_read_as_they_are_written(name: str, tmp_path: Path) -> None:
    counts = read_counts(written(tmp_path, "2026-03-01 00:00:00,3", "2026-03-01T01:05+01:00, 4.0", name=name))
    assert [(row.at, row.count, row.line) for row in counts.rows] == [(START, 3, 2), (START + FIVE_MINUTES, 4, 3)]
    assert [(row.timestamp, row.value) for row in counts.rows][1] == ("2026-03-01T01:05+01:00", " 4.0")
    assert counts.interval == FIVE_MINUTES


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["2026-03-01 00:00,-1"], r":2: the value -1 .*a whole number from 0"),
        (["2026-03-01 00:00,1", "2026-03-01 00:05,1.5"], r":3: the value 1.5"),
        (["2026-03-01 00:00,nan"], r":2: the value nan"),
        (["2026-03-01 00:00,1e12"], r":2: the value 1e12"),
        (["2026-03-01 00:00,many"], r":2: 'many' is no number"),
        (["2026-03-01 00:00,"], r":2: '' is no number"),
        (["2026-03-01 00:00"], r":2: 1 cells instead of timestamp,value"),
        (["01.03.2026,1"], r":2: '01.03.2026' is no time: write it as 2026"),
        (["1969-12-31 00:00,1"], r":2: .*1970"),
        (["9999-12-31 23:59,1"], r":2: .*9000"),
        (["2026-03-01 00:05,1", "", "2026-03-01 00:00,1"], r":4: the time goes back .*sort by time"),
        (["2026-03-01 00:05,1", "2026-03-01 00:05,1"], r":3: the time comes twice"),
        (["2026-03-01,1", "2026-03-08,1"], "apart: give counts of a day or less"),
        (['2026-03-01 00:00,"1'], "is no CSV"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_line_and_the_remedy(
    lines: list[str], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=complaint) as raised:
        read_counts(written(tmp_path, *lines))
    assert str(raised.value).startswith(str(tmp_path / "counts.csv"))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", ":1: the header is missing"),
        (b"time,count\n2026-03-01 00:00,1\n", ":1: the header is 'time,count'.*timestamp,value"),
        (b"timestamp,value\n\xff\xfe", "UTF-8"),
        (gzip.compress(b"timestamp,value\n" * 999)[:-12], "damaged or cut short"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_the_remedy(content: bytes, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=complaint):
        read_counts(path)


def test_a_row_of_an_hour_is_spread_evenly_and_none_is_lost(tmp_path: Path) -> None:
    counts = read_counts(written(tmp_path, *rows([100, 0, 7], interval=timedelta(hours=1))))
    pieces = [list(counts.pieces(row)) for row in counts.rows]
    assert [sum(piece.count for piece in row) for row in pieces] == [100, 0, 7]
    assert {piece.count for piece in pieces[0]} == {8, 9}
    assert [piece.at for piece in pieces[0]] == [START + number * FIVE_MINUTES for number in range(12)]


def test_rows_of_a_minute_stay_as_they_are(tmp_path: Path) -> None:
    counts = read_counts(written(tmp_path, *rows([4, 5], interval=timedelta(minutes=1))))
    (piece,) = counts.pieces(counts.rows[0])
    assert (piece.at, piece.count) == (START, 4)
    assert START + timedelta(seconds=59) < piece.known_at < START + timedelta(minutes=1)


def test_counts_are_judged_like_as_many_mentions(tmp_path: Path) -> None:
    values = calm_and_rise()
    counted = report(tmp_path, read_counts(written(tmp_path, *rows(values))))
    config = load(tmp_path / "config.yaml")
    matcher = Matcher({monitor.name: parse("census") for monitor in config.monitors})
    said = [
        json.dumps({"id": f"{bin_}/{each}", "channel": "counts", "at": at.isoformat(), "text": "census"}).encode()
        for bin_, value in enumerate(values)
        for each in range(value)
        for at in [START + bin_ * FIVE_MINUTES]
    ]
    spoken = Backtest(monitors(config, ()), matcher, None, STARTED).run(said)

    def outline(alerts: Sequence[Alert]) -> list[tuple[str, datetime, int, int]]:
        return [(each.monitor, each.starts_at, each.severity, each.evidence.mentions) for each in alerts]

    assert outline(counted.alerts) == outline(spoken.alerts)
    assert len(counted.alerts) == 2  # every monitor hears all counts, whatever its query
    assert counted.matches == {"census": sum(values), "health": sum(values)}
    assert (counted.lines, counted.mentions, counted.first) == (len(values), sum(values), START)
    assert counted.series["census"].mentions == spoken.series["census"].mentions


def test_missing_rows_are_time_without_mentions(tmp_path: Path) -> None:
    values = calm_and_rise()
    zeros = [*values[:300], *[0] * 6, *values[306:]]
    there = rows(zeros)
    gap = [*there[:300], *there[306:]]
    with_zeros = report(tmp_path, read_counts(written(tmp_path, *there)))
    without = report(tmp_path, read_counts(written(tmp_path, *gap)))
    assert [(each.starts_at, each.evidence.mentions) for each in without.alerts] == [
        (each.starts_at, each.evidence.mentions) for each in with_zeros.alerts
    ]
    assert without.alerts


def test_nobody_knows_of_a_rise_before_its_interval_is_over(tmp_path: Path) -> None:
    found = report(tmp_path, read_counts(written(tmp_path, *rows(calm_and_rise()))))
    rise = START + 576 * FIVE_MINUTES
    assert found.known[0].known_at == rise + FIVE_MINUTES - timedelta(microseconds=1)
    assert found.alerts[0].starts_at == rise


@pytest.mark.parametrize("offset", [timedelta(0), timedelta(minutes=2, seconds=53)])
def test_the_row_is_marked_whose_count_made_it_alert(offset: timedelta, tmp_path: Path) -> None:
    counts = read_counts(written(tmp_path, *rows(calm_and_rise(), START + offset)))
    found = report(tmp_path, counts)
    levels = [level for level in found.levels if level.monitor == "census"]
    assert min(rows_of(counts, levels)) == 576
    assert rows_of(counts, levels) <= {576, 577}
    lines = scores(counts, levels).splitlines()
    assert lines[0] == "timestamp,value,anomaly_score"
    assert [line.rsplit(",", 1)[0] for line in lines[1:]] == rows(calm_and_rise(), START + offset)
    assert [line.rsplit(",", 1)[1] for line in lines[1:]].index("1.0") == 576


def test_of_rows_of_a_minute_the_one_is_marked_at_which_it_was_known(tmp_path: Path) -> None:
    calm = [2 + number % 2 for number in range(2 * 1440)]
    counts = read_counts(written(tmp_path, *rows([*calm, 2, 80, 2, 2, 2], interval=timedelta(minutes=1))))
    found = report(tmp_path, counts)
    assert min(rows_of(counts, [level for level in found.levels if level.monitor == "census"])) == len(calm) + 1


def test_a_rise_in_the_last_row_is_marked(tmp_path: Path) -> None:
    counts = read_counts(written(tmp_path, *rows(calm_and_rise((90,))[: 2 * 288 + 1])))
    found = report(tmp_path, counts)
    assert rows_of(counts, [level for level in found.levels if level.monitor == "census"]) == {576}


def test_one_level_is_marked_once(tmp_path: Path) -> None:
    found = report(tmp_path, read_counts(written(tmp_path, *rows(calm_and_rise((60, 60, 60, 60))))))
    known = [(level.monitor, level.subject, level.starts_at, level.level) for level in found.levels]
    assert len(known) == len(set(known))


def test_the_rows_that_the_detector_alerts_on_by_itself_are_marked(bench: Path, tmp_path: Path) -> None:
    counts = read_counts(bench / "nab" / "data" / "Twitter_volume_PFE.csv")
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    loaded = load(config)
    (found,) = [each for each in monitors(loaded, ()) if each.name == "census"]
    ((spike, params),) = found.detectors
    detector, alone = spike(found.context, params), dict[datetime, datetime]()
    for row in counts.rows:
        for detection in detector.advance(row.at):
            alone.setdefault(detection.starts_at, detection.at)
        for _ in range(row.count):
            detector.observe(Mention(id=row.timestamp, channel="counts", at=row.at, text=""))
    levels = [level for level in report(tmp_path, counts).levels if level.monitor == "census"]
    expected = {place for place, row in enumerate(counts.rows) if bin_of(row.at) in map(bin_of, alone.values())}
    assert rows_of(counts, levels) == expected
    assert expected
