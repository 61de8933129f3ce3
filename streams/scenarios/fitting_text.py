"""Texts that a query finds, for scenarios that do not say what people write."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import structs

from detectors.mention import Author, Mention
from streams.queries.matching import matches
from streams.queries.query import Query
from streams.queries.tree import And, Near, Not, Or, Term
from streams.queries.tree import Node as Part
from streams.scenarios.scenario import CHANNEL

_ANY_TIME = datetime(2026, 3, 2, tzinfo=UTC)

_ENDINGS = (
    "",
    ", they said in the tram",
    ", says my neighbour",
    " again this morning",
    ", of all things",
    ": what do you make of it",
    ", and I wonder why",
    " is all I hear of today",
    ", as far as I know",
    " at the kitchen table",
    ", or so it seems",
    " came up at lunch",
)
"""So that a crowd does not say the same as a chorus does."""


def fitting_texts(query: Query) -> Sequence[str]:
    """Texts with the words of the first alternative of each OR; none where the query asks for no word at all.

    What else it asks for, a channel or a number of followers, is not in a text: whether it finds them has to be seen.
    """
    words = _words(query.root)
    return [f"{words}{ending}" for ending in _ENDINGS] if words else []


def is_heard(query: Query, text: str, channels: Sequence[str]) -> bool:
    """Whether a query finds it on each of the channels."""
    probe = Mention(id="probe", channel=CHANNEL, at=_ANY_TIME, text=text, author=Author(id="probe", followers=100))
    return all(matches(query, structs.replace(probe, channel=channel)) for channel in channels)


def _words(part: Part) -> str:
    match part:
        case Term():
            return part.written.replace("*", "")
        case And(parts) | Near(parts):
            return " ".join(filter(None, map(_words, parts)))
        case Or(parts):
            return next(filter(None, map(_words, parts)), "")
        case Not():
            return ""
        case _:
            return ""
