"""Slack's limits, enforced: https://docs.slack.dev/apis/web-api/rate-limits. Time can run faster than ours.

Messages and edits: one a second and channel, where a burst of three is let pass. Methods of tier 3: 50 in any minute,
over all channels.
"""

import math
from collections import defaultdict, deque
from time import monotonic

CHANNEL_BURST = 3.0
TIER_3 = frozenset({"chat.update", "conversations.history", "conversations.replies"})
TIER_3_A_MINUTE = 50
_IN_CHANNEL = frozenset({"chat.postMessage", "chat.update"})


class SlackLimits:
    """What a Slack lets pass, and when each call came.

    Args:
        second: How long one of its seconds is, in ours.
    """

    def __init__(self, second: float = 1.0) -> None:
        self.second = second
        self.refused: dict[str, int] = defaultdict(int)
        """Calls that were too many, by method."""
        self.passed: dict[str, list[float]] = defaultdict(list)
        """By channel, when each message and each edit passed, in Slack's seconds."""
        self._began = monotonic()
        self._left: dict[str, float] = defaultdict(lambda: CHANNEL_BURST)
        self._left_at: dict[str, float] = {}
        self._minute: dict[str, deque[float]] = defaultdict(deque)

    def begin(self) -> None:
        """Its clock shows 0, and nothing has been called."""
        self._began = monotonic()
        for each in (self.refused, self.passed, self._left, self._left_at, self._minute):
            each.clear()

    def now(self) -> float:
        """In Slack's seconds, since it began."""
        return (monotonic() - self._began) / self.second

    def retry_after(self, method: str, channel: str) -> str | None:
        """What stands in the header `Retry-After` where a call is one too many; None where it passes."""
        now = self.now()
        wait = max(self._wait_of_tier(method, now), self._wait_of_channel(method, channel, now))
        if wait > 0:
            self.refused[method] += 1
            # Slack says whole seconds.
            return f"{max(1, math.ceil(wait)) * self.second:.4f}"
        if method in TIER_3:
            self._minute[method].append(now)
        if method in _IN_CHANNEL:
            self._left[channel] -= 1
            self.passed[channel].append(now)
        return None

    def fastest(self, seconds: float = 60.0) -> float:
        """The most messages and edits that passed in one channel within so many seconds, by the second."""
        most = 0
        for times in self.passed.values():
            first = 0
            for last, at in enumerate(times):
                while times[first] < at - seconds:
                    first += 1
                most = max(most, last - first + 1)
        return most / seconds

    def _wait_of_tier(self, method: str, now: float) -> float:
        if method not in TIER_3:
            return 0.0
        times = self._minute[method]
        while times and times[0] <= now - 60:
            times.popleft()
        return 0.0 if len(times) < TIER_3_A_MINUTE else times[0] + 60 - now

    def _wait_of_channel(self, method: str, channel: str, now: float) -> float:
        if method not in _IN_CHANNEL:
            return 0.0
        left = self._left[channel] + now - self._left_at.get(channel, now)
        self._left[channel], self._left_at[channel] = min(CHANNEL_BURST, left), now
        return max(0.0, 1.0 - self._left[channel])
