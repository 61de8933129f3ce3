"""Runs a stage as a Faust worker. The only module that knows Faust.

The rules that hold for exactly the pinned versions, each paid for by an experiment:

- To Faust every stage is stateless: no tables, no `group_by`, concurrency 1, topics of bytes that exist already.
- Events are not acknowledged by the framework but by us, last and in order.
- No exception leaves the agent: the framework would acknowledge the event and carry on behind it. Anything unexpected
  crashes the app, and the process that comes after it reads the same events again.
- A consumer that is idle for longer than `broker_max_poll_interval` leaves its group and never comes back: a week.
- A stage that holds events back until its checkpoint must not be waited for at a rebalance (`stream_wait_empty`).
"""

import asyncio
import gc
import logging
import os
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import faust
from faust.types import TP

from streams.stages.logs import hush_libraries, told
from streams.stages.work import Event

logger = logging.getLogger(__name__)

TAKE = 16
"""Records that a stateless stage takes at once, each of up to 32 mentions: few, for a stop waits for them; ..."""
TAKE_WITHIN_SECONDS = 0.1
"""... or as many as came in this time."""
LEAVE_WITHIN_SECONDS = 5.0
"""How long leaving the group may take, once everything is saved."""
IN_WORK = 2
"""Batches of a stateless stage that are in work at once: one is read while the other is encoded."""


class Stage(ABC):
    """What a stage does, as far as its worker must know."""

    name: str
    topic: str
    is_stateless: bool

    @abstractmethod
    async def start(self) -> None:
        """Make ready; called in the worker's event loop before the first event."""

    @abstractmethod
    async def take(self, events: Sequence[Event], before: "asyncio.Future[None] | None") -> None:
        """Take in events: several for a stateless stage, which the worker acknowledges; one for others, which do it."""

    def assigned(self, partitions: Sequence[int]) -> None:  # noqa: B027
        """These partitions of the topic are ours now, and no others."""

    def revoked(self) -> None:  # noqa: B027
        """No partition is ours any more. What is in flight is to drop itself."""

    @abstractmethod
    async def every_second(self, positions: Mapping[int, int]) -> None:
        """Do what must be done though no event comes.

        Args:
            positions: Of the partitions that are ours, the offset that is fetched next.
        """

    @abstractmethod
    async def stop(self) -> None:
        """An orderly end: what is done is saved, what is held is given back."""


def run(
    stage: Stage,
    bootstrap: str,
    group: str,
    security: Mapping[str, Any],
    session_timeout: timedelta,
    loglevel: str,
    final: tuple[type[Exception], ...] = (),
    explained: tuple[type[Exception], ...] = (),
) -> NoReturn:
    """Run a stage until it is told to stop (exit code 0), or must stop (another).

    Args:
        stage: What to do.
        bootstrap: `host:port`, several with commas.
        group: The consumer group.
        security: As for aiokafka's clients.
        session_timeout: How long the group waits for a worker that says nothing.
        loglevel: As `logging` has them.
        final: Errors that only a person can end: they are raised once the stage has stopped.
        explained: Errors whose words say all that there is to know; where others are told, their trace is too.
    """
    # What a stage remembers are many small objects that live long: looking through them all too often costs a
    # twentieth of its time.
    gc.set_threshold(50_000, 20, 20)
    # Faust makes folders for tables wherever it is started; we have no tables.
    with TemporaryDirectory(prefix="groundswell-") as unused:
        threading.excepthook = _thread_ended  # else a trace of many lines goes past the log
        stopped_by: list[BaseException] = []
        app = _app(stage, bootstrap, group, security, session_timeout, stopped_by, (*final, *explained))
        app.conf.datadir = Path(unused)
        worker = faust.Worker(app, loglevel=loglevel, redirect_stdouts=False, override_logging=False, quiet=True)
        worker.spinner = None  # it would paint over the log
        try:
            worker.execute_from_commandline()
        finally:
            for error in stopped_by:
                if isinstance(error, final):
                    raise error


