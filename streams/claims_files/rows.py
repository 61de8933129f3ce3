"""A row of any format as the tree that a YAML file gives, so that all are read, and complained of, in the same way."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from alerting.plain_text import literal
from streams.encoding.languages import UNKNOWN, identify
from streams.encoding.text_cleaning import cleaned
from streams.settings.yaml_nodes import Entry, Listing, Node, Scalar
from streams.settings.yaml_nodes import Mapping as Keys

DEEPEST = 5
FIELDS = (
    "id",
    "claim",
    "verdict",
    "checked_by",
    "url",
    "checked_on",
    "languages",
    "title",
    "also",
    "answer",
    "owner",
)


class Missing(Struct, frozen=True, kw_only=True):
    """What stands in for what a row does not say."""

    verdict: str | None = None
    checked_by: str | None = None
    owner: str | None = None
    languages: tuple[str, ...] = ()
    identifies: bool = False
    """Whether the language of a claim that does not say is looked for in its text."""
    lenient: bool = False
    """Whether an id and a claim will do, called as is usual, and all else is passed over: to judge a matcher by."""


def row(values: Mapping[str, Any], line: int) -> Keys:
    """A record read from JSON or CSV. Text in it is cleaned; what is empty counts as not given."""
    entries = {}
    for key, value in values.items():
        if value is not None and value not in ("", []):
            entries[key] = _entry(key, value, line)
    return Keys(line, entries)


def complete(node: Keys, missing: Missing, *, derive_id: bool) -> None:
    """Give a row what it lacks: the defaults, and an id where that is to be derived."""
    defaults = {"verdict": missing.verdict, "checked_by": missing.checked_by, "owner": missing.owner}
    given: dict[str, Any] = dict(defaults)
    if missing.languages:
        given["languages"] = list(missing.languages)
    elif missing.identifies and "languages" not in node.entries:
        language = identify(cleaned(f"{_plain(node.get('claim'))}. {_plain(node.get('title'))}"), None)
        given["languages"] = [language] if language != UNKNOWN else []
    for key, value in given.items():
        if value not in (None, []):
            _give(node, key, value)
    if derive_id and "id" not in node.entries:
        source = _plain(node.get("url")) or _plain(node.get("checked_by"))
        _give(node, "id", derived_id(_plain(node.get("claim")), source))


def derived_id(claim: str, source: str) -> str:
    """The id of a claim that comes without one, the same whenever it is read: its first words and a hash.

    The hash is of its words, whatever their case and spaces, and of where it was checked: the fact-check's link, or who
    made it where it has none. So a verdict or an answer that changes does not change the id.
    """
    plain = " ".join(literal(claim).casefold().split())
    digest = hashlib.sha256(f"{plain}\x1f{source}".encode()).hexdigest()[:8]
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    start = "-".join(re.findall(r"[a-z0-9]+", ascii_only)[:5])[:40].strip("-")
    return f"{start or 'claim'}-{digest}"


def _give(node: Keys, key: str, value: Any) -> None:
    if key not in node.entries:
        node.entries[key] = _entry(key, value, node.line)


def _plain(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _node(value: Any, line: int, newlines: bool, depth: int = 0) -> Node:
    """A value as YAML would hold it: a text in quotes, for it is no number whatever it looks like."""
    if isinstance(value, str):
        return Scalar(line, literal(value, newlines=newlines), '"', 0, line)
    if isinstance(value, dict) and depth < DEEPEST:
        return Keys(line, {str(key): _entry(str(key), each, line, depth + 1) for key, each in value.items()})
    if isinstance(value, list) and depth < DEEPEST:
        return Listing(line, tuple(_node(each, line, newlines, depth + 1) for each in value))
    return Scalar(line, _WORDS.get(str(value), str(value)[:40]), None, 0, line)


def _entry(key: str, value: Any, line: int, depth: int = 0) -> Entry:
    if isinstance(value, str) and key.casefold().endswith("id"):
        # As it is, for whoever gives it back; an id of ours is cleaned with the rest of its row.
        return Entry(Scalar(line, key, '"', 0, line), Scalar(line, value, '"', 0, line))
    return Entry(Scalar(line, key, '"', 0, line), _node(value, line, key == "answer", depth))


_WORDS = {"None": "null", "True": "true", "False": "false"}
