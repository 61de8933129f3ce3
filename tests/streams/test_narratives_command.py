"""What `groundswell narratives` shows and writes, with the real encoder."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.commands.narratives import command

CONFIG = """\
organisation: {name: Census Office}
monitors:
  - name: census
    query: census
    detectors: {volume_spike: , narrative: {sensitivity: high}}
receivers: [{name: console, type: terminal}]
routes: [{receivers: [console]}]
encoder: {languages: [en]}
"""
BEGIN = datetime(2026, 4, 1, tzinfo=UTC)
TALK = """\
The census van broke down near the old mill
My grandmother loved filling in the census by candlelight
Job offer: census field staff wanted in the north
Historians use the 1881 census to trace sailors
Is the census form available in large print for the blind?
A bird census counted forty herons at the lake
Traffic was awful behind the census parade
The census website has a dark mode now, nice
Our school maths class made its own pizza census
Farm census shows fewer sheep and more goats
He knitted a scarf while waiting for the census helpline
Census data made my thesis on ferry routes possible""".splitlines()
RUMOUR = "The census office sells what we answer to insurance companies"
HOSTILE = "<script>alert(1)</script> <!channel> census \x1b[2J"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], env={"COLUMNS": "200"})


def written(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def mention(number: int, minutes: float, text: str) -> dict[str, Any]:
    at = (BEGIN + timedelta(minutes=minutes)).isoformat()
    return {"id": f"m{number}", "channel": "news", "at": at, "text": text, "lang": "en", "author": {"id": f"a{number}"}}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "census.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Two quiet days of talk about the census, then twenty people tell one story, and three another."""
    talk = [mention(number, 60.0 * number, TALK[number % 12]) for number in range(48)]
    told = [mention(100 + number, 2890 + number, f"{RUMOUR}, says witness {number}") for number in range(20)]
    heard = [mention(200 + number, 2900 + number, f"{HOSTILE} forms smell of fish {number}") for number in range(3)]
    return written(tmp_path / "recording.jsonl", sorted(talk + told + heard, key=lambda each: str(each["at"])))


def test_it_ranks_what_would_have_been_told(config: Path, recording: Path) -> None:
    shown = run(config, recording)
    assert shown.exit_code == 0, shown.output
    assert "1 narrative would have been told" in shown.stdout
    first = next(line for line in shown.stdout.splitlines() if line.lstrip().startswith("1 "))
    assert "unverified" in first
    assert "insurance" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_the_page_shows_what_was_told_and_what_was_only_heard_as_literal_text(
    config: Path, recording: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    assert run(config, recording, "--html", page).exit_code == 0
    html = page.read_text()
    assert "sells what we answer to insurance companies" in html
    assert "<script" not in html, "texts are quoted and never act"
    assert "&lt;script&gt;" in html
    assert "that nobody was told of" in html
    assert "http" not in html.partition("</style>")[0].replace("http-equiv", ""), "it loads nothing"


def test_programs_get_every_narrative_as_a_line(config: Path, recording: Path) -> None:
    lines = [json.loads(line) for line in run(config, recording, "--json").stdout.splitlines()]
    assert [line["told"] is not None for line in lines] == [True, *[False] * (len(lines) - 1)]
    assert lines[0]["told"]["alert"]["evidence"]["mentions"] >= 8


def test_each_document_is_followed_to_its_narrative(tmp_path: Path) -> None:
    stories = ["mayor opens new bridge over river in city", "cat wins prize at county fair show"]
    lines = [{"Id": number, "title": f"{stories[number % 2]} report {number}"} for number in range(40)]
    documents, out = written(tmp_path / "docs.jsonl", [*lines, {"Id": 40, "title": ""}]), tmp_path / "out.jsonl"
    said = run(documents, "--assignments", out, "--id-field", "Id", "--text-field", "title")
    assert said.exit_code == 0, said.output
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["id"] for row in rows] == list(range(41)), "one line each, in file order"
    assert len({row["end"] for row in rows[0:40:2]}) == len({row["end"] for row in rows[1:40:2]}) == 1
    assert rows[0]["end"] != rows[1]["end"]
    assert Counter(row["end"] for row in rows)[rows[40]["end"]] == 1, "what says nothing belongs nowhere"
    assert "taken to be in one language: en" in said.stderr
    assert "ids are from 'Id', texts from 'title'" in said.stderr
    assert "by letters only" not in said.stderr


