"""Waits for what has no event of its own: another task's state, another process, a file."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Raises TimeoutError where it did not come true within `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - that is what this is for
            await asyncio.sleep(0.002)


async def settle() -> None:
    """Lets every task that can go on do so, some twenty steps far."""
    for _ in range(20):
        await asyncio.sleep(0)
