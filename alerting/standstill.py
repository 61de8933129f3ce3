"""Notices that this process stood still: somebody stopped it, it got no processor, or something held the event loop.

Meanwhile another may have taken over what it was about to tell. Nothing tells it so before its next word with Kafka,
and what it was about to send would go out at once.
"""

import asyncio
from datetime import timedelta

HARMLESS = timedelta(seconds=3)
"""To stand still for so long: in less time nobody takes over (Kafka's shortest session is six seconds)."""
SETTLED_AFTER = timedelta(seconds=10)
"""By then this process knows whether it still has to tell what it was about to tell, or was told to stop."""
_LOOKS_EVERY = 0.5


class Standstill:
    """Watches the clock of the event loop in which it is begun."""

    def __init__(self) -> None:
        self._seen = 0.0
        self._settled_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Begin; does nothing where it has begun."""
        if self._timer is None:
            self._seen = asyncio.get_running_loop().time()
            self._look()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def settles_in(self) -> timedelta | None:
        """How long nothing should be told yet; None where the process went on all the time."""
        now = self._noted()
        return timedelta(seconds=self._settled_at - now) if now < self._settled_at else None

    def _look(self) -> None:
        self._noted()
        self._timer = asyncio.get_running_loop().call_later(_LOOKS_EVERY, self._look)

    def _noted(self) -> float:
        now = asyncio.get_running_loop().time()
        if now - self._seen > HARMLESS.total_seconds() + _LOOKS_EVERY:
            self._settled_at = now + SETTLED_AFTER.total_seconds()
        self._seen = now
        return now
