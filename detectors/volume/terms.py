"""What a mention is about, in words that can be counted: cheap, in any script, and without a list of words.

No stop words: what is always said is known by being always said (`detectors/volume/sketch.py`).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

import regex

_MOST_TERMS = 48
_LONGEST = 32
_LONGEST_COMPOUND = 4
_ALIKE = 0.1

# What is part of a link or a handle is no word. ASCII apart: most texts, and `re` is twice as fast as `regex`, which
# takes the marks of Indic scripts for parts of their words.
_NO_WORD = r"(?:https?://|www\.)\S+|@[\w.@-]+"
_ascii = re.compile(rf"{_NO_WORD}|(#?\w+(?:'\w+)*)", re.ASCII)
_spaced = regex.compile(rf"{_NO_WORD}|(#?\w+(?:['\u2019]\w+)*)")
# Scripts that are written without spaces, in three kinds; of Hangul two letters are a word.
_unspaced = re.compile(
    "([\u3005\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+)|([\u30a0-\u30ff]+)|([\u3040-\u309f]+)"
)
_hangul = re.compile("[\uac00-\ud7a3]{2}")


def terms_of(text: str) -> frozenset[str]:
    """Words and hashtags, each once, without upper case: of three letters or more, or of two where letters say more.

    Words of Chinese and Japanese are not spaced: runs of one script, and pairs of letters of long runs (see `joined`).
    Hiragana, which mostly is grammar, is left out. Thai and its neighbours give whole phrases.
    """
    if text.isascii():
        found = {word for word in _ascii.findall(text.lower()) if 3 <= len(word) <= _LONGEST}
    else:
        text = unicodedata.normalize("NFKC", text).casefold()
        found = set()
        if _unspaced.search(text):
            found.update(*map(_pieces, _unspaced.findall(text)))
            text = _unspaced.sub(" ", text)
        for word in _spaced.findall(text):
            if 3 <= len(word) <= _LONGEST or (len(word) == 2 and _hangul.match(word)):
                found.add(word)
    return frozenset(found if len(found) <= _MOST_TERMS else sorted(found)[:_MOST_TERMS])


def joined(counts: Mapping[str, float]) -> dict[str, float]:
    """Pairs of letters that overlap and are equally frequent made into the longer words that they were cut from."""
    pairs = sorted(name for name in counts if len(name) == 2 and _unspaced.match(name))
    found = {name: count for name, count in counts.items() if name not in pairs}
    while pairs:
        word = pairs.pop(0)
        count = counts[word]
        alike = [pair for pair in pairs if abs(counts[pair] - count) <= _ALIKE * count]
        while (longer := _longer(word, alike)) is not None:
            word, used = longer
            alike.remove(used)
            pairs.remove(used)
        found[word] = count
    return found


def _longer(word: str, pairs: Sequence[str]) -> tuple[str, str] | None:
    """The word with the first pair that overlaps with its end or its beginning, and that pair."""
    for pair in pairs:
        if word[-1] == pair[0]:
            return word + pair[1], pair
        if word[0] == pair[1]:
            return pair[0] + word, pair
    return None


def _pieces(found: tuple[str, str, str]) -> list[str]:
    """The words of a run of Han, Katakana or Hiragana; one of the three is not empty."""
    han, katakana, _ = found
    if len(han) > _LONGEST_COMPOUND:
        return [han[start : start + 2] for start in range(len(han) - 1)]
    return [word for word in (han, katakana[:_LONGEST]) if len(word) >= 2]
