"""The command `groundswell backtest`: what it prints, writes and refuses."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

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


CALM_THEN_RISE = [*[10 + number % 3 for number in range(2 * 288)], 60, 90, *[10] * 20]
"""Of the row 578, at 2026-03-03 00:00."""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    rows = [f"{start + n * timedelta(minutes=5):%Y-%m-%d %H:%M:%S},{count}" for n, count in enumerate(CALM_THEN_RISE)]
    path = tmp_path / "counts.csv"
    path.write_text("\n".join(["timestamp,value", *rows]))
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "mentions.jsonl"
    path.write_bytes(b"\n".join(lines()))
    return path


def backtest(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


def refusal(*arguments: object) -> str:
    """What is said, in one line, where it is refused."""
    answer = backtest(*arguments)
    assert answer.exit_code in (1, 2), answer.output
    assert isinstance(answer.exception, SystemExit)
    return " ".join(answer.output.split())


@pytest.mark.parametrize("width", [80, 120])
def test_beside_the_config_stand_its_controls(
    width: int, config: Path, counts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    labels = tmp_path / "labels.csv"
    labels.write_text(
        "start,end,monitor\n2026-03-02 23:50,2026-03-03 06:00,census\n"
        "2026-03-01 03:00,2026-03-01 04:00,census\n2020-01-01,2020-01-02,\n"
    )
    said = backtest(config, counts, "--labels", labels).stdout.splitlines()
    assert max(map(len, said)) <= width
    table = {re.split(" {2,}", line)[0]: re.split(" {2,}", line.strip())[1:] for line in said}
    assert table["this config, census"] == ["1", "0.48", "100 %", "50 %", "15 min"]
    assert table["this config, health"] == ["1", "0.48", "-", "-", "-"]
    assert table["this config, all monitors"] == ["2", "0.96", "100 %", "50 %", "15 min"]
    assert table["null"] == ["0", "0.00", "-", "0 %", "-"]
    assert table["random"][:2] == ["2", "0.96"]
    assert table["z-score"] == ["2", "0.96", "100 %", "50 %", "15 min"]
    assert table["volume_spike"][:3] == ["2", "0.96", "5 min"]
    assert "1 label outside of the recording, or of other monitors, left out" in said


def test_the_summary_is_the_same_for_machines(config: Path, counts: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("start,end\n2026-03-02 23:50,2026-03-03 06:00\n")
    *alerts, last = map(json.loads, backtest(config, counts, "--json", "--labels", labels).stdout.splitlines())
    summary = last["summary"]
    assert {each["monitor"] for each in alerts} == {"census", "health"}
    assert (summary["alerts"], summary["labels"], summary["labels_outside"]) == (2, 2, 0)
    assert summary["everything"]["recall"] == 1.0
    (spike,) = summary["detectors"]
    assert (spike["detector"], spike["alerts"]) == ("volume_spike", 2)
    assert spike["first_mention_to_alert"] == pytest.approx(300, abs=0.1)
    assert 0 < spike["firing_share"] < 1
    assert {each["name"]: each["alerts"] for each in summary["controls"]} == {
        "null": 0, "random": 2.0, "z-score": 2, "spike ratio": 0
    }  # fmt: skip


def test_scores_are_written_for_the_one_monitor_that_is_named(config: Path, counts: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    assert "--scores is for one monitor, and there are 2: say which by --monitor census" in refusal(
        config, counts, "--scores", out
    )
    assert not out.exists()
    assert backtest(config, counts, "--scores", out, "--monitor", "census").exit_code == 0
    lines = out.read_text().splitlines()
    assert lines[0] == "timestamp,value,anomaly_score"
    assert [line.rpartition(",")[0] for line in lines[1:]] == counts.read_text().splitlines()[1:]
    assert lines[577] == "2026-03-03 00:00:00,60,1.0"
    assert {line.rpartition(",")[2] for line in lines[1:577]} == {"0.0"}


def test_scores_need_one_file_of_counts(config: Path, counts: Path, recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    later = tmp_path / "later.csv"
    later.write_text("timestamp,value\n2027-01-01 00:00:00,5\n")
    asked = ("--monitor", "census", "--scores", out)
    assert "and these are 2 files: give one at a time" in refusal(config, counts, later, *asked)
    assert "and these are mentions" in refusal(config, recording, *asked)


def test_an_unknown_monitor_is_refused(config: Path, counts: Path) -> None:
    said = refusal(config, counts, "--monitor", "cencus")
    assert said == f'Error: {config}: no monitor is called "cencus"; did you mean "census"?'


def test_one_monitor_is_run_alone(config: Path, recording: Path) -> None:
    said = backtest(config, recording, "--monitor", "health").stdout
    assert "0 for health matched" in said
    assert "census" not in said


def test_detectors_that_read_texts_are_left_out_for_counts(config: Path, counts: Path) -> None:
    config.write_text(CONFIG.replace("{volume_spike: {sensitivity: high}}", "{volume_spike: {}, narrative: {}}", 1))
    answer = backtest(config, counts)
    assert answer.exit_code == 0
    assert "census: counts have no texts; left out: narrative" in answer.stderr
    assert "narrative" not in answer.stdout
    config.write_text(CONFIG.replace("volume_spike: {sensitivity: high}", "narrative: {}"))
    assert "no detector of this config judges counts" in refusal(config, counts)


def test_a_page_is_written_whole(config: Path, recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert backtest(config, recording, "--html", out).exit_code == 0
    page = out.read_text()
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "config.yaml over mentions.jsonl" in page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "mentions.jsonl", "page.html"]


@pytest.mark.parametrize("option", ["--html", "--scores"])
def test_no_file_that_is_read_is_ever_written(option: str, config: Path, counts: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("start,end\n")
    (tmp_path / "link.csv").symlink_to(counts)
    before = {path: path.read_bytes() for path in (config, counts, labels)}
    for path in (*before, tmp_path / "link.csv"):
        said = refusal(config, counts, "--labels", labels, "--monitor", "census", option, path)
        assert f"is read too: give {option} another file" in said
    assert {path: path.read_bytes() for path in before} == before


def test_two_outputs_are_two_files(config: Path, counts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = refusal(config, counts, "--monitor", "census", "--html", out, "--scores", out)
    assert "is for --html too: give --scores another file" in said


def test_where_nothing_can_be_written_is_told_before_the_run(config: Path, counts: Path, tmp_path: Path) -> None:
    said = refusal(config, counts, "--html", tmp_path / "missing" / "page.html")
    assert "cannot be written: --html needs a folder that is there" in said


def test_a_config_is_held_against_another(config: Path, recording: Path, tmp_path: Path) -> None:
    deaf = tmp_path / "deaf.yaml"
    deaf.write_text(CONFIG.replace("sensitivity: high", "threshold: 20.0"))
    assert "--fail-on says what may not differ" in refusal(config, recording, "--fail-on", "lost")
    same = backtest(config, recording, "--against", config, "--fail-on", "lost", "--fail-on", "gained")
    assert same.exit_code == 0
    lost = backtest(deaf, recording, "--against", config, "--fail-on", "lost")
    assert (lost.exit_code, lost.stderr) == (1, "Failed: 1 alert lost (--fail-on)\n")
    assert "against config.yaml" in lost.stdout
    gained = backtest(config, recording, "--against", deaf, "--fail-on", "lost", "--json")
    assert gained.exit_code == 0
    comparison = json.loads(gained.stdout.splitlines()[-1])["comparison"]
    assert [each["kind"] for each in comparison["differences"]] == ["gained"]


def test_two_configs_judge_the_same_counts(config: Path, counts: Path) -> None:
    answer = backtest(config, counts, "--against", config, "--fail-on", "lost", "--fail-on", "later")
    assert answer.exit_code == 0


def test_a_mistake_in_counts_is_told_with_its_line(config: Path, counts: Path) -> None:
    counts.write_text(counts.read_text().replace(",60\n", ",-60\n"))
    assert f"{counts}:578: the value -60 counts nothing: give how many mentions there were" in refusal(config, counts)


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


@pytest.mark.parametrize(("name", "content"), [("empty.jsonl", ""), ("empty.csv", "timestamp,value\n")])
def test_of_nothing_nothing_is_said(name: str, content: str, config: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content)
    answer = backtest(config, path, "--html", tmp_path / "page.html")
    assert (answer.exit_code, answer.stdout) == (0, "0 mentions over 0 min; none matched\n0 alerts\n")
    (last,) = map(json.loads, backtest(config, path, "--json").stdout.splitlines())
    assert (last["summary"]["alerts"], last["summary"]["first"]) == (0, None)


def test_a_file_of_something_else_is_no_quiet_recording(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "windows.jsonl"
    path.write_text('{"census": [\n  ["2026-03-01 09:00"]\n{"text": "census"}\n')
    assert "windows.jsonl: none of 3 lines holds a mention (1 " in refusal(config, path)


def test_where_a_query_hears_nothing_the_next_step_is_told(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "others.jsonl"
    path.write_bytes(line(0, datetime(2026, 3, 1, tzinfo=UTC), "nothing of interest"))
    assert "Nothing matched: groundswell match shows what a query hears\n" in backtest(config, path).stdout
