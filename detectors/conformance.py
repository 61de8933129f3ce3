"""What the contract promises, one check each: `check(detector class, stream)` raises `Broken` where it is not kept.

A check needs streams on which the detector has something to say; who calls it makes them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from detectors.contract import Detector, MonitorContext
from detectors.detection import Detection
from detectors.mention import Mention
from detectors.rendering import as_text
from detectors.snapshot import restore, snapshot

MOST_EVIDENCE_BYTES = 32_000
MOST_STATE_BYTES = 2_000_000
_AFTERWARDS = timedelta(hours=12)
_DAY = timedelta(days=1)


class Broken(AssertionError):  # noqa: N818 - the house names errors for what is wrong
    """A promise that a detector does not keep."""

    def __init__(self, promise: str, detail: str) -> None:
        super().__init__(f"{promise}: {detail}")
        self.promise = promise
        self.detail = detail


class Stream(Struct, frozen=True, kw_only=True):
    """What a detector is told in a check."""

    context: MonitorContext
    mentions: tuple[Mention, ...]
    """In the order of `at`, then `id`."""
    arrivals: tuple[Mention, ...]
    """The same in another order; none comes later than the context's lateness."""


Check = Callable[[type[Detector], Stream], None]


def check_same_input(cls: type[Detector], stream: Stream) -> None:
    """The same input gives the same output, and 52 weeks later the same, 52 weeks later."""
    promise = "same input, same output"
    stream = _in_utc(stream)
    once, again = _hear(cls, stream, peeks=True), _hear(cls, stream, peeks=True)
    _expect(once.found == again.found, promise, _difference(once.found, again.found))
    _expect(snapshot(once.detector) == snapshot(again.detector), promise, "two states differ")
    weeks = 52 * timedelta(weeks=1)
    later = _hear(cls, _moved(stream, weeks), peeks=True)
    expected = [_outline(detection)[1:] for detection in once.found]
    moved = [_outline(_earlier(detection, weeks))[1:] for detection in later.found]
    _expect(expected == moved, promise, f"52 weeks later {len(moved)} detections, not the same {len(expected)}")


def check_order(cls: type[Detector], stream: Stream) -> None:
    """The order of mentions within the lateness does not matter."""
    promise = "order within the lateness does not matter"
    sorted_, shuffled = _hear(cls, stream), _hear(cls, stream, mentions=stream.arrivals)
    _expect(sorted_.found == shuffled.found, promise, _difference(sorted_.found, shuffled.found))
    _expect(sorted_.detector.state == shuffled.detector.state, promise, "the states differ")


def check_future(cls: type[Detector], stream: Stream) -> None:
    """What `advance` says does not depend on mentions after the watermark."""
    promise = "the future does not change the past"
    told, foretold = _hear(cls, stream), _hear(cls, stream, ahead=25)
    _expect(told.found == foretold.found, promise, _difference(told.found, foretold.found))


