"""How a text is spelled, made plain: what the encoder, the comparison by letters and the search for claims begin with.

What people hide from machines, they hide by spelling: characters that cannot be seen inside of words, letters of
look-alike forms, hundreds of marks on one letter. It is undone in one place, so that one comparison sees what the
others see.
"""

import html
import re
import unicodedata


def plain(text: str) -> str:
    """In Unicode's plain form, without HTML's entities and what cannot be seen. Takes time linear in the text."""
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _MARK_FLOOD.sub(r"\1", _HIDDEN.sub("", text)))
    return text


def without_links(text: str) -> str:
    """With a space in place of each, also where it is glued to the word before it, as in `#censushttps://…`."""
    return _LINK.sub(" ", text) if "/" in text or "www." in text.lower() else text


def without_repeats(text: str) -> str:
    """Punctuation that is repeated for effect stands once."""
    return _REPEATED.sub(r"\1", text)


# Soft hyphens, joiners, direction marks, variation selectors, lone surrogates: used to hide words from machines.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff]"
)
# Normalising takes time quadratic in the marks on one letter.
_MARK_FLOOD = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{4})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)
_LINK = re.compile(r"(?:https?://|\bwww\.|pic\.twitter\.com/)\S*", re.IGNORECASE)
_REPEATED = re.compile(r"([^\w\s])\1+")
