"""What counts of stances allow to say about a narrative: that it is mostly denied, mostly doubted, or neither.

The share that denies is not the share that was read as denying: phrases find only some denials, and now and then one
that is none. With the recall and the false alarms of the reading known, the share follows (adjusted classify and
count: Forman, Quantifying counts and costs via classification, 2008). Recall differs from one event and language to the
next, so that the highest one seen is taken, and of the counts their lower end: what is said is *at least*.

Fails when: mentions are copies of one text that was misread (they are counted as if each was read afresh); a claim is a
denial in itself; few accounts deny often.
"""

import math
from typing import Literal

from msgspec import Struct

_LEAST = 5
"""Mentions and replies that deny (or ask) before anything is said: two of three are not a public."""
_DEVIATIONS = 1.0
"""Of a share's lower end."""


class Talk(Struct, frozen=True, kw_only=True):
    """Of a narrative: its mentions, the replies to them that are not mentions of it, and what they were read as."""

    mentions: int
    denying: int = 0
    asking: int = 0
    replies: int = 0
    replies_denying: int = 0
    replies_asking: int = 0


class StanceOfTalk(Struct, frozen=True):
    """What most who speak do."""

    kind: Literal["being_debunked", "being_questioned"]
    reason: str
    """In numbers, for people; holds no foreign text."""


class _Reading(Struct, frozen=True):
    """How well a stance is read: see `tests/benchmarks/stance.py`."""

    recall: float
    """The highest seen."""
    false_alarms: float
    """Share of what is no such text."""


_DENIALS, _REPLIES_DENYING = _Reading(0.75, 0.005), _Reading(0.3, 0.005)
_QUESTIONS, _REPLIES_ASKING = _Reading(0.75, 0.01), _Reading(0.8, 0.09)


def stance_of(talk: Talk) -> StanceOfTalk | None:
    """None where neither is clear; a narrative whose own mentions deny is debunked whatever is replied to them."""
    denying = _at_least(talk.denying, talk.mentions, _DENIALS)
    replies_denying = _at_least(talk.replies_denying, talk.replies, _REPLIES_DENYING)
    if talk.denying + talk.replies_denying >= _LEAST and _is_most(talk, denying, replies_denying):
        counted = _counted(talk, talk.denying, talk.replies_denying)
        return StanceOfTalk("being_debunked", f"{counted} deny it, as far as words tell.")
    # Who denies doubts it too.
    asking = denying + _at_least(talk.asking, talk.mentions, _QUESTIONS)
    replies_asking = replies_denying + _at_least(talk.replies_asking, talk.replies, _REPLIES_ASKING)
    if talk.asking + talk.replies_asking >= _LEAST and _is_most(talk, asking, replies_asking):
        counted = _counted(talk, talk.asking + talk.denying, talk.replies_asking + talk.replies_denying)
        return StanceOfTalk("being_questioned", f"{counted} question or deny it, as far as words tell.")
    return None


def _at_least(read: int, of: int, reading: _Reading) -> float:
    """How many of them do so at least, beyond those read so by mistake."""
    share = (_lower_end(read, of) - reading.false_alarms) / (reading.recall - reading.false_alarms)
    return of * min(1.0, max(0.0, share))


def _lower_end(read: int, of: int) -> float:
    """Of the share, by Wilson's interval; 0 where nothing was read."""
    if not of:
        return 0.0
    share, squared = read / of, _DEVIATIONS**2
    spread = math.sqrt(share * (1 - share) / of + squared / (4 * of * of))
    return (share + squared / (2 * of) - _DEVIATIONS * spread) / (1 + squared / of)


def _is_most(talk: Talk, mentions: float, replies: float) -> bool:
    """Of the mentions alone, or of mentions and replies together."""
    return mentions > talk.mentions / 2 or mentions + replies > (talk.mentions + talk.replies) / 2


def _counted(talk: Talk, mentions: int, replies: int) -> str:
    counted = f"{mentions} of {talk.mentions} mentions"
    return f"{counted} and {replies} of {talk.replies} replies" if talk.replies else counted
