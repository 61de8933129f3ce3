"""Finds the monitors whose query a mention matches, at a cost that hardly grows with the number of monitors.

Each query names literals of which a matching text must hold at least one. One automaton finds all literals of all
queries in one pass over the text; only queries that had one are then judged in full.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from ahocorasick_rs import AhoCorasick
from msgspec import Struct

from detectors.mention import Mention
from streams.query_fields import Field
from streams.query_tree import And, Near, Node, Not, Or, Query, Term
from streams.word_positions import WordPositions


class Matcher:
    """All queries at once. Has no state: the same mention always matches the same monitors."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        """`queries` by the name of their monitor."""
        self._names = list(queries)
        self._roots = [_fields_first(query.root) for query in queries.values()]
        self._always: list[int] = []
        """Monitors whose query needs no word, such as `lang:mt`: judged for every mention."""
        self._literals: list[_Literal] = []
        monitors: dict[_Literal, list[int]] = {}
        for monitor, root in enumerate(self._roots):
            needed = _needed(root)
            if needed is None:
                self._always.append(monitor)
            for literal in needed or ():
                monitors.setdefault(literal, []).append(monitor)
        self._literals = list(monitors)
        self._monitors = list(monitors.values())
        self._automaton = AhoCorasick([literal.text for literal in monitors]) if monitors else None

    def matches(self, mention: Mention) -> Sequence[str]:
        """The names of the monitors whose query matches, in their given order."""
        words = WordPositions(mention)
        candidates = self._candidates(words.text)
        return [self._names[i] for i in sorted(candidates) if _holds(self._roots[i], mention, words)]

    def _candidates(self, text: str) -> set[int]:
        candidates = set(self._always)
        if self._automaton is None:
            return candidates
        found: set[int] = set()
        for literal, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if literal not in found and self._literals[literal].can_stand(text, start, end):
                found.add(literal)
                candidates.update(self._monitors[literal])
        return candidates


def matches(query: Query, mention: Mention) -> bool:
    """Whether one query matches, judged in full."""
    return _holds(query.root, mention, WordPositions(mention))


def why(query: Query, mention: Mention) -> Sequence[str]:
    """The parts of a matching query that the mention has, as the query writes them."""
    words = WordPositions(mention)
    return list(dict.fromkeys(str(Query(part)) for part in _parts_that_hold(query.root, mention, words)))


class _Literal(Struct, frozen=True):
    """Letters without which a query cannot match."""

    text: str
    goes_on: bool

    def can_stand(self, text: str, start: int, end: int) -> bool:
        """False only where the letters surely lie within a longer word: the cheap half of finding its borders."""
        if start and _is_ascii_letter(text[start]) and _is_ascii_letter(text[start - 1]):
            return False
        if self.goes_on or end == len(text):
            return True
        return not (_is_ascii_letter(text[end - 1]) and _is_ascii_letter(text[end]))


def _is_ascii_letter(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _fields_first(node: Node) -> Node:
    """The same node with fields judged before words: they cost next to nothing."""
    match node:
        case And(parts):
            return And(tuple(sorted(map(_fields_first, parts), key=_costs)))
        case Or(parts):
            return Or(tuple(sorted(map(_fields_first, parts), key=_costs)))
        case Not(part):
            return Not(_fields_first(part))
        case _:
            return node


def _costs(node: Node) -> int:
    match node:
        case Not(part):
            return _costs(part)
        case Field():
            return 0
        case Near():
            return 2
        case _:
            return 1


def _needed(node: Node) -> frozenset[_Literal] | None:
    """Literals of which at least one stands in every text that matches; None where nothing of that kind is known."""
    match node:
        case Term(atoms=atoms):
            return min((frozenset({_Literal(atom.text, atom.goes_on or atom.unspaced)}) for atom in atoms), key=_common)
        case Or(parts):
            sets = [_needed(part) for part in parts]
            return None if None in sets else frozenset().union(*(each for each in sets if each is not None))
        case And(parts) | Near(parts):
            known = [each for each in map(_needed, parts) if each is not None]
            return min(known, key=_common, default=None)
        case Not() | Field():
            return None
        case _:
            assert_never(node)


def _common(literals: Iterable[_Literal]) -> float:
    """Roughly how often any of the literals stands in texts: each letter makes it rarer, the more so the more there are
    in its script.
    """
    return sum(0.25 ** sum(1 if letter < "\u2e80" else 3 for letter in literal.text) for literal in literals)


def _holds(node: Node, mention: Mention, words: WordPositions) -> bool:
    match node:
        case Term():
            return words.holds(node)
        case Field():
            return node.holds(mention)
        case And(parts):
            return all(_holds(part, mention, words) for part in parts)
        case Or(parts):
            return any(_holds(part, mention, words) for part in parts)
        case Not(part):
            return not _holds(part, mention, words)
        case Near():
            return bool(words.spans(node))
        case _:
            assert_never(node)


def _parts_that_hold(node: Node, mention: Mention, words: WordPositions) -> Iterable[Node]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                if _holds(part, mention, words):
                    yield from _parts_that_hold(part, mention, words)
        case Not():
            return
        case _:
            if _holds(node, mention, words):
                yield node