def _app(
    stage: Stage,
    bootstrap: str,
    group: str,
    security: Mapping[str, Any],
    session_timeout: timedelta,
    stopped_by: list[BaseException],
    explained: tuple[type[Exception], ...],
) -> faust.App:
    """`stopped_by` takes what stopped it."""
    app = faust.App(
        group,
        broker=[f"kafka://{address.strip()}" for address in bootstrap.split(",")],
        broker_credentials=_credentials(security),
        store="memory://",
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=stage.is_stateless,
        stream_buffer_maxsize=512,
        broker_max_poll_interval=7 * 86400.0,
        broker_session_timeout=session_timeout.total_seconds(),
        broker_heartbeat_interval=min(3.0, session_timeout.total_seconds() / 4),
        broker_rebalance_timeout=60.0,
        broker_commit_interval=1.0,
        producer_linger=0.02,
        producer_request_timeout=60.0,
        web_enabled=False,
        worker_redirect_stdouts=False,
    )
    source = app.topic(stage.topic, key_type=bytes, value_type=bytes, value_serializer="raw", key_serializer="raw")
    started = asyncio.Event()

    async def never_carry_on(error: BaseException) -> None:
        """Stop the worker, and do not come back: the agent must not go on behind what failed."""
        trace = None if isinstance(error, explained) else error
        logger.critical("the worker stops", extra={"why": str(error) or type(error).__name__}, exc_info=trace)
        told(error)
        stopped_by.append(error)
        await app.crash(error)
        await asyncio.Event().wait()

    async def guarded(work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:
            if app.should_stop:  # what it needed was given back meanwhile
                await asyncio.Event().wait()
            await never_carry_on(error)

    async def agent(stream: Any) -> None:
        await started.wait()
        await guarded(_take_batches(stage, stream, guarded) if stage.is_stateless else _take_each(stage, stream))

    async def prepare() -> None:
        await guarded(stage.start())
        started.set()

    async def every_second() -> None:
        if started.is_set() and not app.should_stop:
            await guarded(_every_second(app, stage))

    async def on_assigned(*args: Any, **_: Any) -> None:
        partitions: set[TP] = args[1]
        stage.assigned(sorted(tp.partition for tp in partitions if tp.topic == stage.topic))

    async def on_revoked(*_: Any, **__: Any) -> None:
        stage.revoked()

    async def on_shutdown(*_: Any, **__: Any) -> None:
        if started.is_set():
            await stage.stop()
        # All is done. What is left is to leave the group, which hangs for a minute where Kafka is away.
        hush_libraries()
        asyncio.get_running_loop().call_later(LEAVE_WITHIN_SECONDS, os._exit, 1 if stopped_by else 0)

    app.agent(source, concurrency=1, name=stage.name)(agent)
    app.task(prepare)
    app.timer(interval=1.0)(every_second)
    app.on_partitions_assigned.connect(on_assigned)
    app.on_partitions_revoked.connect(on_revoked)
    app.on_before_shutdown.connect(on_shutdown)
    return app


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    error = args.exc_value
    if isinstance(error, Exception):  # and not a cancellation, by which Faust ends its thread while Kafka is away
        logger.error("a thread ended", extra={"why": str(error) or type(error).__name__}, exc_info=error)


async def _take_each(stage: Stage, stream: Any) -> None:
    async for event in stream.noack().events():
        await stage.take([event], None)


async def _take_batches(stage: Stage, stream: Any, guarded: Callable[[Awaitable[None]], Awaitable[None]]) -> None:
    in_work = asyncio.Semaphore(IN_WORK)
    before: asyncio.Future[None] | None = None

    async def take(events: Sequence[Event], before: "asyncio.Future[None] | None") -> None:
        try:
            await stage.take(events, before)
            for event in events:
                event.ack()
        finally:
            in_work.release()

    async for events in stream.noack_take(TAKE, within=TAKE_WITHIN_SECONDS):
        await in_work.acquire()
        before = asyncio.ensure_future(guarded(take(events, before)))


async def _every_second(app: faust.App, stage: Stage) -> None:
    if app.rebalancing:
        return
    ours = [tp for tp in app.consumer.assignment() if tp.topic == stage.topic]
    positions = {tp.partition: await app.consumer.position(tp) for tp in ours}
    await stage.every_second({number: at for number, at in positions.items() if at is not None})


def _credentials(security: Mapping[str, Any]) -> Any:
    context: ssl.SSLContext | None = security.get("ssl_context")
    if str(security.get("security_protocol", "")).startswith("SASL"):
        return faust.SASLCredentials(
            username=security["sasl_plain_username"],
            password=security["sasl_plain_password"],
            ssl_context=context,
            mechanism=security["sasl_mechanism"],
        )
    return faust.SSLCredentials(context) if context is not None else None
