"""A partition that is given up: no receiver of it is told anything while another still gives back its connections."""

import asyncio

import pytest
from msgspec import structs

from tests.building import notification
from tests.streams.notifying import Open
from tests.waiting import until


async def test_no_queue_goes_on_telling_while_another_is_slow_to_close(
    stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = stage()
    ours.take(notification(id="s1"), structs.replace(notification(id="s1"), id="other", receiver="risk"))
    ours.save()
    await ours.until_idle()
    slow = asyncio.Event()

    async def close() -> None:
        await slow.wait()

    monkeypatch.setattr(ours.work._queues["comms"]._notifier, "close", close)
    closing = asyncio.ensure_future(ours.work.close())
    try:
        # Else the other receiver would have been told in the meantime.
        await until(lambda: ours.listeners["risk"].is_closed)
        assert not closing.done()
    finally:
        slow.set()
        await closing
