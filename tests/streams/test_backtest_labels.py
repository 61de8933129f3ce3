"""Labels: how they are read, and how alerts are held against them."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from streams.backtest.bad_input import BadInput
from streams.backtest.judging import Said, judged, labels_of, together
from streams.backtest.labels import Label, read_labels
from tests.building import time

MONITORS = ("census", "health")


def written(folder: Path, text: str) -> Path:
    path = folder / "labels.csv"
    path.write_text(text)
    return path


def label(start: str, end: str, monitor: str | None = None) -> Label:
    return Label(start=time(start), end=time(end), monitor=monitor)


def said(*moments: str, after: timedelta = timedelta(minutes=5)) -> Sequence[Said]:
    return [Said(time(moment), time(moment) + after) for moment in moments]


def test_labels_are_read_by_start_and_times_without_a_zone_are_utc(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '\ufeffStart, end,monitor,what\n2030-04-01 15:00,2030-04-01T16:00+00:00,,"down, again"\n\n'
        "2030-04-01T14:00+02:00,2030-04-01 13:00,census\n",
    )
    assert read_labels(path, MONITORS) == (
        Label(start=time("12:00"), end=time("13:00"), monitor="census"),
        Label(start=time("15:00"), end=time("16:00"), what="down, again"),
    )


def test_a_file_of_times_alone_is_enough(tmp_path: Path) -> None:
    assert len(read_labels(written(tmp_path, "start,end\n2030-04-01,2030-04-02\n"), MONITORS)) == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", ":1: the header is missing; write for example"),
        ("begin,end\n", ":1: the header is begin,end; write for example"),
        ("start,end,start\n", ":1: the header is"),
        ("start,end\n2030-04-01,soon\n", ':2: end is "soon", which is no time: write it as'),
        ("start,end\n2030-04-01\n", ':2: end is "", which'),
        ("start,end\n\n2030-04-02,2030-04-01\n", ":3: the window ends at 2030-04-01, not after"),
        (
            "start,end,monitor\n2030-04-01,2030-04-02,cencus\n",
            ':2: no monitor is called "cencus"; did you mean "census"',
        ),
        ("start,end,monitor\n2030-04-01,2030-04-02,zzz\n", "there are census, health"),
        ("start,end\n2030-04-01,2030-04-02,a,b\n", ":2: 4 cells under 2 headings"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_remedy(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=complaint):
        read_labels(written(tmp_path, text), MONITORS)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="cannot be read"):
        read_labels(path, MONITORS)


def test_alerts_are_held_against_windows() -> None:
    verdict = judged(
        said("10:05", "12:00", "12:30", "15:00"),
        [label("10:00", "11:00"), label("12:00", "13:00"), label("14:00", "15:00")],
    )
    assert (verdict.precision, verdict.recall) == (3 / 4, 2 / 3)
    assert verdict.delays == (timedelta(minutes=10), timedelta(minutes=5))
    assert verdict.delay == timedelta(minutes=7.5)


def test_windows_that_overlap_count_each_alert_once() -> None:
    overlapping = [label("10:00", "12:00"), label("11:00", "14:00"), label("11:30", "11:40")]
    verdict = judged(said("13:00", "09:00", "11:00", "14:00", "11:35"), overlapping)
    assert (verdict.in_windows, verdict.found, verdict.alerts) == (3, 3, 5)
    assert verdict.delays == (timedelta(minutes=65), timedelta(minutes=5), timedelta(minutes=10))


def test_where_nothing_is_known_nothing_is_claimed() -> None:
    assert judged(said("10:00"), []).precision is None
    assert judged([], [label("10:00", "11:00")]).precision is None
    assert judged([], [label("10:00", "11:00")]).recall == 0


def test_verdicts_of_several_monitors_are_one() -> None:
    labelled = judged(said("10:30", "12:00"), [label("10:00", "11:00")])
    verdict = together([labelled, judged(said("12:00"), [])])
    assert (verdict.alerts, verdict.precision, verdict.recall) == (3, 1 / 2, 1.0)


def test_only_the_labels_of_the_monitor_and_of_the_recording_count() -> None:
    labels = [
        label("10:00", "11:00"),
        label("10:00", "11:00", "health"),
        label("16:00", "17:00"),
        label("08:00", "09:00"),
    ]
    assert labels_of("census", labels, time("09:00"), time("15:00")) == labels[:1]
