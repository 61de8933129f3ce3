import json
import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from alerting.plain_text import cut, for_log, for_terminal, isolated, literal, shown_link

ACTING = [
    *range(0x20),
    *range(0x7F, 0xA0),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0x200E,
    0x200F,
    0x061C,
]
INVISIBLE = [0x200B, 0x2060, 0xFEFF, 0x00AD, 0x034F, 0x3164, 0x115F, *range(0xE0000, 0xE0080), 0xFFF9, 0x2028, 0x2029]

TROUBLE = [
    chr(point) for point in (*ACTING, *INVISIBLE, 0x200C, 0x200D, 0xFE0F, 0x0301, 0x20E3, 0xD800, 0xDFFF, 0xFFFF)
]
WORDS = [
    "a",
    "é",
    "한",
    "ᄒ",
    "ᅡ",
    "م",
    "न",
    "👩",
    "🏽",
    "🏳",
    "1",
    " ",
    "\u3000",
    "\x1b[31m",
    "<!channel>",
    "‮",
    "각",
    "\ue000",
]
hostile = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from([*TROUBLE, *WORDS]), max_size=40).map("".join),
)


@given(hostile)
def test_nothing_that_acts_or_hides_survives(text: str) -> None:
    for shown in (literal(text), literal(text, newlines=True).replace("\n", "")):
        assert not set(shown) & {chr(point) for point in (*ACTING, *INVISIBLE)}
        assert not regex.search(r"[\p{Cc}\p{Cs}\p{Co}\p{NChar}]|[\p{Mn}\p{Me}]{5}", shown)
        shown.encode()


@given(hostile, st.booleans())
def test_making_literal_twice_changes_nothing(text: str, newlines: bool) -> None:
    once = literal(text, newlines=newlines)
    assert literal(once, newlines=newlines) == once
    assert unicodedata.is_normalized("NFC", once)


@given(hostile, st.integers(min_value=0, max_value=50))
def test_a_cut_keeps_to_its_limit_and_splits_no_grapheme(text: str, limit: int) -> None:
    text = literal(text)
    short = cut(text, limit)
    assert len(short) <= limit
    if short != text and limit:
        kept = short.removesuffix("…")
        assert kept == "".join(regex.findall(r"\X", text)[: len(regex.findall(r"\X", kept))])


@given(hostile)
def test_no_function_raises_for_any_string(text: str) -> None:
    shown_link(text)
    shown_link("https://" + text)
    shown_link("https://xn--" + text)
    assert "\x1b" not in for_terminal(text)
    assert "\n" not in for_log(text)
    json.loads(for_log(text))


@pytest.mark.parametrize(
    "text",
    [
        "Die Volkszählung kommt.",
        "می‌خواهم",  # Persian needs its zero-width non-joiner
        "क्‍ष",
        "👩‍👩‍👧 ❤️ 1️⃣ 👍🏽 🏳️‍🌈",
        "国勢調査\u3000おまけ",
        "Tiếng Việt",
        "שָׁלוֹם",
        "ภาษาไทยที่นี่",
    ],
)
def test_honest_text_of_any_script_stays_as_it_is(text: str) -> None:
    assert literal(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ab\u202egnp.exe", "abgnp.exe"),
        ("pass\u200bword", "password"),
        ("a\x00b\x07c\x9bd", "abcd"),
        ("\x1b]8;;https://evil\x07click\x1b]8;;\x07", "]8;;https://evilclick]8;;"),
        ("hidden" + "".join(chr(0xE0000 + ord(c)) for c in "ignore all") + " text", "hidden text"),
        ("cafe\u0301", "café"),
        ("a" + "\u0301\u0300\u0302" * 50, "á" + "\u0300\u0302\u0301\u0300"),
        ("one\r\ntwo\u2028three", "one two three"),
        ("lone \ud83d half", "lone � half"),
        ("  much \t\t space  ", "much space"),
    ],
)
def test_what_hostile_text_looks_like_afterwards(text: str, shown: str) -> None:
    assert literal(text) == shown


def test_lines_are_kept_where_asked_but_no_page_of_empty_ones() -> None:
    assert literal("one\r\n\n\n\n\n  two", newlines=True) == "one\n\ntwo"


def test_a_cut_family_is_left_out_whole() -> None:
    assert cut("ab👩‍👩‍👧cd", 5) == "ab…"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.example.org/news/a-b?id=7#top", "www.example.org/news/a-b?id=7"),
        ("HTTPS://Example.ORG:8443/", "example.org:8443"),
        ("https://bank.example@evil.example/login", "evil.example/login"),
        ("https://evil.example\\@bank.example/", "evil.example/@bank.example"),
        ("https://раураl.com/", "xn--l-7sba6dbr.com"),  # Cyrillic with a Latin l
        ("https://аррӏе.com/", "xn--80ak6aa92e.com"),  # Cyrillic throughout
        ("https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("https://bücher.example/", "bücher.example"),
        ("https://xn--bcher-kva.example/", "bücher.example"),
        ("https://日本語テスト.jp/", "日本語テスト.jp"),
        ("https://правительство.рф/", "правительство.рф"),
        # From right to left its parts would stand in another order: `co.il` would seem to be the host.
        ("https://לבדיקה.co.il/5/abc", "xn--5dbedtm3e.co.il/5/abc"),
        ("https://example.org/شيء/5?x=1", "example.org/%D8%B4%D9%8A%D8%A1/5?x=1"),
        ("javascript:alert(1)", "(javascript link)"),
        ("data:text/html;base64,AAAA", "(data link)"),
        ("//evil.example", "(unreadable link)"),
        ("https://[broken", "(unreadable link)"),
        ("https://host:99999999/", "(unreadable link)"),
        ("https://a b/", "(unreadable link)"),
        ("", "(unreadable link)"),
    ],
)
def test_a_link_is_shown_by_its_true_host_and_without_its_scheme(url: str, shown: str) -> None:
    assert shown_link(url) == shown


def test_a_log_line_cannot_be_imitated() -> None:
    assert for_log('ok"\n2026-11-21 ERROR worker stopped') == '"ok\\" 2026-11-21 ERROR worker stopped"'
    assert len(for_log("x" * 10_000_000)) == 202


@given(hostile)
def test_only_what_is_written_from_right_to_left_is_isolated_and_only_once(text: str) -> None:
    shown = isolated(literal(text))
    turns = regex.search(r"\p{Bidi_Class=R}|\p{Bidi_Class=AL}|\p{Bidi_Class=AN}", literal(text))
    assert shown == (f"\u2068{literal(text)}\u2069" if turns else literal(text))
    assert literal(shown) == literal(text)


@given(st.lists(hostile, max_size=4), st.integers(min_value=0, max_value=60))
def test_a_cut_leaves_no_isolate_open(names: list[str], limit: int) -> None:
    line = " · ".join(isolated(literal(name)) for name in (*names, "שלום 5"))
    short = cut(line, limit)
    assert len(short) <= limit
    assert short.count("\u2068") == short.count("\u2069")
