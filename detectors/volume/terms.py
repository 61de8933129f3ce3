"""What a mention is about, in words and links that can be counted: cheap, in any script, and without a list of words.

No stop words: what is always said is known by being always said (`detectors/volume/sketch.py`).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit

import regex

_MOST_TERMS = 48
_LONGEST = 32
_LONGEST_LINK = 120
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

_TRACKING = re.compile(
    r"utm_.*|.*clid|mc_[ce]id|igshid?|si|s|t|ref|ref_src|ref_url|cmpid|cmp|campaign|smid|ncid|ocid|src|source|share"
    r"|fb_.*|ga_.*|_.*|amp|feature",
    re.IGNORECASE,
)


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


@lru_cache(maxsize=1024)  # a link that makes a rise comes often
def link_of(url: str) -> str | None:
    """A link as it is told apart: host and path, without `www.`, fragment and what only counts who clicked.

    None for what is no link of the web.
    """
    try:
        parts = urlsplit(url[:2000])
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
        if parts.scheme not in ("http", "https") or not host:
            return None
        asked = [pair for pair in parse_qsl(parts.query, max_num_fields=20) if not _TRACKING.fullmatch(pair[0])]
    except ValueError:
        return None
    query = f"?{urlencode(sorted(asked))}" if asked else ""
    return f"{host}{parts.path.rstrip('/')}{query}"[:_LONGEST_LINK]


def host_of(link: str) -> str:
    """The host of what `link_of` made."""
    return re.split(r"[/?]", link, maxsplit=1)[0]


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
