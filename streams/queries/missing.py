"""What keeps a query from matching a mention: the part of it that does not hold, in words."""

from typing import assert_never

from detectors.mention import Mention
from streams.queries.fields import Field
from streams.queries.matching import matches, why
from streams.queries.tree import And, Near, Node, Not, Or, Query, Term

_LONGEST = 160
"""Characters of a part of a query; monitors list hundreds of words."""


def missing(query: Query, mention: Mention) -> list[str]:
    """A sentence for each part that a matching mention would need; none where it matches."""
    return _missing(query.root, mention)


def _missing(node: Node, mention: Mention) -> list[str]:
    if matches(Query(node), mention):
        return []
    match node:
        case And(parts):
            return [sentence for part in parts for sentence in _missing(part, mention)]
        case Not(part):
            return [f"it has {_short(', '.join(why(Query(part), mention)))}, which the query leaves out"]
        case Or():
            return [f"it has none of {_written(node)}"]
        case Near(parts):
            apart = all(matches(Query(part), mention) for part in parts)
            return [f"{_written(node)}: {'they are too far apart' if apart else 'not all of it is there'}"]
        case Term() | Field():
            return [f"it has no {_written(node)}"]
        case _:
            assert_never(node)


def _written(node: Node) -> str:
    return _short(str(Query(node)))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
