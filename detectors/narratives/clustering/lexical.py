"""What a text says by its letters alone: cleaning, words and letters of any script, TF-IDF that knows only the past."""

import hashlib
import math
import re
import zlib
from array import array
from collections.abc import Iterable

from detectors.spelling import plain, without_links, without_repeats

DIMENSIONS = 1024
"""Of terms, where they are made a row of numbers."""
_HANDLE = re.compile(r"(?<!\w)@[\w.-]+")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
# Thai to Myanmar, Khmer, kana, Han, and the wide planes of Han: scripts that put no spaces between words.
_UNSPACED = re.compile("[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SYLLABLES = re.compile(f"{_UNSPACED.pattern}|[\u1100-\u11ff\uac00-\ud7af]")


def cleaned(text: str) -> str:
    """Without links, handles, case, repeated punctuation and tricks of spelling: equal for equal texts."""
    folded = without_links(plain(text)).casefold()
    if "@" in folded:
        folded = _HANDLE.sub(" ", folded)
    return _SPACE.sub(" ", without_repeats(folded)).strip()


def text_hash(clean: str) -> str:
    """16 hexadecimal digits for a cleaned text."""
    return hashlib.blake2b(clean.encode("utf-8", "replace"), digest_size=8).hexdigest()


def words(clean: str) -> list[str]:
    """The distinct words of a cleaned text, in order; of scripts without spaces, the pairs of letters."""
    if clean.isascii() or not _UNSPACED.search(clean):
        return list(dict.fromkeys(_WORD.findall(clean)))
    found: dict[str, None] = {}
    for token in _WORD.findall(clean):
        if _UNSPACED.search(token):
            found |= dict.fromkeys(token[start : start + 2] for start in range(max(1, len(token) - 1)))
        else:
            found[token] = None
    return list(found)


def word_count(clean: str) -> int:
    """How many words a person would count: two letters of a script without spaces are taken for one."""
    tokens = _WORD.findall(clean)
    return sum((len(token) + 1) // 2 if _UNSPACED.search(token) else 1 for token in tokens)


def letter_count(clean: str) -> int:
    """How many letters and digits; one of a script without spaces says as much as three, and counts so."""
    tokens = _WORD.findall(clean)
    return sum(3 * len(token) if _UNSPACED.search(token) else len(token) for token in tokens)


def letter_terms(clean: str) -> list[str]:
    """What texts of any script are compared by where a model does not know them: distinct terms, in order.

    Of a script without spaces, and of Hangul, single letters and pairs of them: they are syllables or words, and alone
    find most of the Japanese and Korean paraphrases that can be found by letters. Of other scripts whole words, and
    runs of four letters with the spaces around a word: so that an ending or a slip costs little.
    """
    found: dict[str, None] = {}
    for token in _WORD.findall(clean):
        if _SYLLABLES.search(token):
            found |= dict.fromkeys(token)
            found |= dict.fromkeys(token[start : start + 2] for start in range(len(token) - 1))
        else:
            spaced = f" {token} "
            found[f"{token}$"] = None
            found |= dict.fromkeys(spaced[start : start + 4] for start in range(len(spaced) - 3))
    return list(found)


_FEW = 50
"""Texts up to which no term is common."""
_LOG = (0.0, *map(math.log, range(1, (1 << 16) + 2)))
"""Of whole numbers: counts have 16 bits, and a text has many words."""


class Frequencies:
    """In how many texts each term stood so far: counted by hash, in 16,384 slots of 16 bits.

    From `HALVE_AT` texts on all counts are halved, so that a monitor's old talk is slowly forgotten.
    """

    SLOTS = 1 << 14
    PARTS = 4
    HALVE_AT = 60_000

    def __init__(self, texts: int = 0, parts: Iterable[bytes] = ()) -> None:
        self.texts = texts
        self._counts = array("H", b"".join(parts) or bytes(2 * self.SLOTS))

    def parts(self) -> list[bytes]:
        """The counts in `PARTS` equal pieces, for the state."""
        whole, size = self._counts.tobytes(), 2 * self.SLOTS // self.PARTS
        return [whole[start : start + size] for start in range(0, len(whole), size)]

    def learn(self, terms: Iterable[str]) -> list[int]:
        """Counts one text's distinct terms, and gives each term's hash."""
        codes = [zlib.crc32(term.encode("utf-8", "replace")) for term in terms]
        self.relearn(codes)
        return codes

    def relearn(self, codes: Iterable[int]) -> None:
        """Counts a text again of which the hashes are known."""
        self.texts += 1
        for slot in {code >> 18 for code in codes}:  # once each, so that no count exceeds `texts` and overflows
            self._counts[slot] += 1

    def unlearn(self, codes: Iterable[int]) -> None:
        """Takes one of the texts back that were learned last."""
        self.texts -= 1
        for slot in {code >> 18 for code in codes}:
            self._counts[slot] -= 1

    def halve_if_full(self) -> None:
        """To be called at least every 5,000 texts."""
        if self.texts >= self.HALVE_AT:
            self.texts //= 2
            self._counts = array("H", [count // 2 for count in self._counts])

    def rarity(self, term: str) -> float:
        """How rare a term is among what was heard, in [0, 1]: its inverse document frequency against the greatest."""
        seen_in = self._counts[zlib.crc32(term.encode("utf-8", "replace")) >> 18]
        return math.log((self.texts + 2) / (seen_in + 1)) / math.log(self.texts + 2)

    def weights(self, codes: Iterable[int], most_texts: float = 1.0) -> dict[int, float]:
        """TF-IDF of a text that was learned, of length 1: weight by the hash of a term; empty without terms.

        Each distinct term weighs 1 + ln((N + 1) / (df + 1)). One that stands in more than `most_texts` of all texts is
        left out, where another is left: it says next to nothing, and all texts would have to be compared for it.
        """
        counts, most = self._counts, 1.0 + _LOG[self.texts + 1]
        often = max(_FEW, most_texts * self.texts)
        weights = {code: most - _LOG[counts[code >> 18] + 1] for code in codes if counts[code >> 18] <= often}
        weights = weights or {code: most - _LOG[counts[code >> 18] + 1] for code in codes}
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {code: weight / length for code, weight in weights.items()} if length else {}


def slot_of(code: int) -> tuple[int, float]:
    """Where a term stands in a row of `DIMENSIONS`, and its sign there: so that terms that meet seldom add up."""
    return code % DIMENSIONS, 1.0 if code & 0x10000 else -1.0
