from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from streams.commands.topics import see_to
from streams.kafka import topics
from streams.kafka.client import access, admin
from streams.kafka.topics import TopicError
from streams.settings.config import Config, Kafka, MonitorSettings, Organisation, Route, Terminal
from streams.stages.starting import CannotRun, wait_for_kafka

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

PATIENCE = timedelta(seconds=20)


@pytest.fixture
def client(kafka_settings: Kafka) -> Iterator["KafkaAdminClient"]:
    with admin(access(kafka_settings), patience=PATIENCE) as client:
        yield client


def make(client: "KafkaAdminClient", name: str, partitions: int, **settings: str) -> None:
    configs = {setting.replace("_", "."): value for setting, value in settings.items()}
    shape = {"num_partitions": partitions, "replication_factor": 1, "configs": configs}
    client.create_topics({name: shape}, wait_for_metadata=True)


def said(differences: Sequence[topics.Difference]) -> str:
    return "\n".join(map(str, differences))


def test_every_topic_has_the_prefix_the_partitions_and_a_purpose() -> None:
    kafka = Kafka(topic_prefix="census.", partitions=12, replication=3)
    required = topics.required(kafka)
    assert {topic.name for topic in required} == set(msgspec.structs.asdict(topics.names(kafka)).values())
    for topic in required:
        assert topic.name.startswith("census.")
        assert (topic.partitions, topic.replication) == (12, 3)
        assert topic.purpose
        assert topic.settings["min.insync.replicas"] == "2"


def test_state_and_alerts_are_compacted_and_nothing_else() -> None:
    compacted = {topic.name for topic in topics.required(Kafka()) if topic.compacted}
    assert compacted == {"alerts", "stories", "detect-state", "notify-state"}


def test_alerts_are_not_kept_for_ever_since_each_narrative_is_another_one() -> None:
    (alerts,) = (topic for topic in topics.required(Kafka()) if topic.name == "alerts")
    assert alerts.settings["cleanup.policy"] == "compact,delete"
    assert alerts.settings["retention.ms"] == str(30 * 86_400_000)
    assert alerts.policy == "newest of each key, 30 days"


@pytest.mark.kafka
def test_missing_topics_are_created_as_they_must_be(client: "KafkaAdminClient", kafka_settings: Kafka) -> None:
    required = topics.required(kafka_settings)
    assert topics.missing(client, required) == list(required)
    assert topics.create_missing(client, required) == list(required)
    assert topics.differences(client, required) == []
    assert topics.create_missing(client, required) == []


@pytest.mark.kafka
def test_a_topic_of_another_shape_is_reported_and_left_as_it_is(
    client: "KafkaAdminClient", kafka_settings: Kafka
) -> None:
    names = topics.names(kafka_settings)
    make(client, names.mentions, 5, retention_ms="60000")
    make(client, names.detect_state, 2)
    make(client, names.alerts, 2, cleanup_policy="compact")
    required = topics.required(kafka_settings)

    for _ in range(2):
        topics.create_missing(client, required)
        report = said(topics.differences(client, required))
        assert f"{names.mentions}: number of partitions is 5, expected 2. Set kafka.partitions to 5" in report
        assert f"{names.mentions}: retention.ms is 60000, expected at least 604800000. Change it: kafka-confi" in report
        assert f"{names.mentions}: message.timestamp.type is CreateTime, expected LogAppendTime" in report
        assert f"{names.mentions}: max.message.bytes is 1048588, expected at least 16777216" in report
        assert f"{names.detect_state}: cleanup.policy is delete, expected compact" in report
        assert f"{names.alerts}: cleanup.policy is compact, expected compact,delete" in report
        assert f"--topic {names.alerts} --add-config cleanup.policy=[compact,delete]" in report
        assert len(report.splitlines()) == 7


@pytest.mark.kafka
def test_more_than_needed_is_no_difference(client: "KafkaAdminClient", kafka_settings: Kafka) -> None:
    (notifications,) = (topic for topic in topics.required(kafka_settings) if topic.name.endswith("notifications"))
    make(client, notifications.name, 2, retention_ms="-1", max_message_bytes="5000000")
    assert topics.differences(client, [notifications]) == []


@pytest.mark.kafka
def test_what_kafka_refuses_is_told_in_its_words(client: "KafkaAdminClient", kafka_settings: Kafka) -> None:
    three_replicas = msgspec.structs.replace(kafka_settings, replication=3)
    with pytest.raises(TopicError, match=r"refused to create the topic .*mentions: .*replication factor"):
        topics.create_missing(client, topics.required(three_replicas))


@pytest.mark.kafka
def test_a_start_for_which_kafka_refuses_topics_tells_a_person_why(kafka_settings: Kafka) -> None:
    config = Config(
        organisation=Organisation(name="Census Office"),
        monitors=(MonitorSettings(name="census", query="census", detectors={"volume_spike": None}),),
        receivers=(Terminal(name="comms"),),
        routes=(Route(receivers=("comms",)),),
        kafka=msgspec.structs.replace(kafka_settings, replication=3),
    )
    with pytest.raises(CannotRun, match=r"replication factor.* Correct kafka\.replication"):
        wait_for_kafka(config, Path("a.yaml"), create_topics=True)


@pytest.mark.kafka
def test_the_command_shows_each_topic_and_its_state(
    kafka_settings: Kafka, client: "KafkaAdminClient", capsys: pytest.CaptureFixture[str]
) -> None:
    assert see_to(kafka_settings, patience=PATIENCE, dry_run=True) == 1
    assert capsys.readouterr().out.count("missing") == 10
    assert see_to(kafka_settings, patience=PATIENCE) == 0
    assert capsys.readouterr().out.count("created") == 10
    assert see_to(kafka_settings, patience=PATIENCE, dry_run=True) == 0
    assert capsys.readouterr().out.count(" ok ") == 10

    other = msgspec.structs.replace(kafka_settings, partitions=3)
    assert see_to(other, patience=PATIENCE) == 1
    shown = capsys.readouterr()
    assert shown.out.count("wrong") == 10
    assert shown.err.count("number of partitions is 2, expected 3") == 10


def test_the_command_says_when_kafka_cannot_be_reached(capsys: pytest.CaptureFixture[str]) -> None:
    nobody = Kafka(bootstrap="127.0.0.1:1")
    assert see_to(nobody, patience=timedelta(seconds=1)) == 2
    assert "Error: Kafka did not answer within 1 s (127.0.0.1:1: Connection refused)." in capsys.readouterr().err
