"""Links: the same page is the same link however it was shared."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.links import link_of, links_of
from detectors.mention import Mention

AT = datetime(2030, 4, 1, tzinfo=UTC)


def mention(text: str, *links: str) -> Mention:
    return Mention(id="m", channel="bluesky", at=AT, text=text, links=links)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://www.Example.org/a/b/?utm_source=x&id=4&fbclid=z#top", "example.org/a/b?id=4"),
        ("http://m.example.org", "example.org"),
        ("https://video.example/watch?v=abc&t=30&si=q", "video.example/watch?v=abc"),
        ("https://x.example/ada/status/1?s=20&t=Q", "x.example/ada/status/1"),
        ("https://forum.example/viewtopic.php?f=1&t=123", "forum.example/viewtopic.php?f=1&t=123"),
        ("https://blog.example/?s=census&utm_source=x", "blog.example?s=census"),
        ("https://example.org:8443/a", "example.org/a"),
        ("https://user:password@example.org/a", "example.org/a"),
        ("https://[bad", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_links_are_the_same_however_they_were_shared(url: str, link: str | None) -> None:
    assert link_of(url) == link


@pytest.mark.parametrize("url", ["https://example.org/t?utm_source=x&id=3", "https://www.example.org/t?id=3&fbclid=1"])
def test_what_counts_clicks_may_stand_anywhere_in_a_link(url: str) -> None:
    assert links_of(mention("", url)) == links_of(mention("", "https://example.org/t?id=3"))


def test_links_stand_in_the_text_where_a_mention_names_none() -> None:
    text = "See (HTTPS://Example.org/a), https://example.org/b! or www.example.org and https://[bad"
    assert links_of(mention(text)) == ("example.org/a", "example.org/b")
    assert links_of(mention(text, "https://example.org/named")) == ("example.org/named",)


def test_three_links_are_enough() -> None:
    assert len(links_of(mention(" ".join(f"https://example.org/{number}" for number in range(9))))) == 3


@given(st.text(max_size=400))
def test_any_link_is_read(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        link = link_of(url)
        assert link is None or 0 < len(link) <= 120
        assert all(len(each) <= 120 for each in links_of(mention(url)))
