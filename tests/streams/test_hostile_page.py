"""Nothing from a recording acts in a page, and a page fits a phone."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.alert import Severity
from streams.backtest.cards import address
from streams.backtest.page import page
from tests.building import alert
from tests.streams.pages import Outline, foreign, label, one_quote, outside, report, words


def test_a_link_is_followed_only_to_the_web_and_tells_nobody_whence() -> None:
    (link,) = [link for link in Outline(page(report([alert(evidence=one_quote())]), "link")).links if "rel" in link]
    assert link["href"] == "https://bsky.example/profile/ada/post/1"
    assert set((link["rel"] or "").split()) >= {"noreferrer", "noopener"}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://bank.example@evil.example/",
        "https://",
        "https://[",
        "ftp://example.org",
        " https://example.org",
        "",
        None,
    ],
)
def test_what_is_no_honest_link_of_the_web_is_not_followed(url: str | None) -> None:
    assert address(url) == ""
    outline = Outline(page(report([alert(evidence=one_quote(url=url))]), "link"))
    assert [link for link in outline.links if "rel" in link] == []


@given(
    st.text(st.characters(exclude_categories=()), max_size=60), st.sampled_from(["", "</p>", "-->", "]]>", "{{ 7*7 }}"])
)
@settings(max_examples=60)
def test_no_text_of_a_recording_becomes_a_tag_or_an_attribute(text: str, ending: str) -> None:
    assert Outline(foreign(f"x{text}{ending}<b onclick=x>")).tags == Outline(foreign("x")).tags


def test_a_hostile_text_is_read_as_it_was_written() -> None:
    assert "x<script>alert(1)</script>\"'>&amp;{{ 7*7 }}" in words(
        foreign("x<script>alert(1)</script>\"'>&amp;{{ 7*7 }}")
    )


def test_the_page_may_do_nothing() -> None:
    told = page(report([alert()]), "policy")
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in told
    tags = {tag for tag, _ in Outline(told).tags}
    assert not tags & {"script", "iframe", "object", "embed", "link", "form", "base", "img"}
    assert not [name for _, names in Outline(told).tags for name in names if name.startswith("on")]


def test_it_is_well_formed() -> None:
    outline = Outline(page(report([alert(), alert(subject="n-2", severity=Severity.INFO)]), "form", [label()]))
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert [tag for tag, _ in outline.tags].count("h1") == 1


@pytest.mark.parametrize("width", [320, 360, 1200])
def test_nothing_overflows_in_a_real_browser(width: int, tmp_path: Path) -> None:
    long_word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 4
    told = foreign(f"{long_word} <img src=x onerror=alert(1)> 国勢調査 التعداد")
    assert outside(told, width, tmp_path) == []
