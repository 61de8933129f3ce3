"""The report on which languages are understood: its counts, its sentences, and the command."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec import convert
from rich.console import Console

from alerting.language_names import language_name
from detectors.mention import Mention
from streams.commands.coverage import command
from streams.coverage.counting import Cell, Coverage, Row, by_channel, by_language, count, total
from streams.coverage.printing import as_json, print_coverage
from streams.coverage.verdicts import advice, verdict
from streams.encoding.outcomes import Outcome
from streams.settings.config import Encoder

OFFLINE, ENGLISH = Encoder(), frozenset({"en"})
NOW = datetime(2030, 4, 1, 12, tzinfo=UTC)
CONFIG = """
organisation: {{name: Census Office}}
encoder: {{cache: {cache}}}
monitors:
  - {{name: census, query: census OR 国勢調査, detectors: {{narrative: {{}}}}}}
  - {{name: loud, query: census, detectors: {{volume_spike: {{}}}}}}
receivers: [{{name: console, type: terminal}}]
routes: [{{receivers: [console]}}]
"""


class Judge:
    """Texts say themselves what becomes of them: `ja language`."""

    def outcomes(self, mentions: Sequence[Mention]) -> list[tuple[str, Outcome]]:
        return [convert(mention.text.split()[:2], tuple[str, Outcome]) for mention in mentions]


class Ja:
    def matches(self, mention: Mention) -> Sequence[str]:
        return ["tokyo", "unread"] if mention.text.startswith("ja") else []


def line(number: int, text: str, channel: str = "bluesky", **more: object) -> bytes:
    return json.dumps({"id": str(number), "channel": channel, "at": NOW.isoformat(), "text": text} | more).encode()


def row(language: str = "ja", heard: int = 100, **counts: int) -> Row:
    names = ("encoded", "not_covered", "uncalibrated", "shattered", "no_words")
    return convert({"language": language, "heard": heard, **dict.fromkeys(names, 0), **counts}, Row)


def printed(found: Coverage, width: int = 80) -> str:
    paper = StringIO()
    print_coverage(found, OFFLINE, ENGLISH, Console(file=paper, width=width, highlight=False))
    return paper.getvalue()


def test_mentions_are_counted_by_language_channel_and_outcome_and_per_monitor() -> None:
    lines = [
        line(1, "en encoded"),
        line(2, "ja language"),
        line(3, "ja language", "x"),
        line(4, "ja shattered", "x"),
        b"rubbish",
        line(5, "und no_words"),
    ]
    found = count(lines, Ja(), Judge(), ["tokyo"], NOW)
    assert (found.lines, found.malformed) == (6, 1)
    assert found.heard == Counter(
        {
            ("en", "bluesky", "encoded"): 1,
            ("ja", "bluesky", "language"): 1,
            ("ja", "x", "language"): 1,
            ("ja", "x", "shattered"): 1,
            ("und", "bluesky", "no_words"): 1,
        }
    )
    assert {monitor: cells.total() for monitor, cells in found.by_monitor.items()} == {"tokyo": 3}


def test_rows_add_up_and_the_most_heard_comes_first() -> None:
    cells: Counter[Cell] = Counter(
        {
            ("ja", "x", "language"): 3,
            ("ja", "news", "shattered"): 1,
            ("en", "x", "encoded"): 2,
            ("de", "x", "encoded"): 2,
        }
    )
    assert [(each.language, each.heard, each.letters) for each in by_language(cells)] == [
        ("ja", 4, 4),
        ("de", 2, 0),
        ("en", 2, 0),
    ]
    assert [(each.channel, each.heard) for each in by_channel(cells)["ja"]] == [("x", 3), ("news", 1)]
    assert (total(cells).heard, total(cells).encoded, total(cells).letters) == (8, 4, 4)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (row("en", encoded=100), "English: all 100 mentions compared by meaning."),
        (row("en", encoded=97, shattered=3), "English: 97 of 100 mentions compared by meaning."),
        (row(not_covered=100), "Japanese: 100 mentions, matched by letters only: the model offline covers en."),
        (
            row("en", encoded=40, shattered=60),
            "English: 60 of 100 mentions, matched by letters only: the tokenizer of offline shatters them.",
        ),
        (row("en", uncalibrated=1, heard=1),
         "English: 1 mention, matched by letters only: the model offline is not calibrated for it."),
        (row("en", not_covered=100),
         "English: 100 mentions, matched by letters only: written in Latin letters, in which no model has learned it."),
        (row("xx", no_words=100), "Language xx: 100 mentions without any words, compared with nothing."),
    ],
)  # fmt: skip
def test_a_language_gets_a_clear_sentence(given: Row, expected: str) -> None:
    assert verdict(given, OFFLINE, ENGLISH) == expected


def test_what_to_do_is_said_once_for_all_languages_that_it_helps() -> None:
    rows = [row("ja", not_covered=90), row("ko", not_covered=90), row("en", encoded=100), row("de", uncalibrated=50)]
    said = advice(rows, OFFLINE, ENGLISH)
    assert len(said) == 2
    assert said[0].startswith("To compare ja, ko by meaning, use a model that covers them (paraphrase-multilingual-")
    assert "encoder.languages" in said[0]
    assert said[1] == "To compare de by meaning, run `groundswell calibrate` on a recording that has them."
    assert "use a model" not in advice([row("yo", not_covered=90)], OFFLINE, ENGLISH)[0]


def test_a_language_without_a_name_is_called_by_its_code() -> None:
    assert (language_name("ja"), language_name("und"), language_name("xyz")) == (
        "Japanese",
        "language unknown",
        "language xyz",
    )


@pytest.mark.parametrize("width", [80, 120])
def test_the_report_fits_the_paper_and_shows_hostile_names_as_text(width: int) -> None:
    heard: Counter[Cell] = Counter({("en", f"channel-{number}", "encoded"): 10 for number in range(9)})
    heard["ja", "x", "language"], heard["ja", "[bold]evil\x1b[31m", "language"] = 1204, 3
    heard["en", "[/bold]", "encoded"] = 5000
    heard["en", "x", "encoded"], heard["en", "news", "shattered"] = 9000, 2
    heard["und", "x", "no_words"], heard["und", "x", "language"], heard["la", "x", "language"] = 40, 7, 1
    said = printed(Coverage(lines=10_300, malformed=43, heard=heard, by_monitor={"tokyo": heard}), width)
    assert max(map(len, said.splitlines())) <= width
    assert "Japanese: 1,207 mentions, matched by letters only" in " ".join(said.split())
    assert "43 lines not read" in said
    assert "No words: 40 mentions" in said
    assert "\x1b[31m" not in said
    assert "[/bold]" in said
    assert "█" in said
    assert "▒" in said


def test_a_recording_of_nothing_and_a_config_without_readers_are_told_as_such() -> None:
    assert "0 mentions heard" in printed(Coverage())
    heard: Counter[Cell] = Counter({("en", "x", "encoded"): 1})
    assert "No monitor of this config compares texts" in printed(Coverage(lines=1, heard=heard))


def test_for_programs_all_figures_are_there() -> None:
    heard: Counter[Cell] = Counter({("ja", "x", "language"): 2, ("en", "x", "encoded"): 1})
    whole = json.loads(as_json(Coverage(lines=3, heard=heard, by_monitor={"tokyo": heard}), OFFLINE, ENGLISH))
    assert whole["covers"] == ["en"]
    (japanese, _) = whole["monitors"]["tokyo"]["languages"]
    assert (japanese["language"], japanese["heard"], japanese["letters"]["language"]) == ("ja", 2, 2)
    assert japanese["channels"][0]["channel"] == "x"
    assert set(whole["verdicts"]) == {"ja", "en"}


def test_the_command_tells_what_the_offline_model_understands(tmp_path: Path, model_cache: Path) -> None:
    config, recording, out = tmp_path / "c.yaml", tmp_path / "mentions.jsonl", tmp_path / "out.json"
    config.write_text(CONFIG.format(cache=model_cache))
    texts = [
        "They are selling our census answers to insurers",
        "国勢調査の回答が保険会社に売られるらしい",
        "😂 https://t.example",
    ]
    recording.write_bytes(b"\n".join(line(number, text) for number, text in enumerate(texts)))
    answer = CliRunner().invoke(command, [str(config), str(recording), "--json", str(out)], env={"COLUMNS": "100"})
    assert answer.exit_code == 0, answer.output
    assert "English: 1 mention compared by meaning." in answer.output
    assert "Japanese: 1 mention, matched by letters only: the model offline covers en." in answer.output
    assert "loud" not in answer.output
    assert json.loads(out.read_bytes())["monitors"]["census"]["total"]["heard"] == 2


def test_channels_without_number_are_counted_in_one_go() -> None:
    cells: Counter[Cell] = Counter({("en", f"c{number}", "encoded"): 1 for number in range(20_000)})
    began = time.process_time()
    as_json(Coverage(heard=cells), OFFLINE, ENGLISH)
    assert time.process_time() - began < 5


def test_a_line_that_is_no_mention_is_told_with_its_place() -> None:
    lines = [line(1, "en encoded"), b"{", line(2, "en encoded"), b"["]
    found = count(lines, Ja(), Judge(), (), NOW)
    assert found.first_malformed is not None
    assert found.first_malformed[0] == 2
    assert "2 lines not read; the first is line 2 of all: " in " ".join(printed(found).split())


def test_the_command_refuses_counts_and_files_of_something_else(tmp_path: Path, model_cache: Path) -> None:
    config, counts, rubbish = tmp_path / "c.yaml", tmp_path / "counts.csv", tmp_path / "rubbish.jsonl"
    config.write_text(CONFIG.format(cache=model_cache))
    counts.write_text("timestamp,value\n2030-04-01 00:00:00,5\n2030-04-01 00:05:00,5\n")
    rubbish.write_text('{"no": "mention"}\n')
    assert "holds counts" in CliRunner().invoke(command, [str(config), str(counts)]).output
    assert "none of 1 lines holds a mention" in CliRunner().invoke(command, [str(config), str(rubbish)]).output
    again = CliRunner().invoke(command, [str(config), str(rubbish), "--json", str(rubbish)])
    assert again.exit_code != 0
    assert rubbish.read_text() == '{"no": "mention"}\n'
