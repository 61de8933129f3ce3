"""What a query is once it has been read: a tree of terms, fields, AND, OR, NOT and NEAR.

`str()` of it is a query again, `describe()` says in plain words what it finds. It is read in `streams/queries/query.py`
and searched for in `streams/queries/matching.py`.
"""

from typing import assert_never

from msgspec import Struct

from streams.queries.fields import Field
from streams.queries.normalised_text import Sigil


class Atom(Struct, frozen=True):
    """The smallest thing to find: one word, or several letters in a row of a script without spaces."""

    text: str
    """Normalised, without sigil."""
    sigil: Sigil = ""
    """Set: only a hashtag, or only a handle; empty: any word."""
    goes_on: bool = False
    """Longer words that begin with it count too."""
    unspaced: bool = False
    """Found anywhere, in words of any length: there are no spaces to tell words apart."""
    tokens: int = 1


class Term(Struct, frozen=True):
    """One word, or a phrase: atoms that follow each other, whatever punctuation is between them."""

    written: str
    """As in the query, without quotes."""
    atoms: tuple[Atom, ...]


class And(Struct, frozen=True):
    parts: tuple["Node", ...]


class Or(Struct, frozen=True):
    parts: tuple["Node", ...]


class Not(Struct, frozen=True):
    part: "Node"


class Near(Struct, frozen=True):
    """Each part lies within so many words of all that is before it, in either order."""

    parts: tuple["Node", ...]
    """Terms, ORs of such, and other NEARs."""
    words: tuple[int, ...]
    """Between each two parts: 1 is side by side."""


Node = Term | Field | And | Or | Not | Near


class Query(Struct, frozen=True):
    """What a monitor listens for. Two queries are equal if they read the same."""

    root: Node

    def __str__(self) -> str:
        return _written(self.root)

    def describe(self) -> str:
        """What it finds, in plain words: `"census" and not by @bot`."""
        return _described(self.root)


def _written(node: Node) -> str:
    match node:
        case Term():
            return _written_term(node)
        case Field():
            return node.written()
        case And(parts):
            return " AND ".join(_in_parentheses(part, Or) for part in parts)
        case Or(parts):
            return " OR ".join(_in_parentheses(part, And) for part in parts)
        case Not(part):
            return f"NOT {_in_parentheses(part, And, Or)}"
        case Near(parts, words):
            pieces = [_in_parentheses(part, Or, Near) for part in parts]
            return pieces[0] + "".join(f" NEAR/{n} {piece}" for n, piece in zip(words, pieces[1:], strict=True))
        case _:
            assert_never(node)


def _in_parentheses(node: Node, *kinds: type) -> str:
    return f"({_written(node)})" if isinstance(node, kinds) else _written(node)


def _written_term(term: Term) -> str:
    return term.written if is_plain(term.written) else f'"{term.written}"'


def is_plain(word: str) -> bool:
    """Whether a text means the same without quotes as within: a conservative guess."""
    bare = word.lstrip("#@").removesuffix("*")
    return bare.isalnum() and bare.casefold() not in {"and", "or", "not", "near"}


def _described(node: Node) -> str:
    match node:
        case Term():
            return _described_term(node)
        case Field():
            return node.describe()
        case And(parts):
            return " and ".join(_grouped(part) for part in parts)
        case Or(parts):
            return " or ".join(_grouped(part) for part in parts)
        case Not(part):
            return f"not {_grouped(part)}"
        case Near(parts, words):
            pieces = [_grouped(part) for part in parts]
            return pieces[0] + "".join(
                f" {'next to' if n == 1 else f'within {n} words of'} {piece}"
                for n, piece in zip(words, pieces[1:], strict=True)
            )
        case _:
            assert_never(node)


def _grouped(node: Node) -> str:
    return f"({_described(node)})" if isinstance(node, And | Or | Near) else _described(node)


def _described_term(term: Term) -> str:
    first, *rest = term.atoms
    shown = term.written.replace("*", "…")
    if rest:
        return f'the phrase "{shown}"'
    if first.sigil:
        return f'{"the hashtag" if first.sigil == "#" else "the handle"} "{shown}"'
    if "*" in term.written:
        return f'a word that begins with "{shown.removesuffix("…")}"'
    return f'"{shown}"'
