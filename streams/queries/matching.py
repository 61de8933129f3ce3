"""Finds the monitors whose query a mention matches, at a cost that hardly grows with the number of monitors.

Each query names literals of which a matching text must hold at least one. One automaton finds all literals of all
queries in one pass over the text; only queries that had one are then judged in full.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import assert_never

from ahocorasick_rs import AhoCorasick
from msgspec import Struct, structs

from detectors.mention import Mention
from streams.queries.fields import Field
from streams.queries.tree import And, Near, Node, Not, Or, Query, Term
from streams.queries.word_positions import WordPositions


class Matcher:
    """All queries at once. Has no state: the same mention always matches the same monitors."""

    def __init__(self, queries: Mapping[str, Query], marks: Mapping[str, Query] | None = None) -> None:
        """`queries` by the name of their monitor; `marks` are those that only mark what matches a monitor, by name."""
        self._marks = Matcher(marks) if marks else None
        self._names = list(queries)
        shared = Counter(literal for query in queries.values() for literal in set(_literals(query.root)))
        self._roots = [_cheapest_first(query.root, shared) for query in queries.values()]
        self._always: list[int] = []
        """Monitors whose query needs no word, such as `lang:mt`: judged for every mention."""
        monitors: dict[_Literal, list[int]] = {}
        for monitor, root in enumerate(self._roots):
            needed = _needed(root, shared)
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

    def marked(self, mention: Mention, monitors: Sequence[str]) -> Mention:
        """The mention with its marks, where it is for a monitor."""
        if self._marks is None or not monitors:
            return mention
        marks = tuple(self._marks.matches(mention))
        return structs.replace(mention, marks=marks) if marks else mention

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


def _cheapest_first(node: Node, shared: Mapping[_Literal, int]) -> Node:
    """The same node with what is judged fast, or is rarely there, at the beginning of each AND."""

    def cost(part: Node) -> float:
        needed = _needed(part, shared)
        return 0 if isinstance(part, Field) else inf if needed is None else _commonness(needed, shared)

    match node:
        case And(parts):
            return And(tuple(_cheapest_first(part, shared) for part in sorted(parts, key=cost)))
        case Or(parts):
            return Or(tuple(_cheapest_first(part, shared) for part in parts))
        case Not(part):
            return Not(_cheapest_first(part, shared))
        case _:
            return node


def _literals(node: Node) -> Iterator[_Literal]:
    """Of all terms."""
    match node:
        case Term(atoms=atoms):
            yield from (_Literal(atom.text, atom.goes_on or atom.unspaced) for atom in atoms)
        case And(parts) | Or(parts) | Near(parts):
            for part in parts:
                yield from _literals(part)
        case Not(part):
            yield from _literals(part)


def _needed(node: Node, shared: Mapping[_Literal, int]) -> frozenset[_Literal] | None:
    """Literals of which at least one stands in every text that matches; None where nothing of that kind is known.

    Args:
        node: Of a query.
        shared: In how many queries each literal stands.
    """

    def cost(literals: Iterable[_Literal]) -> float:
        return _commonness(literals, shared)

    match node:
        case Term():
            return min((frozenset({literal}) for literal in _literals(node)), key=cost)
        case Or(parts):
            sets = [needed for part in parts if (needed := _needed(part, shared)) is not None]
            return frozenset().union(*sets) if len(sets) == len(parts) else None
        case And(parts) | Near(parts):
            known = [needed for part in parts if (needed := _needed(part, shared)) is not None]
            return min(known, key=cost, default=None)
        case Not() | Field():
            return None
        case _:
            assert_never(node)


def _commonness(literals: Iterable[_Literal], shared: Mapping[_Literal, int]) -> float:
    """Roughly how many queries these literals will have judged in vain.

    More letters make a literal rarer, the more so in scripts of many letters. What many queries ask for is common.
    """
    return sum(shared[each] * 0.25 ** sum(1 if letter < "\u2e80" else 3 for letter in each.text) for each in literals)


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
