"""A mention's text as the encoder sees it: what people said, without links, handles and tricks of spelling.

Equal results mean one encoding: its hash is the key of the encoder's cache.
"""

import html
import re
import unicodedata

LONGEST_RAW = 20_000
"""Characters that are looked at; no encoder reads as far."""


def cleaned(text: str) -> str:
    """One line in Unicode's plain form: no links, handles, invisible characters, or punctuation repeated for effect.

    Case stays, as some models read it. Takes time linear in the text, of which at most `LONGEST_RAW` is looked at.
    """
    text = text[:LONGEST_RAW]
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _mark_flood.sub(r"\1", _hidden.sub("", text)))
    text = _link.sub(" ", text)
    text = _handle.sub(" ", _forwarded.sub(" ", text))
    return " ".join(_repeated.sub(r"\1", text).split())


def has_words(text: str) -> bool:
    """Whether there is a letter in any script."""
    return _letter.search(text) is not None


# Soft hyphens, joiners, direction marks, variation selectors, lone surrogates: used to hide words from machines.
_hidden = re.compile(
    "[\x00-\x08\x0e-\x1f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff]"
)
# Normalising takes time quadratic in the marks on one letter.
_mark_flood = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{4})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)
_link = re.compile(r"\b(?:https?://|www\.)\S*", re.IGNORECASE)
_forwarded = re.compile(r"^\s*RT\s+@\w[\w.-]*:?")
_handle = re.compile(r"(?<![\w.])@\w[\w.-]*")
_repeated = re.compile(r"([^\w\s])\1+")
_letter = re.compile(r"[^\W\d_]")
