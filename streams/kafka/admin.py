"""Connects kafka-python's admin client, and cleans up after it where that fails."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kafka import KafkaAdminClient


def connect(settings: dict[str, Any], patience: timedelta) -> "KafkaAdminClient":
    """A client that Kafka has answered, to be closed by `with`.

    Raises `kafka.errors.KafkaError`, a `KafkaTimeoutError` when patience ends. Try a plain connection first: each of
    its attempts that is refused leaves a socket to the garbage collector.
    """
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    client = KafkaAdminClient.__new__(KafkaAdminClient)
    try:
        with _silence():
            client.__init__(**settings, bootstrap_timeout_ms=int(patience.total_seconds() * 1000))
    except KafkaError:
        # When its constructor fails, it leaves its thread and sockets behind, and takes itself for closed.
        client._closed = False
        client.close()
        raise
    return client


@contextmanager
def _silence() -> Iterator[None]:
    # It logs every attempt as a warning; who calls says it once, in one sentence.
    logger = logging.getLogger("kafka")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
