"""Reads what the stage `notify` has saved, without taking anything over: for commands that only look."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from streams.kafka import client as kafka_client
from streams.kafka.topics import missing, names, required
from streams.settings.config import Config
from streams.stages.checkpoint import read_state

_PATIENCE = timedelta(minutes=2)


def saved_by_notify(config: Config) -> dict[str, Mapping[str, bytes]]:
    """The rows of each receiver, as the newest checkpoints have them; none where the topic is not there yet.

    Raises `AccessError` where Kafka cannot be used.
    """
    access = kafka_client.access(config.kafka)
    with kafka_client.admin(access) as admin:
        if any(topic.name == names(config.kafka).notify_state for topic in missing(admin, required(config.kafka))):
            return {}
    try:
        return asyncio.run(
            asyncio.wait_for(_read(config, kafka_client.for_aiokafka(access)), _PATIENCE.total_seconds())
        )
    except TimeoutError:
        raise kafka_client.UnreachableError(
            f"Kafka did not give all that is saved within {_PATIENCE.total_seconds():.0f} s. Does it still run?"
        ) from None


async def _read(config: Config, client: Mapping[str, Any]) -> dict[str, Mapping[str, bytes]]:
    topic, found = names(config.kafka).notify_state, dict[str, Mapping[str, bytes]]()
    for number in range(config.kafka.partitions):
        restored = await read_state(client, topic, number)
        found |= restored.groups  # the receivers of a partition are in no other
    return found
