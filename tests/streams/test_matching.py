"""Which mentions a query finds, and that the search over all queries finds the same as each query by itself."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.mention import Author
from streams.queries.matching import Matcher, matches, why
from streams.queries.query import parse
from streams.queries.tree import Atom, Term
from streams.queries.word_positions import WordPositions
from tests.building import mention
from tests.streams.query_strategies import queries, texts


def finds(query: str, text: str, **changes: Any) -> bool:
    said = mention(text, **changes)
    alone = matches(parse(query), said)
    assert (list(Matcher({"m": parse(query)}).matches(said)) == ["m"]) is alone
    return alone


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("census", "The CENSUS!"),
        ("census", "#census"),
        ("census", "ask @census about it"),
        ("census", "Census™'s"),
        ("census", "cen\u200bsus"),
        ("cafe", "CAFÉ"),
        ("Café", "cafe"),
        ("fraud*", "fraudulent"),
        ("fraud*", "fraud"),
        ("#cen*", "#census2030"),
        ('"tax cuts"', "Tax, CUTS"),
        ('"tax cut*"', "no tax cutting"),
        ('"don\'t count"', "don’t count"),
        ("tax NEAR/3 fraud", "fraud of the tax"),
        ("tax NEAR/1 fraud", "tax fraud"),
        ("(tax OR levy) NEAR/2 (fraud OR scam)", "the scam: a levy"),
        ("a NEAR/2 b NEAR/2 c", "b x a x x c OR c a b"),
        ("(a NEAR/3 b) NEAR/2 c", "a b x b x c"),
        ('"tax cut" NEAR/2 fraud', "fraud, a tax cut"),
        ("国勢調査", "今年の国勢調査員は"),
        ("国勢調査 OR x", "今年の国勢調査"),
        ("#国勢調査", "#国勢調査です"),
        ('"国勢 調査"', "国勢・調査"),
        ("AI技術", "生成AI技術の"),
        ("กิน", "ฉันกินข้าว"),
        ("សាលា", "នៅសាលារៀន"),
        ("인구조사", "인구조사를 했다"),
        ("BTS", "BTS는"),
        ("किताब", "यह किताब है"),
        ("كتاب", "هذا کِتَاب"),
        ("👍", "well 👍🏽"),
        ("C++", "C++ or Rust"),
        ("census -jobs", "census"),
        ("NOT jobs census", "census"),
    ],
)
def test_a_query_finds(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("census", "consensus censuses"),
        ("#census", "census @census"),
        ("@census", "me@census #census"),
        ("fraud*", "defraud"),
        ('"tax cuts"', "cuts tax"),
        ('"tax cuts"', "tax the cuts"),
        ("tax NEAR/2 fraud", "tax of the fraud"),
        ("a NEAR/1 b NEAR/1 c", "a b x c"),
        ("国勢調査", "国勢の調査"),
        ("国勢調査", "国勢。調査"),
        ("#国勢調査", "国勢調査"),
        ("ก", "กิน"),
        ("はん", "ばん"),
        ("인구조사", "총인구조사"),
        ("C++", "C or Rust"),
        ("census -jobs", "census jobs"),
        ("census", ""),
    ],
)
def test_a_query_does_not_find(query: str, text: str) -> None:
    assert not finds(query, text)


def test_title_and_text_are_searched_but_nothing_reaches_across_the_border() -> None:
    assert finds("census fraud", "fraud", title="Census")
    assert finds('"census office"', "nothing", title="Census office")
    assert not finds('"census office"', "office", title="Census")
    assert not finds("census NEAR/100 office", "office", title="Census")
    assert not finds("国勢", "勢", title="国")


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("lang:en", True),
        ("lang:en-gb", True),
        ("lang:(de OR en)", True),
        ("lang:en-us", False),
        ("lang:e2", None),
        ("channel:News", True),
        ("channel:new", False),
        ("author:@ADA", True),
        ("author:ada", True),
        ("author:k7", True),
        ("author:@k7", False),
        ("author:K7", False),
        ("followers:>1000", True),
        ("followers:>=1200", True),
        ("followers:<1.2", None),
        ("followers:<1200", False),
        ("followers:1200", True),
        ("kind:article", True),
        ("kind:post", False),
        ("country:GB", True),
        ("link:example.org", True),
        ("link:ample.org", False),
        ("link:/census/2030", True),
        ("link:news.example.com", True),
        ("link:org", True),
    ],
)
def test_fields_look_at_what_is_known_of_a_mention(query: str, holds: bool | None) -> None:
    if holds is None:
        with pytest.raises(ValueError, match="takes"):
            parse(query)
        return
    known = {
        "lang": "en-GB",
        "channel": "news",
        "kind": "article",
        "country": "gb",
        "author": Author(id="k7", handle="Ada", followers=1200),
        "links": ("https://www.example.org/Census/2030", "http://[broken", "not a link"),
        "url": "https://news.example.com:8080/1",
    }
    assert finds(query, "x", **known) is holds


def test_a_field_that_the_mention_leaves_empty_never_holds() -> None:
    nothing: dict[str, Any] = {"author": Author(), "lang": None, "country": None}
    assert not finds("followers:<1000", "x", **nothing)
    assert not finds("lang:en", "x", **nothing)
    assert not finds("country:gb OR author:@ada OR link:a", "x", **nothing)
    assert finds("x NOT followers:>1000", "x", **nothing)


def test_monitors_are_named_in_their_order() -> None:
    matcher = Matcher({"z": parse("census"), "b": parse("lang:en"), "c": parse("other"), "a": parse("cens*")})
    assert list(matcher.matches(mention("Census", lang="en"))) == ["z", "b", "a"]
    assert list(Matcher({}).matches(mention("Census"))) == []


def test_why_names_the_parts_that_the_mention_has() -> None:
    query = parse('(census OR zensus OR "tax cuts") (a NEAR/2 b) lang:en -jobs')
    assert why(query, mention("Census: tax cuts! b a", lang="en")) == ["census", '"tax cuts"', "a NEAR/2 b", "lang:en"]


@settings(max_examples=300)
@given(st.lists(queries, min_size=1, max_size=5), texts, texts)
def test_the_search_for_candidates_changes_no_result(written: list[str], title: str, text: str) -> None:
    read = {str(number): parse(query) for number, query in enumerate(written)}
    said = mention(text, title=title, lang="en", author=Author(handle="ada", followers=11))
    assert list(Matcher(read).matches(said)) == [name for name, query in read.items() if matches(query, said)]


@pytest.mark.parametrize(
    "text", ["a" * 65_000, "a " * 32_000, "a b " * 16_000, "国" * 65_000, "#@_" * 20_000, "\ud800" * 9]
)
def test_no_text_takes_long(text: str) -> None:
    written = [
        "aaa*",
        "a NEAR/99 b NEAR/99 (a OR b) NEAR/9 zz",
        '"a a a b"',
        "国国国 NEAR/50 国国",
        '"国 国 国" x',
        "aa OR aaa OR a",
    ]
    matcher = Matcher({query: parse(query) for query in written})
    started = time.process_time()
    matcher.matches(mention(text))
    assert time.process_time() - started < 10, "a quadratic time would be minutes"


_letters = st.text(st.sampled_from("ab1_ #@+.\né한國ǹ\u0301"), max_size=12)


@settings(max_examples=1000)
@given(st.sampled_from(["a", "ab", "b1", "aa"]), st.booleans(), _letters, st.none() | _letters)
def test_a_word_told_from_the_letters_beside_it_is_the_word_that_cutting_finds(
    word: str, goes_on: bool, text: str, title: str | None
) -> None:
    words = WordPositions(mention(text, title=title))
    term = Term(written=word, atoms=(Atom(text=word, goes_on=goes_on),))
    assert words.holds(term) is bool(words.spans(term))


def test_marks_are_set_on_what_is_for_a_monitor_and_on_nothing_else() -> None:
    matcher = Matcher({"census": parse("census")}, {"harm": parse("die OR bleach*"), "officials": parse("minister")})
    deadly = mention("The minister says: who fills in the census will die")
    assert matcher.matches(deadly) == ["census"]
    assert matcher.marked(deadly, ["census"]).marks == ("harm", "officials")
    assert matcher.marked(mention("The census is fine"), ["census"]).marks == ()
    assert matcher.marked(deadly, []) is deadly
