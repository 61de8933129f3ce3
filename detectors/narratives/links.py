"""The links that a mention carries, written so that the same page is the same link."""

import re
from collections.abc import Iterable

from detectors.mention import Mention

_MOST = 3
_LONGEST = 120
_IN_TEXT = re.compile(r"https?://[^\s<>\"')\]]+")
_START = re.compile(r"^[a-z]+://(?:www\.)?", re.IGNORECASE)
_CAMPAIGN = re.compile(r"[?&](?:utm_\w+|fbclid|gclid|igshid|ref|ref_src|s|t)=[^&]*")


def links_of(mention: Mention) -> tuple[str, ...]:
    """At most three, without scheme, campaign, fragment and final slash, at most 120 characters each; foreign."""
    links = mention.links or (_IN_TEXT.findall(mention.text) if "://" in mention.text else ())
    return tuple(list(dict.fromkeys(filter(None, _plain(links))))[:_MOST])


def _plain(links: Iterable[str]) -> Iterable[str]:
    for link in links:
        page = _CAMPAIGN.sub("", _START.sub("", link).partition("#")[0])
        yield page.rstrip("/.,;:!?…")[:_LONGEST]
