"""An await that belongs to an assignment, and ends with it: one on a producer that was stopped never returns (seen)."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

Result = TypeVar("Result")
DEADLINE = timedelta(seconds=60)
"""Past it, an await is taken to hang, and the worker stops."""


class NoAnswer(TimeoutError):  # noqa: N818 - the house names errors for what is wrong
    """Kafka says nothing, or an await hangs."""


class Revoked(Exception):  # noqa: N818 - the house names errors for what is wrong
    """The assignment that this work belongs to is over."""


async def unless(over: asyncio.Event, work: Awaitable[Result], doing: str) -> Result:
    """The result of `work`; raises `Revoked` as soon as the assignment is over, `NoAnswer` past the deadline."""
    task = asyncio.ensure_future(work)
    ends = asyncio.ensure_future(over.wait())
    try:
        await asyncio.wait({task, ends}, timeout=DEADLINE.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
        if over.is_set():
            raise Revoked
        if task.done():
            return task.result()
        raise NoAnswer(
            f"Kafka gave no answer in {DEADLINE.total_seconds():.0f} s while {doing}. Does it run? Nothing is lost: "
            "that is done again from the last checkpoint"
        )
    finally:
        ends.cancel()
        task.cancel()
        if task.done() and not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain
