"""What is said of what is wrong in a claims file, and what is read beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from streams.claims_files.reading import ClaimsRead, load_claims, read_claims
from tests.streams.claim_rows import CSV, RECORD, REVIEW, YAML, complaints, written


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.json", "", "a.json: the file is empty; expected a list of claims"),
        ("a.json", "[{]", "a.json:1: this is not JSON: Expecting property name"),
        ("a.json", '[\n{"id": "a"}\n{"id": "b"}]', "a.json:3: this is not JSON: Expecting ',' delimiter"),
        ("a.json", "[] []", "a.json:1: this is not JSON: Extra data"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", "[\n\n7]", "a.json:3: 7 stands here; expected a claim as {…}"),
        ("a.json", '["pin"]', 'the text "pin" stands here'),
        ("a.json", '[{"claim": NaN}]', "NaN is no value in JSON"),
        ("a.json", '[{"claim": "a", "claim": "b"}]', 'a.json:1: the key "claim" is given twice; expected once'),
        ("a.json", [RECORD | {"anwser": "x"}], 'a.json:2: unknown key "anwser"; did you mean "answer", which is'),
        ("a.json", [RECORD | {"claim": 7}], '"claim" is the number 7; expected text'),
        ("a.json", [RECORD | {"claim": ["a"]}], '"claim" is a list; expected text'),
        ("a.json", [RECORD | {"also": [{"a": 1}]}], 'item 1 of "also" is keys and values; expected text'),
        ("a.json", [RECORD | {"checked_on": "12/03/2026"}], '"checked_on" is "12/03/2026"; expected a date such as'),
        ("a.json", [RECORD | {"claim": " \u200b\n"}], '"claim" is empty; expected text'),
        ("a.json", [RECORD, RECORD], 'a claim with the id "pin" stands already at'),
        ("a.jsonl", '{"id": "pin"', "a.jsonl:1: this is not JSON"),
        ("a.jsonl", "\n[1, 2]", "a.jsonl:2: a list stands here"),
        ("a.json", [REVIEW | {"reviewRating": {}}], 'the key "verdict" is missing (reviewRating.alternateName in a'),
        ("a.csv", "", "a.csv: the file is empty; expected a header row"),
        (
            "a.csv",
            "text;verdict;author.name\na;b;c\n",
            '"claim" or "claimReviewed"; the first row names "text", "',
        ),
        ("a.csv", CSV.replace("answer", "anwser"), 'a.csv:1: the column "anwser" is not known; did you mean "answer"?'),
        ("a.csv", CSV.replace("URL", "id"), "a.csv:1: two columns hold id; expected one"),
        ("a.csv", CSV.replace("Press desk", "Press, desk"), "this row has 12 cells, the header 11"),
        ("a.csv", CSV.replace(".PIN", ".") + 'x,"never', "a.csv:4: this is not CSV: unexpected end of data; a quote"),
        ("a.csv", CSV.replace("en|es", "english"), '"languages" has "english"; expected codes such as en, es or pt'),
        ("a.csv", CSV.replace("https", "javascript"), '"url" is "javascript://facts.example.org/pin?a=1"; expected'),
        ("a.csv", CSV.replace("https://facts.", "https://fa cts."), "expected one that begins with https://"),
        ("a.csv", CSV.encode("utf-16"), "is not UTF-8; save it as UTF-8"),
        ("a.csv", CSV.replace("They", "x" * 1_001), '"claim" has 1,018 characters; expected at most 1,000'),
        ("a.csv", CSV.replace("en|es", "|".join(["en"] * 51)), '"languages" has 51 in it; expected at most 50'),
        ("a.csv", CSV.replace("Never", "xoxb-1234567890"), "a.csv:2: a Slack token or hook stands here in plain sight"),
        ("a.yaml", YAML + "- {id: b, claim: !!python/name:os.system x, verdict: v, checked_by: d}", "a tag (with !)"),
        ("a.yaml", YAML.replace("pin?", "\\"[:0] + "pin ?"), "expected one that begins with https://"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_remedy(
    tmp_path: Path, name: str, content: Any, complaint: str
) -> None:
    told = complaints(written(tmp_path, name, content))
    assert len(told) == 1
    assert complaint in told[0]


def test_every_problem_of_every_row_is_told_at_once(tmp_path: Path) -> None:
    text = "id,claim,verdict,checked_by,url\na,,False,Desk,ftp://x\nb,c,,Desk,\nc,d,False,Desk,\n"
    assert [each.split(";")[0] for each in complaints(written(tmp_path, "a.csv", text))] == [
        'a.csv:2: the key "claim" is missing (claimReviewed in a ClaimReview)',
        'a.csv:2: "url" is "ftp://x"',
        'a.csv:3: the key "verdict" is missing (reviewRating.alternateName in a ClaimReview)',
    ]


def test_the_line_of_a_row_is_where_it_begins_though_cells_before_it_have_several(tmp_path: Path) -> None:
    text = 'claim,verdict,checked_by\n"a\n\nb",False,Desk\nc,,Desk\n'
    [told] = complaints(written(tmp_path, "a.csv", text))
    assert told.startswith("a.csv:5: ")


def test_texts_are_cleaned_of_what_acts_and_a_formula_is_text(tmp_path: Path) -> None:
    row = RECORD | {"claim": "a\u202eb\x1b[31m\x00 c\nd", "title": '=HYPERLINK("https://x")', "also": ["\ud800", " "]}
    [claim] = load_claims(written(tmp_path, "a.json", [row]))
    assert (claim.claim, claim.title, claim.also) == ("ab[31m c d", '=HYPERLINK("https://x")', ("\ufffd",))


def good_and_bad(folder: Path) -> tuple[ClaimsRead, ClaimsRead, ClaimsRead]:
    one = RECORD | {"id": "one"}
    lines = [json.dumps(one), "{", json.dumps(RECORD | {"verdict": ""}), json.dumps(RECORD)]
    yaml = YAML + "- {id: b}\n- {id: c, claim: *d, verdict: e, checked_by: f}\n" + YAML.replace("pin", "one", 1)
    return (
        read_claims([written(folder, "a.jsonl", "\n".join(lines))]),
        read_claims([written(folder, "a.yaml", yaml)]),
        read_claims([written(folder, "a.csv", CSV + "x,y\n" + CSV.split("\r\n", 1)[1].replace("pin", "one", 1))]),
    )


def test_good_rows_are_there_beside_bad_ones_for_whoever_wants_them(tmp_path: Path) -> None:
    lines, yaml, table = good_and_bad(tmp_path)
    assert [claim.id for claim in lines.claims] == ["one", "pin"]
    assert [claim.id for claim in yaml.claims] == [claim.id for claim in table.claims] == ["pin", "one"]
    assert [read.bad_rows for read in (lines, yaml, table)] == [2, 2, 1]
    assert not any(read.unread for read in (lines, yaml, table))
    assert [problem.line for problem in lines.problems] == [2, 3]


def test_what_cannot_be_read_as_a_file_is_told_apart_from_bad_rows(tmp_path: Path) -> None:
    for name, content in [
        ("a.json", "[{]"),
        ("a.csv", "x,y\n"),
        ("a.yaml", "id: a"),
        ("a.yaml", "- a\n b: ["),
        ("b", ""),
    ]:
        read = read_claims([written(tmp_path, name, content)])
        assert read.unread == read.problems != ()
    assert read_claims([tmp_path / "none.yaml"]).unread
