"""Lets a detector hear a stream as a pipeline would, in each of the ways that must make no difference."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from detectors.contract import Detector, MonitorContext
from detectors.detection import Detection
from detectors.mention import Mention
from detectors.snapshot import Rows, restore, snapshot

AFTERWARDS = timedelta(hours=12)
"""How long time goes on after the last mention, so that everything is judged."""
_BIN = timedelta(minutes=5)
_BEFORE = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stream(Struct, frozen=True, kw_only=True):
    """What a detector is told in a check."""

    context: MonitorContext
    mentions: tuple[Mention, ...]
    """In the order of `at`, then `id`; at least one."""
    arrivals: tuple[Mention, ...] = ()
    """The same in another order; none comes later than the context's lateness. Empty: none is tried but our own."""
    late: tuple[Mention, ...] = ()
    """The same in the order of a bad day: some come behind the watermark. Empty: nobody is ever late."""

    @property
    def as_heard(self) -> tuple[Mention, ...]:
        """The hardest order there is."""
        return self.late or self.arrivals or self.mentions


@dataclass(kw_only=True)
class Heard:
    """What came of a stream."""

    found: list[Detection]
    rows: Rows
    """What is remembered in the end, as it is saved."""
    state: Any
    mistold: list[str]
    """What was told of a time not reached yet, or not oldest first."""
    lost: list[str]
    """What a restart did not bring back as it was saved."""


def hear(
    cls: type[Detector],
    stream: Stream,
    params: Struct | None = None,
    *,
    mentions: Sequence[Mention] | None = None,
    advance_every: int = 1,
    ahead: int = 0,
    restart_every: int = 0,
    ticks: bool = False,
    peeks: bool = False,
    asks_usual: bool = False,
) -> Heard:
    """Let a new detector hear a stream: observe, advance, peek. Then time passes.

    Args:
        cls: Its class.
        stream: What it hears.
        params: None for the most sensitive.
        mentions: The order in which it hears them; the order of time unless given.
        advance_every: So many mentions come before time advances.
        ahead: So many mentions are observed before the watermark comes to them.
        restart_every: After so many mentions another instance goes on from what was saved; 0 for never.
        ticks: Whether time advances between mentions too: on each edge of a bin, shortly before it, and twice.
        peeks: Whether it is asked at each step what is certain already.
        asks_usual: Whether it is asked at each step what is usual.
    """
    context, params = stream.context, most_sensitive(cls) if params is None else params
    mentions = stream.mentions if mentions is None else mentions
    detector, newest = cls(context, params), mentions[0].at
    found: list[Detection] = []
    mistold: list[str] = []
    lost: list[str] = []

    def take(said: Sequence[Detection], now: datetime) -> None:
        mistold.extend(_time_problems(said, now))
        found.extend(said)

    def pass_time(now: datetime) -> None:
        take(detector.advance(now - context.lateness), now - context.lateness)
        if peeks:
            take(detector.peek(now), now)
        if asks_usual:
            detector.usual(now - timedelta(hours=1), now)

    for mention in mentions[:ahead]:
        detector.observe(mention)
    for index, mention in enumerate(mentions):
        if ticks:
            for moment in _edges(newest, mention.at, context.lateness):
                pass_time(moment)
        for heard in mentions[index + ahead : index + ahead + 1]:
            detector.observe(heard)
        newest = max(newest, mention.at)
        if (index + 1) % advance_every == 0:
            pass_time(newest)
        if restart_every and (index + 1) % restart_every == 0:
            saved = snapshot(detector)
            detector = restore(cls, context, params, saved)
            # Bytes, not values: an int where a float belongs is not what comes back.
            if snapshot(detector) != saved:
                lost.append("what is restored is saved differently")
    if ticks:
        for moment in _edges(newest, newest + AFTERWARDS, context.lateness):
            pass_time(moment)
    take(detector.advance(newest + AFTERWARDS), newest + AFTERWARDS)
    return Heard(found=found, rows=snapshot(detector), state=detector.state, mistold=mistold, lost=lost)


def most_sensitive(cls: type[Detector]) -> Any:
    """Parameters with which small errors show."""
    names = {field.name for field in msgspec.structs.fields(cls.Params)}
    return cls.Params(sensitivity="high") if "sensitivity" in names else cls.Params()


def moved(stream: Stream, by: timedelta) -> Stream:
    """The same at another time."""
    later = {each.id: moved_mention(each, by) for each in stream.mentions}
    return replace(
        stream,
        mentions=tuple(later.values()),
        arrivals=tuple(later[each.id] for each in stream.arrivals),
        late=tuple(later[each.id] for each in stream.late),
    )


def moved_mention(mention: Mention, by: timedelta) -> Mention:
    """The same at another time, by an account that was as old then."""
    author, arrived_at = mention.author, mention.arrived_at
    if author.created_at is not None:
        author = replace(author, created_at=author.created_at + by)
    return replace(
        mention, at=mention.at + by, arrived_at=None if arrived_at is None else arrived_at + by, author=author
    )


def backwards(stream: Stream) -> tuple[Mention, ...]:
    """Its mentions in the most confused order in which none is late: newest first within each stretch of a lateness."""
    stretch = max(stream.context.lateness, _BEFORE)
    return tuple(sorted(stream.mentions, key=lambda each: ((each.at - _EPOCH) // stretch, _EPOCH - each.at)))


def _time_problems(said: Sequence[Detection], now: datetime) -> Iterator[str]:
    for detection in said:
        if {detection.at.utcoffset(), detection.starts_at.utcoffset()} != {timedelta(0)}:
            yield f"it tells the time {detection.at.isoformat()}, which is not UTC"
            return
        if detection.at > now:
            yield f"at {now} it speaks of {detection.at}"
    if [*said] != sorted(said, key=lambda each: each.at):
        yield "they do not come oldest first"


def _edges(earlier: datetime, later: datetime, lateness: timedelta) -> Iterator[datetime]:
    """Moments at which the watermark stands on the edge of a bin, twice, and shortly before."""
    edge = _EPOCH + ((earlier - lateness - _EPOCH) // _BIN + 1) * _BIN
    while edge + lateness < later:
        yield from (edge + lateness - _BEFORE, edge + lateness, edge + lateness)
        edge += _BIN
