"""The rows that `notify` keeps of one receiver, by name: its stories, its routes, and whether it refuses everything."""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import MsgspecError, Struct, field, msgpack

from alerting.refusal import Refusal
from streams.stages.desk import RouteRow
from streams.stages.entry import REMEMBER_FIRING, Entry

_ROUTE = ":route:"  # no story's id begins so
refusal_row = ":refused"
"""The name of the row that says so."""


class Rows(Struct, kw_only=True):
    """Of one receiver."""

    entries: dict[str, Entry] = field(default_factory=dict)
    """By story."""
    routes: dict[str, RouteRow] = field(default_factory=dict)
    refusal: Refusal | None = None

    def are_forgotten(self, now: datetime) -> bool:
        """Whether nothing came for so long that it is kept no longer, not even what waits."""
        known = [entry.newest for entry in self.entries.values() if entry.newest is not None]
        return max(known, default=now) < now - REMEMBER_FIRING


def route_row(route: str) -> str:
    """What the row of a route is called."""
    return f"{_ROUTE}{route}"


def is_entry(name: str) -> bool:
    """Whether a row of this name is about a story."""
    return name != refusal_row and not name.startswith(_ROUTE)


def read_rows(rows: Mapping[str, bytes], unreadable: Callable[[str, str], None]) -> Rows:
    """What was saved of a receiver. What cannot be read is told of with the reason, and of a story it is noted."""
    found = Rows()
    for name, row in list(rows.items()):
        try:
            if name == refusal_row:
                found.refusal = msgpack.decode(row, type=Refusal)
            elif name.startswith(_ROUTE):
                found.routes[name.removeprefix(_ROUTE)] = msgpack.decode(row, type=RouteRow)
            else:
                found.entries[name] = msgpack.decode(row, type=Entry)
        except MsgspecError as error:
            if is_entry(name):
                found.entries[name] = Entry(is_lost=True)
            unreadable(name, str(error))
    return found
