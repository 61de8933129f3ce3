"""Times of a scenario: `day 12 14:00` by the monitor's clock, and what that is in UTC."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

_WRITTEN = re.compile(r"day (\d+)(?: (\d+):(\d+))?")


class Calendar(Struct, frozen=True):
    """The days of one scenario."""

    starts: date
    """Day 1."""
    days: int
    timezone: ZoneInfo

    @property
    def start(self) -> datetime:
        """Midnight of day 1, in UTC."""
        return self._utc(1, time())

    @property
    def end(self) -> datetime:
        """Midnight after the last day, in UTC."""
        return self._utc(self.days + 1, time())

    def moment(self, written: str) -> datetime:
        """In UTC. An hour that the clocks repeat is taken as its first, one that they leave out as the next."""
        found = _WRITTEN.fullmatch(written)
        assert found is not None, "the file was read strictly"
        day, hour, minute = (int(part or 0) for part in found.groups())
        return self._utc(day, time(hour, minute))

    def holds(self, written: str) -> bool:
        """Whether a time lies in the scenario, its end included."""
        return self.start <= self.moment(written) <= self.end

    def say(self, moment: datetime) -> str:
        """As the file would write it."""
        local = moment.astimezone(self.timezone)
        return f"day {(local.date() - self.starts).days + 1} {local:%H:%M}"

    def _utc(self, day: int, at: time) -> datetime:
        local = datetime.combine(self.starts + timedelta(days=day - 1), at, self.timezone)
        return local.astimezone(UTC)
