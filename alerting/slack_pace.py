"""How fast one app may call Slack: https://docs.slack.dev/apis/web-api/rate-limits.

Messages and edits: one a second and channel. Edits, and reading a channel or a thread: about 50 a minute each, over all
channels (tier 3). Who shares a token shares the pace, as far as they are in one process; between processes the pauses
that Slack asks for (429 with Retry-After) do the rest.
"""

import asyncio
from datetime import timedelta
from weakref import WeakValueDictionary

_CHANNEL_SECONDS = 1.0
_TIER_3_SECONDS = 60 / 50
_SPACING = {
    "chat.update": _TIER_3_SECONDS,
    "conversations.history": _TIER_3_SECONDS,
    "conversations.replies": _TIER_3_SECONDS,
}
"""Seconds between two calls of a method, over all channels."""
_IN_CHANNEL = frozenset({"chat.postMessage", "chat.update"})


class SlackPace:
    """Gives each call its turn, in the order in which they ask.

    Args:
        second: How long a second of Slack's is: less than 1 for a Slack of tests whose clock runs faster.
    """

    def __init__(self, second: float = 1.0) -> None:
        self._second = second
        self._free_at: dict[tuple[str, str], float] = {}  # what is limited -> by the event loop's clock

    async def turn(self, method: str, channel: str) -> None:
        """Returns when this call may be made."""
        now = asyncio.get_running_loop().time()
        at = max([now, *(self._free_at.get(key, 0.0) for key in _limits(method, channel))])
        for key, seconds in _limits(method, channel).items():
            self._free_at[key] = at + seconds * self._second
        if at > now:
            await asyncio.sleep(at - now)

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
