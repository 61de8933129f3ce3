"""Where the words of one mention stand, and so where a query's terms do.

Positions are counted in tokens. Spans are pairs of the first and the last token; the search for nearness keeps only
spans that no other contains, so its time grows with the text and not with the number of pairs.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from detectors.mention import Mention
from streams.queries.normalised_text import normalise, tokens
from streams.queries.tree import Atom, Near, Node, Or, Term

Span = tuple[int, int]
"""First and last token."""
_BORDER = 10_000
"""Tokens between title and text: farther than any NEAR reaches."""
_WITHIN_WORDS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
"""Beside the letters of a word, these make it a part of a longer one."""


class WordPositions:
    """The words of a mention's title and text. Cut only when a term asks for them, and then once."""

    def __init__(self, mention: Mention) -> None:
        text = normalise(mention.text)
        self._title_length = 0
        if mention.title:
            title = normalise(mention.title)
            self._title_length = len(title)
            text = f"{title}\n{text}"
        self.text = text
        """Normalised; the title comes first."""

    def holds(self, term: Term) -> bool:
        """Whether the term stands anywhere."""
        only = term.atoms[0]
        if len(term.atoms) == 1 and not only.sigil:
            if only.unspaced and not _is_mark(only.text[0]):
                return self._holds_run(only.text)
            if (told := self._holds_plain(only)) is not None:
                return told
        return self._might_hold(term) and bool(self._starts(term))

    def spans(self, node: Node) -> list[Span]:
        """Where a term, or something NEAR something, stands; by first token, none within another.

        Args:
            node: A Term, an Or of such, or a Near, as the parser makes them.
        """
        match node:
            case Term(atoms=atoms):
                length = sum(atom.tokens for atom in atoms)
                return [(start, start + length - 1) for start in self._starts(node)]
            case Or(parts):
                return _widest(span for part in parts for span in self.spans(part))
            case Near(parts, words):
                if not self._might_hold(node):
                    return []
                found = self.spans(parts[0])
                for part, distance in zip(parts[1:], words, strict=True):
                    if not found:
                        break
                    found = _near(found, self.spans(part), distance)
                return found
            case _:
                raise TypeError(f"{type(node).__name__} has no place in a text")

    def _might_hold(self, node: Node) -> bool:
        """False only where letters are missing: cutting words is what costs, and most terms are not there at all."""
        match node:
            case Term(atoms=atoms):
                return all(atom.text in self.text for atom in atoms)
            case Or(parts):
                return any(self._might_hold(part) for part in parts)
            case Near(parts):
                return all(self._might_hold(part) for part in parts)
            case _:
                return True

    def _starts(self, term: Term) -> list[int]:
        """First tokens of the term, rising."""
        first, *rest = term.atoms
        starts = self._positions(first)
        offset = first.tokens
        for atom in rest:
            if not starts:
                break
            following = set(self._positions(atom))
            starts = [start for start in starts if start + offset in following]
            offset += atom.tokens
        return list(starts)

    def _positions(self, atom: Atom) -> Sequence[int]:
        if atom.unspaced:
            return self._positions_of_run(atom)
        word = atom.sigil + atom.text
        if not atom.goes_on:
            return self._index.places.get(word, ())
        longer = self._index.words_from(word)
        return sorted({position for longer_word in longer for position in self._index.places[longer_word]})

    def _holds_run(self, letters: str) -> bool:
        """As `_positions_of_run`, without cutting words: what most queries in such scripts consist of."""
        end = self.text.find(letters) + len(letters)
        while end >= len(letters):
            if end == len(self.text) or not _is_mark(self.text[end]):
                return True
            end = self.text.find(letters, end - len(letters) + 1) + len(letters)
        return False

    def _holds_plain(self, atom: Atom) -> bool | None:
        """Whether a word of ASCII letters stands anywhere, told from the letters beside it; None where they leave it
        open. Most words of most queries are told so, and cutting the text into words costs half of all matching."""
        text, word = self.text, atom.text
        if not (word.isascii() and word.isalnum()):
            return None
        is_open = False
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            before = text[start - 1] if start else " "
            after = text[end] if end < len(text) and not atom.goes_on else " "
            if before in _WITHIN_WORDS or after in _WITHIN_WORDS:
                pass  # a part of a longer word
            elif before == "_" or after == "_" or not (before.isascii() and after.isascii()):
                is_open = True
            else:
                return True
            start = text.find(word, start + 1)
        return None if is_open else False

    def _positions_of_run(self, atom: Atom) -> list[int]:
        """Where letters of a script without spaces follow each other with nothing between them."""
        found = []
        start = self.text.find(atom.text)
        while start >= 0:
            first = self._index.starting_at.get(start)
            if (
                first is not None
                and start + len(atom.text) in self._index.ends
                and (not atom.sigil or self._index.sigils.get(first) == atom.sigil)
            ):
                found.append(first)
            start = self.text.find(atom.text, start + 1)
        return found

    @cached_property
    def _index(self) -> "_Index":
        return _Index(self.text, self._title_length)


class _Index:
    """The tokens of a text, ready to be looked up."""

    def __init__(self, text: str, title_length: int) -> None:
        self.places: dict[str, list[int]] = defaultdict(list)
        """Token numbers by word; those of hashtags and handles a second time with their sigil."""
        self.starting_at: dict[int, int] = {}
        """Token numbers by their first letter's index."""
        self.ends: set[int] = set()
        self.sigils: dict[int, str] = {}
        for number, token in enumerate(tokens(text)):
            if token.start >= title_length > 0:
                number += _BORDER  # the border between title and text takes up numbers
            self.places[token.text].append(number)
            if token.kind == "unspaced":
                self.starting_at[token.start] = number
                self.ends.add(token.end)
            if token.sigil:
                self.places[token.sigil + token.text].append(number)
                self.sigils[number] = token.sigil

    def words_from(self, beginning: str) -> Sequence[str]:
        """All words that begin so."""
        first = bisect_left(self._sorted_words, beginning)
        return self._sorted_words[first : bisect_right(self._sorted_words, beginning + "\U0010ffff")]

    @cached_property
    def _sorted_words(self) -> list[str]:
        return sorted(self.places)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")


def _widest(spans: Iterable[Span]) -> list[Span]:
    """Those spans that lie within no other, rising. Whatever is near to one within is near to the wider one too."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or span[1] > kept[-1][1]:
            kept.append(span)
    return kept


def _near(spans: Sequence[Span], others: Sequence[Span], distance: int) -> list[Span]:
    """The spans that cover one of each, at most so many tokens apart; both given rising, none within another."""
    starts = [start for start, _ in others]
    ends = [end for _, end in others]
    found = []
    for start, end in spans:
        first = bisect_left(ends, start - distance)
        last = bisect_right(starts, end + distance) - 1
        if first <= last:  # all others between the two are near; these reach farthest
            found += [(min(start, starts[i]), max(end, ends[i])) for i in (first, last)]
    return _widest(found)
