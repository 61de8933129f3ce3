"""A mention's text as the encoder sees it: what people said, without links, handles and tricks of spelling.

Equal results mean one encoding: its hash is the key of the encoder's cache.
"""

import re

from detectors.spelling import plain, without_repeats

LONGEST_RAW = 20_000
"""Characters that are looked at; no encoder reads as far."""
LONGEST_ENDING = 60
"""Characters of the end that are searched for "read more" and its like.

The name and date that end an embedded post ("— Ada (@ada) January 14, 2030") stay: without them MAP@5 of known claims
falls by .01, because claims name who said it.
"""


def cleaned(text: str) -> str:
    """One line in Unicode's plain form: no links, handles, invisible characters, or punctuation repeated for effect.

    Nor what only says that it is news, or shared: "BREAKING:" at the beginning, "via @ada", "read more" at the end.
    Case stays, as some models read it. Takes time linear in the text, of which at most `LONGEST_RAW` is looked at.
    """
    text = plain(text[:LONGEST_RAW])
    if "@" in text:
        text = _handle.sub(" ", _credit.sub(" ", _forwarded.sub(" ", text)))
    text = " ".join(without_repeats(_link.sub(" ", text)).split())
    return _without_boilerplate(text)


def has_words(text: str) -> bool:
    """Whether there is a letter in any script."""
    return _letter.search(text) is not None


def _without_boilerplate(text: str) -> str:
    """Without openings and endings that are the same whatever is told, but for a text that is nothing else."""
    opening = _opening.match(text)
    told = text[opening.end() :] if opening else text
    ending = _ending.search(told, max(0, len(told) - LONGEST_ENDING))
    told = (told[: ending.start()] if ending else told).strip()
    return told if has_words(told) else text


# Not `spelling.without_links`, which finds links that are glued to a word, too: another text is another representation.
_link = re.compile(r"(?:\bhttps?://|\bwww\.|pic\.twitter\.com/)\S*", re.IGNORECASE)
_forwarded = re.compile(r"^\s*(?:[“\"']?\s*(?:RT|MT)\s+@\w[\w.-]*\s*:?|[“\"]\s*@\w[\w.-]*\s*:)")
_credit = re.compile(r"(?<!\w)(?:via|h/t|cc)(?:\s*:)?\s+@\w[\w.-]*", re.IGNORECASE)
_handle = re.compile(r"(?<![\w.])@\w[\w.-]*")
_letter = re.compile(r"[^\W\d_]")
# Only before a mark that sets them off: "urgent: the dam broke", not "urgent repairs begin".
_opening = re.compile(
    r"(?:[^\w\s]*\s?#?(?:breaking ?news|breaking(?: update| alert)?|just in|developing(?: story)?|live updates?"
    r"|updated?|urgent|flash|eilmeldung|última hora|ultima hora|urgente|ultim'ora|dernière minute|son dakika|срочно"
    r"|молния|عاجل|速報|속보|快讯|突发)\s?[:|!\]】–—-]+\s*)+",
    re.IGNORECASE,
)
_ending = re.compile(
    r"(?:\s*(?<!\w)(?:(?:to )?read more(?: here)?|click here(?: to (?:read|see|watch|learn) more)?|continue reading"
    r"|(?:read )?(?:the )?full story(?: here)?|more info(?: here)?|link in (?:the )?bio|sent from my \w+"
    r"|(?:please|pls|plz) (?:share|retweet|rt)|leer más|lire la suite|weiterlesen|leggi tutto|leia mais|читать далее"
    r"|続きを読む|더 보기|اقرأ المزيد)\s?[:.!…>»→|)\]-]*)+$",
    re.IGNORECASE,
)
