"""Writes records to Kafka, and says when the broker has them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct


class Output(Struct, frozen=True, kw_only=True):
    """A record to be written. Without a partition, the key decides (murmur2, as everywhere in Kafka)."""

    topic: str
    value: bytes | None
    key: bytes | None = None
    partition: int | None = None


class Producer:
    """A producer that waits until every in-sync replica has what it was given.

    It is no transactional one: those leave control records in the log, which look like holes to who reads it.
    """

    def __init__(self, client: Mapping[str, Any]) -> None:
        self._client = client
        self._producer: Any = None

    async def start(self) -> None:
        from aiokafka import AIOKafkaProducer

        # Made here, for it belongs to the event loop that runs. Idempotent: a retry neither repeats nor overtakes.
        self._producer = AIOKafkaProducer(
            **self._client, acks="all", enable_idempotence=True, linger_ms=5, max_request_size=4_000_000
        )
        await self._producer.start()

    async def send(self, outputs: Sequence[Output]) -> None:
        """Returns when the broker has all of them; raises aiokafka's errors otherwise."""
        deliveries = [
            await self._producer.send(output.topic, value=output.value, key=output.key, partition=output.partition)
            for output in outputs
        ]
        await asyncio.gather(*deliveries)

    async def stop(self) -> None:
        if self._producer is not None:
            await self._producer.stop()
