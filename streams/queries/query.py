"""Queries as PR teams write them, read into a tree; what cannot be read is an error with its place and the remedy.

    "tax cut*" NEAR/5 (fraud OR #scam) -jobs lang:(en OR fr) followers:>10k

- Words side by side are joined by AND. AND and OR are never mixed without parentheses: tools disagree on which binds
  closer, so we ask. `-word` is NOT. Operators are in capitals.
- `census` also finds `#census` and `@census`; `#census` finds only the hashtag, `@census` only the handle.
- `fraud*` finds longer words too. Japanese, Chinese, Thai, Lao, Khmer and Burmese terms are found anywhere, Korean ones
  at the beginning of a word, since particles are attached to it.
- `a NEAR/5 b`: at most five words apart, in either order; NEAR/1 is side by side. In scripts without spaces, letters
  are counted.
- Title and text are searched; no phrase and no NEAR reaches across the border between them.

QueryError(message, position)   a query that finds nothing, nearly everything, or not what its writer meant
"""

import re
from functools import cache

from lark import Lark, Token, UnexpectedInput, v_args
from lark.exceptions import VisitError
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive
from msgspec import Struct

from streams.queries.fields import Field, field
from streams.queries.terms import TermError, bare_term, quoted_term
from streams.queries.tree import And, Near, Node, Not, Or, Query, Term

__all__ = ["Query", "QueryError", "parse"]

LENGTH_LIMIT = 100_000
"""Characters of a query."""
DEPTH_LIMIT = 50
"""Parentheses within parentheses."""
NEAR_LIMIT = 100
"""Words between two parts of a NEAR."""


class QueryError(ValueError):
    """A query that cannot be used. `message` says what is wrong and what to write instead."""

    def __init__(self, message: str, position: int) -> None:
        """`position` is the character's index in the query, from 0."""
        self.message = message
        self.position = position
        super().__init__(message, position)

    def __str__(self) -> str:
        return f"{self.message} (at character {self.position + 1} of the query)"


def parse(text: str) -> Query:
    """The query that a text means. Raises QueryError for anything else, and nothing but that."""
    if len(text) > LENGTH_LIMIT:
        raise QueryError(f"the query has {len(text):,} characters; at most {LENGTH_LIMIT:,} are accepted", LENGTH_LIMIT)
    _check_pairs(text)
    try:
        root = _reader.transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise QueryError(*_what_is_wrong(error, text)) from None
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from None
        raise
    return Query(root)


_GRAMMAR = r"""
    start: disjunction
    disjunction: conjunction (_OR conjunction)*
    conjunction: negation (_AND? negation)*
    ?negation: (_NOT | _MINUS) negation -> exclusion
        | proximity
    proximity: operand (NEAR operand)*
    ?operand: _OPEN disjunction _CLOSE -> group
        | WORD -> word
        | QUOTED -> phrase
        | FIELD -> one_value
        | FIELD_LIST _OPEN value (_OR value)* _CLOSE -> several_values
    ?value: WORD | QUOTED | FIELD

    _AND.4: /AND(?![^\s()（）"“”„«»])/
    _OR.4: /OR(?![^\s()（）"“”„«»])/
    _NOT.4: /NOT(?![^\s()（）"“”„«»])/
    NEAR.4: /NEAR\/[0-9]{1,9}(?![^\s()（）"“”„«»])/
    FIELD_LIST.3: /[A-Za-z_]+[:：](?=\s*[(（])/
    FIELD.2: /[A-Za-z_]+[:：](\s*(["“”„«»][^"“”„«»]*["“”„«»]|[^\s()（）"“”„«»]+))?/
    _MINUS.3: /[-−–—](?=[^\s)）*−–—-])/
    QUOTED.3: /["“”„«»][^"“”„«»]*["“”„«»]/
    WORD.1: /[^\s()（）"“”„«»]+/
    _OPEN: /[(（]/
    _CLOSE: /[)）]/
    %ignore /\s+/
"""
_QUOTES = '"“”„«»'
_pair = re.compile(f"[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]|[()（）{_QUOTES}]")
_operator = re.compile(r"AND|OR|NOT|NEAR/\d+")


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", propagate_positions=True)


class _Group(Struct, frozen=True):
    """What stood in parentheses, until it is known what is around them."""

    node: Node


