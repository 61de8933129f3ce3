"""The stage `detect`: one pipeline per monitor. All that it decides follows from its partition's log alone."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from time import perf_counter

import msgspec

from alerting.action import Action
from alerting.alert import Alert
from alerting.precision import Precision
from detectors.known_claim import KnownClaim
from detectors.snapshot import SnapshotMismatch, rows_of, state_from
from streams import records
from streams.event_time import StreamTime
from streams.kafka.partitioning import partition_of
from streams.kafka.producing import Output
from streams.kafka.topics import TopicNames
from streams.pipeline import Monitor, Outcome, Pipeline
from streams.records import Batch, DeadLetter, Found, Tick
from streams.stages.checkpoint import Restored
from streams.stages.metrics import Metrics, age_seconds
from streams.stages.work import Work

logger = logging.getLogger(__name__)

TIME_GROUP = "\x01time"
"""The rows of stream time: no monitor can be called like this."""
TIME_VERSION = 1


class DetectWork(Work):
    """One partition of `monitored`: its stream time, and the pipelines of the monitors that fall into it."""

    def __init__(
        self,
        number: int,
        restored: Restored,
        monitors: Sequence[Monitor],
        partitions: int,
        topics: TopicNames,
        metrics: Metrics,
    ) -> None:
        self._number = number
        self._partitions = partitions
        self._topics = topics
        self._metrics = metrics
        self._time = self._restored_time(restored)
        self._pipelines = {
            monitor.name: self._restored_pipeline(monitor, restored)
            for monitor in monitors
            if partition_of(monitor.name.encode(), partitions) == number
        }
        # What is saved of other monitors stays saved: while a new config is rolled out, a worker with the old one may
        # get this partition in between.
        self._touched: set[str] = set()

    def handle(self, value: bytes | None, offset: int) -> Sequence[Output]:
        started = perf_counter()
        try:
            record = records.monitored(value or b"")
        except records.Unreadable as error:
            return [self._dead_letter(value or b"", offset, str(error))]
        match record:
            case Batch():
                outputs = self._heard(record)
            case Tick():
                outputs = self._ticked(record)
            case Action():
                outputs = self._acted(record)
        self._metrics.judging.observe(perf_counter() - started)
        return outputs

    def changed(self) -> Mapping[str, Mapping[str, bytes]]:
        groups: dict[str, Mapping[str, bytes]] = {TIME_GROUP: rows_of(self._time, version=TIME_VERSION)}
        groups |= {name: self._pipelines[name].rows() for name in self._touched}
        self._touched.clear()
        return groups

    def firing(self) -> Iterable[Alert]:
        """The alerts that fire, of all its monitors."""
        for pipeline in self._pipelines.values():
            yield from pipeline.open_alerts()

    def verdicts(self) -> Iterable[tuple[str, Precision]]:
        """What people thought of what its monitors told, by detector."""
        for name, pipeline in self._pipelines.items():
            for found in pipeline.verdicts():
                yield name, found

    def replace_claims(self, claims: tuple[KnownClaim, ...]) -> None:
        """Let its pipelines go on with these known claims. Between two records only."""
        for pipeline in self._pipelines.values():
            pipeline.replace_claims(claims)

    @property
    def stream_time(self) -> datetime | None:
        """Event time up to which this partition has come; None until that is known."""
        return self._time.now

    def _heard(self, batch: Batch) -> list[Output]:
        pipeline = self._pipelines.get(batch.monitor)
        if pipeline is None:
            # Sent before the monitor was taken out of the config, or before the number of partitions was changed.
            return []
        outcome = pipeline.observe(batch.mentions, self._time.now)
        for mention in batch.mentions:
            self._metrics.mention_age.observe(age_seconds(mention.arrived_at or batch.came_at))
        return self._outputs(batch.monitor, outcome)

    def _ticked(self, tick: Tick) -> list[Output]:
        self._time.ticked(tick, self._partitions)
        self._metrics.ticked(tick.clock)
        outputs: list[Output] = []
        for name, pipeline in self._pipelines.items():
            outputs += self._outputs(name, pipeline.advance(self._time.now))
        return outputs

    def _acted(self, action: Action) -> list[Output]:
        pipeline = self._pipelines.get(action.monitor)
        return [] if pipeline is None else self._outputs(action.monitor, pipeline.act(action))

    def _outputs(self, monitor: str, outcome: Outcome) -> list[Output]:
        self._touched.add(monitor)
        self._count(monitor, outcome)
        key, topics = monitor.encode(), self._topics
        outputs = [
            Output(
                topic=topics.detections,
                key=key,
                value=msgspec.json.encode(Found(id=id, monitor=monitor, detection=detection)),
            )
            for id, detection in outcome.detections
        ]
        outputs += [
            Output(topic=topics.alerts, key=alert.fingerprint.encode(), value=msgspec.json.encode(alert))
            for alert in outcome.alerts
        ]
        outputs += [
            Output(topic=topics.stories, key=_story_key(monitor, story.id), value=msgspec.json.encode(story))
            for story in outcome.stories
        ]
        outputs += [Output(topic=topics.stories, key=_story_key(monitor, id), value=None) for id in outcome.forgotten]
        outputs += [
            Output(topic=topics.notifications, key=told.receiver.encode(), value=records.encode(told))
            for told in outcome.notifications
        ]
        outputs += [
            Output(topic=topics.decisions, key=key, value=msgspec.json.encode(decision))
            for decision in outcome.decisions
        ]
        return outputs

    def _count(self, monitor: str, outcome: Outcome) -> None:
        heard = self._metrics.heard
        if outcome.heard or outcome.repeats or outcome.too_late:
            heard.labels(monitor, "heard").inc(outcome.heard)
            heard.labels(monitor, "repeat").inc(outcome.repeats)
            heard.labels(monitor, "late").inc(outcome.late)
            heard.labels(monitor, "too_late").inc(outcome.too_late)
        for _, detection in outcome.detections:
            self._metrics.detections.labels(monitor, detection.detector).inc()
        for why, count in outcome.suppressed.items():
            self._metrics.suppressed.labels(monitor, why.value).inc(count)
        for told in outcome.notifications:
            self._metrics.decided.labels(told.receiver, told.reason.value).inc()
        for decision in outcome.decisions:
            if (gate := decision.held_by) is not None:
                self._metrics.held_tellings.labels(monitor, gate.value).inc()

    def _dead_letter(self, value: bytes, offset: int, why: str) -> Output:
        self._metrics.dead_letters.labels("wrong_type").inc()
        letter = DeadLetter.of(
            value,
            "wrong_type",
            why,
            topic=self._topics.monitored,
            partition=self._number,
            offset=offset,
            at=self._time.clock,
        )
        return Output(topic=self._topics.dead_letters, value=records.encode(letter))

    def _restored_time(self, restored: Restored) -> StreamTime:
        rows = restored.groups.get(TIME_GROUP)
        if rows is not None:
            try:
                return state_from(StreamTime, rows, version=TIME_VERSION)
            except SnapshotMismatch as mismatch:
                self._warm_up("stream time", [str(mismatch)])
        return StreamTime()

    def _restored_pipeline(self, monitor: Monitor, restored: Restored) -> Pipeline:
        pipeline = Pipeline(monitor, restored.groups.get(monitor.name))
        if pipeline.warmed_up:
            self._warm_up(monitor.name, pipeline.warmed_up)
        return pipeline

    def _warm_up(self, what: str, why: Sequence[str]) -> None:
        self._metrics.warm_ups.inc()
        logger.warning(
            "saved state does not fit and is learned anew",
            extra={"what": what, "why": "; ".join(why), "partition": self._number},
        )


def _story_key(monitor: str, story: str) -> bytes:
    return f"{monitor}/{story}".encode()
