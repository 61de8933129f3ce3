from datetime import datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.event_time import IDLE_AFTER, TRUSTED_FOR, StreamTime
from streams.records import Source, Tick
from tests.building import time

SECOND = timedelta(seconds=1)


def heard(*, at: str, came_at: str | None = None, source: int = 0) -> Tick:
    """What a worker tells that has just read a mention, and knows that there is more."""
    came = time(came_at or at)
    told = Source(partition=source, newest=time(at), newest_came_at=came, heard_at=came, at_end=False)
    return Tick(clock=came, worker="w", sources=(told,))


def source(partition: int = 0, *, newest: str | None = None, came_at: str | None = None, at_end: bool = True) -> Source:
    """Its newest mention is also the last that was heard."""
    came = time(came_at or newest) if newest else None
    return Source(
        partition=partition, newest=time(newest) if newest else None, newest_came_at=came, heard_at=came, at_end=at_end
    )


def tick(clock: str | datetime, *sources: Source) -> Tick:
    return Tick(clock=time(clock), worker="w", sources=sources)


def after(*records: Tick, partitions: int = 1) -> StreamTime:
    stream = StreamTime()
    for record in records:
        take(stream, record, partitions)
    return stream


def take(stream: StreamTime, record: Tick, partitions: int) -> None:
    stream.ticked(record, partitions)


def test_stream_time_is_the_newest_time_said() -> None:
    assert after(heard(at="12:00"), heard(at="12:05"), heard(at="12:03")).now == time("12:05")


def test_stream_time_is_unknown_until_every_partition_was_told_of() -> None:
    assert after(heard(at="12:00"), partitions=2).now is None
    assert after(heard(at="12:00"), tick("12:01", source(0)), partitions=2).now is None


def test_stream_time_is_the_least_over_the_partitions() -> None:
    stream = after(heard(at="12:00", source=0), heard(at="12:05", source=1, came_at="12:00:01"), partitions=2)
    assert stream.now == time("12:00")


def test_a_partition_that_nobody_has_read_to_its_end_holds_time() -> None:
    stream = after(
        tick("12:00", source(0, at_end=False), source(1, at_end=False)),
        heard(at="12:00", source=1),
        tick("12:10", source(0, at_end=False), source(1, newest="12:00")),
        partitions=2,
    )
    assert stream.now is None


def test_the_clock_of_another_worker_adds_nothing() -> None:
    ours, theirs = source(0, newest="09:00", came_at="12:00"), source(1, newest="09:00", came_at="12:00:12")
    stream = after(tick("12:00:12", theirs), tick("12:00", ours), partitions=2)
    assert stream.now == time("09:00")
    take(stream, tick("12:00:18", theirs), 2)
    take(stream, tick("12:00:06", ours), 2)
    assert stream.now == time("09:00:06"), "both have been quiet for six seconds, by their own clocks"


def test_a_backlog_is_not_taken_for_silence() -> None:
    stream = after(
        heard(at="09:00", came_at="12:00"), tick("12:30", source(newest="09:00", came_at="12:00", at_end=False))
    )
    assert stream.now == time("09:00")


def test_a_quiet_partition_that_was_read_to_its_end_holds_nobody_up() -> None:
    stream = after(
        heard(at="12:00", source=0),
        heard(at="12:00", source=1),
        tick("12:00:30", source(0, newest="12:00"), source(1, newest="12:00")),
        heard(at="12:00:40", source=1),
        partitions=2,
    )
    assert stream.now == time("12:00:40")


def test_two_records_sent_one_after_the_other_to_two_partitions_are_not_taken_for_late() -> None:
    stream = after(
        heard(at="12:00", source=0),
        tick("12:00:01", source(0, newest="12:00"), source(1, newest="11:59", came_at="12:00")),
        heard(at="12:00:03", source=0),
        partitions=2,
    )
    assert stream.now == time("11:59")


