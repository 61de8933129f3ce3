"""Fact-checks as their makers publish them (schema.org ClaimReview, and Google's Fact Check Tools) in our own words.

Only what a `KnownClaim` has is taken; whatever else such a record holds is passed over.
"""

import html
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

FEWEST_WORDS = 4
"""Of another name of the claim, to be taken for a wording of it: shorter ones are labels."""
TERMS = {
    "claim": "claimReviewed",
    "verdict": "reviewRating.alternateName",
    "checked_by": "author.name",
    "checked_on": "datePublished",
    "languages": "inLanguage",
    "title": "name",
}
"""What ClaimReview calls our fields, where it is not the same."""
CONTAINERS = ("@graph", "dataFeedElement", "itemListElement", "item", "claims", "claimReview", "mainEntity")
"""Under which keys records stand within others."""


def is_review(record: Mapping[str, Any]) -> bool:
    kinds = record.get("@type")
    return "claimReviewed" in record or "ClaimReview" in (kinds if isinstance(kinds, list) else [kinds])


def records_in(record: Any) -> Iterator[Mapping[str, Any] | Any]:
    """The records in a JSON value, each in our words; what is neither a record nor holds some, as it is."""
    if not isinstance(record, dict):
        yield record
    elif is_review(record):
        yield from_review(record)
    elif _is_found(record):
        for review in record["claimReview"]:
            yield from_search(record, review) if isinstance(review, dict) else review
    elif (key := container_of(record)) is not None:
        within = record[key]
        for each in within if isinstance(within, list) else [within]:
            yield from records_in(each)
    else:
        yield record


def container_of(record: Mapping[str, Any]) -> str | None:
    """Under which of its keys further records stand; None for one that is a claim itself, or holds none."""
    if is_review(record) or _is_found(record) or "claim" in record:
        return None
    return next((key for key in CONTAINERS if key in record), None)


def _is_found(record: Mapping[str, Any]) -> bool:
    """Whether it is a claim as the Fact Check Tools find it, with its reviews."""
    return "text" in record and isinstance(record.get("claimReview"), list)


def from_review(review: Mapping[str, Any]) -> dict[str, Any]:
    """A ClaimReview in our words, without what it does not have."""
    about = review.get("itemReviewed")
    return _given(
        {
            "id": _text(review.get("identifier")) or _text(review.get("@id")),
            "claim": _text(review.get("claimReviewed")),
            "verdict": _text(_part(review.get("reviewRating"), "alternateName")),
            "checked_by": _name(review.get("author")) or _name(review.get("publisher")),
            "url": _text(review.get("url")),
            "checked_on": day(_text(review.get("datePublished"))),
            "languages": _languages(review.get("inLanguage")),
            "title": _text(review.get("name")) or _text(review.get("headline")),
            "also": _other_wordings(about, _text(review.get("claimReviewed"))),
        }
    )


def from_search(found: Mapping[str, Any], review: Mapping[str, Any]) -> dict[str, Any]:
    """What Google's Fact Check Tools answer: a claim, and one of its reviews."""
    publisher = review.get("publisher")
    return _given(
        {
            "claim": _text(found.get("text")),
            "verdict": _text(review.get("textualRating")),
            "checked_by": _text(_part(publisher, "name")) or _text(_part(publisher, "site")),
            "url": _text(review.get("url")),
            "checked_on": day(_text(review.get("reviewDate"))),
            "languages": _languages(review.get("languageCode")),
            "title": _text(review.get("title")),
        }
    )


def day(value: Any) -> Any:
    """The day of a time such as 2026-03-12T08:00:00Z; anything else as it is."""
    if not isinstance(value, str) or len(value) <= 10 or value[10] not in "T ":
        return value
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        return value


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _text(value: Any) -> Any:
    """The text in a value of JSON-LD; a number or a truth value stays, for whoever checks it to complain."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value") or value.get("value")
    # Pages hold their quotes and ampersands as HTML, and so do feeds made of them.
    return html.unescape(value) if isinstance(value, str) else value


def _part(value: Any, key: str) -> Any:
    if isinstance(value, list):
        value = value[0] if value else None
    return value.get(key) if isinstance(value, dict) else None


def _name(value: Any) -> Any:
    """Of an author or publisher: given as an object, as several, or only by name."""
    if isinstance(value, list):
        value = value[0] if value else None
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def _languages(value: Any) -> list[Any]:
    """Codes, given as text, as objects, or as several."""
    several = value if isinstance(value, list) else [value]
    codes = (
        _text(each.get("alternateName") or each.get("name")) if isinstance(each, dict) else each for each in several
    )
    return [code for code in codes if code]


def _other_wordings(about: Any, claim: Any) -> list[str]:
    """What the claim is called where it is described; an article or a post that makes it has a headline of its own."""
    wordings = []
    for each in about if isinstance(about, list) else [about]:
        if isinstance(each, dict) and each.get("@type") == "Claim":
            wordings += [_text(each.get("name")), _text(each.get("alternateName")), _text(each.get("text"))]
    told = [each for each in wordings if isinstance(each, str) and len(each.split()) >= FEWEST_WORDS]
    return [each for each in dict.fromkeys(told) if each != claim]
