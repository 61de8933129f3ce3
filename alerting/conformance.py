"""What every notifier is held to, whatever it talks to: one outcome for each way in which a receiver can behave.

Used by the tests of our notifiers, and by whoever writes another one.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

import msgspec
from msgspec import Struct

from alerting.alert import Gate, Hold, Notification, Reason
from alerting.digest import composed, held_story
from alerting.notifier import Delivered, Notifier, Refused, TryAgain

Given = TypeVar("Given")


class Situation(StrEnum):
    """How the receiver behaves, towards every request."""

    ACCEPTS = "accepts everything"
    BAD_REQUEST = "400"
    UNAUTHORISED = "401"
    NOT_FOUND = "404"
    TOO_LARGE = "413"
    LIMITED = "429"
    """Asks to wait for `PAUSE`."""
    SERVER_ERROR = "500"
    BUSY = "503"
    """Says neither what is wrong nor for how long."""
    SILENT = "no answer in time"
    RESET = "connection reset"
    NOBODY = "connection refused"


PAUSE = timedelta(seconds=11)

EXPECTED: Mapping[Situation, type[Delivered] | type[TryAgain] | type[Refused]] = {
    Situation.ACCEPTS: Delivered,
    Situation.BAD_REQUEST: Refused,
    Situation.UNAUTHORISED: Refused,
    Situation.NOT_FOUND: Refused,
    Situation.TOO_LARGE: Refused,
    Situation.LIMITED: TryAgain,
    Situation.SERVER_ERROR: TryAgain,
    Situation.BUSY: TryAgain,
    Situation.SILENT: TryAgain,
    Situation.RESET: TryAgain,
    Situation.NOBODY: TryAgain,
}

Arrange = Callable[[Situation], AbstractAsyncContextManager[Notifier]]
"""A notifier with a receiver that behaves as told; what it waits for an answer should be short."""


class Breach(Struct, frozen=True):
    """A promise that was not kept."""

    situation: Situation
    what: str


async def check_notifier(
    arrange: Arrange, notification: Notification, situations: Sequence[Situation] = tuple(Situation)
) -> list[Breach]:
    """Empty where the notifier keeps the contract of `alerting/notifier.py` in each of `situations`.

    `notification` should be full: several alerts, a matched claim, exemplars in several scripts.
    """
    return [breach for situation in situations async for breach in _breaches(arrange, notification, situation)]


async def _breaches(arrange: Arrange, notification: Notification, situation: Situation) -> AsyncIterator[Breach]:
    async with arrange(situation) as notifier:
        expected = EXPECTED[situation]
        first = await _tried(notifier.send(notification, None))
        if not isinstance(first, expected):
            yield Breach(situation, f"gave {first!r} where {expected.__name__} was expected")
        elif isinstance(first, Delivered):
            async for what in _retold(notifier, notification, first):
                yield Breach(situation, what)
            if notifier.interrupts:
                async for what in _held(notifier, notification):
                    yield Breach(situation, what)
        elif not first.why or _holds_foreign_text(first.why, notification):
            yield Breach(situation, f"does not say why, or with foreign text: {first.why!r}")
        if situation is Situation.LIMITED and isinstance(first, TryAgain) and first.after != PAUSE:
            yield Breach(situation, f"asks for {first.after} where the receiver asked for {PAUSE}")
        if situation is Situation.BUSY and isinstance(first, TryAgain) and first.after is not None:
            yield Breach(situation, f"asks for {first.after} where the receiver did not say")
        found = await _tried(notifier.find(notification))
        if isinstance(found, Exception):
            yield Breach(situation, f"find raised {found!r}")
        for _ in range(2):
            if isinstance(closed := await _tried(notifier.close()), Exception):
                yield Breach(situation, f"close raised {closed!r}")


async def _held(notifier: Notifier, notification: Notification) -> AsyncIterator[str]:
    """Of what must not interrupt nothing new is told, and it can be told in a digest."""
    hold = Hold(gate=Gate.MUTED, why="Somebody muted it.")
    held = msgspec.structs.replace(notification, id=f"{notification.id}-held", hold=hold)
    outcome = await _tried(notifier.send(held, None))
    if outcome != Delivered():
        yield f"held back, and new: gave {outcome!r} where {Delivered()!r} was expected"
    digest = composed([held_story(held, held.at)], route="desk", receiver=held.receiver, at=held.at, timezone="UTC")
    for _ in range(2):
        if (told := await _tried(notifier.send_digest(digest))) != Delivered():
            yield f"told in a digest: gave {told!r} where {Delivered()!r} was expected"


async def _retold(notifier: Notifier, notification: Notification, first: Delivered) -> AsyncIterator[str]:
    """Every further telling ends in the same message, and so does a repeated one."""
    for reason in Reason:
        later = msgspec.structs.replace(notification, reason=reason, id=f"{notification.id}-{reason}")
        for _ in range(2):
            outcome = await _tried(notifier.send(later, first.receipt))
            if not isinstance(outcome, Delivered) or outcome.receipt != first.receipt:
                yield f"told as {reason}: gave {outcome!r} where {first!r} was expected"


async def _tried(work: Awaitable[Given]) -> Given | Exception:
    """What it gave, or what it raised: a notifier raises nothing but cancellation."""
    try:
        return await work
    except Exception as error:
        return error


def _holds_foreign_text(why: str, notification: Notification) -> bool:
    return any(one.text in why for alert in notification.story.alerts for one in alert.evidence.exemplars)
