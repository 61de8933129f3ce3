"""`groundswell backtest`: its options, what it refuses, and the files that it writes."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.commands.backtest import command
from tests.streams.recordings import CONFIG, line, lines

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
