"""What the contract promises, one check each: `check(detector class, stream)` raises `Broken` where it is not kept.

A check needs streams on which the detector has something to say: `sample_streams` in
`detectors/conformance/samples.py` makes some, and `check_speaks` looks whether they are good for this detector.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from detectors.conformance.elsewhere import hear_elsewhere
from detectors.conformance.growth import sizes_over_months, sizes_when_busy
from detectors.conformance.hearing import Stream, backwards, hear, most_sensitive, moved
from detectors.conformance.shown import episode_problems, evidence_problems, foreign_texts, form_problems
from detectors.contract import Detector
from detectors.detection import Detection

MOST_STATE_BYTES = 2_000_000
_DAY = timedelta(days=1)
_WEEKS = 52 * timedelta(weeks=1)


class Broken(AssertionError):  # noqa: N818 - the house names errors for what is wrong
    """A promise that a detector does not keep."""

    def __init__(self, promise: str, detail: str) -> None:
        super().__init__(f"{promise}: {detail}")
        self.promise = promise
        self.detail = detail


class Check(Protocol):
    """One promise of the contract. Raises `Broken`; without `params` the most sensitive are taken."""

    __name__: str

    def __call__(self, cls: type[Detector], stream: Stream, params: Struct | None = None, /) -> None: ...


def check_same_input(cls: type[Detector], stream: Stream, params: Struct | None = None) -> None:
    """The same input gives the same output: again, in another process, and 52 weeks later the same, 52 weeks later.

    To be asked what is usual is no input.
    """
    promise = "same input, same output"
    params = most_sensitive(cls) if params is None else params
    # Elsewhere than in UTC, 52 weeks later may be on the other side of a clock change.
    stream = replace(stream, context=replace(stream.context, timezone=ZoneInfo("UTC")))
    later_stream = moved(stream, _WEEKS)
    for peeks, elsewhere in zip((False, True), hear_elsewhere(cls, stream, params), strict=True):
        once = hear(cls, stream, params, mentions=stream.as_heard, peeks=peeks)
        again = hear(cls, stream, params, mentions=stream.as_heard, peeks=peeks, asks_usual=True)
        for where, other in (("", again), (" in another process", elsewhere)):
            _expect(once.found == other.found, promise, _difference(once.found, other.found) + where)
            _expect(once.rows == other.rows, promise, f"two states differ{where}")
        later = hear(cls, later_stream, params, mentions=later_stream.as_heard, peeks=peeks)
        expected = [_outline(detection)[1:] for detection in once.found]
        found = [_outline(_earlier(detection, _WEEKS))[1:] for detection in later.found]
        _expect(expected == found, promise, f"52 weeks later {len(found)} detections, not the same {len(expected)}")


def check_order(cls: type[Detector], stream: Stream, params: Struct | None = None) -> None:
    """The order of mentions within the lateness does not matter."""
    promise = "order within the lateness does not matter"
    in_order = hear(cls, stream, params)
    for mentions in filter(None, (stream.arrivals, backwards(stream))):
        other = hear(cls, stream, params, mentions=mentions)
        _expect(in_order.found == other.found, promise, _difference(in_order.found, other.found))
        _expect(in_order.state == other.state, promise, "the states differ")


def check_future(cls: type[Detector], stream: Stream, params: Struct | None = None) -> None:
    """What `advance` says does not depend on mentions after the watermark."""
    promise = "the future does not change the past"
    told = hear(cls, stream, params)
    for ahead in (1, 25):
        foretold = hear(cls, stream, params, ahead=ahead)
        _expect(told.found == foretold.found, promise, _difference(told.found, foretold.found))
        _expect(told.state == foretold.state, promise, "the states differ")


def check_restart(cls: type[Detector], stream: Stream, params: Struct | None = None) -> None:
    """A restart at any point changes nothing: the state round-trips through bytes."""
    promise = "a restart changes nothing"
    every = max(1, len(stream.mentions) // 60)
    for peeks in (False, True):
        steady = hear(cls, stream, params, mentions=stream.as_heard, peeks=peeks)
        restarted = hear(cls, stream, params, mentions=stream.as_heard, peeks=peeks, restart_every=every)
        _expect(not restarted.lost, promise, "; ".join(restarted.lost[:1]))
        _expect(steady.found == restarted.found, promise, _difference(steady.found, restarted.found))
        _expect(steady.rows == restarted.rows, promise, "the states differ")


def check_ticks(cls: type[Detector], stream: Stream, params: Struct | None = None) -> None:
    """The size of the steps in which time advances does not matter, nor whether it advances while nothing is said."""
    promise = "tick size does not matter"
    told = hear(cls, stream, params)
    ways = [hear(cls, stream, params, advance_every=every) for every in (17, len(stream.mentions) + 1)]
    for other in (*ways, hear(cls, stream, params, ticks=True)):
        _expect(told.found == other.found, promise, _difference(told.found, other.found))
        _expect(told.state == other.state, promise, "the states differ")


def check_peek(cls: type[Detector], stream: Stream, params: Struct | None = None) -> None:
    """`peek` differs from `advance` in when, not in what; also where mentions come late after it."""
    promise = "what peek says is never taken back"
    waited = hear(cls, stream, params)
    peeked = [
        (waited, hear(cls, stream, params, mentions=stream.arrivals or stream.mentions, peeks=True)),
        (waited, hear(cls, stream, params, ticks=True, peeks=True)),
    ]
    if stream.late:
        waited_late = hear(cls, stream, params, mentions=stream.late)
        peeked.append((waited_late, hear(cls, stream, params, mentions=stream.late, peeks=True)))
    for one, other in peeked:
        outlines = [_outline(detection) for detection in other.found]
        _expect(len(outlines) == len(set(outlines)), promise, "a detection was given twice")
        same = set(outlines) == {_outline(each) for each in one.found}
        _expect(same, promise, _difference(one.found, other.found))
        _expect(one.state == other.state, promise, "the states differ")


def check_bounded(cls: type[Detector], stream: Stream, params: Struct | None = None) -> None:
    """More of the same, by other people and in other words, takes no more state, be it in hours or in months."""
    promise = "bounded state"
    busy, months = sizes_when_busy(cls, stream, params), sizes_over_months(cls, stream, params)
    _expect(max(busy + months) <= MOST_STATE_BYTES, promise, f"{max(busy + months):,} bytes")
    _expect(max(busy[2:]) <= 1.25 * max(busy[:2]) + 2048, promise, f"it grows without end: {busy} bytes")
    third = len(months) // 3
    # The least of each: what is shown at the moment differs in length.
    earlier, later = min(months[third : 2 * third]), min(months[2 * third :])
    _expect(later <= 1.04 * earlier + 64, promise, f"over months it grows without end: {months} bytes")


def check_learning(cls: type[Detector], stream: Stream, params: Struct | None = None) -> None:
    """It is silent while it learns what is normal, and claims to know what is usual only after a day."""
    promise = "silent while it learns"
    began = stream.mentions[0].at
    for detection in hear(cls, stream, params, mentions=stream.as_heard, peeks=True, ticks=True).found:
        age = detection.at - began
        _expect(age >= cls.learns_for, promise, f"it speaks after {age}")
        is_open = detection.evidence.usual is None or detection.evidence.unknown
        _expect(age >= _DAY or bool(is_open), promise, f"after {age} it claims to know what is usual")


def check_evidence(cls: type[Detector], stream: Stream, params: Struct | None = None) -> None:
    """Every detection is well formed and can be shown, and foreign text stays where it belongs."""
    promise = "evidence renders"
    foreign = foreign_texts(stream)
    for peeks in (False, True):
        heard = hear(cls, stream, params, mentions=stream.as_heard, peeks=peeks)
        _none_of([*heard.mistold, *episode_problems(heard.found)], promise)
        for detection in heard.found:
            _none_of([*form_problems(cls, detection), *evidence_problems(detection, foreign)], promise)


PROMISES: tuple[Check, ...] = (
    check_same_input,
    check_order,
    check_future,
    check_restart,
    check_ticks,
    check_peek,
    check_bounded,
    check_learning,
    check_evidence,
)
"""All of them."""


def check_speaks(cls: type[Detector], streams: Iterable[Stream], params: Struct | None = None) -> None:
    """It has something to say on at least half of the streams: on silence every promise is kept."""
    said = [len(hear(cls, stream, params).found) for stream in streams]
    enough = 2 * sum(1 for each in said if each) >= len(said)
    _expect(enough, "the streams make it speak", f"detections on each stream: {said}")


def _none_of(problems: Iterable[str], promise: str) -> None:
    told = "; ".join(problems)
    _expect(not told, promise, told)


def _outline(detection: Detection) -> tuple[object, ...]:
    """All but the evidence, whose numbers grow while more is heard. The subject comes first."""
    each = detection
    return each.subject, each.kind, each.starts_at, each.at, each.level, each.score, each.effects


def _earlier(detection: Detection, by: timedelta) -> Detection:
    return replace(detection, starts_at=detection.starts_at - by, at=detection.at - by)


def _difference(expected: Sequence[Detection], found: Sequence[Detection]) -> str:
    for index, (one, other) in enumerate(zip(expected, found, strict=False)):
        if one != other:
            names = [name for name in Detection.__struct_fields__ if getattr(one, name) != getattr(other, name)]
            values = [(getattr(one, name), getattr(other, name)) for name in names if name != "evidence"]
            return f"detection {index} differs in {', '.join(names)} {values}"
    return f"{len(expected)} detections, or {len(found)}"


def _expect(kept: bool, promise: str, detail: str) -> None:
    if not kept:
        raise Broken(promise, detail)
