"""How spelling is made plain, and that all who compare texts see through the same tricks."""

import time

import pytest

from detectors.narratives.claims.text import spoken
from detectors.narratives.clustering import lexical
from detectors.spelling import plain, without_links, without_repeats
from streams.encoding import text_cleaning


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tom &amp; Jerry &lt;3", "Tom & Jerry <3"),
        ("cen\u200bsus cen\xadsus \ud800d", "census census d"),
        ("𝓽𝓱𝓮 ｃｅｎｓｕｓ", "the census"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_spelling_is_made_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("trick", ["cen\u200bsus", "cen\xadsus", "𝓬𝓮𝓷𝓼𝓾𝓼", "ｃｅｎｓｕｓ", "cen\u2060sus"])
def test_every_comparison_of_texts_sees_through_the_same_tricks(trick: str) -> None:
    for clean in (text_cleaning.cleaned, lexical.cleaned, spoken):
        assert clean(f"the {trick} is sold") == "the census is sold"


def test_an_entity_is_no_word() -> None:
    assert lexical.words(lexical.cleaned("fish &amp; chips &lt;b&gt;")) == ["fish", "chips", "b"]


@pytest.mark.parametrize("text", ["https://a.example/x?y=1", "HTTPS://EXAMPLE.ORG/", "www.a.example", "WWW.A.EXAMPLE"])
def test_links_are_taken_out(text: str) -> None:
    assert without_links(f"see {text} now").split() == ["see", "now"]


def test_a_link_that_is_glued_to_a_word_is_one() -> None:
    assert without_links("#censushttps://t.example/1").split() == ["#census"]


def test_what_only_looks_like_a_link_stays() -> None:
    assert without_links("awww.yes 1/2 and/or") == "awww.yes 1/2 and/or"


def test_punctuation_repeated_for_effect_stands_once() -> None:
    assert without_repeats("no!!! way??? aaa 1000") == "no! way? aaa 1000"


@pytest.mark.parametrize("unit", ["\u0301", "\u200d", "&amp;", "http", "!"])
def test_long_texts_take_no_longer_than_their_length(unit: str) -> None:
    began = time.process_time()
    plain(without_repeats(without_links("e" + unit * 200_000)))
    assert time.process_time() - began < 2.0
