"""What `groundswell claims import` and `list` do, and that hostile files do no harm."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st

from alerting.plain_text import literal
from detectors.known_claim import KnownClaim
from streams.claims_files.reading import load_claims, read_claims
from streams.claims_files.writing import as_yaml
from streams.commands.check import command as check
from streams.commands.claims import command
from tests.streams.claim_rows import CSV, PIN, RECORD, REVIEW, REVIEWED, YAML, written

CONFIG = """\
organisation: {name: Census Office}
claims: [claims/*.yaml]
monitors: [{name: census, query: census, detectors: {volume_spike: }}]
receivers: [{name: console, type: terminal}]
routes: [{receivers: [console]}]
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], env={"COLUMNS": "160"})


def imported(folder: Path, *arguments: object) -> tuple[KnownClaim, ...]:
    out = folder / "out.yaml"
    result = run("import", *arguments, "--out", out)
    assert result.exit_code == 0, result.output
    return load_claims(out)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [("a.csv", CSV, PIN), ("a.json", [RECORD], PIN), ("a.json", REVIEW, REVIEWED), ("a.yaml", YAML, PIN)],
)
def test_every_format_becomes_our_yaml(tmp_path: Path, name: str, content: Any, expected: KnownClaim) -> None:
    assert imported(tmp_path, written(tmp_path, name, content)) == (expected,)
    text = (tmp_path / "out.yaml").read_text()
    assert text.startswith(f"# 1 claim imported from {name} by groundswell claims import.\n")
    assert "  languages: [e" in text


def test_the_same_claims_in_another_order_give_the_same_file(tmp_path: Path) -> None:
    rows = [RECORD | {"id": f"c{number}"} for number in range(5)]
    imported(tmp_path, written(tmp_path, "a.json", rows))
    text = (tmp_path / "out.yaml").read_text()
    imported(tmp_path, written(tmp_path, "a.json", rows[::-1]), "--force")
    assert (tmp_path / "out.yaml").read_text() == text


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    source, out = written(tmp_path, "a.csv", CSV), written(tmp_path, "out.yaml", "mine")
    refused = run("import", source, "--out", out)
    assert refused.exit_code == 1
    assert "--update adds to it, --force writes over it" in refused.output
    assert out.read_text() == "mine"
    assert run("import", source, "--out", out, "--update").exit_code == 1
    assert out.read_text() == "mine"
    assert imported(tmp_path, source, "--force") == (PIN,)


def test_an_update_keeps_what_people_added_and_takes_what_checkers_changed(tmp_path: Path) -> None:
    bare = {"id": "pin", "claim": "They ask for your PIN", "verdict": "Misleading", "checked_by": "Facts Desk"}
    written(tmp_path, "out.yaml", YAML + "- {id: mine, claim: a, verdict: b, checked_by: c}")
    mine, pin = imported(tmp_path, written(tmp_path, "a.json", [bare | {"also": ["Your PIN!"]}]), "--update")
    assert (pin.verdict, pin.answer, pin.owner) == ("Misleading", PIN.answer, PIN.owner)
    assert pin.also == (*PIN.also, "Your PIN!")
    assert mine.id == "mine"


def test_a_bad_row_refuses_the_whole_unless_it_is_to_be_left_out(tmp_path: Path) -> None:
    source = written(tmp_path, "a.csv", CSV + "x,,False,Desk\r\ny,claim,,Desk\r\n")
    out = tmp_path / "out.yaml"
    refused = run("import", source, "--out", out)
    assert refused.exit_code == 1
    assert 'a.csv:4: the key "claim" is missing' in refused.output
    assert 'a.csv:5: the key "verdict" is missing' in refused.output
    assert (
        "2 problems, so nothing was written; --skip-bad writes the one that is right; "
        "--verdict TEXT says it of all that have none\n"
    ) in refused.output
    assert not out.exists()
    skipped = run("import", source, "--out", out, "--skip-bad")
    assert skipped.exit_code == 0
    assert 'a.csv:4: the key "claim" is missing' in skipped.output
    assert "2 problems; 2 rows left out." in skipped.output
    assert load_claims(out) == (PIN,)
    assert "2 rows that had mistakes left out" in out.read_text()


@pytest.mark.parametrize("flags", [[], ["--skip-bad"]])
def test_a_file_that_cannot_be_read_at_all_is_never_skipped(tmp_path: Path, flags: list[str]) -> None:
    good, bad = written(tmp_path, "a.csv", CSV), written(tmp_path, "b.json", "[{")
    refused = run("import", good, bad, "--out", tmp_path / "out.yaml", *flags)
    assert refused.exit_code == 1
    assert "a file could not be read at all" in refused.output
    assert not (tmp_path / "out.yaml").exists()


def test_defaults_fill_in_and_a_language_that_is_not_given_is_that_of_the_text(tmp_path: Path) -> None:
    rows = [
        {"claim": "Los datos del censo se entregan a las autoridades de inmigración"},
        {"claim": "The census data is handed to the immigration authorities", "verdict": "True"},
        {"claim": "PIN"},
    ]
    source = written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    given = ["--verdict", "False", "--checked-by", "Facts Desk", "--owner", "Press desk"]
    claims = {claim.claim: claim for claim in imported(tmp_path, source, *given)}
    first, second, third = (claims[row["claim"]] for row in rows)
    assert (first.verdict, first.checked_by, first.owner) == ("False", "Facts Desk", "Press desk")
    assert second.verdict == "True"
    assert (first.languages, second.languages, third.languages) == (("es",), ("en",), ("en",))
    assert 'verdict "False", checked_by "Facts Desk", owner "Press desk"' in (tmp_path / "out.yaml").read_text()
    fixed = imported(tmp_path, source, *given, "--language", "es-MX", "--force")
    assert {claim.languages for claim in fixed} == {("es",)}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["none.csv", "--out", "out.yaml"], "there is no claims file"),
        (["--out", "out.yaml"], "Missing argument"),
        ([".", "--out", "out.yaml"], "there is no claims file in it"),
        ([".", "--out", "out.csv"], "expected a name that ends .yaml"),
        ([".", "--out", "out.yaml", "--language", "english"], "is no language; expected a code such as en"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run("import", *arguments)
    assert refused.exit_code != 0
    assert complaint in refused.output


def test_hostile_texts_stay_texts_in_what_is_written_and_shown(tmp_path: Path) -> None:
    hostile = RECORD | {
        "id": "a\u202e\x1b[2J",
        "claim": "- !!python/object:os.system {x: 1} # \u202eevil\nid: b",
        "title": "=cmd|' /C calc'!A1",
        "answer": "--- \n*anchor\n...\n\ttab",
        "owner": "[red]boss[/red]",
    }
    (tmp_path / "claims").mkdir()
    [claim] = load_claims(written(tmp_path, "a.json", [hostile]))
    result = run("import", tmp_path / "a.json", "--out", tmp_path / "claims" / "a.yaml")
    assert result.exit_code == 0
    assert load_claims(tmp_path / "claims" / "a.yaml") == (claim,)
    assert "\u202e" not in (tmp_path / "claims" / "a.yaml").read_text()
    shown = run("list", written(tmp_path, "census.yaml", CONFIG))
    assert "[red]boss[/red]" in shown.output
    assert not {"\u202e", "\x1b"} & set(shown.output)


def test_the_claims_of_a_config_are_listed_with_how_they_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    written(
        tmp_path / "claims",
        "a.yaml",
        YAML.replace("[en, es]", "[en, ja]").replace("Piden tu PIN", "暗証番号を聞かれる"),
    )
    written(tmp_path / "claims", "b.yaml", "- {id: b, claim: 国勢調査, verdict: v, checked_by: d, languages: [ja]}")
    shown = run("list", written(tmp_path, "census.yaml", CONFIG)).output
    assert "meaning, 3 of 4" in shown
    assert "letters" in shown
    assert "2 claims, 1 with an approved answer, 1 by letters only." in shown


def test_the_list_leaves_each_claim_a_whole_line_of_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    text = "The census office sells our answers to insurance companies."
    identity = "the-census-office-sells-our-answers-b2c1"
    rows = f"- {{id: {identity}, claim: {text}, verdict: No evidence, checked_by: Checked Twice, owner: Press desk}}"
    written(tmp_path / "claims", "a.yaml", rows)
    shown = CliRunner().invoke(command, ["list", str(written(tmp_path, "c.yaml", CONFIG))], env={"COLUMNS": "80"})
    assert shown.output.splitlines()[:4] == [
        identity, f"  {text}", "  No evidence, by Checked Twice", "  no approved answer, owner Press desk"
    ]  # fmt: skip


def test_bad_rows_refuse_a_config_unless_it_says_that_they_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    written(tmp_path / "claims", "a.yaml", YAML + "- {id: second}\n")
    refusing = written(tmp_path, "a.yaml", CONFIG)
    skipping = written(tmp_path, "b.yaml", CONFIG + "bad_claims: skip\n")
    assert run("list", refusing).exit_code == 1
    told = CliRunner().invoke(check, [str(skipping)], env={"COLUMNS": "400"})
    assert told.exit_code == 0
    assert "1 known, 1 with an approved answer" in told.output
    assert 'a.yaml:14: the key "claim" is missing' in told.output
    assert "Left out: 1 row." in run("list", skipping).output


texts = st.text(max_size=40).map(literal)
named = texts.filter(bool)


@example(KnownClaim(id="1e5", claim="0E0", verdict="1_0", checked_by="no", also=("0x1F", "12:30", "~")))
@given(
    st.builds(
        KnownClaim,
        id=named,
        claim=named,
        verdict=named,
        checked_by=named,
        checked_on=st.none() | st.dates(),
        title=st.none() | named,
        also=st.lists(named, max_size=3).map(tuple),
        answer=st.none() | st.text(max_size=60).map(lambda text: literal(text, newlines=True)).filter(bool),
        languages=st.sampled_from([("en",), ("no", "en"), ("zh",)]),
    )
)
def test_whatever_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, claim: KnownClaim) -> None:
    folder = tmp_path_factory.mktemp("claims")
    path = written(folder, "a.yaml", as_yaml([claim], []))
    read = read_claims([path])
    assert (read.problems, read.claims) == ((), (claim,))


@example(b'\t""\x00')  # the csv module quotes the delimiter in its complaint
@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:|-\n\r\tid claim\\é@', max_size=120).map(str.encode))
def test_no_file_makes_the_reader_fail(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("claims")
    for name in ("a.yaml", "a.json", "a.jsonl", "a.csv"):
        read = read_claims([written(folder, name, content)])
        assert all(claim.id and claim.claim and claim.verdict for claim in read.claims)
        assert all(str(problem).isprintable() for problem in read.problems)
