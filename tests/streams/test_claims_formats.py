"""That claims mean the same in every format."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from streams.claims_files.reading import load_all_claims, load_bare_claims, load_claims
from streams.claims_files.rows import Missing, derived_id
from tests.streams.claim_rows import CSV, PIN, RECORD, REVIEW, REVIEWED, YAML, complaints, written


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", YAML),
        ("a.yml", "\ufeff" + YAML),
        ("a.json", [RECORD]),
        ("a.JSON", json.dumps([RECORD], ensure_ascii=False)),
        ("a.jsonl", json.dumps(RECORD) + "\n\n"),
        ("a.ndjson", json.dumps(RECORD)),
        ("a.csv", CSV),
        ("a.csv", "\ufeff" + CSV),
        ("a.csv", CSV.replace(", says", "§").replace(",", ";").replace("§", ", says")),
        ("a.csv", CSV.replace(", says", "§").replace(",", "\t").replace("§", ", says")),
    ],
)
def test_a_claim_is_the_same_in_every_format(tmp_path: Path, name: str, content: Any) -> None:
    assert load_claims(written(tmp_path, name, content)) == (PIN,)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", REVIEW),
        ("a.json", [REVIEW]),
        ("a.json", {"@context": "https://schema.org", "@graph": [{"@type": "ClaimReview"} | REVIEW]}),
        ("a.json", {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": [REVIEW]}]}),
        ("a.json", REVIEW | {"@type": ["ClaimReview", "Article"], "author": [{"name": "Facts & Desk"}]}),
        ("a.json", REVIEW | {"author": "Facts & Desk", "inLanguage": {"@type": "Language", "alternateName": "es"}}),
        ("a.jsonl", json.dumps(REVIEW)),
        (
            "a.csv",
            "identifier,id,claimReviewed,reviewRating.alternateName,author.name,url,datePublished,inLanguage,name,also\n"
            "x,pin,They ask for your PIN,False,Facts & Desk,https://facts.example.org/pin,2026-03-12T00:00:00Z,es,"
            '"No PIN, says the office",The form wants your PIN\n',
        ),
    ],
)
def test_a_claim_review_is_read_wherever_it_stands(tmp_path: Path, name: str, content: Any) -> None:
    assert load_claims(written(tmp_path, name, content)) == (REVIEWED,)


def test_the_line_of_a_record_is_its_own_wherever_the_list_stands(tmp_path: Path) -> None:
    feed = {"meta": {"@graph": [1, 2], "text": '"@graph": ['}, "@graph": [REVIEW, REVIEW | {"claimReviewed": ""}]}
    path = written(tmp_path, "a.json", feed)
    [told] = complaints(path)
    line = int(told.split(":")[1])
    assert path.read_text().split("\n")[line - 1].strip() == "{"
    assert path.read_text().split("\n")[line:][3] == '   "claimReviewed": "",'
    assert 'the key "claim" is missing (claimReviewed in a ClaimReview)' in told
    [told] = complaints(written(tmp_path, "b.json", json.dumps(feed) + "}"))
    assert told.startswith("b.json:1: this is not JSON: Extra data")


def test_an_answer_of_the_fact_check_tools_is_read_with_each_of_its_reviews(tmp_path: Path) -> None:
    review = {
        "publisher": {"name": "Facts Desk", "site": "facts.example.org"},
        "url": "https://facts.example.org/pin",
        "title": "No PIN",
        "reviewDate": "2026-03-12T00:00:00Z",
        "textualRating": "Falso",
        "languageCode": "es",
    }
    other = {"publisher": {"site": "twice.example.org"}, "url": "https://twice.example.org/1", "textualRating": "False"}
    answer = {
        "claims": [{"text": "Piden tu PIN", "claimant": "X", "claimReview": [review, other]}],
        "nextPageToken": "A",
    }
    first, second = load_claims(written(tmp_path, "a.json", answer))
    assert (first.claim, first.verdict, first.checked_by) == ("Piden tu PIN", "Falso", "Facts Desk")
    assert (first.checked_on, first.languages, first.title) == (date(2026, 3, 12), ("es",), "No PIN")
    assert (second.checked_by, second.url) == ("twice.example.org", "https://twice.example.org/1")
    assert first.id != second.id
    assert load_claims(written(tmp_path, "b.json", answer["claims"])) == (first, second)
    assert load_claims(written(tmp_path, "c.json", answer["claims"][0])) == (first, second)


def test_a_missing_id_is_made_of_the_claim_and_of_where_it_was_checked() -> None:
    made = derived_id("They ask for your PIN,  and more words", "https://facts.example.org/pin")
    assert made == derived_id("they ask for your pin, and more words ", "https://facts.example.org/pin")
    assert made.startswith("they-ask-for-your-pin-")
    assert made != derived_id("They ask for your PIN,  and more words", "https://twice.example.org")
    assert derived_id("国勢調査は中止", "a").startswith("claim-")
    assert derived_id("¿Piden tu número?", "a").startswith("piden-tu-numero-")


def test_the_id_of_a_row_without_one_does_not_change_with_its_verdict_or_format(tmp_path: Path) -> None:
    bare = {key: value for key, value in RECORD.items() if key != "id"}
    [first] = load_claims(written(tmp_path, "a.json", [bare]))
    [again] = load_claims(written(tmp_path, "b.jsonl", json.dumps(bare | {"verdict": "True", "answer": "Yes."})))
    [table] = load_claims(written(tmp_path, "c.csv", CSV.replace("id,Claim", "row,Claim")))
    assert first.id == again.id == table.id == derived_id(PIN.claim, PIN.url or "")


def test_what_is_missing_is_taken_from_the_defaults(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", '{"id": "a", "claim": "b"}\n{"id": "c", "claim": "d", "verdict": "True"}')
    missing = Missing(verdict="False", checked_by="Facts Desk", owner="Press desk", languages=("es",))
    first, second = load_all_claims([path], missing)
    assert (first.verdict, first.checked_by, first.owner, first.languages) == (
        "False",
        "Facts Desk",
        "Press desk",
        ("es",),
    )
    assert second.verdict == "True"


def test_a_list_made_to_judge_a_matcher_may_lack_verdicts_and_have_more_keys(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", '{"id": "a", "claim": "b", "title": "t", "tweets": 3}')
    [claim] = load_bare_claims(path).claims
    assert (claim.id, claim.claim, claim.title, claim.verdict, claim.checked_by) == ("a", "b", "t", "", "")
    assert load_bare_claims(written(tmp_path, "b.yaml", "- {id: a, claim: b, more: 1}")).claims[0].id == "a"
