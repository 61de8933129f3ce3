"""What a stage with state does with one partition, and the events that it is given, as `assignment.py` knows both."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from streams.kafka.producing import Output


class Message(Protocol):
    """Where an event stands in the input."""

    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...


class Event(Protocol):
    """One record of the input, as Faust hands it over."""

    @property
    def message(self) -> Message: ...
    @property
    def value(self) -> Any: ...
    def ack(self) -> Any: ...


class Work(ABC):
    """What a stage does with one partition, and all that it remembers of it."""

    @abstractmethod
    def handle(self, value: bytes | None, offset: int) -> Sequence[Output]:
        """Take in one record, and say what is to be written because of it."""

    @abstractmethod
    def changed(self) -> Mapping[str, Mapping[str, bytes]]:
        """The rows of each group that may have changed since the last call; an empty group is to be forgotten."""

    @property
    def wants_saving(self) -> bool:
        """Whether the next checkpoint should not wait for its time."""
        return False

    def saved(self) -> None:  # noqa: B027 - most work has nothing to do then
        """What `changed` gave last is in Kafka now."""

    async def rest(self) -> None:  # noqa: B027 - most work is done when it returns
        """An orderly stop begins: end what is begun, and begin nothing more."""

    async def close(self) -> None:  # noqa: B027 - most work has nothing to give back
        """The partition is gone."""
