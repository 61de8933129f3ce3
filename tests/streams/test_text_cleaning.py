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


@given(st.text())
def test_the_result_can_be_written_as_utf_8_on_one_line(text: str) -> None:
    result = cleaned(text)
    assert result.encode().decode() == result
    assert result == " ".join(result.split())


@pytest.mark.parametrize("unit", ["a", " ", "@", "!", "\u0301", "&amp;", "http://", "RT @a ", "‮", "ﷺ", "a\u0301"])
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
