"""The rules by which a stage with state handles what Faust hands it: take over, check, handle, save, let go.

To Faust every stage is stateless; it assigns partitions and hands over events. Here each assigned partition has its
state in memory and a checkpoint in Kafka, and events are acknowledged only after the checkpoint that contains them.

Two rules keep a worker that lost its partitions from doing harm or hanging:
- each await belongs to an assignment and ends with it (an await on a producer that was stopped never returns: seen);
- work of an assignment that is over drops itself after its next await: no output, no row, no acknowledgement.

Anything unexpected stops the worker. Its successor starts from the checkpoint; it never carries on with a hole. What
failed half-way is never saved, not even on the way out: its successor would take the half for the whole.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from time import monotonic

from streams.kafka.producing import Output
from streams.stages.checkpoint import Checkpoints, Restored
from streams.stages.waiting import Revoked, unless
from streams.stages.work import Event, Message, Work

logger = logging.getLogger(__name__)

SAVING_SHARE = 0.1
"""Of the time, that checkpoints may take up."""


class Hole(Exception):  # noqa: N818 - the house names errors for what is wrong
    """Records of the input are missing."""


class Assignment:
    """The partitions that this worker has, from their take-over to their revocation.

    Args:
        checkpoints: Makes the checkpoints of a partition.
        start: Makes the work of a partition from what was saved.
        send: Returns when the broker has all that it was given.
        save_every: How much work a crash may cause to be repeated; more where saving itself takes more than a tenth.
        on_saved: Told the seconds and bytes of each checkpoint.
        on_taken_over: Told the seconds of each take-over.
    """

    def __init__(
        self,
        checkpoints: Callable[[int], Checkpoints],
        start: Callable[[int, Restored], Work],
        send: Callable[[Sequence[Output]], Awaitable[None]],
        *,
        save_every: timedelta,
        on_saved: Callable[[float, int], None] = lambda seconds, size: None,
        on_taken_over: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._checkpoints = checkpoints
        self._start = start
        self._send = send
        self._save_every = save_every
        self._on_saved = on_saved
        self._on_taken_over = on_taken_over
        self._partitions: dict[int, _Partition] = {}
        self._over = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()
        self.epoch = 0

    @property
    def partitions(self) -> list[int]:
        return sorted(self._partitions)

    def work(self) -> list[Work]:
        """Of each partition that was taken over."""
        return [partition.work for partition in self._partitions.values()]

    def done(self, number: int) -> int | None:
        """The offset up to which a partition was taken in, exclusive; None where it was not taken over yet."""
        partition = self._partitions.get(number)
        return None if partition is None else partition.offset + 1

    async def handle(self, event: Event) -> None:
        """Take in one event. Returns quietly when the assignment ends meanwhile; raises where the worker must stop."""
        with self._while_it_lasts():
            partition = self._partitions.get(event.message.partition)
            if partition is None:
                partition = await self._take_over(event.message.partition)
            async with partition.held():
                await self._handle(partition, event)
                if partition.is_due(self._save_every):
                    await self._save(partition)

    async def save_due(self) -> None:
        """Save what has waited long enough, though no event comes; for a task that runs once a second or so."""
        with self._while_it_lasts():
            for partition in list(self._partitions.values()):
                async with partition.held():
                    if partition.is_due(self._save_every):
                        await self._save(partition)

    async def rest(self) -> None:
        """End what is begun, and begin nothing more; for an orderly stop."""
        await asyncio.gather(*(partition.work.rest() for partition in self._partitions.values()))

    async def save_all(self) -> bool:
        """Save everything now; for an orderly stop, so that nothing needs to be repeated. False where a partition is
        left as it was saved last, for something failed in it.
        """
        is_whole = True
        for partition in list(self._partitions.values()):
            try:
                async with partition.held():
                    await self._save(partition)
            except Revoked:
                is_whole = False
        return is_whole

    def let_go(self) -> None:
        """All partitions are revoked: end what is in flight, give back what was held. Does not wait."""
        self.epoch += 1
        self._over.set()
        self._over = asyncio.Event()
        gone = list(self._partitions.values())
        self._partitions.clear()
        for partition in gone:
            self._close(partition)

    async def closed(self) -> None:
        """Wait until everything that was let go of has been given back."""
        if self._closing:
            await asyncio.wait(set(self._closing), timeout=5)

    @contextmanager
    def _while_it_lasts(self) -> Iterator[None]:
        """What is in it ends quietly with the assignment."""
        epoch = self.epoch
        try:
            yield
        except Revoked:
            return
        except Exception:
            # An error of work whose assignment is over is a consequence of that, and no reason to stop.
            if epoch == self.epoch:
                raise

    async def _take_over(self, number: int) -> "_Partition":
        over, started = self._over, monotonic()
        checkpoints = self._checkpoints(number)
        try:
            restored = await unless(over, checkpoints.take_over(), f"reading the state of partition {number}")
            work = self._start(number, restored)
        except BaseException:
            self._closing_task(checkpoints.close())
            raise
        partition = _Partition(checkpoints, work, restored.offset, over)
        self._partitions[number] = partition
        self._on_taken_over(monotonic() - started)
        logger.info("took over a partition", extra={"partition": number, "offset": restored.offset})
        return partition

    async def _handle(self, partition: "_Partition", event: Event) -> None:
        offset = event.message.offset
        if offset <= partition.offset:
            if offset <= partition.saved:
                event.ack()
            return
        if offset != partition.offset + 1:
            _check_start(event.message, partition.offset)
        outputs = partition.work.handle(event.value, offset)
        if outputs:
            await unless(partition.over, self._send(outputs), f"writing what follows from {_place(event.message)}")
        partition.offset = offset
        partition.pending.append(event)

    async def _save(self, partition: "_Partition") -> None:
        if partition.offset == partition.saved and not partition.work.wants_saving:
            partition.saved_at = monotonic()
            return
        started = monotonic()
        saving = partition.checkpoints.save(partition.offset, partition.work.changed())
        size = await unless(partition.over, saving, f"saving the state up to offset {partition.offset}")
        partition.saved, partition.saved_at = partition.offset, monotonic()
        partition.save_seconds = partition.saved_at - started
        partition.work.saved()
        for event in partition.pending:
            event.ack()
        partition.pending.clear()
        self._on_saved(partition.save_seconds, size)

    def _close(self, partition: "_Partition") -> None:
        self._closing_task(partition.work.close())
        self._closing_task(partition.checkpoints.close())

    def _closing_task(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_quietly(work))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class _Partition:
    """One partition that was taken over."""

    def __init__(self, checkpoints: Checkpoints, work: Work, offset: int, over: asyncio.Event) -> None:
        self.checkpoints = checkpoints
        self.work = work
        self.over = over  # set when the assignment is
        self._lock = asyncio.Lock()
        self._is_half_done = False  # something failed, and the state may hold a part of it
        self.offset = offset  # the last event that the state contains
        self.saved = offset  # the last event that a checkpoint contains
        self.saved_at = monotonic()
        self.save_seconds = 0.0  # that the last checkpoint took
        self.pending: list[Event] = []  # handled, not yet acknowledged

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """For one task at a time. Raises `Revoked` where the assignment ended while it waited for its turn, and where
        something failed before: then the worker stops, and the partition is left as it was saved last.
        """
        async with self._lock:
            if self.over.is_set() or self._is_half_done:
                raise Revoked
            try:
                yield
            except BaseException:
                self._is_half_done = True
                raise

    def is_due(self, save_every: timedelta) -> bool:
        # Under load much changes, and nothing is taken in while it is saved.
        wait = max(save_every.total_seconds(), self.save_seconds / SAVING_SHARE)
        return self.work.wants_saving or monotonic() - self.saved_at >= wait


def _place(message: Message) -> str:
    return f"offset {message.offset} of partition {message.partition}"


def _check_start(message: Message, done: int) -> None:
    """Whether a record may be the first that is seen, though it does not follow the last one."""
    if done >= 0:
        raise Hole(
            f"partition {message.partition}: the record after offset {done} should come, but {message.offset} came. "
            "Records expired before they were read, or were deleted. Raise kafka.retention; if what is missing can be "
            "done without, delete the records of the state topic, and the stage learns anew."
        )
    if message.offset > 0:
        # Its first records expired before this stage ever ran, or its state was deleted on purpose.
        logger.warning(
            "starting without any state behind the beginning of the partition",
            extra={"partition": message.partition, "offset": message.offset},
        )


async def _quietly(work: Awaitable[None]) -> None:
    try:
        await work
    except Exception:
        logger.debug("could not give back a partition in good order", exc_info=True)
