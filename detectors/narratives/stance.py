"""What one text does with what it repeats or answers: it denies it, asks about it, or neither can be told.

Phrases and their places (`detectors/narratives/stance_phrases.py`), in 16 languages; no model. Weak evidence on one
text, so that it is counted over a narrative and decides nothing alone: `tests/benchmarks/stance.py` measures it, and
`detectors/narratives/kind_of_talk.py` says what the counts allow.

Fails when: a denial has none of the phrases (most replies: "all reports say 13"); somebody denies a thing rather than
a report ("the pandemic is a hoax" is a claim, and is read as a denial only in a reply); irony; quotes.
"""

import re
from collections.abc import Iterator
from typing import Literal

from ahocorasick_rs import AhoCorasick

from detectors.narratives.lexical import cleaned
from detectors.narratives.stance_phrases import PHRASES, Cue

Stance = Literal["denies", "asks"]

_PAUSES = tuple(",.:!、，。")
_QUESTION_MARKS = "?؟"
_UNSPACED = "\u0600"
"""From Arabic on words carry what belongs to them, or no spaces stand between them: phrases are found within."""
_NEAR = 80
"""Characters between a verdict and the word for what it is about."""
_UNTIL_MARK = 90
"""Characters from a word of doubt to its question mark."""
_OPENING = re.compile(r"\W*(?:(?:um+|uh|well|actually|lol|sorry|but|so|ok|oh|nah|rt|hey)\b\W*){0,2}")
"""What may stand before an opening."""
_NOT_SO = re.compile(
    r"(?:\b(?:not|isn't|aren't|wasn't|no|never|hardly|nicht|keine?|pas|ni|nie|bukan)|(?<!\w)не|不是)"
    r"(?: (?:an?|the|una?|une|eine?|um|uma|de|just|only))? ?$|\b(?:hope|hoping|hopeful|wish|if)\b[^.!?]{0,15}$"
)
"""Turns the phrase behind it around: "not a hoax", "I hope it is not true"."""
_AFTER_ALL = re.compile(
    r"\W{0,3}(?:it is |it's |is )?(?:true|correct)\b|\s?[?؟]| flag| media| or not\b"
    r"|で?は?(?:ない|あり)|じゃな|[가이은는]? ?아니| नहीं| değil"
)
"""Turns the phrase before it around: "fact check: true"."""
_OF_ONESELF = re.compile(r"\W*(?:i|i'm|we|ich|wir|je|j|eu|io|yo|no|ya|non|nein|não)\b")
_SENTENCE_ENDS = re.compile(r"[.!?;؟](?:\s|$)|。")
_AFTER_QUESTION = re.compile(r"(?:#\w+|&\w+;|[^\w\"”»“#&])*")
"""What may follow a last question mark; what ends in a quotation mark was asked by somebody else."""


def stance(clean: str, *, is_reply: bool = False) -> Stance | None:
    """What a cleaned text does with what it repeats, or answers.

    Args:
        clean: As `detectors/narratives/lexical.py` cleans.
        is_reply: Whether it answers another mention: then short forms count ("no.", "fake"), and any question.
    """
    text = clean.replace("’", "'") if "’" in clean else clean
    denied, asked = -1, -1
    opened_at: dict[str, int] = {}
    verdicts: list[tuple[int, int]] = []
    said: list[tuple[int, int]] = []
    for cue, language, start, end in _hits(text):
        match cue:
            case Cue.ASKS:
                asked = max(asked, end)
            case Cue.DOUBT if _is_asked(text, end):
                asked = max(asked, end)
            case Cue.SAID:
                said.append((start, end))
            case Cue.NO if _opens_denial(text, start, end, is_reply=is_reply):
                opened_at.setdefault(language, end)
            case Cue.NEGATION if language in opened_at and _follows(text, opened_at[language], start):
                denied = max(denied, end)
            case Cue.DENIES if _is_meant(text, start, end):
                denied = max(denied, end)
            case Cue.IN_REPLY if is_reply and _is_meant(text, start, end):
                denied = max(denied, end)
            case Cue.OPENS_REPLY if _opens_reply(text, start, end, is_reply=is_reply):
                denied = max(denied, end)
            case Cue.VERDICT if _is_meant(text, start, end):
                verdicts.append((start, end))
    if denied < 0 and said:
        denied = max((end for start, end in verdicts if _is_about(text, start, end, said)), default=-1)
    if denied > asked:
        return "denies"
    return "asks" if asked >= 0 or (is_reply and _ends_asking(text)) else None


