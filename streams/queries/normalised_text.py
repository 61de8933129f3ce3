"""Text as queries see it: one spelling for what people read as the same, cut into words.

Queries and texts pass through the same two functions, so whatever they do, they do to both. No reader is ever shown
what comes out of here.
"""

import re
import unicodedata
from typing import Literal, NamedTuple, cast

import regex

TokenKind = Literal["word", "hangul", "unspaced", "symbol"]
Sigil = Literal["", "#", "@"]


class Token(NamedTuple):
    """One word of a normalised text; of scripts without spaces one letter with its marks; of symbols each one.

    Latin and Hangul letters never share a token: in Korean, particles are attached to foreign names.
    """

    text: str
    """Without the sigil."""
    kind: TokenKind
    sigil: Sigil
    """What makes it a hashtag or a handle."""
    start: int
    """Of `text` in the normalised text."""
    end: int


def normalise(text: str) -> str:
    """Case, accents, width, ligatures and invisible characters taken away; doing it twice changes nothing.

    Accents go where leaving them out is common and changes no letter: in Latin (also ø, ł, ß, dotless i), Greek, Arabic
    and Hebrew vowel points, Cyrillic stress and ё. Cyrillic й, Japanese voicing and Indic vowel signs are letters and
    stay. Takes time linear in the text, whatever it holds.
    """
    if text.isascii():
        lower = text.lower()
        return lower if lower.isprintable() else _invisible.sub("", lower)
    if _special.search(text):
        text = _trade_mark.sub(" ", _invisible.sub("", text))
    text = unicodedata.normalize("NFKC", _without_mark_floods(text)).casefold()
    text = _accent.sub("", unicodedata.normalize("NFD", text))
    text = _letter.sub(lambda found: _SAME_LETTER[found[0]], _alef.sub("ا", text))
    return _without_mark_floods(unicodedata.normalize("NFC", text))


def tokens(normalised: str) -> list[Token]:
    """The words of a normalised text in order; punctuation between them is left out."""
    pattern = _token_ascii if normalised.isascii() else _token
    found = []
    for match in pattern.finditer(normalised):
        kind = cast(TokenKind, match.lastgroup)
        start, end = match.span(kind)
        found.append(Token(normalised[start:end], kind, cast(Sigil, match["sigil"] or ""), start, end))
    return found


def _without_mark_floods(text: str) -> str:
    """No letter with more than eight marks: normalising takes time quadratic in their number."""
    return _mark_flood.sub("", text) if _perhaps_mark_flood.search(text) else text


# Control and format characters, variation selectors, fillers, tags, lone surrogates: they hide words from filters.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_TRADE_MARK = "©®℗™℠\u2800"  # NFKC would make "brandtm" of a brand; the last one is a blank that counts as a symbol
_special = re.compile(f"[{_INVISIBLE}{_TRADE_MARK}]")
_invisible = re.compile(f"[{_INVISIBLE}]")
_trade_mark = re.compile(f"[{_TRADE_MARK}]")

# Whole blocks in which marks stand: searched fast, and judged exactly where nine in a row are found.
_MARK_BLOCKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u1fff\u20d0-\u20ff\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099\u309a"
    "\ua66f-\uabff\ufb1e\ufe20-\ufe2f\U000101fd-\U0001efff"
)
_perhaps_mark_flood = re.compile(f"[{_MARK_BLOCKS}][{_MARK_BLOCKS}]{{8}}")
_mark_flood = regex.compile(r"\p{M}{8}\K\p{M}++")

_ARABIC_POINTS = (
    "\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
)
_HEBREW_POINTS = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
_ANY_SCRIPT = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_NOT_CYRILLIC_LETTERS = r"(?<!и\u0306)(?<!у\u0306)(?<!і\u0308)(?<!г\u0301)(?<!к\u0301)"  # й ў ї ѓ ќ
_accent = re.compile(f"[{_ANY_SCRIPT}{_ARABIC_POINTS}{_HEBREW_POINTS}]{_NOT_CYRILLIC_LETTERS}")
_alef = re.compile("ا[\u0653-\u0655]+")

# Letters that no accent can be taken from, and Arabic letters of keyboards that differ.
_SAME_LETTER = {
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŧ": "t",
    "ى": "ي", "ی": "ي", "ک": "ك",
}  # fmt: skip
_letter = re.compile(f"[{''.join(_SAME_LETTER)}]")

_UNSPACED = (
    r"[[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tai_Tham}\p{New_Tai_Lue}\p{Tai_Le}]"
    r"&&[\p{L}\p{M}\p{N}]]"
)
_WORD = rf"[[\p{{L}}\p{{M}}\p{{N}}]--{_UNSPACED}--\p{{Hangul}}]"
_token = regex.compile(
    r"(?:(?<![\p{L}\p{M}\p{N}_])(?P<sigil>[#@])_*+)?"
    rf"(?:(?P<unspaced>{_UNSPACED}\p{{M}}*+)|(?P<hangul>\p{{Hangul}}++)|(?P<word>{_WORD}++(?:_++{_WORD}++)*+))"
    r"|(?P<symbol>[\p{So}\p{Sc}\U0001F3FB-\U0001F3FF+])",
    regex.V1,
)
_token_ascii = re.compile(
    r"(?:(?<![a-z0-9_])(?P<sigil>[#@])_*+)?(?P<word>[a-z0-9]++(?:_++[a-z0-9]++)*+)|(?P<symbol>[$+])"
)
