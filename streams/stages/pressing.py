"""What a receiver is to be told next: the order of what waits, and what of it has to wait for its time."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from alerting.alert import Reason
from alerting.digest import Digest
from streams.stages.entry import Entry


class Pressing:
    """All moments are by the event loop's clock.

    Args:
        edit_every: Between two edits of one message that only bring newer numbers.
    """

    def __init__(self, edit_every: timedelta) -> None:
        self._edit_every = edit_every.total_seconds()
        self._aside: dict[str, float] = {}  # story or digest -> when to try again
        self._edited: dict[str, float] = {}  # story -> when its message was last made or edited

    def set_aside(self, item: str, until: float) -> None:
        """A story or a digest is not to be told before that."""
        self._aside[item] = until

    def set_none_aside(self) -> None:
        self._aside.clear()

    def edited(self, story: str, at: float) -> None:
        """Its message was made or edited."""
        self._edited[story] = at

    def forget(self, story: str) -> None:
        self._edited.pop(story, None)

    def first(
        self, entries: Mapping[str, Entry], digests: Iterable[Digest], now: float, but: str | None = None
    ) -> str | None:
        """The story or the digest to be told next, `but` left out; None where nothing may go out now.

        First what says something new, the most severe and then what waits longest; then digests; then edits that only
        bring newer numbers.

        Args:
            entries: By story, those that may be told.
            digests: Likewise.
            now: The moment.
            but: Left out.
        """
        self._aside = {item: until for item, until in self._aside.items() if until > now}
        ranked: list[tuple[int, int, float, str]] = [(1, 0, each.at.timestamp(), each.id) for each in digests]
        for story, entry in entries.items():
            if entry.waiting is not None and self._may_edit_at(story, entry) <= now:
                since = entry.waits_since or entry.waiting.at
                rank = 2 if only_edits(entry) else 0
                ranked.append((rank, -entry.waiting.story.severity, since.timestamp(), story))
        return min((each for each in ranked if each[3] not in {but, *self._aside}), default=(0, 0, 0.0, None))[3]

    def next_change(self, entries: Mapping[str, Entry], now: float) -> float | None:
        """When something is due again that was set aside, or edited a moment ago; None where nothing ever is."""
        edits = (self._may_edit_at(story, entry) for story, entry in entries.items() if entry.waiting is not None)
        return min((moment for moment in (*self._aside.values(), *edits) if moment > now), default=None)

    def _may_edit_at(self, story: str, entry: Entry) -> float:
        """When it may be told at the earliest: numbers alone do not edit all the time."""
        if not only_edits(entry) or story not in self._edited:
            return 0.0
        return self._edited[story] + self._edit_every


def only_edits(entry: Entry) -> bool:
    """Whether what waits says nothing new: it only makes the numbers of a message newer."""
    waiting = entry.waiting
    return waiting is not None and waiting.reason is Reason.MORE and not waiting.turns and entry.is_told
