"""The topics that groundswell needs: their names, shapes and purposes. Created where missing, checked, never changed.

TopicError   Kafka refused to create a topic
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from streams.settings.config import Kafka

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

_AUDIT = timedelta(days=30)
_USUAL_LARGEST_BYTES = 1_048_588  # Kafka's own default
_LARGEST_MENTIONS_BYTES = 16 * 1_048_576
_LARGEST_BATCH_BYTES = 4 * 1_048_576


class TopicError(Exception):
    """Kafka refused to create a topic; says which, and why."""


class TopicNames(Struct, frozen=True, kw_only=True):
    """Each topic's name, prefix included."""

    mentions: str
    monitored: str
    detections: str
    alerts: str
    stories: str
    decisions: str
    notifications: str
    dead_letters: str
    detect_state: str
    notify_state: str


class Topic(Struct, frozen=True, kw_only=True):
    """A topic as it must be."""

    name: str
    purpose: str
    partitions: int
    replication: int
    compacted: bool = False
    """Keeps the newest record of each key, instead of every record."""
    retention: timedelta | None = None
    """How long; None for ever."""
    largest_bytes: int = _USUAL_LARGEST_BYTES
    """Of a record, as sent."""
    stamped_on_arrival: bool = False
    """Whether the broker's clock or the producer's dates a record."""

    @property
    def policy(self) -> str:
        """As a person reads it."""
        kept = ["newest of each key"] if self.compacted else []
        if self.retention is not None:
            kept.append(f"{self.retention.total_seconds() / 86_400:.3g} days")
        return ", ".join(kept)

    @property
    def settings(self) -> Mapping[str, str]:
        """In Kafka's words, as it is created."""
        policies = (("compact", self.compacted), ("delete", self.retention is not None))
        kept = {
            "cleanup.policy": ",".join(policy for policy, is_so in policies if is_so),
            "max.message.bytes": str(self.largest_bytes),
            "message.timestamp.type": "LogAppendTime" if self.stamped_on_arrival else "CreateTime",
            "min.insync.replicas": "2" if self.replication > 2 else "1",
        }
        if self.retention is not None:
            kept["retention.ms"] = str(int(self.retention.total_seconds() * 1000))
        if self.compacted:
            # Only closed segments are compacted, and who takes over a partition reads all that is left: so small ones.
            kept |= {"min.cleanable.dirty.ratio": "0.1", "segment.bytes": str(16 * 1_048_576), "segment.ms": "600000"}
        return kept


class Difference(Struct, frozen=True, kw_only=True):
    """One setting in which a topic that exists is not as it must be."""

    topic: str
    setting: str
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.found}, expected {self.expected}. {self.remedy}"


def names(kafka: Kafka) -> TopicNames:
    """What the topics are called."""
    prefix = kafka.topic_prefix
    return TopicNames(
        mentions=f"{prefix}mentions",
        monitored=f"{prefix}monitored",
        detections=f"{prefix}detections",
        alerts=f"{prefix}alerts",
        stories=f"{prefix}stories",
        decisions=f"{prefix}decisions",
        notifications=f"{prefix}notifications",
        dead_letters=f"{prefix}dead-letters",
        detect_state=f"{prefix}detect-state",
        notify_state=f"{prefix}notify-state",
    )


def required(kafka: Kafka) -> tuple[Topic, ...]:
    """All topics, in the order in which a mention passes them; all with the same number of partitions."""
    called = names(kafka)
    audited = max(kafka.retention, _AUDIT)

    def topic(
        name: str,
        purpose: str,
        *,
        kept: timedelta | None = None,
        compacted: bool = False,
        largest_bytes: int = _USUAL_LARGEST_BYTES,
    ) -> Topic:
        return Topic(
            name=name,
            purpose=purpose,
            partitions=kafka.partitions,
            replication=kafka.replication,
            compacted=compacted,
            retention=kept,
            largest_bytes=largest_bytes,
            # A producer that dates a record by its mention would have an old recording deleted on arrival.
            stamped_on_arrival=name == called.mentions,
        )

    return (
        topic(
            called.mentions,
            "what is said in public: the input",
            kept=kafka.retention,
            largest_bytes=_LARGEST_MENTIONS_BYTES,
        ),
        topic(
            called.monitored,
            "mentions by the monitor that they match, encoded; ticks",
            kept=kafka.retention,
            largest_bytes=_LARGEST_BATCH_BYTES,
        ),
        topic(called.dead_letters, "records that could not be read, with the reason", kept=_AUDIT),
        topic(called.detections, "every finding with its evidence, for audit", kept=audited),
        # Each narrative is an alert of its own, so the keys never end.
        topic(called.alerts, "the newest state of each alert", compacted=True, kept=audited),
        topic(called.stories, "the newest state of each story: what `groundswell inbox` lists", compacted=True),
        topic(called.decisions, "who was told what and why, or why not", kept=audited),
        topic(called.notifications, "what is to be told to whom: the outbox", kept=kafka.retention),
        topic(called.detect_state, "what `detect` remembers, for whoever takes over", compacted=True),
        topic(called.notify_state, "what `notify` has told, and its messages' places", compacted=True),
    )


