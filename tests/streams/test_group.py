from typing import Any

import pytest

from streams.kafka import client, topics
from streams.settings.config import Kafka
from streams.stages.group import Orphaned, check_owned


@pytest.mark.kafka
async def test_partitions_that_no_worker_has_are_noticed(kafka_settings: Kafka) -> None:
    reached = client.access(kafka_settings)
    with client.admin(reached) as admin:
        topics.create_missing(admin, topics.required(kafka_settings))
    topic = topics.names(kafka_settings).mentions
    settings: dict[str, Any] = client.for_aiokafka(reached)

    # A group that has all partitions, asked for as many as there are and for one more.
    from aiokafka import AIOKafkaConsumer

    consumer = AIOKafkaConsumer(topic, **settings, group_id=f"{topic}-group")
    await consumer.start()
    try:
        await consumer.getmany(timeout_ms=500)
        await check_owned(settings, f"{topic}-group", topic, kafka_settings.partitions)
        with pytest.raises(Orphaned, match="only 2 of the 3 partitions"):
            await check_owned(settings, f"{topic}-group", topic, kafka_settings.partitions + 1)
    finally:
        await consumer.stop()


@pytest.mark.kafka
async def test_a_group_that_nobody_is_in_is_left_alone(kafka_settings: Kafka) -> None:
    settings = client.for_aiokafka(client.access(kafka_settings))
    await check_owned(settings, "nobody", "mentions", 2)
