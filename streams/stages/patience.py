"""How long the outbox waits before it tries again what a receiver did not take: without end, and ever more rarely."""

import random
from datetime import timedelta
from typing import Any

from msgspec import Struct
from tenacity import RetryCallState, wait_random_exponential

from alerting.notifier import TryAgain

_JITTER = 0.1
"""Of a pause that a receiver asked for, on top of it: queues that were stopped together do not come back together."""


class Patience(Struct, frozen=True, kw_only=True):
    """How long to wait before the next try."""

    first: timedelta = timedelta(seconds=1)
    """At most, after the first try in vain; twice that after the second, and so on ..."""
    longest: timedelta = timedelta(minutes=1)
    """... up to this: a receiver that cannot be reached comes back when nobody knows."""
    aside: timedelta = timedelta(minutes=5)
    """For a story that was refused, or was tried in vain while others waited: somebody must act first; until then
    nothing is thrown away. A receiver that refuses everything is asked sooner (`Notifier.knock_every`)."""

    def before_retry(self, state: RetryCallState) -> float:
        """As long as the receiver asked for and a little more, and longer each time it does not say."""
        outcome: Any = None if state.outcome is None else state.outcome.result()
        if isinstance(outcome, TryAgain) and outcome.after is not None:
            asked = outcome.after.total_seconds()
            return asked + random.uniform(0.0, _JITTER * min(asked, 10.0))
        return wait_random_exponential(self.first.total_seconds(), self.longest.total_seconds())(state)