def check_restart(cls: type[Detector], stream: Stream) -> None:
    """A restart at any point changes nothing: the state round-trips through bytes."""
    promise = "a restart changes nothing"
    every = max(1, len(stream.mentions) // 150)
    steady, restarted = _hear(cls, stream, peeks=True), _hear(cls, stream, peeks=True, restart_every=every)
    _expect(steady.found == restarted.found, promise, _difference(steady.found, restarted.found))
    _expect(snapshot(steady.detector) == snapshot(restarted.detector), promise, "the states differ")


def check_ticks(cls: type[Detector], stream: Stream) -> None:
    """The size of the steps in which time advances does not matter."""
    promise = "tick size does not matter"
    fine = _hear(cls, stream)
    for every in (17, len(stream.mentions) + 1):
        coarse = _hear(cls, stream, advance_every=every)
        _expect(fine.found == coarse.found, promise, _difference(fine.found, coarse.found))
        _expect(fine.detector.state == coarse.detector.state, promise, "the states differ")


def check_peek(cls: type[Detector], stream: Stream) -> None:
    """`peek` differs from `advance` in when, not in what."""
    promise = "what peek says is never taken back"
    waited, peeked = _hear(cls, stream), _hear(cls, stream, mentions=stream.arrivals, peeks=True)
    outlines = [_outline(detection) for detection in peeked.found]
    _expect(len(outlines) == len(set(outlines)), promise, "a detection was given twice")
    _expect(
        set(outlines) == {_outline(each) for each in waited.found}, promise, _difference(waited.found, peeked.found)
    )
    _expect(waited.detector.state == peeked.detector.state, promise, "the states differ")


def check_bounded(cls: type[Detector], stream: Stream) -> None:
    """More of the same, by other people, takes no more state."""
    promise = "bounded state"
    length = stream.mentions[-1].at - stream.mentions[0].at + timedelta(hours=1)
    detector = cls(stream.context, most_sensitive(cls))
    sizes = []
    for copy in range(4):
        for mention in _moved(stream, copy * length, copy=str(copy)).mentions:
            detector.observe(mention)
            detector.advance(mention.at - stream.context.lateness)
        sizes.append(sum(len(name) + len(row) for name, row in snapshot(detector).items()))
    _expect(max(sizes) <= MOST_STATE_BYTES, promise, f"{max(sizes):,} bytes")
    allowed = 1.25 * max(sizes[:2]) + 2048
    _expect(max(sizes[2:]) <= allowed, promise, f"it grows without end: {sizes} bytes")


def check_learning(cls: type[Detector], stream: Stream) -> None:
    """It is silent while it learns what is normal, and claims to know what is usual only after a day."""
    promise = "silent while it learns"
    began = stream.mentions[0].at
    for detection in _hear(cls, stream, peeks=True).found:
        age = detection.at - began
        _expect(age >= cls.learns_for, promise, f"it speaks after {age}")
        is_open = detection.evidence.usual is None or detection.evidence.unknown
        _expect(age >= _DAY or bool(is_open), promise, f"after {age} it claims to know what is usual")


def check_evidence(cls: type[Detector], stream: Stream) -> None:
    """Every detection is well formed and can be shown, and foreign text stays where it belongs."""
    foreign = _foreign(stream)
    for detection in _hear(cls, stream, peeks=True, checked=True).found:
        problems = [*_form_problems(cls, detection), *_evidence_problems(detection, foreign)]
        _expect(not problems, "evidence renders", "; ".join(problems))


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


def most_sensitive(cls: type[Detector]) -> Any:
    """Parameters with which small errors show."""
    names = {field.name for field in msgspec.structs.fields(cls.Params)}
    return cls.Params(sensitivity="high") if "sensitivity" in names else cls.Params()


@dataclass
class _Heard:
    found: list[Detection]
    detector: Detector


def _hear(
    cls: type[Detector],
    stream: Stream,
    *,
    mentions: Sequence[Mention] | None = None,
    advance_every: int = 1,
    restart_every: int = 0,
    ahead: int = 0,
    peeks: bool = False,
    checked: bool = False,
) -> _Heard:
    """Let a new detector hear a stream as a pipeline would: observe, advance, peek. Then time passes.

    `ahead` mentions are observed before the watermark comes to them; `checked` looks at the times of what it says.
    """
    context, params = stream.context, most_sensitive(cls)
    mentions = stream.mentions if mentions is None else mentions
    detector, newest, found = cls(context, params), mentions[0].at, list[Detection]()
    for mention in mentions[:ahead]:
        detector.observe(mention)
    for index, mention in enumerate(mentions):
        for heard in mentions[index + ahead : index + ahead + 1]:
            detector.observe(heard)
        newest = max(newest, mention.at)
        if (index + 1) % advance_every == 0:
            said = detector.advance(newest - context.lateness)
            found += _timed(said, newest - context.lateness) if checked else said
        if peeks:
            said = detector.peek(newest)
            found += _timed(said, newest) if checked else said
        if restart_every and index % restart_every == 0:
            saved = snapshot(detector)
            detector = restore(cls, context, params, saved)
            # Bytes again: an int where a float belongs is not what comes back.
            _expect(snapshot(detector) == saved, "a restart changes nothing", "what is restored is saved differently")
    found += detector.advance(newest + _AFTERWARDS)
    return _Heard(found, detector)


def _timed(said: Sequence[Detection], now: datetime) -> Sequence[Detection]:
    for detection in said:
        _expect(detection.at <= now, "evidence renders", f"at {now} it speaks of {detection.at}")
    _expect([*said] == sorted(said, key=lambda each: each.at), "evidence renders", "they do not come oldest first")
    return said


def _form_problems(cls: type[Detector], detection: Detection) -> Iterable[str]:
    if detection.detector != cls.name:
        yield f"it calls itself {detection.detector!r}"
    if detection.starts_at > detection.at:
        yield "it ends before it starts"
    if detection.level < 1:
        yield f"level {detection.level} is below 1"
    if not 0 <= detection.score <= 1:
        yield f"score {detection.score} is not in [0, 1]"
    encoded = msgspec.msgpack.encode(detection)
    if len(encoded) > MOST_EVIDENCE_BYTES:
        yield f"{len(encoded):,} bytes are more than {MOST_EVIDENCE_BYTES:,}"
    # Bytes, not values: 1 == 1.0, but an alert that holds the one and then, after a restart, the other is saved anew.
    if msgspec.msgpack.encode(msgspec.msgpack.decode(encoded, type=Detection)) != encoded:
        yield "it does not round-trip through MessagePack: is there an int where a float belongs?"


def _evidence_problems(detection: Detection, foreign: Iterable[str]) -> Iterable[str]:
    evidence = detection.evidence
    for what, parts, most in (
        ("points", evidence.timeline, 20),
        ("exemplars", evidence.exemplars, 5),
        ("channels", evidence.channels, 20),
    ):
        if len(parts) > most:
            yield f"{len(parts)} {what} are more than {most}"
    if any(len(exemplar.text) > 600 for exemplar in evidence.exemplars):
        yield "an exemplar has more than 600 characters"
    if [*evidence.timeline] != sorted(evidence.timeline, key=lambda point: point.at):
        yield "the timeline is not oldest first"
    signals = (signal.text for signal in evidence.signals)
    ours = "\n".join([detection.kind, evidence.summary, evidence.counterfactual, *evidence.unknown, *signals])
    for text in foreign:
        if text in ours:
            yield f"foreign text {text[:40]!r} stands where only ours may"
    shown = as_text(detection)
    if evidence.summary not in shown or not evidence.summary or not evidence.counterfactual:
        yield "the summary or the counterfactual is missing"
    if not shown.replace("\n", "").isprintable():
        yield "it holds characters that act on a terminal"


def _foreign(stream: Stream) -> frozenset[str]:
    """What others wrote, but for what is too short to be told apart from our own words."""
    texts = (text for each in stream.mentions for text in (each.text, each.channel, each.author.handle, each.url))
    return frozenset(text for text in texts if text is not None and len(text) >= 5)


def _outline(detection: Detection) -> tuple[object, ...]:
    """All but the evidence, whose numbers grow while more is heard. The subject comes first."""
    each = detection
    return each.subject, each.kind, each.starts_at, each.at, each.level, each.score, each.effects


def _earlier(detection: Detection, by: timedelta) -> Detection:
    return replace(detection, starts_at=detection.starts_at - by, at=detection.at - by)


def _moved(stream: Stream, by: timedelta, copy: str = "") -> Stream:
    """The same at another time, and by other people where it is a copy."""

    def moved(mention: Mention) -> Mention:
        author = mention.author
        if copy and author.id is not None:
            author = replace(author, id=f"{author.id}-{copy}", handle=f"{author.handle}-{copy}")
        return replace(mention, id=mention.id + copy, at=mention.at + by, author=author)

    return replace(stream, mentions=tuple(map(moved, stream.mentions)), arrivals=tuple(map(moved, stream.arrivals)))


def _in_utc(stream: Stream) -> Stream:
    """Elsewhere, 52 weeks later may be on the other side of a clock change."""
    return replace(stream, context=replace(stream.context, timezone=ZoneInfo("UTC")))


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
