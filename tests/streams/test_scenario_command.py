"""`groundswell test` says what holds and what does not, to people and to programs."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.commands.test import command
from streams.reading import read_mention
from tests.streams.small_scenario import HEAD


def called(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], env={"COLUMNS": "90"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.test.yaml"
    passes = HEAD % (1, "      - calm: {per_hour: 6}")  # a day on which it only learns
    fails = passes.split("scenarios:\n")[1].replace("a test", "one that fails").replace("{no_alert: any}", "alert: any")
    path.write_text(passes + fails)
    return path


def test_it_is_all_right(file: Path) -> None:
    done = called(file, "--only", "A TEST")
    assert done.exit_code == 0
    assert "✓ a test" in done.stdout
    assert "1 scenario: 1 passed" in done.stdout


def test_what_fails_is_told_with_its_line_and_how_to_see_more(file: Path) -> None:
    done = called(file)
    assert done.exit_code == 1
    assert "✗ one that fails" in done.stdout
    assert f"{file}:15" in done.stdout
    assert "expected  an alert" in done.stdout
    assert "no such alert came, nor any other" in done.stdout
    assert f'groundswell test {file} --only "one that fails" --show' in done.stdout
    assert "2 scenarios: 1 passed, 1 failed" in done.stdout


def test_a_file_that_cannot_be_used_is_another_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    path.write_text("scenarios: []")
    done = called(path, tmp_path / "b.test.yaml")
    assert done.exit_code == 2
    assert f"{path}:1: " in done.stderr
    assert "b.test.yaml: there is no such file" in done.stderr
    assert "2 problems; nothing was run." in done.stderr


def test_words_that_no_name_has_are_told(file: Path) -> None:
    done = called(file, "--only", "zebra")
    assert done.exit_code == 2
    assert "one that fails" in done.stderr


def test_machines_read_a_line_a_scenario(file: Path) -> None:
    done = called(file, "--json", "--seeds", "2")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["scenario"], each["seed"], each["passed"]) for each in told] == [
        ("a test", 1, True), ("a test", 2, True), ("one that fails", 1, False), ("one that fails", 2, False),
    ]  # fmt: skip
    assert told[2]["failures"] == [{"line": 15, "expected": "an alert", "found": "no such alert came"}]


def test_several_seeds_show_whether_it_was_luck(file: Path) -> None:
    assert "0 of 2 seeds passed" in called(file, "--seeds", "2", "--only", "fails").stdout


def test_the_mentions_can_be_saved_for_a_backtest(file: Path, tmp_path: Path) -> None:
    called(file, "--save", tmp_path / "saved", "--only", "a test")
    (saved,) = (tmp_path / "saved").iterdir()
    assert saved.name == "a-test.jsonl"
    read = [read_mention(line, datetime(2040, 1, 1, tzinfo=UTC)) for line in saved.read_bytes().splitlines()]
    assert sum(not getattr(each, "synthetic", True) for each in read) > 100
