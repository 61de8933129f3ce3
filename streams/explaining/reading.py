"""Gathers from Kafka's topics what is recorded of a story or a mention.

Nothing is indexed there, so whole topics are read; a look at the raw bytes passes over what is surely about others.

NothingRecorded   no story or alert is called so
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

import msgspec
from msgspec import Struct

from alerting.alert import Story, fingerprint
from alerting.decision import Decision
from detectors.mention import Mention
from streams import records
from streams.acting import SHORTEST, stories
from streams.event_time import StreamTime
from streams.explaining.mention_steps import FOUND_WITHIN, Batched, Trace
from streams.explaining.step import shown
from streams.kafka.client import Access
from streams.kafka.topic_contents import Row, contents
from streams.kafka.topics import TopicNames
from streams.reading import read_record
from streams.records import Batch, DeadLetter, Found, Tick

_SURE = 16
"""Letters in a row that are in no other line by chance."""
_BEFORE = timedelta(days=30)

_decision = msgspec.json.Decoder(Decision)
_found = msgspec.json.Decoder(Found)
_dead_letter = msgspec.msgpack.Decoder(DeadLetter)


class NothingRecorded(Exception):  # noqa: N818 - the house names errors for what is wrong
    """Says what was looked for, and what there is."""


class StoryRecords(Struct, frozen=True, kw_only=True):
    """What is recorded of one story."""

    story: Story
    found: list[Found]
    decisions: list[Decision]


def story_records(access: Access, topics: TopicNames, said: str) -> StoryRecords:
    """Of the story whose id, or an alert's fingerprint in it, begins so. Raises `NothingRecorded`."""
    said = said.strip().lower()
    if len(said) < SHORTEST:
        raise NothingRecorded(f"write at least {SHORTEST} characters of the id of a story or an alert")
    decisions = [each for each in _decisions(access, topics, said.encode()) if _is_meant(each.story, said)]
    kept = [each for each in stories(access, topics) if _is_meant(each, said)]
    ids = dict.fromkeys([each.id for each in kept] + [each.story.id for each in decisions])
    if not ids:
        raise NothingRecorded(f"no story and no alert in the records has an id that begins with {shown(said, 40)}")
    if len(ids) > 1:
        # The alert came again in another story: the newest is meant, unless ids of stories themselves are alike.
        alike = [id for id in ids if id.startswith(said)]
        if len(alike) > 1:
            raise NothingRecorded(f"several stories begin with {shown(said, 40)}: {', '.join(alike[:5])}")
    meant = max(ids, key=lambda id: max(s.starts_at for s in [*kept, *(d.story for d in decisions)] if s.id == id))
    ours = sorted((each for each in decisions if each.story.id == meant), key=lambda each: each.at)
    now = next((each for each in kept if each.id == meant), None)
    story = now if now is not None else ours[-1].story
    prints = {alert.fingerprint for each in [story, *(d.story for d in ours)] for alert in each.alerts}
    return StoryRecords(story=story, found=_findings_of(access, topics, prints), decisions=_unrepeated(ours))


def mention_records(access: Access, topics: TopicNames, said: str, partitions: int) -> Trace:
    """Of the mention with this id or link."""
    said, trace = said.strip(), Trace()
    needles = _as_written(said)
    for row in contents(access, topics.mentions):
        if row.value is not None and _has(row.value, needles):
            lines = read_record(row.value, records.moment(row.timestamp_ms))
            trace.sent += [found for _, _, found in lines if isinstance(found, Mention) and _named(found, said)]
    for row in contents(access, topics.dead_letters):
        if row.value is not None and _has(row.value, needles):
            letter = _dead_letter.decode(row.value)
            if is_about(letter.value, said):
                trace.dead.append(letter)
    _batches(access, topics, said, partitions, trace)
    mention = trace.mention
    if mention is not None:
        trace.found = _findings_about(access, topics, mention, {each.monitor for each in trace.batched})
        prints = {_fingerprint(each) for each in trace.found if each.detection.at >= mention.at}
        last = mention.at + FOUND_WITHIN
        decisions = [
            each
            for each in _decisions(access, topics)
            if mention.at <= each.at <= last and any(alert.fingerprint in prints for alert in each.story.alerts)
        ]
        trace.decisions = _unrepeated(sorted(decisions, key=lambda each: each.at))
    return trace


