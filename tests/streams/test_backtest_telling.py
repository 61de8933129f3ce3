"""What a backtest prints of its alerts, and how it holds those of two configs against each other."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerting.alert import Severity
from detectors.detection import Effect
from streams.backtest.known import Known
from streams.backtest.labels import Label
from streams.backtest.printing import print_report
from streams.backtest.run import Report
from streams.backtest.series import Series
from streams.backtest.summary import summary
from streams.commands.backtest import command
from tests.building import alert, claim, evidence, notification, time
from tests.streams.recordings import CONFIG, line, lines


def test_the_command_prints_what_would_have_been_told(tmp_path: Path) -> None:
    config, recording = tmp_path / "config.yaml", tmp_path / "mentions.jsonl"
    config.write_text(CONFIG)
    recording.write_bytes(b"\n".join(lines()))
    answer = CliRunner().invoke(command, [str(config), str(recording)])
    assert answer.exit_code == 0, answer.output
    assert "1 alert" in answer.output
    assert "2 lines not read: 1 not_json, 1 wrong_type" in answer.output
    assert "to console, of 1 story: " in answer.output
    assert "future" not in answer.output


def test_for_machines_it_prints_the_alerts_and_then_the_summary(tmp_path: Path) -> None:
    config, recording = tmp_path / "config.yaml", tmp_path / "mentions.jsonl"
    config.write_text(CONFIG)
    recording.write_bytes(b"\n".join(lines()))
    answer = CliRunner().invoke(command, [str(config), str(recording), "--json"])
    (found, last) = [json.loads(each) for each in answer.stdout.splitlines()]
    assert (found["monitor"], found["detector"], found["state"]) == ("census", "volume_spike", "resolved")
    assert list(last) == ["summary"]
    assert (last["summary"]["alerts"], last["summary"]["matched"]) == (1, {"census": 1161, "health": 0})
    assert [each["name"] for each in last["summary"]["controls"]] == ["null", "random", "z-score", "spike ratio"]


@pytest.mark.parametrize("width", [80, 120])
def test_an_alert_reads_well_on_narrow_and_on_wide_paper(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    told = alert(detector="narrative", severity=Severity.WARNING, evidence=evidence("It grew.", claim=claim()))
    print_report(
        Report(
            known=[Known(alert=told, known_at=told.starts_at)],
            notifications=[notification(), notification(receiver="press")],
        )
    )
    said = capsys.readouterr().out.splitlines()
    assert re.split(" {2,}", said[1]) == ["2030-04-01 11:50", "warning", "15 min", "narrative", "census"]
    assert said[2] == "    It grew."
    assert said[3].startswith("    Matches the claim census-sale: No evidence, says Example Fact Check (97 %")
    assert "1 notification to comms, of 1 story: 1 first" in said
    assert "1 notification to press, of 1 story: 1 first" in said
    assert max(map(len, said)) <= width


def test_a_recording_of_the_future_is_pointed_out(tmp_path: Path) -> None:
    config, recording = tmp_path / "config.yaml", tmp_path / "mentions.jsonl"
    config.write_text(CONFIG)
    recording.write_bytes(b"\n".join(line(number, datetime(2199, 1, 1, tzinfo=UTC)) for number in range(3)))
    answer = CliRunner().invoke(command, [str(config), str(recording)])
    assert "3 times in the future, not believed" in answer.output
    assert "Are its years right?" in answer.output


def test_what_concerns_the_system_is_not_held_against_what_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    told = [alert(effects=(Effect.OPERATIONS,), detector="silence", evidence=evidence("Nothing is heard.")), alert()]
    first, last = time("2030-03-30T12:00"), time("14:00")
    found = Report(
        known=[Known(alert=each, known_at=time("11:55")) for each in told],
        matches=Counter({"census": 9}),
        series={"census": Series()},
        detectors={"census": ("volume_spike", "silence")},
        first=first,
        last=last,
    )
    figures = summary(found, [Label(start=time("11:00"), end=time("12:00"))])
    assert (figures.alerts, figures.for_operations, figures.monitors[0].alerts) == (1, 1, 1)
    assert [(each.detector, each.alerts) for each in figures.detectors] == [("volume_spike", 1), ("silence", 1)]
    print_report(found)
    shown = capsys.readouterr().out
    assert "1 alert, 0.48 a day; 1 more for those who run the system\n" in shown
    assert "1 alert for those who run the system left out of this table" in shown
    assert re.search(r"volume_spike\n.*\n\nFor those who run the system\n.* silence\n    Nothing is heard", shown)


def test_alerts_that_fire_at_once_in_one_monitor_fire_once() -> None:
    told = [
        alert(subject=subject, last_at=time("12:05"), resolved_at=time(until))
        for subject, until in (("a", "13:00"), ("b", "13:30"), ("c", "15:00"))
    ]
    found = Report(
        known=[
            Known(alert=each, known_at=time(at)) for each, at in zip(told, ("12:00", "12:10", "14:30"), strict=True)
        ],
        matches=Counter({"census": 9, "health": 0}),
        series={"census": Series(), "health": Series()},
        detectors={"census": ("volume_spike",), "health": ("volume_spike",)},
        first=time("10:00"),
        last=time("14:50"),
    )
    (spike,) = summary(found).detectors
    assert spike.firing == (90 + 20) * 60
    assert spike.firing_share == pytest.approx(110 / 580)
    assert spike.first_mention_to_alert == 19 * 60
    assert spike.a_day is None


def test_an_alert_that_comes_back_counts_again_but_is_not_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    found = Report(
        known=[
            Known(alert=alert(starts_at=time("11:40"), last_at=time("11:50")), known_at=time("11:43")),
            Known(
                alert=alert(starts_at=time("11:40"), last_at=time("20:40"), resolved_at=time("22:40")),
                known_at=time("20:12"),
                came_back_at=time("20:10"),
            ),
        ],
        matches=Counter({"census": 9}),
        series={"census": Series()},
        detectors={"census": ("volume_spike",)},
        first=time("2030-03-30T10:00"),
        last=time("23:00"),
    )
    labels = [Label(start=time("11:00"), end=time("12:00")), Label(start=time("20:00"), end=time("21:00"))]
    figures = summary(found, labels)
    assert (figures.alerts, figures.came_back) == (2, 1)
    assert figures.detectors[0].first_mention_to_alert == 0.0  # the evidence is of 11:50, the alert was known before
    assert (figures.monitors[0].precision, figures.monitors[0].recall) == (1.0, 1.0)
    print_report(found)
    shown = capsys.readouterr().out
    assert re.search(r"2030-04-01 20:10 +critical +30 min +volume_spike\n    Again, after 2030-04-01 11:40: ", shown)
    assert "2 alerts (1 of them again), 0.79 a day\n" in shown
