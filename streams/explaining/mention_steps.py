"""Why a mention led to somebody being told, or did not: step by step from the records. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from alerting.decision import Decision
from alerting.phrases import duration
from detectors.mention import Mention
from detectors.rendering import counted
from streams.encoding.outcomes import outcome_of
from streams.explaining.step import Line, Step, clock, shown, step
from streams.explaining.story_steps import decided
from streams.pipeline import REMEMBER_IDS
from streams.queries.matching import matches, why
from streams.queries.missing import missing
from streams.queries.query import Query
from streams.records import DeadLetter, Found

AROUND = timedelta(minutes=30)
"""Before and after a mention: how far mentions are counted as being said at the same time."""
FOUND_WITHIN = timedelta(hours=24)
"""After a mention: how long what was found may still be about it."""
DAY = timedelta(days=1)
MOST_DAYS = 7
_AROUND = f"{AROUND.total_seconds() / 60:.0f} minutes"
_MOST = 8

_COMPARED = {
    "encoded": "by meaning",
    "language": "by its letters alone: the model does not cover its language",
    "uncalibrated": "by its letters alone: the model is not calibrated for its language",
    "shattered": "by its letters alone: the model's tokenizer shatters it",
    "no_words": "with nothing: it has no words",
}


class Batched(Struct, frozen=True, kw_only=True):
    """One time that a mention came to a monitor."""

    monitor: str
    came_at: datetime
    mention: Mention
    stream_time: datetime | None
    """Of its partition of `monitored`, when it came."""


class Trace(Struct, kw_only=True):
    """What the records hold of one mention."""

    sent: list[Mention] = []
    """Each time that it was read from `mentions`."""
    dead: list[DeadLetter] = []
    batched: list[Batched] = []
    around: dict[str, int] = {}
    """By monitor, how many mentions were said about the same time."""
    days_before: dict[str, dict[int, int]] = {}
    """By monitor, likewise at that time of so many days before."""
    heard_since: dict[str, datetime] = {}
    """By monitor, the oldest mention that is kept."""
    found: list[Found] = []
    """What its monitors found from when it was said on, oldest first; and before it, the last of each detector."""
    decisions: list[Decision] = []
    """On the stories of what was found."""

    counted: set[tuple[str, str]] = set()
    """The monitors and ids of the mentions in `around` and `days_before`: repeats count once."""

    @property
    def mention(self) -> Mention | None:
        """As it was sent, or as it came to a monitor."""
        return self.sent[0] if self.sent else self.batched[0].mention if self.batched else None

    def hear(self, monitor: str, other: Mention) -> None:
        """Count what came to a monitor, if it was said at that time, or at that time of the days before."""
        if not self.sent:
            return  # nobody knows the time before the mention itself is found
        before = self.sent[0].at - other.at
        since = self.heard_since.get(monitor)
        self.heard_since[monitor] = other.at if since is None else min(since, other.at)
        days = round(before / DAY)
        if not 0 <= days <= MOST_DAYS or abs(before - days * DAY) > AROUND or (monitor, other.id) in self.counted:
            return
        self.counted.add((monitor, other.id))
        if days == 0:
            self.around[monitor] = self.around.get(monitor, 0) + 1
        else:
            counts = self.days_before.setdefault(monitor, {})
            counts[days] = counts.get(days, 0) + 1


class Watched(Struct, frozen=True, kw_only=True):
    """A monitor of the config, as far as it matters here."""

    query: Query
    lateness: timedelta
    reads_vectors: bool


def mention_steps(said: str, trace: Trace, monitors: Mapping[str, Watched], zone: tzinfo) -> list[Step]:
    """The steps of the mention that somebody named by `said`, its id or its link."""
    heard = step("Was it heard?", _heard(said, trace, zone))
    mention = trace.mention
    if mention is None:
        return [heard]
    listening = [name for name, watched in monitors.items() if matches(watched.query, mention)]
    steps = [heard, step("Whom is it for?", _for_whom(mention, monitors))]
    if not listening and not trace.batched:
        return steps
    names = list(dict.fromkeys((*listening, *(each.monitor for each in trace.batched))))
    about = [each for each in trace.found if each.detection.at >= mention.at and each.monitor in names]
    return [
        *steps,
        step("Did it come to its monitors?", _came(trace, names, monitors, zone)),
        step("What was found then?", _found(mention, trace, names, about, zone)),
        step("Who was told?", _told(trace, about, zone)),
    ]


def _heard(said: str, trace: Trace, zone: tzinfo) -> Iterator[Line]:
    for letter in trace.dead[:_MOST]:
        where = f"{letter.topic} {letter.partition}, offset {letter.offset}, line {letter.line}"
        yield Line(f"it was refused as {letter.reason} ({where}): {shown(letter.detail)}", False)
    if len(trace.dead) > _MOST:
        yield Line(f"and so were {len(trace.dead) - _MOST:,} more lines", False)
    mention = trace.mention
    if mention is None:
        if not trace.dead:
            yield Line(f"nothing in the records has the id or the link {shown(said, 120)}", False)
            yield Line("either no connector brought it, or it is older than what Kafka still keeps of mentions")
        return
    said_there = f"“{shown(mention.text)}”" if mention.text else "(no text)"
    yield Line(f"{clock(mention.at, zone)}, {shown(mention.channel, 64)}: {said_there}")
    if mention.arrived_at is not None:
        delay = mention.arrived_at - mention.at
        yield Line(f"it came {clock(mention.arrived_at, zone)}, {_seconds(delay)} after it was said", True)
    if mention.clock_ahead:
        yield Line("its own clock ran ahead, so its arrival counts as the time at which it was said")
    if mention.synthetic:
        yield Line("it is a heartbeat of ours, which no detector is given", False)
    if len(trace.sent) > 1:
        yield Line(f"it was read {len(trace.sent)} times; only the first counts")


def _for_whom(mention: Mention, monitors: Mapping[str, Watched]) -> Iterator[Line]:
    for name, watched in monitors.items():
        if matches(watched.query, mention):
            parts = ", ".join(why(watched.query, mention)) or "nothing that it leaves out"
            yield Line(f"{name}: its query matches by {shown(parts)}", True)
        else:
            lacking = "; ".join(missing(watched.query, mention))
            yield Line(f"{name}: its query does not match: {shown(lacking)}", False)


def _came(trace: Trace, names: Sequence[str], monitors: Mapping[str, Watched], zone: tzinfo) -> Iterator[Line]:
    for name in names:
        times = [each for each in trace.batched if each.monitor == name]
        if not times:
            yield Line(
                f"{name}: it is not in what came to it: no longer kept, or the query was another one then", False
            )
            continue
        first, watched = times[0], monitors.get(name)
        yield Line(f"{name}: it came {clock(first.came_at, zone)}", True)
        if len(times) > 1:
            yield Line(f"{name}: it came {len(times)} times; only the first counts")
        if watched is not None:
            yield from _lateness(name, first, watched, zone)
            yield _compared(name, first, watched)


def _lateness(name: str, first: Batched, watched: Watched, zone: tzinfo) -> Iterator[Line]:
    if first.stream_time is None:
        return
    watermark = first.stream_time - watched.lateness
    behind = watermark - first.mention.at
    if behind > REMEMBER_IDS:
        yield Line(
            f"{name}: that was {_seconds(behind)} behind its watermark ({clock(watermark, zone)}); what is more than "
            f"{_seconds(REMEMBER_IDS)} late is counted as too late, and no detector is given it",
            False,
        )
    elif behind > timedelta(0):
        yield Line(
            f"{name}: that was {_seconds(behind)} behind its watermark: late, and still counted where it belongs"
        )


def _compared(name: str, first: Batched, watched: Watched) -> Line:
    encoding = first.mention.encoding
    if not watched.reads_vectors:
        return Line(f"{name}: none of its detectors compares texts, so it only counts")
    if encoding is None:
        return Line(f"{name}: it was not encoded, as none of the monitor's detectors compared texts then")
    return Line(f"{name}: its language is {shown(encoding.language, 20)}; compared {_COMPARED[outcome_of(encoding)]}")


def _found(
    mention: Mention, trace: Trace, names: Sequence[str], about: Sequence[Found], zone: tzinfo
) -> Iterator[Line]:
    for name in names:
        if name in trace.around:
            usual = _usual(name, mention, trace)
            around = counted(trace.around[name], "mention")
            verb = "was" if trace.around[name] == 1 else "were"
            yield Line(f"{name}: {around} {verb} said within {_AROUND} of it{usual}")
        ours = [each for each in about if each.monitor == name]
        if not ours:
            yield Line(f"{name}: no detector found anything in the {_seconds(FOUND_WITHIN)} after it", False)
            yield from _would_have_taken(name, mention, trace, zone)
        for each in _nearest(mention, ours):
            yield Line(f"{name}: {_finding(each, zone)}", True)
            if _shows(each, mention):
                of = f" of narrative {shown(each.detection.subject, 60)}" if each.detection.subject else ""
                yield Line(f"{name}: it is shown there as an example{of}", True)
            if each.detection.evidence.counterfactual:
                yield Line(f"{name}: {shown(each.detection.evidence.counterfactual)}")
        if ours and not any(_shows(each, mention) for each in ours):
            yield Line(
                f"{name}: none of them shows it as an example; the records do not say more of which narrative it is in"
            )


def _usual(name: str, mention: Mention, trace: Trace) -> str:
    """The same hour of the days before, of which the records are left."""
    since = trace.heard_since.get(name)
    if since is None:
        return ""
    whole = [days for days in range(1, MOST_DAYS + 1) if mention.at - days * DAY - AROUND >= since]
    counts = [trace.days_before.get(name, {}).get(days, 0) for days in whole]
    if not counts:
        return ", and no day before is left to compare with"
    between = f"{min(counts):,} to {max(counts):,}" if min(counts) < max(counts) else f"{counts[0]:,}"
    days = "the day before" if len(counts) == 1 else f"the {len(counts)} days before"
    return f"; it was {between} at that time of {days}"


def _would_have_taken(name: str, mention: Mention, trace: Trace, zone: tzinfo) -> Iterator[Line]:
    """The nearest finding before it says what its detector asks for."""
    before = [each for each in trace.found if each.monitor == name and each.detection.at < mention.at]
    for each in before:
        yield Line(f"{name}: what it takes shows the last finding before it, {_finding(each, zone)}")
        if each.detection.evidence.counterfactual:
            yield Line(f"{name}: {shown(each.detection.evidence.counterfactual)}")
    if not before:
        yield Line(f"{name}: nothing was found before it either, so the records do not say what it would have taken")


def _nearest(mention: Mention, found: Sequence[Found]) -> list[Found]:
    """Those that show it, then those soonest after it; at most so many, oldest first."""
    ranked = sorted(found, key=lambda each: (not _shows(each, mention), each.detection.at))[:_MOST]
    return sorted(ranked, key=lambda each: each.detection.at)


def _shows(found: Found, mention: Mention) -> bool:
    return any(exemplar.mention_id == mention.id for exemplar in found.detection.evidence.exemplars)


def _finding(found: Found, zone: tzinfo) -> str:
    detection = found.detection
    return f"{clock(detection.at, zone)} by {detection.detector}: {shown(detection.evidence.summary)}"


def _told(trace: Trace, about: Sequence[Found], zone: tzinfo) -> Iterator[Line]:
    stories = dict.fromkeys(each.story.id for each in trace.decisions)
    if not stories:
        nothing = "nothing was found of which anybody could be told" if not about else "no decision is left of it"
        yield Line(nothing, False)
    for id in stories:
        ours = [each for each in trace.decisions if each.story.id == id]
        yield Line(f"story {id}: {shown(ours[-1].story.headline)}")
        yield from decided(ours, zone)
        yield Line(f"groundswell explain CONFIG {id[:8]} tells more of it")


def _seconds(length: timedelta) -> str:
    seconds = max(0, round(length.total_seconds()))
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours >= 48:
        return duration(length)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
