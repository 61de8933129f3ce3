"""Links as they are told apart, so that the same page is the same link however it was shared."""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit

from detectors.mention import Mention

_MOST = 3
_LONGEST = 120
_IN_TEXT = re.compile(r"https?://[^\s<>\"')\]]+", re.IGNORECASE)
_AFTER_LINK = ".,;:!?…"
_TRACKING = re.compile(
    r"utm_.*|.*clid|mc_[ce]id|igshid?|si|ref|ref_src|ref_url|cmpid|cmp|campaign|smid|ncid|ocid|src|source|share"
    r"|fb_.*|ga_.*|_.*|amp|feature",
    re.IGNORECASE,
)
_SHARED_AT = ("s", "t")
"""Who shared a post, or where a video begins; but to a script or a front page, which thread, or what is searched."""
_SCRIPT = re.compile(r"/?|.*\.(?:php|aspx?|cgi|pl|jsp)/?", re.IGNORECASE)


def links_of(mention: Mention) -> tuple[str, ...]:
    """At most three, those in its text where it names none, as `link_of` gives them; foreign."""
    return tuple(list(dict.fromkeys(_links(mention)))[:_MOST])


@lru_cache(maxsize=1024)  # a link that makes a rise comes often
def link_of(url: str) -> str | None:
    """A link as it is told apart: host and path, without `www.`, fragment and what only counts who clicked.

    At most 120 characters; None for what is no link of the web.
    """
    try:
        parts = urlsplit(url[:2000])
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
        if parts.scheme not in ("http", "https") or not host:
            return None
        asked = [pair for pair in parse_qsl(parts.query, max_num_fields=20) if not _TRACKING.fullmatch(pair[0])]
    except ValueError:
        return None
    if not _SCRIPT.fullmatch(parts.path):
        asked = [pair for pair in asked if pair[0].lower() not in _SHARED_AT]
    query = f"?{urlencode(sorted(asked))}" if asked else ""
    return f"{host}{parts.path.rstrip('/')}{query}"[:_LONGEST]


def host_of(link: str) -> str:
    """The host of what `link_of` made."""
    return re.split(r"[/?]", link, maxsplit=1)[0]


def _links(mention: Mention) -> Iterator[str]:
    urls = mention.links
    if not urls and "://" in mention.text:
        urls = tuple(url.rstrip(_AFTER_LINK) for url in _IN_TEXT.findall(mention.text))
    for url in urls:
        link = link_of(url)
        if link is not None:
            yield link