def _phrases() -> tuple[AhoCorasick, list[tuple[str, tuple[tuple[Cue, str], ...]]]]:
    """One automaton for all, and of each phrase what it may do in which language."""
    found: dict[str, dict[tuple[Cue, str], None]] = {}
    for cue, languages in PHRASES.items():
        for language, listed in languages.items():
            for phrase in filter(None, (each.strip() for each in listed.split("|"))):
                found.setdefault(cleaned(phrase), {})[cue, language] = None
    automaton = AhoCorasick([phrase.rstrip("*") for phrase in found])
    return automaton, [(phrase, tuple(cues)) for phrase, cues in found.items()]


_automaton, _known = _phrases()


def _hits(text: str) -> Iterator[tuple[Cue, str, int, int]]:
    """What the phrases of a text may do, and where they stand, in the order of their ends."""
    for number, start, end in _automaton.find_matches_as_indexes(text, overlapping=True):
        phrase, cues = _known[number]
        if phrase < _UNSPACED:
            if start and phrase[0].isalnum() and text[start - 1].isalnum():
                continue
            if phrase[-1].isalnum() and text[end : end + 1].isalnum():
                continue
        for cue, language in cues:
            yield cue, language, start, end


def _is_asked(text: str, end: int) -> bool:
    """Whether the sentence goes on to a question mark."""
    marks = [at for mark in _QUESTION_MARKS if (at := text.find(mark, end, end + _UNTIL_MARK)) >= 0]
    return bool(marks) and not _SENTENCE_ENDS.search(text, end, min(marks))


def _ends_asking(text: str) -> bool:
    last = max(text.rfind(mark) for mark in _QUESTION_MARKS)
    return last >= 0 and _AFTER_QUESTION.fullmatch(text, last + 1) is not None


def _opens_denial(text: str, start: int, end: int, *, is_reply: bool) -> bool:
    """Whether a "no" stands at the beginning, and is not about who says it: "No, I do not like it"."""
    is_pausing = text[end : end + 1] in _PAUSES and not _OF_ONESELF.match(text, end)
    return (is_reply or is_pausing) and _OPENING.fullmatch(text, 0, start) is not None


def _follows(text: str, opened_at: int, start: int) -> bool:
    """Whether a negation belongs to the "no" before it: "no, they do not", not "no, no, no"."""
    paused = text[opened_at : opened_at + 1] in _PAUSES
    if paused:
        return 8 <= start - opened_at <= 90
    return 0 < start - opened_at <= 25 and not _SENTENCE_ENDS.search(text, opened_at, start)


def _opens_reply(text: str, start: int, end: int, *, is_reply: bool) -> bool:
    """Whether an opening says enough: several words, or one that stands alone ("lies!", not "lies and deceit").

    What is no reply must be headed by it: "False: ...".
    """
    if not _OPENING.fullmatch(text, 0, start):
        return False
    if not is_reply:
        return text[end : end + 1] == ":"
    return " " in text[start:end] or text[start] >= _UNSPACED or not text[end : end + 2].strip()[:1].isalnum()


def _is_meant(text: str, start: int, end: int) -> bool:
    """Whether nothing beside a phrase turns it around."""
    return not _NOT_SO.search(text[max(0, start - 30) : start]) and not _AFTER_ALL.match(text, end)


def _is_about(text: str, start: int, end: int, said: list[tuple[int, int]]) -> bool:
    """Whether a verdict follows the word for what it is about in one sentence, or stands right before it."""
    return any(
        0 <= other_start - end <= 2
        or (0 <= start - other_end <= _NEAR and not _SENTENCE_ENDS.search(text, other_end, start))
        for other_start, other_end in said
    )
