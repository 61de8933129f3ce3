"""Reads what the stage `notify` has saved, without taking anything over: for commands that only look."""

from collections.abc import Mapping

from streams.kafka import client as kafka_client
from streams.kafka.topic_contents import NoSuchTopic, newest
from streams.kafka.topics import names
from streams.settings.config import Config
from streams.stages.checkpoint import groups_of


def saved_by_notify(config: Config) -> Mapping[str, Mapping[str, bytes]]:
    """The rows of each receiver, as the newest checkpoints have them; none where the topic is not there yet.

    Raises `AccessError` where Kafka cannot be used.
    """
    try:
        return groups_of(newest(kafka_client.access(config.kafka), names(config.kafka).notify_state))
    except NoSuchTopic:
        return {}
