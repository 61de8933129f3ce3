"""Lists of claims that were made to judge a matcher by: an id and a claim will do, whatever they are called."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from streams.claims_files.reading import load_bare_claims
from streams.claims_files.reading_row import LONGEST
from streams.settings.problem import ConfigError
from tests.streams.claim_rows import PIN, REVIEW, written

CLAIM = PIN.claim


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"vclaim_id": 7, "vclaim": "CLAIM", "title": "T", "author": 3, "date": "", "url": "x"}'),
        ("a.jsonl", '{"Id": 7, "text": "CLAIM", "headline": "T", "checked_on": "last year", "verdict": 4}'),
        ("a.json", '[{"id": 7, "claim": "CLAIM", "title": "T", "text": "else", "languages": "klingonish"}]'),
        ("a.csv", "claim-id,Claim Text,Title,verdicts\r\n7,CLAIM,T,false\r\n"),
        ("a.csv", "\ufeffid;claimReviewed;name;date\r\n7;CLAIM;T;\r\n"),
        ("a.yaml", "- {id: 7, statement: CLAIM, title: T, more: 1}"),
    ],
)
def test_fields_are_found_that_are_called_as_usual(tmp_path: Path, name: str, content: str) -> None:
    found = load_bare_claims(written(tmp_path, name, content.replace("CLAIM", CLAIM)))
    [claim] = found.claims
    assert (claim.id, claim.claim, claim.title, claim.languages) == ("7", CLAIM, "T", ())
    assert found.given_ids == {"7": "7" if name == "a.csv" else 7}


def test_a_compressed_file_is_read_by_the_rest_of_its_name(tmp_path: Path) -> None:
    lines = json.dumps({"id": 7, "claim": CLAIM}).encode()
    [claim] = load_bare_claims(written(tmp_path, "a.jsonl.gz", gzip.compress(lines))).claims
    assert claim.claim == CLAIM
    for damaged in (lines, gzip.compress(lines)[:-9]):
        with pytest.raises(ConfigError, match="cannot be read"):
            load_bare_claims(written(tmp_path, "b.jsonl.gz", damaged))


def test_fact_checks_are_read_as_elsewhere(tmp_path: Path) -> None:
    [claim] = load_bare_claims(written(tmp_path, "a.json", [REVIEW])).claims
    assert (claim.id, claim.claim, claim.languages, len(claim.also)) == ("pin", CLAIM, ("es",), 1)


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_ids_stay_as_they_stand_in_the_file(tmp_path: Path, ending: str) -> None:
    ids: list[Any] = [1, "2", 2**80, 1.5, True, " a  b\u200b", "é" * 100]
    rows = [{"id": each, "claim": CLAIM} for each in ids]
    content = json.dumps(rows) if ending == "json" else "\n".join(map(json.dumps, rows))
    found = load_bare_claims(written(tmp_path, f"a.{ending}", content))
    given = [found.given_ids[claim.id] for claim in found.claims]
    assert list(map(repr, given)) == list(map(repr, ids))


def test_what_has_no_id_is_given_one_and_what_is_long_is_cut(tmp_path: Path) -> None:
    rows = [{"id": None, "claim": CLAIM}, {"claim": "word " * 1000, "also": ["x " * 1000]}]
    first, second = load_bare_claims(written(tmp_path, "a.json", rows)).claims
    assert first.id.startswith("they-ask-for-your-pin-")
    assert len(second.claim) <= LONGEST["claim"]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([{"id": 1, "claim": CLAIM}, {"id": 1, "claim": CLAIM}], "a.jsonl:2: a claim with the id"),
        ([{"id": 1, "claim": CLAIM}, {"id": "1", "claim": CLAIM}], "a.jsonl:2: a claim with the id"),
        ([{"id": ["x"], "claim": CLAIM}], 'a.jsonl:1: "id" is a list; expected text'),
        ([{"id": 1, "claim": CLAIM}, {"id": 2, "claim": None}], 'a.jsonl:2: the key "claim" is missing'),
        ([{"id": 1, "claim": 5}], 'a.jsonl:1: "claim" is the number 5; expected text'),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(tmp_path: Path, rows: list[Any], complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_bare_claims(written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows))))
    assert complaint in str(caught.value)
