"""What one text does with what it repeats or answers: it denies it, asks about it, or neither can be told.

Phrases and their places (`detectors/narratives/stance/phrases.py`), in 16 languages; no model. Weak evidence on one
text, so that it is counted over a narrative and decides nothing alone: `tests/benchmarks/stance.py` measures it, and
`detectors/narratives/stance/of_talk.py` says what the counts allow.

Fails when: a denial has none of the phrases (most replies: "all reports say 13"); somebody denies a thing rather than
a report ("the pandemic is a hoax" is a claim, and is read as a denial only in a reply); irony; quotes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from ahocorasick_rs import AhoCorasick

from detectors.narratives.clustering.lexical import cleaned
from detectors.narratives.stance.context import CONTEXT
from detectors.narratives.stance.phrases import PHRASES, Cue

Stance = Literal["denies", "asks"]
Place = tuple[int, int, str]
"""Of a phrase: start, end, and language where that matters."""
Found = Mapping[Cue, Sequence[Place]]

_MOST = 12
"""Places of one use that are looked at: a text may be one phrase a hundred times."""
_BY_LANGUAGE = frozenset({Cue.NO, Cue.NEGATION})
"""A negation counts only after a "no" of its own language."""
_PAUSES = tuple(",.:!、，。")
_QUESTION_MARKS = "?؟"
_UNSPACED = "\u0600"
"""From Arabic on words carry what belongs to them, or no spaces stand between them: phrases are found within."""
_NEAR = 80
"""Characters between a verdict and the word for what it is about."""
_AT_ONCE = 16
"""The same where a pronoun stands for it: "it's simply not true"."""
_FAR = 90
"""Characters from a word of doubt to its question mark, and from a "no" to its negation."""
_OPENING_WITHIN = 40
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
        clean: As `detectors/narratives/clustering/lexical.py` cleans.
        is_reply: Whether it answers another mention: then short forms count ("no.", "fake"), and any question.
    """
    text = clean.replace("’", "'") if "’" in clean else clean
    found = _phrases.found(text)
    denied = max(_denials(text, found, is_reply=is_reply), default=-1) if found else -1
    asked = max(_questions(text, found), default=-1) if found else -1
    if denied > asked:
        return "denies"
    return "asks" if asked >= 0 or (is_reply and _ends_asking(text)) else None


class _Phrases:
    """Finds all phrases of some lists at once."""

    def __init__(self, lists: Mapping[Cue, Mapping[str, str]]) -> None:
        uses: dict[str, dict[tuple[Cue, str], None]] = {}
        for cue, languages in lists.items():
            for language, listed in languages.items():
                for phrase in filter(None, (each.strip() for each in listed.split("|"))):
                    uses.setdefault(cleaned(phrase), {})[cue, language if cue in _BY_LANGUAGE else ""] = None
        self._automaton = AhoCorasick([phrase.rstrip("*") for phrase in uses])
        self._uses = [(phrase, tuple(cues)) for phrase, cues in uses.items()]

    def found(self, text: str) -> Found:
        """Where they stand, as whole words, by what they may do."""
        places: dict[Cue, list[Place]] = {}
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            phrase, cues = self._uses[number]
            if phrase < _UNSPACED:
                if start and phrase[0].isalnum() and text[start - 1].isalnum():
                    continue
                if phrase[-1].isalnum() and text[end : end + 1].isalnum():
                    continue
            for cue, language in cues:
                some = places.setdefault(cue, [])
                if len(some) < _MOST:
                    some.append((start, end, language))
        return places


_phrases, _context = _Phrases(PHRASES), _Phrases(CONTEXT)