def missing(client: "KafkaAdminClient", topics: Sequence[Topic]) -> list[Topic]:
    """Those that do not exist."""
    there = set(_described(client, topics))
    return [topic for topic in topics if topic.name not in there]


def create_missing(client: "KafkaAdminClient", topics: Sequence[Topic]) -> list[Topic]:
    """Create those that do not exist, and wait until they can be written. Gives those created; raises `TopicError`."""
    absent = missing(client, topics)
    if absent:
        _create(client, absent)
    return absent


def differences(client: "KafkaAdminClient", topics: Sequence[Topic]) -> list[Difference]:
    """Where topics that exist are not as they must be. Longer retention, larger records and more replicas are fine."""
    described = _described(client, topics)
    there = [topic for topic in topics if topic.name in described]
    settings = _settings(client, there)
    found: list[Difference] = []
    for topic in there:
        partitions = described[topic.name]
        found += _shape_differences(topic, len(partitions), min(len(one["replica_nodes"]) for one in partitions))
        found += _setting_differences(topic, settings.get(topic.name, {}))
    return found


def _create(client: "KafkaAdminClient", topics: Sequence[Topic]) -> None:
    from kafka.errors import TopicAlreadyExistsError, for_code

    wanted = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": topic.replication,
            "configs": dict(topic.settings),
        }
        for topic in topics
    }
    answer = client.create_topics(wanted, raise_errors=False)
    for topic in answer["topics"]:
        code = topic["error_code"]
        if code not in (0, TopicAlreadyExistsError.errno):  # somebody else may create it at the same moment
            reason = topic.get("error_message") or for_code(code).description
            raise TopicError(f"Kafka refused to create the topic {topic['name']}: {reason}")
    client.wait_for_topics(list(wanted))


def _described(client: "KafkaAdminClient", topics: Sequence[Topic]) -> dict[str, list[dict[str, list[int]]]]:
    if not topics:
        return {}
    answer = client.describe_topics([topic.name for topic in topics])
    return {topic["name"]: topic["partitions"] for topic in answer if topic["error_code"] == 0}


def _settings(client: "KafkaAdminClient", topics: Sequence[Topic]) -> dict[str, dict[str, str]]:
    from kafka.admin import ConfigResource, ConfigResourceType

    if not topics:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    answer = client.describe_configs(resources, config_filter="all").get("topic", {})
    return {
        topic: {setting: str(entry["value"]) for setting, entry in entries.items()} for topic, entries in answer.items()
    }


def _shape_differences(topic: Topic, partitions: int, replication: int) -> list[Difference]:
    found = []
    if partitions != topic.partitions:
        found.append(
            Difference(
                topic=topic.name,
                setting="number of partitions",
                found=str(partitions),
                expected=str(topic.partitions),
                remedy=f"Set kafka.partitions to {partitions} if all topics have so many; else choose another "
                "kafka.topic_prefix (new topics), or delete this one if nobody needs it.",
            )
        )
    if replication < topic.replication:
        found.append(
            Difference(
                topic=topic.name,
                setting="replication factor",
                found=str(replication),
                expected=f"at least {topic.replication}",
                remedy="Add replicas with kafka-reassign-partitions, or lower kafka.replication.",
            )
        )
    return found


def _setting_differences(topic: Topic, settings: Mapping[str, str]) -> list[Difference]:
    """Of the settings on which correctness rests; the others are only advice at creation."""
    found = []
    for setting in ("cleanup.policy", "message.timestamp.type", "retention.ms", "max.message.bytes"):
        expected = topic.settings.get(setting)
        if expected is None or (setting == "message.timestamp.type" and not topic.stamped_on_arrival):
            continue
        value = settings.get(setting)
        at_least = setting in ("retention.ms", "max.message.bytes")
        if value is not None and _is_enough(value, expected, at_least=at_least):
            continue
        found.append(
            Difference(
                topic=topic.name,
                setting=setting,
                found=value or "not shown to us",
                expected=f"at least {expected}" if at_least else expected,
                remedy="Allow us to describe the topic's configs."
                if value is None
                else f"Change it: kafka-configs --alter --topic {topic.name} --add-config {setting}={_one(expected)}",
            )
        )
    return found


def _one(value: str) -> str:
    """As kafka-configs wants it: a comma would begin the next setting."""
    return f"[{value}]" if "," in value else value


def _is_enough(value: str, expected: str, *, at_least: bool) -> bool:
    if not at_least:
        return set(value.split(",")) == set(expected.split(","))
    return int(value) < 0 or int(value) >= int(expected)  # below zero: without end
