import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.encoding.text_cleaning import LONGEST_RAW, cleaned, has_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RT @ada.example: They sell it!!! https://t.example/x?y=1", "They sell it!"),
        ("ask ada@census.example, not @ada_2", "ask ada@census.example, not"),
        ("Tom &amp; Jerry &lt;3", "Tom & Jerry <3"),
        ("a\u200bb\u202ec\ufe0f \ud800d", "abc d"),
        ("𝓽𝓱𝓮 census", "the census"),
        ("  two\n\nlines\t", "two lines"),
        ("www.example.org HTTPS://EXAMPLE.ORG/", ""),
        ("それは本当？？？", "それは本当?"),
        ("no... way!?", "no. way!?"),
        ("", ""),
    ],
)
def test_only_what_was_said_is_left(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BREAKING: they sell it", "they sell it"),
        ("🚨 #BreakingNews | UPDATE: they sell it", "they sell it"),
        ("【速報】国勢調査の回答が売られる", "国勢調査の回答が売られる"),
        ("[속보] 인구조사 답변", "인구조사 답변"),
        ("عاجل | بيع البيانات", "بيع البيانات"),
        ("Última hora: venden los datos", "venden los datos"),
        ("“@ada: They sell it”", "They sell it”"),
        ('"@ada.example: They sell it"', 'They sell it"'),
        ("MT @ada They sell it via @bob", "They sell it"),
        ("They sell it. Read more: https://t.example/x", "They sell it."),
        ("They sell it! Click here to read more >>> www.t.example", "They sell it!"),
        ("They sell it, please RT!!!", "They sell it,"),
        ("Venden los datos. Leer más →", "Venden los datos."),
        ("They sell itpic.twitter.com/x9", "They sell it"),
    ],
)
def test_what_only_says_that_it_is_news_or_shared_is_left_out(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Urgent repairs begin on the dam",
        "The news is breaking: they sell it",
        "We broke into breaking news today",
        "An update of the census app",
        "Please share what you know of the census",
        "I read more than they said",
        "Ida vado via",
        "Flash flood in the valley - many homes lost",
        "Just in time for the census",
        "The answer: read more books",
        "They drove to Rome via Milan",
    ],
)
def test_the_same_words_stay_where_they_tell_something(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize("text", ["BREAKING:", "Read more", "Breaking: update: read more", "【速報】"])
def test_a_text_that_is_nothing_but_boilerplate_stays(text: str) -> None:
    assert has_words(cleaned(text))


@given(st.text())
def test_the_result_can_be_written_as_utf_8_on_one_line(text: str) -> None:
    result = cleaned(text)
    assert result.encode().decode() == result
    assert result == " ".join(result.split())


UNITS = ["a", " ", "@", "!", "\u0301", "&amp;", "http://", "RT @a ", "\u202e", "ﷺ", "a\u0301"]
BOILERPLATE = ["breaking: ", "read more ", "“@a:", "via @a ", "— a (@a) ", "—", "🚨", "! "]


def test_a_credit_that_never_ends_takes_linear_time_too() -> None:
    started = time.process_time()
    for text in ("@a via" + " " * LONGEST_RAW, "@a via :" + " \t" * LONGEST_RAW):
        cleaned(text)
    assert time.process_time() - started < 0.5  # quadratic work takes two seconds


@pytest.mark.parametrize("unit", [*UNITS, *BOILERPLATE])
def test_long_texts_take_time_linear_in_what_is_looked_at(unit: str) -> None:
    started = time.perf_counter()
    cleaned(unit * (10_000_000 // len(unit)))
    assert time.perf_counter() - started < 5  # quadratic work would take minutes; a busy machine takes 20 ms
    assert len(cleaned(unit * 30_000)) <= LONGEST_RAW * 18  # one ligature becomes 18 letters


@pytest.mark.parametrize(
    ("text", "expected"), [("ok", True), ("本", True), ("12 !? 😂", False), ("_", False), ("", False)]
)
def test_a_word_is_a_letter_of_any_script(text: str, expected: bool) -> None:
    assert has_words(text) is expected
