"""Rows of lists that were made to judge a matcher by: an id and a claim, called as is usual, and what else there is.

Such a row is brought into our form before it is read as any other. What matching has no use for is passed over.
"""

import json
import re
from typing import Any

from msgspec import structs

from alerting.plain_text import literal
from streams.claims_files.reading_row import LONGEST
from streams.claims_files.rows import derived_id
from streams.encoding.languages import UNKNOWN, primary_code
from streams.settings.yaml_nodes import Entry, Listing, Node, Scalar
from streams.settings.yaml_nodes import Mapping as Keys

_NAMES = {
    "id": ("id", "claimid", "vclaimid", "docid", "uid", "uuid"),
    "claim": ("claim", "vclaim", "claimreviewed", "claimtext", "statement", "text", "content"),
    "title": ("title", "headline", "name"),
    "also": ("also",),
    "languages": ("languages", "lang", "language", "inlanguage"),
}
"""What fields are usually called, the likeliest first: in small letters, without `_`, `-` and spaces."""


def bring_into_form(row: Keys) -> Any:
    """Leave in a row what matching uses, under our names; returns its id as it stands in the file, of any type."""
    source = _text(row.get("url")) or _text(row.get("checked_by"))
    found = {re.sub(r"[_\- ]", "", key).casefold(): entry.value for key, entry in reversed(row.entries.items())}
    row.entries.clear()
    for field in ("verdict", "checked_by"):
        _put(row, field, _quoted("", row.line))
    _put(row, "languages", Listing(row.line, ()))
    for field, names in _NAMES.items():
        if (node := next((found[name] for name in names if name in found), None)) is not None:
            _put(row, field, _fitting(field, node))
    if "id" not in row.entries:
        _put(row, "id", _quoted(derived_id(_text(row.get("claim")), source), row.line))
    return _take_id(row)


def _take_id(row: Keys) -> Any:
    """The id as it is; in the row it is text from now on."""
    node = row.entries["id"].value
    if not isinstance(node, Scalar):
        return None  # whoever reads the row complains
    _put(row, "id", _quoted(node.text, node.line))
    try:
        return node.text if node.style is not None else json.loads(node.text)
    except ValueError:  # a word of YAML
        return node.text


def _fitting(field: str, node: Node) -> Node:
    """The value as our field holds it, cut to what is read of it."""
    if field == "languages":
        tags = node.items if isinstance(node, Listing) else (node,)
        return Listing(node.line, tuple(tag for tag in tags if primary_code(_text(tag)) != UNKNOWN))
    if isinstance(node, Listing):
        return Listing(node.line, tuple(_fitting(field, item) for item in node.items))
    if isinstance(node, Scalar) and field != "id":
        return structs.replace(node, text=literal(node.text)[: LONGEST[field]])
    return node


def _put(row: Keys, field: str, value: Node) -> None:
    row.entries[field] = Entry(_quoted(field, value.line), value)


def _quoted(text: str, line: int) -> Scalar:
    return Scalar(line, text, '"', 0, line)


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
