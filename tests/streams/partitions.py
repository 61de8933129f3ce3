"""A broker and a stage of a test's own making, for the rules by which partitions are taken over and let go of."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from streams.kafka.producing import Output
from streams.stages.assignment import Assignment
from streams.stages.checkpoint import Checkpoints, Restored
from streams.stages.work import Work

AT_ONCE = timedelta(0)
NEVER = timedelta(days=1)


class Broker:
    """What Kafka would hold, and a door that can be shut: whatever asks it something then waits."""

    def __init__(self) -> None:
        self.offsets: dict[int, int] = {}
        self.groups: dict[int, dict[str, dict[str, bytes]]] = {}
        self.sent: list[Output] = []
        self.closed: list[int] = []
        self.saves = 0
        self.door = asyncio.Event()
        self.door.set()
        self.error: Exception | None = None

    async def answer(self) -> None:
        await self.door.wait()
        if self.error is not None:
            raise self.error

    async def send(self, outputs: Sequence[Output]) -> None:
        await self.answer()
        self.sent += outputs


class InMemory(Checkpoints):
    """Checkpoints without Kafka; those with it have tests of their own."""

    def __init__(self, broker: Broker, number: int) -> None:
        self._broker = broker
        self._number = number

    async def take_over(self) -> Restored:
        await self._broker.answer()
        return Restored(self._broker.offsets.get(self._number, -1), self._broker.groups.get(self._number, {}))

    async def save(self, offset: int, groups: Mapping[str, Mapping[str, bytes]]) -> int:
        await self._broker.answer()
        self._broker.offsets[self._number] = offset
        kept = self._broker.groups.setdefault(self._number, {})
        kept |= {name: dict(rows) for name, rows in groups.items()}
        self._broker.saves += 1
        return sum(len(row) for rows in groups.values() for row in rows.values())

    async def close(self) -> None:
        self._broker.closed.append(self._number)


class Adding(Work):
    """Puts all values it is given one after the other, and sends each on."""

    def __init__(self, restored: Restored) -> None:
        self.heard = restored.groups.get("all", {}).get("heard", b"")
        self.urgent = False
        self.is_closed = False

    def handle(self, value: bytes | None, offset: int) -> Sequence[Output]:
        assert value is not None
        if value == b"broken":
            raise RuntimeError("broken")
        self.urgent = value == b"now"
        self.heard += value
        return [Output(topic="out", value=value)]

    def changed(self) -> Mapping[str, Mapping[str, bytes]]:
        self.urgent = False
        return {"all": {"heard": self.heard}}

    @property
    def wants_saving(self) -> bool:
        return self.urgent

    async def close(self) -> None:
        self.is_closed = True


class Message:
    def __init__(self, partition: int, offset: int) -> None:
        self.partition = partition
        self.offset = offset


class Event:
    """As Faust hands it over; notes in a list that it was acknowledged."""

    def __init__(self, offset: int, acked: list[int], value: bytes = b"x", partition: int = 0) -> None:
        self.message = Message(partition, offset)
        self.value = value
        self._acked = acked

    def ack(self) -> None:
        self._acked.append(self.message.offset)


def assignment(broker: Broker, save_every: timedelta = NEVER, **more: Any) -> Assignment:
    return Assignment(
        lambda number: InMemory(broker, number),
        lambda number, restored: Adding(restored),
        broker.send,
        save_every=save_every,
        **more,
    )


async def is_waiting(task: "asyncio.Task[Any]") -> bool:
    """Whether it still waits when everything else has had its turn."""
    for _ in range(20):
        await asyncio.sleep(0)
    return not task.done()
