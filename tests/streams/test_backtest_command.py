"""The command `groundswell backtest`: what it prints, writes and refuses."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerting.alert import Severity
from streams.backtest.printing import print_report
from streams.backtest.run import Report
from streams.commands.backtest import command
from tests.building import alert, claim, evidence, notification
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
    print_report(Report(alerts=[told], notifications=[notification(), notification(receiver="press")]))
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
