"""Notes whether a receiver refuses everything, and what the others are to be told of it.

It is told only after a checkpoint holds it, so that a restart tells it under the same ids, which they drop.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from alerting.alert import Notification
from alerting.refusal import Refusal, told_to


class Refusals:
    """Of one receiver.

    Args:
        receiver: Its name.
        refusal: As saved before; None where it takes what it is told.
        changed: Told that `refusal` is to be saved.
        now: The time.
    """

    def __init__(
        self,
        receiver: str,
        refusal: Refusal | None,
        changed: Callable[[], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.refusal = refusal
        self._receiver = receiver
        self._changed = changed
        self._now = now
        self._is_saved = refusal is not None

    @property
    def is_refused(self) -> bool:
        return self.refusal is not None and self.refusal.over_at is None

    def note(self, why: str | None, waiting: int) -> None:
        """The receiver refused everything, with the reason; or with None, it took something."""
        if why is None and self.refusal is not None and self.refusal.over_at is None:
            self.refusal.over_at = self._now()
        elif why is not None and self.refusal is None:
            self.refusal = Refusal(since=self._now(), why=why, waiting=waiting)
        else:
            return
        self._is_saved = False
        self._changed()

    def removed(self) -> None:
        """The config does not have the receiver any more: nobody tells it anything, and so nothing is refused."""
        if self.refusal is not None and self.refusal.over_at is None:
            self.refusal.over_at, self.refusal.is_removed = self._now(), True
            self._is_saved = False
            self._changed()

    def saved(self) -> None:
        """A checkpoint holds it."""
        self._is_saved = True

    def news(self, watchers: Sequence[str], organisation: str, timezone: str = "UTC") -> list[Notification]:
        """What the watchers are to be told now; each once."""
        refusal = self.refusal
        if refusal is None or not self._is_saved:
            return []
        if refusal.over_at is None and not refusal.is_told:
            refusal.is_told = True
        elif refusal.over_at is not None:
            self.refusal = None
        else:
            return []
        self._is_saved = False
        self._changed()
        if not refusal.is_told:
            return []
        return [told_to(refusal, self._receiver, watcher, organisation, timezone) for watcher in watchers]
