"""What `groundswell match` shows, and that hostile text stays text."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.commands.match import command

CONFIG = """\
organisation: {name: Census Office}
monitors:
  - name: fraud
    query: census NEAR/5 fraud*
    detectors: {volume_spike: }
  - name: wide
    query: census OR zensus
    detectors: {volume_spike: }
receivers: [{name: console, type: terminal}]
routes: [{receivers: [console]}]
"""


def line(text: str, **changes: object) -> str:
    return json.dumps({"id": text[:20], "channel": "news", "at": "2030-04-01T12:00:00Z", "text": text} | changes)


LINES = [
    line("Census fraud everywhere"),
    line("Der Zensus kommt"),
    "{bad",
    line("nothing of note"),
    "",
    line(
        "\x1b]0;owned\x07 cen\u200bsus \u202edecorative [red]markup[/red]",
        channel="x\x1b[2J",
        author={"handle": "a\x9bb"},
    ),
    '{"id": 7}',
]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "census.yaml"
    path.write_text(CONFIG)
    return path


def run(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], input=stdin, env={"COLUMNS": "200"})


def test_it_shows_what_matches_and_why_and_counts(config: Path) -> None:
    shown = run(config, "-", stdin="\n".join(LINES))
    assert shown.exit_code == 0, shown.output
    assert "fraud  matches by  census NEAR/5 fraud*" in shown.stdout
    assert "wide  matches by  zensus" in shown.stdout
    assert "3 of 6 lines match; 2 could not be read." in shown.stdout
    assert "line 3 is no mention" in shown.stderr
    assert "line 7 is no mention" in shown.stderr
    assert "nothing of note" not in shown.output


def test_hostile_text_is_shown_as_text(config: Path) -> None:
    shown = run(config, "-", stdin="\n".join(LINES))
    assert "[red]markup[/red]" in shown.stdout
    assert not set(shown.output) & set("\x1b\x07\x9b\u200b\u202e")


def test_programs_get_json_lines_in_plain_ascii(config: Path) -> None:
    shown = run(config, "-", "--json", stdin="\n".join(LINES))
    told = [json.loads(each) for each in shown.stdout.splitlines()]
    assert shown.stdout.isascii()
    assert "\x1b" not in shown.stdout
    assert told[0]["monitors"] == {"fraud": ["census NEAR/5 fraud*"], "wide": ["census"]}
    assert [each["line"] for each in told if "reason" in each] == [3, 7]
    counts = {"lines": 6, "unreadable": 2, "matched": 3, "monitors": {"fraud": 1, "wide": 3}}
    assert told[-1] == {"summary": counts}


def test_only_one_monitor_and_only_so_many_mentions(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "mentions.jsonl"
    file.write_text("\n".join(LINES))
    shown = run(config, file, "--monitor", "wide", "--limit", 1)
    assert "fraud  matches" not in shown.stdout
    assert shown.stdout.count("matches by") == 1
    assert "the first 1 are shown" in shown.stdout


def test_compressed_files_are_read_and_broken_ones_named(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "mentions.jsonl.gz"
    file.write_bytes(gzip.compress("\ufeff".encode() + "\n".join(LINES).encode()))
    assert "3 of 6 lines match" in run(config, file).stdout
    file.write_bytes(file.read_bytes()[:-20])
    shown = run(config, file)
    assert shown.exit_code == 1
    assert "cannot be read beyond line" in shown.stderr


def test_a_line_without_end_is_one_unreadable_line(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "mentions.jsonl"
    file.write_text("[" * 9_000_000 + "\n" + LINES[0])
    assert "1 of 2 lines match; 1 could not be read." in run(config, file).stdout


def test_wrong_names_and_bad_configs_are_told(config: Path, tmp_path: Path) -> None:
    assert 'did you mean "fraud"?' in run(config, "-", "--monitor", "frauds", stdin="").stderr
    config.write_text(CONFIG.replace("census OR zensus", "census or zensus"))
    shown = run(config, "-", stdin="")
    assert shown.exit_code == 1
    assert "write OR in capitals" in shown.stderr