def test_texts_that_the_model_does_not_cover_are_told(tmp_path: Path) -> None:
    documents = written(tmp_path / "docs.jsonl", [{"id": 1, "text": "国勢調査の回答は保険会社に売られている"}])
    said = run(documents, "--assignments", tmp_path / "out.jsonl")
    assert "1 text matched by letters only" in said.stderr


def test_a_config_says_which_settings_documents_are_gathered_with(config: Path, tmp_path: Path) -> None:
    documents = written(tmp_path / "docs.jsonl", [{"id": "a", "text": "mayor opens the new bridge today"}])
    assert run(config, documents, "--assignments", tmp_path / "out.jsonl").exit_code == 0


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["{bad"], "docs.jsonl:1: is no JSON"),
        (['{"id": "a", "text": "caf\udce9"}'], "docs.jsonl:1: has a byte 0xe9 that is not UTF-8: save it as UTF-8"),
        (["[1]"], "docs.jsonl:1: is no JSON object"),
        (['{"text": "a"}'], "docs.jsonl:1: has no id in 'id' (it has \"text\"): name its field by --id-field"),
        (['{"id": "a", "said": "b"}'], "docs.jsonl:1: has no text in 'text'"),
        (['{"id": "a", "text": "b"}', '{"id": "b", "text": 5}'], "docs.jsonl:2: has no text in 'text' but"),
        (['{"id": "a", "text": "b"}', '{"id": "b", "text": '], "docs.jsonl:2: is no JSON"),
        (['{"id": 1, "text": "b", "at": "noon"}'], 'docs.jsonl:1: "at" is no time'),
        (['{"id": 1, "text": "b", "at": "9999-12-31T23:59:59Z"}'], 'docs.jsonl:1: "at" is before 1970 or after 9000'),
        (['{"id": 1, "text": "b", "at": "0001-01-01T00:00:00+14:00"}'], 'docs.jsonl:1: "at" is before 1970'),
        (['{"id": 1, "text": "b", "at": 1e999}'], 'docs.jsonl:1: "at" is no time'),
        (['{"id": 1, "text": "b", "at": true}'], 'docs.jsonl:1: "at" is no time'),
    ],
)
def test_a_bad_document_is_named_with_its_line_and_a_remedy(tmp_path: Path, lines: list[str], complaint: str) -> None:
    path = tmp_path / "docs.jsonl"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    said = run(path, "--assignments", tmp_path / "out.jsonl")
    assert said.exit_code == 1
    assert complaint in said.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_what_cannot_be_asked_for_says_what_can(config: Path, recording: Path, tmp_path: Path) -> None:
    assert "name a config and a recording" in run(config).stderr
    assert "is read" in run(config, recording, "--html", recording).stderr
    both = run(config, recording, "--assignments", tmp_path / "out.jsonl", "--html", tmp_path / "page.html")
    assert "ask for one of them" in both.stderr
    counts = tmp_path / "counts.csv"
    counts.write_text("timestamp,value\n2030-04-01 00:00:00,3\n2030-04-01 00:05:00,4\n")
    assert "holds counts, which have no texts" in run(config, counts).stderr
    config.write_text(CONFIG.replace(", narrative: {sensitivity: high}", ""))
    assert 'no monitor has the detector "narrative"' in run(config, recording).stderr


def test_lines_that_are_no_mentions_are_no_silence(config: Path, recording: Path, tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.jsonl"
    rubbish.write_text("{\nhello\n")
    shown = run(config, rubbish).output
    assert "Nothing in this recording could be read as a mention." in shown
    assert "2 lines could not be read." in shown
    assert "2 lines could not be read." in run(config, recording, rubbish).output
