"""The newest state of every story, read along from the topic `stories`: for whoever asks about one."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from alerting.alert import Story

logger = logging.getLogger(__name__)

_AGAIN_AFTER = 5.0
_POLL_MS = 500


class FollowedStories:
    """Reads a compacted topic from its beginning, and goes on. It belongs to no group and commits nothing."""

    def __init__(self, client: Mapping[str, Any], topic: str, partitions: int) -> None:
        self._client = client
        self._topic = topic
        self._partitions = partitions
        self._stories: dict[bytes, bytes] = {}
        self._task: asyncio.Task[None] | None = None
        self.is_at_end = False
        """Whether all is known that there was when it last began to read."""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=5)

    def knows(self, monitor: str, story: str) -> bool:
        """False also where it has not been read yet: see `is_at_end`."""
        return _key(monitor, story) in self._stories

    def story(self, monitor: str, story: str) -> Story | None:
        """None where it is not known, or written by a version that cannot be read."""
        row = self._stories.get(_key(monitor, story))
        if row is None:
            return None
        try:
            return msgspec.json.decode(row, type=Story)
        except msgspec.MsgspecError:
            return None

    def take(self, key: bytes | None, value: bytes | None) -> None:
        """One record: the newest state of a story, or that it is forgotten."""
        if key is None:
            return
        if value is None:
            self._stories.pop(key, None)
        else:
            self._stories[key] = value

    async def _run(self) -> None:
        while True:
            try:
                await self._read()
            except Exception as error:  # Kafka may be away: what is known stays, and clicks are taken in all the same
                self.is_at_end = False  # stories may come that are not read yet
                logger.warning("cannot read stories along; trying again", extra={"why": type(error).__name__})
            await asyncio.sleep(_AGAIN_AFTER)

    async def _read(self) -> None:
        from aiokafka import AIOKafkaConsumer, TopicPartition

        consumer = AIOKafkaConsumer(**self._client, enable_auto_commit=False, auto_offset_reset="earliest")
        try:
            await consumer.start()
            partitions = [TopicPartition(self._topic, number) for number in range(self._partitions)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(partitions)
            while True:
                for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                    for record in records:
                        self.take(record.key, record.value)
                if not self.is_at_end:
                    positions = {partition: await consumer.position(partition) for partition in partitions}
                    self.is_at_end = all(positions[partition] >= end for partition, end in ends.items())
        finally:
            with suppress(Exception):
                await consumer.stop()


def _key(monitor: str, story: str) -> bytes:
    return f"{monitor}/{story}".encode()