@v_args(meta=True)
class _Reader(Transformer_NonRecursive[Token, Node]):
    """Makes nodes of the parser's tree. Not recursive, so no query is too deep for it."""

    def start(self, meta: Meta, parts: list[Node | _Group]) -> Node:
        root = _bare(parts[0])
        if not _asks_for_something(root):
            raise QueryError(
                "the query, or one side of an OR in it, only says what to leave out, and so finds nearly everything; "
                "add what to look for, for example census NOT jobs",
                meta.start_pos,
            )
        return root

    def disjunction(self, meta: Meta, parts: list[Node | _Group]) -> Node | _Group:
        if len(parts) == 1:
            return parts[0]
        if any(isinstance(part, And) for part in parts):
            raise QueryError(
                "AND and OR stand side by side (words side by side are joined by AND); say with parentheses what "
                "belongs together: (a AND b) OR c, or a AND (b OR c)",
                meta.start_pos,
            )
        return Or(_flat(parts, Or))

    def conjunction(self, meta: Meta, parts: list[Node | _Group]) -> Node | _Group:
        return parts[0] if len(parts) == 1 else And(_flat(parts, And))

    def exclusion(self, meta: Meta, parts: list[Node | _Group]) -> Node:
        part = _bare(parts[0])
        return part.part if isinstance(part, Not) else Not(part)

    def proximity(self, meta: Meta, parts: list[Node | _Group | Token]) -> Node | _Group:
        nodes = [part for part in parts if not isinstance(part, Token)]
        if len(nodes) == 1:
            return nodes[0]
        for node in nodes:
            _check_can_be_near(_bare(node), meta.start_pos)
        return Near(tuple(map(_bare, nodes)), tuple(_distance(part) for part in parts if isinstance(part, Token)))

    def group(self, meta: Meta, parts: list[Node | _Group]) -> _Group:
        return _Group(_bare(parts[0]))

    def word(self, meta: Meta, parts: list[Token]) -> Term:
        try:
            return bare_term(parts[0])
        except TermError as error:
            raise QueryError(str(error), meta.start_pos) from None

    def phrase(self, meta: Meta, parts: list[Token]) -> Term:
        try:
            return quoted_term(parts[0].strip(_QUOTES))
        except TermError as error:
            raise QueryError(str(error), meta.start_pos) from None

    def one_value(self, meta: Meta, parts: list[Token]) -> Field:
        name, value = re.split("[:：]", parts[0], maxsplit=1)
        return _field(name, [value.strip()], meta)

    def several_values(self, meta: Meta, parts: list[Token]) -> Field:
        return _field(parts[0][:-1], parts[1:], meta)


_reader = _Reader()


def _check_pairs(text: str) -> None:
    """Raises where a quote or a parenthesis has no partner, or too many lie within each other."""
    opened: list[int] = []
    for found in _pair.finditer(text):
        position = found.start()
        if len(found[0]) > 1:
            continue
        if found[0] in "(（":
            opened.append(position)
            if len(opened) > DEPTH_LIMIT:
                raise QueryError(f"more than {DEPTH_LIMIT} parentheses within each other; write it flatter", position)
        elif found[0] in ")）":
            if not opened:
                raise QueryError("this ) closes nothing; take it away, or open a ( before it", position)
            opened.pop()
        else:
            raise QueryError("this quote is never closed; put a second one at the end of the phrase", position)
    if opened:
        raise QueryError("this ( is never closed; add a ) where the group ends", opened[-1])


def _what_is_wrong(error: UnexpectedInput, text: str) -> tuple[str, int]:
    """The parser's complaint in words, and where."""
    if not text.strip():
        return "the query is empty; write what to look for, for example census", 0
    token = getattr(error, "token", None)
    if not isinstance(token, Token):
        return "this cannot be read", getattr(error, "pos_in_stream", None) or 0
    if token.type == "$END":
        return "the query ends where something to look for must follow; add it or take the last word away", len(text)
    position = token.start_pos or 0
    if token.type == "_CLOSE":
        return "something to look for is missing before this )", position
    if token.type in ("_NOT", "_MINUS"):
        return "NOT cannot stand here; to exclude something, write it after the rest: a NEAR/5 b NOT c", position
    return f'"{token}" cannot stand here: something to look for must be on both sides of it', position


def _asks_for_something(node: Node) -> bool:
    """Whether a mention must have something, not only lack something, to be found."""
    match node:
        case And(parts):
            return any(map(_asks_for_something, parts))
        case Or(parts):
            return all(map(_asks_for_something, parts))
        case Not():
            return False
        case _:
            return True


def _bare(part: Node | _Group) -> Node:
    return part.node if isinstance(part, _Group) else part


def _flat(parts: list[Node | _Group], kind: type[And] | type[Or]) -> tuple[Node, ...]:
    """The parts, with those of the same kind opened: (a AND b) AND c is one AND of three."""
    nodes: list[Node] = []
    for node in map(_bare, parts):
        nodes.extend(node.parts if isinstance(node, And | Or) and isinstance(node, kind) else [node])
    return tuple(nodes)


def _check_can_be_near(node: Node, position: int) -> None:
    if isinstance(node, Or):
        for part in node.parts:
            _check_can_be_near(part, position)
    elif isinstance(node, Field):
        raise QueryError("a field cannot be NEAR anything; write it beside: (tax NEAR/5 fraud) lang:en", position)
    elif isinstance(node, And | Not):
        raise QueryError(
            "NEAR joins words, phrases and (a OR b), not AND or NOT; write what is near what: a NEAR/5 b NEAR/5 c",
            position,
        )


def _distance(near: Token) -> int:
    words = int(near.removeprefix("NEAR/"))
    if not 1 <= words <= NEAR_LIMIT:
        raise QueryError(f"NEAR takes a number of words from 1 to {NEAR_LIMIT}", near.start_pos or 0)
    return words


def _field(name: str, values: list[str] | list[Token], meta: Meta) -> Field:
    try:
        return field(name, tuple("" if _operator.fullmatch(value) else value.strip(_QUOTES) for value in values))
    except ValueError as error:
        raise QueryError(str(error), meta.start_pos) from None