def test_silence_makes_time_pass_relative_to_the_newest_mention() -> None:
    stream = after(heard(at="2014-04-01T08:00:00", came_at="12:00"))
    assert stream.now == time("2014-04-01T08:00:00")
    take(stream, tick("12:00:02", source(newest="2014-04-01T08:00:00", came_at="12:00")), 1)
    assert stream.now == time("2014-04-01T08:00:00")
    take(stream, tick("12:10", source(newest="2014-04-01T08:00:00", came_at="12:00")), 1)
    assert stream.now == time("2014-04-01T08:10:00")


def test_a_mention_of_1970_does_not_stall_the_others_for_ever() -> None:
    old = "1970-01-01T00:00:00"
    stream = after(
        heard(at="12:00", source=0),
        heard(at=old, came_at="12:00:01", source=1),
        tick("12:00:20", source(0, newest="12:00"), source(1, newest=old, came_at="12:00:01")),
        heard(at="12:00:21", source=0),
        partitions=2,
    )
    assert stream.now == time("12:00:21")


def test_a_worker_that_is_no_longer_heard_of_is_not_trusted() -> None:
    told = source(1, newest="12:00")
    stream = after(heard(at="12:00", source=0), tick("12:00:10", source(0, newest="12:00"), told), partitions=2)
    before = stream.now
    # Only partition 0 has a worker that still ticks: partition 1 may have a backlog by now.
    for seconds in range(11, 60, 5):
        take(stream, tick(time("12:00") + seconds * SECOND, source(0, newest="12:00")), 2)
    assert before is not None
    assert stream.now is not None
    assert before <= stream.now <= time("12:00:10") + TRUSTED_FOR


def test_the_word_of_a_former_owner_that_comes_late_does_not_count() -> None:
    behind = source(newest="12:00", at_end=False)
    stream = after(heard(at="12:00"), tick("12:01", behind), tick("12:00:50", source(newest="12:00", at_end=True)))
    assert not stream.sources["0"].at_end
    assert stream.now == time("12:00")


def test_mentions_that_come_out_of_order_leave_the_greatest_time() -> None:
    stream = after(heard(at="12:05", came_at="12:06"), heard(at="12:01", came_at="12:06:01"))
    assert stream.now == time("12:05")
    assert stream.sources["0"].heard_at == time("12:06:01")


_moments = st.integers(0, 600).map(lambda seconds: time("12:00") + seconds * SECOND)
_sources = st.builds(
    lambda number, newest, at_end: Source(
        partition=number, newest=newest, newest_came_at=newest, heard_at=newest, at_end=at_end
    ),
    st.integers(0, 1),
    st.none() | _moments,
    st.booleans(),
)
_ticks = st.builds(
    lambda clock, sources: Tick(clock=clock, worker="w", sources=tuple(sources)),
    _moments,
    st.lists(_sources, max_size=2),
)
_logs = st.lists(_ticks, max_size=30)


@given(_logs)
def test_stream_time_never_falls(log: list[Tick]) -> None:
    stream = StreamTime()
    for record in log:
        before = stream.now
        take(stream, record, 2)
        assert before is None or (stream.now is not None and stream.now >= before)


@given(_logs, st.integers(0, 30))
def test_the_same_log_gives_the_same_times_also_after_a_restart(log: list[Tick], at: int) -> None:
    whole, restarted = StreamTime(), StreamTime()
    for number, record in enumerate(log):
        if number == at:
            restarted = msgspec.msgpack.decode(msgspec.msgpack.encode(restarted), type=StreamTime)
        take(whole, record, 2)
        take(restarted, record, 2)
        assert whole == restarted


def test_a_partition_is_idle_only_after_a_while() -> None:
    stream = after(heard(at="12:00"))
    clock = time("12:00") + IDLE_AFTER
    take(stream, tick(clock - SECOND, source(newest="12:00")), 1)
    assert stream.now == time("12:00")
    take(stream, tick(clock, source(newest="12:00")), 1)
    assert stream.now == clock
