"""What a post says in words, for comparing it with claims: its tags and handles taken apart, and who signed it.

`#GunControl` and `@realDonaldTrump` name what a claim calls "gun control" and "Donald Trump". A quoted post ends with
"— Name (@handle) October 2, 2019": that is not what was said, but the name and the year often stand in the claim.
"""

import re

from detectors.spelling import plain, without_links

LONGEST = 4_000
"""Characters that are looked at; models read less."""
LETTERS = 4
"""In a run of letters: long enough to be rare, short enough to be left over where a word is inflected."""

_SIGNATURE = re.compile(r"(?P<name>[^@]{0,80})\(\s*@(?P<handle>\w{1,40})\s*\)(?P<date>[\w\s,.:]{0,40})[\"”]?\s*")
_TAG = re.compile(r"[#@](\w+)")
_SEAM = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])|_")
_OWNER = re.compile(r"['’]s\b")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def without_signature(text: str) -> tuple[str, str]:
    """A quoted post, and the line that says who wrote it and when; that is empty where there is none."""
    text = text[: 5 * LONGEST]
    start = max(text.rfind("—"), text.rfind("–"))
    signed = _SIGNATURE.fullmatch(text, start + 1) if start >= 0 else None
    if signed is None:
        return text, ""
    return text[:start].strip(), " ".join((signed["name"], _apart(signed["handle"]), signed["date"]))


def tags_apart(text: str) -> str:
    """Without links, tags and handles as words: what is said, as a model should read it."""
    told = without_links(plain(text[:LONGEST]).replace("#", " #"))  # a tag is often glued to the end of a link
    return " ".join(_TAG.sub(lambda tag: f" {_apart(tag[1])} ", told).split())


def spoken(text: str) -> str:
    """The same without case and the ending of owners: what is compared with the words of claims."""
    return _OWNER.sub("", tags_apart(text)).casefold()


def letter_runs(word: str) -> tuple[str, ...]:
    """The distinct runs of `LETTERS` letters in a word with its ends marked, one at least."""
    marked = f"_{word}_"
    return tuple(dict.fromkeys(marked[start : start + LETTERS] for start in range(max(1, len(marked) - LETTERS + 1))))


def amounts(spoken_text: str) -> frozenset[str]:
    """The numbers in it, without the commas of thousands; years are not among them."""
    return frozenset(_THOUSANDS.sub("", number) for number in _NUMBER.findall(spoken_text)) - years(spoken_text)


def years(spoken_text: str) -> frozenset[str]:
    return frozenset(_YEAR.findall(spoken_text))


def _apart(tag: str) -> str:
    """`GunControl` as `Gun Control`."""
    return _SEAM.sub(" ", tag)