def _denials(text: str, found: Found, *, is_reply: bool) -> Iterator[int]:
    """Where each denial ends."""
    for cue in (Cue.DENIES, Cue.IN_REPLY) if is_reply else (Cue.DENIES,):
        yield from (end for start, end, _ in found.get(cue, ()) if _is_meant(text, start, end))
    for start, end, _ in found.get(Cue.OPENS_REPLY, ()):
        if _opens_reply(text, start, end, is_reply=is_reply):
            yield end
    opened = [place for place in found.get(Cue.NO, ()) if _opens_denial(text, *place[:2], is_reply=is_reply)]
    verdicts = [place for place in found.get(Cue.VERDICT, ()) if _is_meant(text, *place[:2])]
    rejects = found.get(Cue.REJECTS, ())
    if not (opened or verdicts or rejects):
        return
    beside = _context.found(text)
    yield from (end for start, end, _ in verdicts if _is_about(text, start, end, beside))
    for _, no_ends, language in opened:
        for start, end, other in beside.get(Cue.NEGATION, ()):
            if other == language and _follows(text, no_ends, start, end):
                yield end
    for _, last, _ in rejects:
        yield from (end for start, end, _ in beside.get(Cue.RUMOUR, ()) if _is_near(text, last, start, _NEAR))


def _questions(text: str, found: Found) -> Iterator[int]:
    """Where each question about what is so ends, as far as phrases tell."""
    yield from (end for _, end, _ in found.get(Cue.ASKS, ()))
    yield from (end for _, end, _ in found.get(Cue.DOUBT, ()) if _is_asked(text, end))


def _is_asked(text: str, end: int) -> bool:
    """Whether the sentence goes on to a question mark."""
    marks = [at for mark in _QUESTION_MARKS if (at := text.find(mark, end, end + _FAR)) >= 0]
    return bool(marks) and not _SENTENCE_ENDS.search(text, end, min(marks))


def _ends_asking(text: str) -> bool:
    last = max(text.rfind(mark) for mark in _QUESTION_MARKS)
    return last >= 0 and _AFTER_QUESTION.fullmatch(text, last + 1) is not None


def _opens_denial(text: str, start: int, end: int, *, is_reply: bool) -> bool:
    """Whether a "no" stands at the beginning, and is not about who says it: "No, I do not like it"."""
    is_pausing = text[end : end + 1] in _PAUSES and not _OF_ONESELF.match(text, end)
    return (is_reply or is_pausing) and _is_opening(text, start)


def _is_opening(text: str, start: int) -> bool:
    return start <= _OPENING_WITHIN and _OPENING.fullmatch(text, 0, start) is not None


def _follows(text: str, no_ends: int, start: int, end: int) -> bool:
    """Whether a negation belongs to the "no" before it: "no, they do not", not "no, no, no"."""
    if text[no_ends : no_ends + 1] in _PAUSES:
        return 8 <= start - no_ends <= _FAR
    return text[start:end] != "no" and start > no_ends and _is_near(text, no_ends, start, 25)


def _opens_reply(text: str, start: int, end: int, *, is_reply: bool) -> bool:
    """Whether an opening says enough: several words, or one that stands alone ("lies!", not "lies and deceit").

    What is no reply must be headed by it: "False: ...".
    """
    if not _is_opening(text, start):
        return False
    if not is_reply:
        return text[end : end + 1] == ":"
    return " " in text[start:end] or text[start] >= _UNSPACED or not text[end : end + 2].strip()[:1].isalnum()


def _is_meant(text: str, start: int, end: int) -> bool:
    """Whether nothing beside a phrase turns it around."""
    return not _NOT_SO.search(text[max(0, start - 30) : start]) and not _AFTER_ALL.match(text, end)


def _is_about(text: str, start: int, end: int, beside: Found) -> bool:
    """Whether a verdict follows the word for what it is about in one sentence, or stands right before it."""
    return any(
        0 <= first - end <= 2 or _is_near(text, last, start, _NEAR)
        for cue in (Cue.SAID, Cue.RUMOUR)
        for first, last, _ in beside.get(cue, ())
    ) or any(_is_near(text, last, start, _AT_ONCE) for _, last, _ in beside.get(Cue.PRONOUN, ()))


def _is_near(text: str, end: int, start: int, most: int) -> bool:
    """Whether what starts there follows what ends here within `most` characters, in one sentence."""
    return 0 <= start - end <= most and not _SENTENCE_ENDS.search(text, end, start)
