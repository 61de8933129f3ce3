"""What a receiver is to be told next: the order of what waits, and what of it has to wait for its time."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from alerting.alert import Reason
from alerting.digest import Digest
from streams.stages.entry import Entry

TRIES_IN_A_ROW = 8
"""Of one story, while others wait; a minute or so. Then it is their turn: it may be this one that the receiver chokes
on."""


class Pressing:
    """All moments are by the event loop's clock.

    Args:
        edit_every: Between two edits of one message that only bring newer numbers.
        aside: How long one is set aside that was refused, or was tried in vain while others waited.
        knock_every: How often to try whether a receiver that refused everything takes something again.
    """

    def __init__(self, edit_every: timedelta, aside: timedelta, knock_every: timedelta) -> None:
        self._edit_every = edit_every.total_seconds()
        self._aside_for = aside.total_seconds()
        self._knock_every = min(knock_every, aside).total_seconds()
        self._knock_at: float | None = None  # None where it does not refuse everything
        self._takes_others = False  # since then
        self._aside: dict[str, float] = {}  # story or digest -> when to try again
        self._edited: dict[str, float] = {}  # story -> when its message was last made or edited
        self._vain: dict[str, int] = {}  # story or digest -> tries in vain since the receiver last took something

    def delivered(self, item: str) -> None:
        """The receiver has it. Where it did not take this one before, the others need not wait any longer either."""
        if self._vain.pop(item, 0) or item in self._aside:
            self._vain.clear()
            self._aside.clear()
            self._knock_at = None
        self._takes_others = self._knock_at is not None

    def tried_in_vain(self, item: str, now: float, *, are_others: bool) -> None:
        """The receiver could not take it just now; `are_others` says whether something else could be told instead."""
        self._vain[item] = self._vain.get(item, 0) + 1
        if self._vain[item] >= TRIES_IN_A_ROW and are_others:
            self._aside[item] = now + self._aside_for

    def refused(self, item: str, now: float, *, is_message: bool) -> None:
        """The receiver refuses it. Unless `is_message` or others are taken, that is everything: then those that were
        refused are tried one by one, in turn.
        """
        self._aside[item] = now + self._aside_for
        is_everything = not self._takes_others and (not is_message or self._knock_at is not None)
        self._knock_at = now + self._knock_every if is_everything else None
        self._takes_others = False

    def edited(self, story: str, at: float) -> None:
        """Its message was made or edited."""
        self._edited[story] = at

    def forget(self, item: str) -> None:
        """A story that is over for long, or a digest that another replaced."""
        self._edited.pop(item, None)
        self._vain.pop(item, None)

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
        items = [item for _, _, _, item in sorted(ranked) if item != but]
        free = next((item for item in items if item not in self._aside), None)
        if free is None and self._knock_at is not None and now >= self._knock_at:
            return min(items, key=self._aside.__getitem__, default=None)  # whose last try was the first
        return free

    def next_change(self, entries: Mapping[str, Entry], now: float) -> float | None:
        """When something is due again that was set aside, or edited a moment ago; None where nothing ever is."""
        edits = (self._may_edit_at(story, entry) for story, entry in entries.items() if entry.waiting is not None)
        moments = (*self._aside.values(), *edits, self._knock_at or now)
        return min((moment for moment in moments if moment > now), default=None)

    def _may_edit_at(self, story: str, entry: Entry) -> float:
        """When it may be told at the earliest: numbers alone do not edit all the time."""
        if not only_edits(entry) or story not in self._edited:
            return 0.0
        return self._edited[story] + self._edit_every


def only_edits(entry: Entry) -> bool:
    """Whether what waits says nothing new: it only makes the numbers of a message newer."""
    waiting = entry.waiting
    return waiting is not None and waiting.reason is Reason.MORE and not waiting.turns and entry.is_told
