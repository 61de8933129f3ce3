"""One spelling for what people read as the same, in any script, whatever a hostile text holds."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.queries.normalised_text import Token, normalise, tokens

TROUBLE = (
    "aZ0_#@ \n’ßıİǅæée\u0301\u0323\u0344й\u0306їё\u0308ΐςᾳآا"
    "\u0653\u064bیאָがハﾞ\u3099กิ國한ᄒ\u1161ﷺ™②ﬁ👍🏽\u200d\u200b\u202e\ud800"
)
texts = st.text(st.one_of(st.sampled_from(TROUBLE), st.characters()), max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CENSUS", "census"),
        ("Café", "cafe\u0301"),
        ("straße", "STRASSE"),
        ("İstanbul ISPARTA ısı", "istanbul isparta isi"),
        ("Łódź smørrebrød", "lodz smorrebrod"),
        ("Οδός", "ΟΔΟΣ"),
        ("всё за́мок", "все замок"),
        ("مُحَمَّد", "محمد"),
        ("أحمد", "احمد"),
        ("کتاب", "كتاب"),
        ("שָׁלוֹם", "שלום"),
        ("ｃｅｎｓｕｓ", "census"),
        ("ｶﾞｽ", "ガス"),
        ("𝐜𝐞𝐧𝐬𝐮𝐬", "census"),
        ("cen\u200bs\u00adu\u202es", "census"),
        ("c\u0000e\ufe0fn\U000e0041sus", "census"),
        ("c̸̡̢e̷n̵̨s̶u̷s̴", "census"),
    ],
)
def test_what_reads_the_same_is_the_same(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("がく", "かく"),
        ("パン", "ハン"),
        ("किताब", "कतब"),
        ("мой", "мои"),
        ("їжак", "іжак"),
        ("กิน", "กน"),
        ("한국", "한구"),
    ],
)
def test_marks_that_make_another_letter_stay(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def words(text: str) -> list[str]:
    return [token.sigil + token.text for token in tokens(normalise(text))]


def test_texts_are_cut_into_words_with_their_sigils() -> None:
    assert words("Isn't @Census_Office's #Census2030 over?") == [
        "isn",
        "t",
        "@census_office",
        "s",
        "#census2030",
        "over",
    ]
    assert words("mail me@example.org, _really_ Census™-day") == [
        "mail",
        "me",
        "example",
        "org",
        "really",
        "census",
        "day",
    ]
    assert words("हिन्दी किताब") == ["हिन्दी", "किताब"]


def test_scripts_without_spaces_are_cut_into_letters_and_korean_from_latin() -> None:
    assert words("生成AIは") == ["生", "成", "ai", "は"]
    assert words("กินข้าว") == ["กิ", "น", "ข้", "า", "ว"]
    assert words("BTS는") == ["bts", "는"]


def test_symbols_and_pictures_are_words() -> None:
    assert words("C++ $AAPL 👍🏽 👩\u200d👧!") == ["c", "+", "+", "$", "aapl", "👍", "🏽", "👩", "👧"]


@given(texts)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(texts)
def test_tokens_stand_where_they_say(text: str) -> None:
    normalised = normalise(text)
    end = 0
    for token in tokens(normalised):
        assert isinstance(token, Token)
        assert token.start >= end
        assert normalised[token.start : token.end] == token.text
        end = token.end


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_ascii_takes_a_short_way_to_the_same_words(text: str) -> None:
    assert tokens(normalise(text) + " é")[:-1] == tokens(normalise(text))
    assert normalise(text + " é") == normalise(text) + " e"


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0301\u0323" * 32_000,
        "\u0f71\u0f72\u0f74" * 20_000,
        "_" * 64_000,
        "a_" * 32_000,
        "a" + "_" * 64_000,
        "#@" * 32_000,
        "ﷺ" * 20_000,
        "กิ" * 32_000,
        "か\u3099" * 32_000,
        "\ud800" * 64_000,
    ],
    ids=lambda text: "_".join(unicodedata.name(letter, "surrogate") for letter in text[:2]),
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    tokens(normalise(text))
    assert time.process_time() - started < 5, "a quadratic time would be minutes"
