"""The fields of a query: `lang:`, `channel:`, `author:`, `followers:`, `kind:`, `country:` and `link:`.

A field that the mention leaves empty never holds, so `followers:>1000` skips authors whose followers nobody counted.
"""

import operator
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, assert_never
from urllib.parse import urlsplit

from msgspec import Struct

from detectors.mention import MENTION_KINDS, Mention
from streams.queries.normalised_text import normalise
from streams.settings.problem import did_you_mean, quoted

FieldName = Literal["lang", "channel", "author", "followers", "kind", "country", "link"]
FIELD_NAMES: tuple[FieldName, ...] = ("lang", "channel", "author", "followers", "kind", "country", "link")

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
_IN_WORDS = {">": "more than", ">=": "at least", "<": "fewer than", "<=": "at most", "=": "exactly"}
_number = re.compile(r"(>=|<=|>|<|=)?\s*(\d{1,12})([km]?)")
_language = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")
_host = re.compile(r"[^\s/:?#@]+\.[^\s/:?#@.]{2,}")
_plain_value = re.compile(r"[\w.@#/?&%=<>~+:-]+")


class Field(Struct, frozen=True):
    """One condition on what is known about a mention; several values mean any of them."""

    name: FieldName
    values: tuple[str, ...]
    """As written, tidied in the way of the field. `followers` has one: a comparison and a number, `>=1000`."""
    accepted: frozenset[str]
    """The values to look a mention's own up in. Of an author: ids as they are, handles normalised and with an `@`."""

    def written(self) -> str:
        """As a query writes it."""
        shown = [value if _plain_value.fullmatch(value) else f'"{value}"' for value in self.values]
        return f"{self.name}:{shown[0]}" if len(shown) == 1 else f"{self.name}:({' OR '.join(shown)})"

    def describe(self) -> str:
        """In plain words, as the rest of a sentence about a mention."""
        values = self.values[0] if len(self.values) == 1 else f"any of {', '.join(self.values)}"
        match self.name:
            case "lang":
                return f"marked by its source as language {values}"
            case "channel":
                return f"on {values}"
            case "author":
                return f"by {values}"
            case "followers":
                comparison, number = _comparison(self.values[0])
                return f"by an author with {_IN_WORDS[comparison]} {number:,} followers"
            case "kind":
                return f"a {values}"
            case "country":
                return f"from country {values.upper()}"
            case "link":
                return f"at or linking to {values}"
            case _:
                assert_never(self.name)

    def holds(self, mention: Mention) -> bool:
        """Whether any of the values fits the mention."""
        match self.name:
            case "lang":
                # Matching comes before encoding, so only the source's word is known. `en` includes `en-GB`.
                language = (mention.lang or "und").replace("_", "-").casefold()
                return any(language == value or language.startswith(f"{value}-") for value in self.values)
            case "channel":
                return mention.channel.casefold() in self.accepted
            case "author":
                author = mention.author
                return author.id in self.accepted or (
                    author.handle is not None and _handle(author.handle) in self.accepted
                )
            case "followers":
                comparison, number = _comparison(self.values[0])
                followers = mention.author.followers
                return followers is not None and _COMPARE[comparison](followers, number)
            case "kind":
                return mention.kind in self.accepted
            case "country":
                return mention.country is not None and mention.country.casefold() in self.accepted
            case "link":
                links = mention.links if mention.url is None else (*mention.links, mention.url)
                return any(_links_to(link.casefold(), value) for link in links for value in self.values)
            case _:
                assert_never(self.name)


def field(name: str, values: tuple[str, ...]) -> Field:
    """A field as a person wrote it. Raises ValueError, with the remedy, where it means nothing."""
    known = next((known for known in FIELD_NAMES if known == name.casefold()), None)
    if known is None:
        raise ValueError(_unknown(name))
    if not all(value.strip() for value in values):
        raise ValueError(f"{known}: needs a value right after the colon, for example {_EXAMPLES[known]}")
    if known == "followers" and len(values) > 1:
        raise ValueError("followers: takes one comparison; write (followers:<10 OR followers:>1000)")
    tidy = tuple(dict.fromkeys(_value(known, value.strip()) for value in values))
    return Field(known, tidy, _accepted(known, tidy))


_EXAMPLES: dict[FieldName, str] = {
    "lang": "lang:en",
    "channel": "channel:bluesky",
    "author": "author:@census",
    "followers": "followers:>1000",
    "kind": "kind:article",
    "country": "country:gb",
    "link": "link:example.org",
}


def _unknown(name: str) -> str:
    if name.casefold() in ("http", "https"):
        return "a link is searched for with link:, for example link:example.org"
    return (
        f"no field is called {quoted(name)}{did_you_mean(name, FIELD_NAMES)} "
        f"(fields: {', '.join(FIELD_NAMES)}; to search for the text itself, put it in quotes)"
    )


def _value(name: FieldName, value: str) -> str:
    match name:
        case "lang":
            code = value.replace("_", "-").casefold()
            if not _language.fullmatch(code):
                raise ValueError(f"lang: takes a code such as en, pt-br or und, not {quoted(value)}")
            return code
        case "followers":
            return _followers(value)
        case "kind":
            kind = value.casefold()
            if kind not in MENTION_KINDS:
                options = sorted(MENTION_KINDS)
                raise ValueError(
                    f"no kind is called {quoted(value)}{did_you_mean(kind, options)} (kinds: {', '.join(options)})"
                )
            return kind
        case "author":
            return value  # an id is told apart by case
        case "channel" | "country":
            return value.casefold()
        case "link":
            link = value.casefold()
            return re.sub(r"^https?://(www\.)?", "", link).rstrip("/") or link
        case _:
            assert_never(name)


def _accepted(name: FieldName, values: tuple[str, ...]) -> frozenset[str]:
    if name != "author":
        return frozenset(values)
    ids = {value for value in values if not value.startswith("@")}
    return frozenset(ids | {_handle(value) for value in values})


def _handle(value: str) -> str:
    return f"@{normalise(value.lstrip('@'))}"


def _followers(value: str) -> str:
    found = _number.fullmatch(value.casefold().replace(",", "").replace("_", ""))
    if found is None:
        raise ValueError(f"followers: takes a comparison and a number, such as followers:>1000, not {quoted(value)}")
    times = {"": 1, "k": 1000, "m": 1_000_000}[found[3]]
    return f"{found[1] or '='}{int(found[2]) * times}"


@lru_cache
def _comparison(value: str) -> tuple[str, int]:
    sign = value.rstrip("0123456789")
    return sign, int(value[len(sign) :])


def _links_to(link: str, value: str) -> bool:
    """Whether a link goes to a host or below it; what does not look like a host is found anywhere in the link."""
    if not _host.fullmatch(value):
        return value in link
    try:
        host = urlsplit(link if "//" in link else f"//{link}").hostname or ""
    except ValueError:
        return False
    return host == value or host.endswith(f".{value}")