def is_about(line: bytes, said: str) -> bool:
    """Whether a line that could not be read names an id or a link: as a whole text in it, or else by many letters."""
    needles = _as_written(said)
    return _has(line, [b'"' + needle + b'"' for needle in needles]) or (len(said) >= _SURE and _has(line, needles))


def _batches(access: Access, topics: TopicNames, said: str, partitions: int, trace: Trace) -> None:
    """Every batch with the mention, with the time at which it came by the same steps as in the stage."""
    times: dict[int, StreamTime] = {}
    for row in contents(access, topics.monitored):
        record = _monitored(row)
        time = times.setdefault(row.partition, StreamTime())
        if isinstance(record, Tick):
            time.ticked(record, partitions)
        elif isinstance(record, Batch):
            for each in record.mentions:
                trace.hear(record.monitor, each)
                if _named(each, said):
                    trace.batched.append(
                        Batched(monitor=record.monitor, came_at=record.came_at, mention=each, stream_time=time.now)
                    )


def _monitored(row: Row) -> records.Monitored | None:
    try:
        return records.monitored(row.value or b"")
    except records.Unreadable:
        return None


def _findings_about(access: Access, topics: TopicNames, mention: Mention, monitors: Iterable[str]) -> list[Found]:
    """What was found from when it was said on; before it, only the last of each detector."""
    wanted, after, before = set(monitors), {}, dict[tuple[str, str], Found]()
    for each in _findings(access, topics):
        at = each.detection.at
        if each.monitor not in wanted:
            continue
        if mention.at <= at <= mention.at + FOUND_WITHIN:
            after[each.id] = each
        elif mention.at - _BEFORE <= at < mention.at:
            key = each.monitor, each.detection.detector
            if key not in before or at >= before[key].detection.at:
                before[key] = each
    return sorted([*before.values(), *after.values()], key=lambda each: each.detection.at)


def _findings_of(access: Access, topics: TopicNames, prints: set[str]) -> list[Found]:
    found = {each.id: each for each in _findings(access, topics) if _fingerprint(each) in prints}
    return sorted(found.values(), key=lambda each: each.detection.at)


def _findings(access: Access, topics: TopicNames) -> Iterator[Found]:
    for row in contents(access, topics.detections):
        try:
            yield _found.decode(row.value or b"")
        except msgspec.MsgspecError:
            continue  # of another version


def _fingerprint(found: Found) -> str:
    return fingerprint(found.monitor, found.detection.detector, found.detection.subject)


def _decisions(access: Access, topics: TopicNames, needle: bytes = b"") -> Iterator[Decision]:
    for row in contents(access, topics.decisions):
        if row.value is None or needle not in row.value:
            continue
        try:
            yield _decision.decode(row.value)
        except msgspec.MsgspecError:
            continue  # of another version: it could not be made again


def _unrepeated(decisions: Sequence[Decision]) -> list[Decision]:
    """A worker that took over may have written some once more, with the same ids."""
    return list({each.id: each for each in decisions}.values())


def _is_meant(story: Story, said: str) -> bool:
    return story.id.startswith(said) or any(alert.fingerprint.startswith(said) for alert in story.alerts)


def _named(mention: Mention, said: str) -> bool:
    return said in (mention.id, mention.url)


def _as_written(said: str) -> tuple[bytes, ...]:
    """In each way in which JSON may have it."""
    escaped = json.dumps(said)[1:-1]
    forms: Mapping[bytes, None] = dict.fromkeys(
        form.encode("utf-8", "surrogatepass")
        for form in (said, escaped, escaped.replace("/", "\\/"), json.dumps(said, ensure_ascii=False)[1:-1])
    )
    return tuple(forms)


def _has(value: bytes, needles: Sequence[bytes]) -> bool:
    return any(needle in value for needle in needles)
