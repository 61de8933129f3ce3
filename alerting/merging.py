"""How several tellings of one story become one, when the receiver cannot take them as fast as they come. Pure.

The newest state is told, with the weightiest reason; what is to be said in the thread is kept, turn by turn.
"""

from collections.abc import Sequence

from msgspec import structs

from alerting.alert import Notification, Reason, Turn
from alerting.turns import turns

INTERRUPTING = frozenset({Reason.FIRST, Reason.REOPENED, Reason.ESCALATED})
"""Those that call people away from what they do; the others wait in the thread until somebody looks."""
MOST_TURNS = 20
"""That one telling says. Of more the first and the newest are kept."""

_WEIGHT = {
    Reason.MORE: 0,
    Reason.HANDLED: 1,
    Reason.REMINDER: 2,
    Reason.DOUBLED: 3,
    Reason.SPREAD: 4,
    Reason.CHANGED: 5,
    Reason.ESCALATED: 6,
    Reason.RESOLVED: 7,
    Reason.REOPENED: 8,
    Reason.FIRST: 9,
}


def turns_of(notification: Notification) -> tuple[Turn, ...]:
    """What a telling says in the thread, oldest first: what was merged into it is worded already."""
    if notification.turns:
        return notification.turns
    lines = turns(notification)
    if not lines:
        return ()
    # What is held has no line but that somebody acknowledged it.
    reason = notification.reason if notification.hold is None else Reason.HANDLED
    return (Turn(id=notification.id, reason=reason, at=notification.at, line=_in_one(lines)),)


def _in_one(lines: Sequence[str]) -> str:
    """Each with an end that can be seen: what one ends with, a link perhaps, is no part of the next."""
    ended = [line if line.endswith((".", "!", "?")) else f"{line} –" for line in lines[:-1]]
    return " ".join([*ended, *lines[-1:]])


def merged(waiting: Notification | None, newer: Notification) -> Notification:
    """The newer state, with the weightier reason and the turns of both: what was never told is still told as the
    first, and what happened in between is not lost.

    A gate that holds the newer one holds back nothing that was let through before: only what is new of it.
    """
    if waiting is None:
        return newer
    reason = max(waiting.reason, newer.reason, key=_WEIGHT.__getitem__)
    news = tuple(dict.fromkeys((*waiting.news, *newer.news))) if waiting.reason is not Reason.FIRST else ()
    hold = None if _may_call(waiting) else newer.hold
    turns = bounded((*turns_of(waiting), *turns_of(newer)))
    return structs.replace(newer, reason=reason, news=news, hold=hold, turns=turns)


def _may_call(waiting: Notification) -> bool:
    """Whether it has more to say than newer numbers, and was let through."""
    return waiting.hold is None and (waiting.reason is not Reason.MORE or bool(waiting.turns))


def bounded(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """At most `MOST_TURNS`: the first, and the newest."""
    return turns if len(turns) <= MOST_TURNS else (turns[0], *turns[-MOST_TURNS + 1 :])
