"""That claims mean the same in every format, and what is said of what cannot be used."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from detectors.known_claim import KnownClaim
from streams.claims_files.places import NoClaimsThere, files_of
from streams.claims_files.reading import ClaimsRead, load_all_claims, load_claims, read_claims
from streams.claims_files.rows import Missing, derived_id
from streams.settings.problem import ConfigError

PIN = KnownClaim(
    id="pin",
    claim="They ask for your PIN",
    verdict="False",
    checked_by="Facts Desk",
    url="https://facts.example.org/pin?a=1",
    checked_on=date(2026, 3, 12),
    languages=("en", "es"),
    title="No PIN, says the office",
    also=("The form wants your PIN", "Piden tu PIN"),
    answer="Never.\nWe ask for none.",
    owner="Press desk",
)
YAML = """\
- id: pin
  claim: They ask for your PIN
  verdict: "False"
  checked_by: Facts Desk
  url: https://facts.example.org/pin?a=1
  checked_on: 2026-03-12
  languages: [en, es]
  title: No PIN, says the office
  also: [The form wants your PIN, Piden tu PIN]
  answer: |-
    Never.
    We ask for none.
  owner: Press desk
"""
RECORD = {
    "id": "pin",
    "claim": "They ask for your PIN",
    "verdict": "False",
    "checked_by": "Facts Desk",
    "url": "https://facts.example.org/pin?a=1",
    "checked_on": "2026-03-12",
    "languages": ["en", "es"],
    "title": "No PIN, says the office",
    "also": ["The form wants your PIN", "Piden tu PIN"],
    "answer": "Never.\nWe ask for none.",
    "owner": "Press desk",
}
CSV = (
    "id,Claim,Verdict,checked by,URL,checked_on,languages,title,also,answer,owner\r\n"
    "pin,They ask for your PIN,False,Facts Desk,https://facts.example.org/pin?a=1,2026-03-12,en|es,"
    '"No PIN, says the office",The form wants your PIN | Piden tu PIN,"Never.\r\nWe ask for none.",Press desk\r\n'
)
REVIEW = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "identifier": "pin",
    "claimReviewed": "They ask for your PIN",
    "reviewRating": {"@type": "Rating", "ratingValue": 1, "bestRating": 5, "alternateName": "False"},
    "author": {"@type": "Organization", "name": "Facts &amp; Desk"},
    "url": "https://facts.example.org/pin",
    "datePublished": "2026-03-12T08:30:00+01:00",
    "inLanguage": "es-MX",
    "name": "No PIN, says the office",
    "itemReviewed": {
        "@type": "Claim",
        "name": "The form wants your PIN",
        "alternateName": "PIN",
        "author": {"name": "X"},
    },
    "image": {"@type": "ImageObject", "url": "https://facts.example.org/pin.png"},
}
REVIEWED = KnownClaim(
    id="pin",
    claim="They ask for your PIN",
    verdict="False",
    checked_by="Facts & Desk",
    url="https://facts.example.org/pin",
    checked_on=date(2026, 3, 12),
    languages=("es",),
    title="No PIN, says the office",
    also=("The form wants your PIN",),
)


def written(folder: Path, name: str, content: str | bytes | Any) -> Path:
    path = folder / name
    if not isinstance(content, str | bytes):
        content = json.dumps(content, indent=1)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def complaints(path: Path, **missing: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_all_claims([path], Missing(**missing))
    return [str(problem).removeprefix(f"{path.parent}/") for problem in caught.value.problems]


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
    [claim] = load_claims(path, lenient=True)
    assert (claim.id, claim.claim, claim.title, claim.verdict, claim.checked_by) == ("a", "b", "t", "", "")
    assert load_claims(written(tmp_path, "b.yaml", "- {id: a, claim: b, more: 1}"), lenient=True)[0].id == "a"


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


def test_entries_name_files_folders_and_patterns(tmp_path: Path) -> None:
    folder = tmp_path / "cl[ai]ms"
    (folder / "sub.yaml").mkdir(parents=True)
    for name in ("b.yaml", "a.csv", "c.json", "README.md", ".hidden.yaml"):
        written(folder, name, "")
    assert [path.name for path in files_of("cl[ai]ms", tmp_path)] == ["a.csv", "b.yaml", "c.json"]
    assert [path.name for path in files_of("cl[ai]ms/b.yaml", tmp_path)] == ["b.yaml"]
    assert [path.name for path in files_of("*.yaml", folder)] == ["b.yaml"]
    assert [path.name for path in files_of(f"{tmp_path}/*/[bc].*", tmp_path)] == ["b.yaml", "c.json"]
    assert files_of("cl[ai]ms/sub.yaml", tmp_path) == []


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("cla.yaml", 'there is no claims file "cla.yaml"; did you mean "claims.yaml"'),
        ("q/none.yaml", "there is no claims file .*; expected its place relative to this file"),
        ("*.csv", "no claims file is like"),
        ("notes.txt", "is no claims file by its name; expected one that ends .yaml"),
    ],
)
def test_an_entry_that_names_nothing_is_refused(tmp_path: Path, entry: str, complaint: str) -> None:
    written(tmp_path, "claims.yaml", "")
    written(tmp_path, "notes.txt", "")
    with pytest.raises(NoClaimsThere, match=complaint):
        files_of(entry, tmp_path)


def test_a_file_that_two_entries_name_is_read_once(tmp_path: Path) -> None:
    path = written(tmp_path, "a.yaml", YAML)
    assert load_all_claims([path, tmp_path / "." / "a.yaml"]) == (PIN,)
    assert load_claims(tmp_path) == (PIN,)
