"""How fast one app may call Slack: https://docs.slack.dev/apis/web-api/rate-limits.

Messages and edits: one a second and channel. Edits, and reading a channel or a thread: about 50 a minute each, over all
channels (tier 3). Who shares a token shares the pace, as far as they are in one process; between processes the pauses
that Slack asks for (429 with Retry-After) do the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from weakref import WeakValueDictionary

# A little less than allowed, for the way there takes now longer and now less.
_CHANNEL_SECONDS = 1.1
_TIER_3_SECONDS = 60 / 48
_SPACING = {
    "chat.update": _TIER_3_SECONDS,
    "conversations.history": _TIER_3_SECONDS,
    "conversations.replies": _TIER_3_SECONDS,
}
"""Seconds between two calls of a method, over all channels."""
_SOON = 0.001
_IN_CHANNEL = frozenset({"chat.postMessage", "chat.update"})


class SlackPace:
    """Gives each call its turn: first those that say something new, then edits that only bring newer numbers.

    Args:
        second: How long a second of Slack's is: less than 1 for a Slack of tests whose clock runs faster.
    """

    def __init__(self, second: float = 1.0) -> None:
        self._second = second
        self._free_at: dict[tuple[str, str], float] = {}  # what is limited -> by the event loop's clock
        self._waiting: dict[tuple[bool, int], frozenset[tuple[str, str]]] = {}  # by rank: what each needs
        self._came = 0

    async def turn(self, method: str, channel: str, *, may_wait: bool = False) -> None:
        """Returns when this call may be made.

        Args:
            method: Of the Web API.
            channel: Its id.
            may_wait: Whether others that come later may go first.
        """
        async with self._first_in_line(_limits(method, channel), may_wait) as limits:
            now = asyncio.get_running_loop().time()
            for key, seconds in limits.items():
                self._free_at[key] = now + seconds * self._second

    async def room(self, method: str, channel: str) -> None:
        """Returns when a call that may wait would have its turn at once."""
        async with self._first_in_line(_limits(method, channel), True):
            return

    @asynccontextmanager
    async def _first_in_line(
        self, limits: dict[tuple[str, str], float], may_wait: bool
    ) -> AsyncIterator[dict[tuple[str, str], float]]:
        rank, self._came = (may_wait, self._came), self._came + 1
        self._waiting[rank] = frozenset(limits)
        try:
            while (wait := self._wait(rank)) > 0:  # noqa: ASYNC110 - what it waits for is a time
                await asyncio.sleep(wait)
            yield limits
        finally:
            del self._waiting[rank]

    def _wait(self, rank: tuple[bool, int]) -> float:
        """How long to wait before asking again; 0 where it is its turn."""
        now, needed = asyncio.get_running_loop().time(), self._waiting[rank]
        wait = self._free_in(needed, now)
        goes_first = (
            other
            for other, keys in self._waiting.items()
            if other < rank and keys & needed and self._free_in(keys, now) <= 0
        )
        return _SOON if wait <= 0 and next(goes_first, None) is not None else wait

    def _free_in(self, keys: Iterable[tuple[str, str]], now: float) -> float:
        return max(self._free_at.get(key, 0.0) for key in keys) - now

    def pause(self, method: str, channel: str, after: timedelta | None) -> None:
        """Slack asked for a pause: nobody calls the method in this channel before it is over."""
        if after is not None:
            key = (method, channel)
            until = asyncio.get_running_loop().time() + after.total_seconds()
            self._free_at[key] = max(self._free_at.get(key, 0.0), until)


_shared: WeakValueDictionary[tuple[str, str], SlackPace] = WeakValueDictionary()


def shared_pace(base_url: str, token: str) -> SlackPace:
    """The pace of everybody in this process who uses this token there."""
    pace = _shared.get((base_url, token))
    if pace is None:
        pace = _shared[base_url, token] = SlackPace()
    return pace


def _limits(method: str, channel: str) -> dict[tuple[str, str], float]:
    """What limits a call, with the seconds for which it uses that up."""
    limits = {(method, channel): 0.0}
    if method in _IN_CHANNEL:
        limits["", channel] = _CHANNEL_SECONDS
    if method in _SPACING:
        limits[method, ""] = _SPACING[method]
    return limits
