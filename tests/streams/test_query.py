"""What a query means, and what its writer is told where it means nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.queries.query import DEPTH_LIMIT, LENGTH_LIMIT, Query, QueryError, parse
from tests.streams.query_strategies import queries


def read(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


@pytest.mark.parametrize(
    ("query", "means"),
    [
        ("census fraud", "census AND fraud"),
        ("census\n  AND fraud", "census AND fraud"),
        ("“tax cuts” „Steuer runter“ «le fisc»", '"tax cuts" AND "Steuer runter" AND "le fisc"'),
        ("census -jobs", "census AND NOT jobs"),
        ("census –jobs", "census AND NOT jobs"),
        ("census NOT (jobs OR careers)", "census AND NOT (jobs OR careers)"),
        ("census NOT NOT fraud", "census AND fraud"),
        ("(a AND b) AND (c AND d)", "a AND b AND c AND d"),
        ("((census))", "census"),
        ("(tax OR levy) NEAR/5 fraud*", "(tax OR levy) NEAR/5 fraud*"),
        ("a NEAR/1 b NEAR/2 c", "a NEAR/1 b NEAR/2 c"),
        ("NOT a NEAR/3 b AND c", "NOT a NEAR/3 b AND c"),
        ("x followers:>=10k", "x AND followers:>=10000"),
        ("LANG:EN_gb", "lang:en-gb"),
        ("lang：en　（a OR b）", "lang:en AND (a OR b)"),
        ("link:https://www.Example.org/", "link:example.org"),
        ('author:("Ada L" OR @bob)', 'author:("Ada L" OR @bob)'),
        ('"and"', '"and"'),
        ("AT&T 12:30", '"AT&T" AND "12:30"'),
    ],
)
def test_a_query_is_read_as_it_is_meant(query: str, means: str) -> None:
    assert str(parse(query)) == means


@pytest.mark.parametrize(
    ("query", "complaint", "position"),
    [
        ("", "the query is empty", 0),
        (" \n", "the query is empty", 0),
        ("(census", "never closed", 0),
        ("a (b (c)", "never closed", 2),
        ("census)", "closes nothing", 6),
        ('say "census', "quote is never closed", 4),
        ("()", "missing before this )", 1),
        ("census AND", "the query ends where", 10),
        ("OR census", "on both sides of it", 0),
        ("a OR OR b", "on both sides of it", 5),
        ("a b OR c", "(a AND b) OR c, or a AND (b OR c)", 0),
        ("a OR b NOT c", "parentheses", 0),
        ("NOT census", "nearly everything", 0),
        ("census OR NOT jobs", "nearly everything", 0),
        ("-a -b", "nearly everything", 0),
        ("census or fraud", "write OR in capitals", 7),
        ("census And fraud", "write AND in capitals", 7),
        ("not census", "write NOT in capitals", 0),
        ("a && b", "write AND instead of &&", 2),
        ("a | b", "write OR instead of |", 2),
        ("a|b", "write OR with spaces", 0),
        ("+census", "leave out the +", 0),
        ("'tax cuts'", "double quotes", 0),
        ('"tax cuts"~5', "NEAR/5", 10),
        ("*census", "only stand at the end", 0),
        ("c*s", "only stand at the end", 0),
        ("c*", "at least two letters", 0),
        ('"tax cuts"*', "needs the beginning of a word", 10),
        ("organi?ation", "no wildcard", 0),
        ("a NEAR b", "NEAR/5", 2),
        ("a near/5 b", "capitals", 2),
        ("a NEAR/0 b", "from 1 to 100", 2),
        ("a NEAR/101 b", "from 1 to 100", 2),
        ("a NEAR/5 lang:en", "a field cannot be NEAR", 0),
        ("a NEAR/5 (b AND c)", "not AND or NOT", 0),
        ("a NEAR/5 NOT b", "NOT cannot stand here", 9),
        ("census langs:en", 'no field is called "langs"; did you mean "lang"?', 7),
        ("see https://example.org", "link:example.org", 4),
        ("lang:english", "a code such as en", 0),
        ("lang:", "needs a value", 0),
        ("channel: AND x", "needs a value", 0),
        ("followers:many", "a comparison and a number", 0),
        ("followers:(1 OR 2)", "one comparison", 0),
        ("kind:artcle", 'did you mean "article"?', 0),
        ("census !!!", "exclude", 7),
        ("census …", "holds no word", 7),
        ('""', "holds no word", 0),
        ("(" * (DEPTH_LIMIT + 1) + "a" + ")" * (DEPTH_LIMIT + 1), "write it flatter", DEPTH_LIMIT),
        ("a" * (LENGTH_LIMIT + 1), "at most 100,000", LENGTH_LIMIT),
    ],
)
def test_what_cannot_be_meant_is_refused_with_place_and_remedy(query: str, complaint: str, position: int) -> None:
    with pytest.raises(QueryError, match=re.escape(complaint)) as caught:
        parse(query)
    assert caught.value.position == position


@pytest.mark.parametrize(
    "query",
    [
        "NOT " * 24_000 + "a",
        "-" * 90_000 + "a",
        "(" * DEPTH_LIMIT + "a" + " OR b) AND c" * DEPTH_LIMIT,
        "a" + " NEAR/2 a" * 2_000,
        " OR ".join(f"w{i}" for i in range(2_000)),
        "a:" * 40_000,
        '"' * 90_000,
        "\x00\ud800",
    ],
    ids=lambda query: query[:12].encode("ascii", "replace").decode(),
)
def test_long_and_deep_queries_are_read_or_refused_but_break_nothing(query: str) -> None:
    found = read(query)
    if isinstance(found, Query):
        assert parse(str(found)) == found
        assert found.describe()


def test_a_query_reads_back_in_plain_words() -> None:
    fields = "author:@ada followers:>10k country:gb link:example.org"
    query = parse(f'("tax cut*" OR #levy) NEAR/5 fraud* NOT lang:de {fields}')
    assert query.describe() == (
        '((the phrase "tax cut…" or the hashtag "#levy") within 5 words of a word that begins with "fraud") '
        "and not marked by its source as language de and by @ada and by an author with more than 10,000 followers "
        "and from country GB and at or linking to example.org"
    )


@given(queries)
def test_a_query_written_out_reads_as_the_same_query(text: str) -> None:
    query = parse(text)
    assert parse(str(query)) == query


@given(st.text(st.sampled_from('ab*"()-:#@ \nORANDNOTNEAR/5lang'), max_size=40))
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    found = read(text)
    if isinstance(found, Query):
        assert parse(str(found)) == found
    else:
        assert 0 <= found.position <= len(text)
