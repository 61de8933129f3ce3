"""How far event time has come, told from nothing but the log.

A monitor's mentions come from all partitions of `mentions`, and those are read at different paces: after an outage one
may be an hour ahead of another. So stream time is the least of what the partitions have reached, as in other stream
engines, and not the greatest event time seen. A partition that has been read to its end and has been quiet for a while
holds nobody up; when all are like that, stream time goes on by the time that passes, as the ticks tell it.

Only ticks move it. A batch tells what came for one monitor, and others may still wait for mentions of the same time;
a tick is sent when all that it tells of has been sent.

Every step is a function of the records alone: the same log gives the same times.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from streams.records import Tick

IDLE_AFTER = timedelta(seconds=5)
"""How long a partition that was read to its end must be quiet before it holds nobody up: longer than a record needs on
its way, so that two records sent one after the other to two partitions are not taken for late."""
TRUSTED_FOR = timedelta(seconds=15)
"""How long a worker's word that it has read a partition to its end is believed without a new tick."""


class Reached(Struct, kw_only=True):
    """How far one partition of `mentions` has come: as `streams.records.Source`, over all workers that read it."""

    newest: datetime | None = None
    newest_came_at: datetime | None = None
    heard_at: datetime | None = None
    at_end: bool = False
    told_at: datetime | None = None
    """The clock of the tick that told `at_end`."""


class StreamTime(Struct, kw_only=True):
    """Stream time of one partition of `monitored`, and all it follows from. Never falls."""

    sources: dict[str, Reached] = {}
    """By the number of the partition of `mentions`."""
    clock: datetime | None = None
    """The latest that any upstream worker's clock has said."""
    now: datetime | None = None
    """No mention before this (less the lateness) is to be expected any more; None until all partitions are known."""

    def ticked(self, tick: Tick, partitions: int) -> None:
        """Take in how far a worker of `match` has come."""
        for source in tick.sources:
            reached = self._reached(str(source.partition), source.newest, source.newest_came_at, source.heard_at)
            # The word of a former owner may come after that of its successor.
            if reached.told_at is None or tick.clock >= reached.told_at:
                reached.at_end, reached.told_at = source.at_end, tick.clock
        self._advance(tick.clock, partitions)

    def _reached(
        self, source: str, newest: datetime | None, newest_came_at: datetime | None, heard_at: datetime | None
    ) -> Reached:
        reached = self.sources.setdefault(source, Reached())
        if newest is not None and (reached.newest is None or newest > reached.newest):
            reached.newest, reached.newest_came_at = newest, newest_came_at
        if heard_at is not None and (reached.heard_at is None or heard_at > reached.heard_at):
            reached.heard_at = heard_at
        return reached

    def _advance(self, clock: datetime, partitions: int) -> None:
        self.clock = clock if self.clock is None else max(self.clock, clock)
        if len(self.sources) < partitions:
            return
        busy = [reached for reached in self.sources.values() if not self._is_idle(reached)]
        now = self._least(busy) if busy else self._passed()
        if now is not None and (self.now is None or now > self.now):
            self.now = now

    def _is_idle(self, reached: Reached) -> bool:
        """Whether nothing more is to be expected from it that was said before now."""
        if self.clock is None or not reached.at_end or reached.told_at is None:
            return False
        quiet = reached.heard_at is None or reached.told_at - reached.heard_at >= IDLE_AFTER
        return quiet and self.clock - reached.told_at <= TRUSTED_FOR

    @staticmethod
    def _least(busy: list[Reached]) -> datetime | None:
        times = [reached.newest for reached in busy]
        known = [time for time in times if time is not None]
        return min(known) if len(known) == len(times) else None

    def _passed(self) -> datetime | None:
        """The greatest event time of all, plus the time that has passed since that mention came.

        Both ends of that time are read from the clock of the worker that has the partition, so that another worker's
        clock, which may be ahead, adds nothing to it.
        """
        heard = [
            (reached.newest, reached.told_at - reached.newest_came_at)
            for reached in self.sources.values()
            if reached.newest and reached.newest_came_at and reached.told_at
        ]
        if not heard:
            return None
        newest, passed = max(heard)
        return newest + passed
