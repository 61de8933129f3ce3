"""AlertmanagerNotifier against Alertmanager itself, where it is installed."""

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from alerting.alert import Alert, Notification, Reason, Receipt, Severity, State
from alerting.alertmanager import AlertmanagerNotifier
from alerting.notifier import Delivered
from tests.building import alert, notification, story, time
from tests.fake_http import FakeHttp

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="alertmanager (Debian: prometheus-alertmanager) is not installed"
)

CONFIG = """
route:
  receiver: desk
  group_by: [story]
  group_wait: 50ms
  group_interval: 100ms
receivers:
  - name: desk
    webhook_configs:
      - {url: "DESK", send_resolved: true}
"""
DAY = "2026-03-01"


class Running:
    """An Alertmanager of this test alone; it tells `desk`."""

    def __init__(self, folder: Path, desk: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self._folder = folder
        (folder / "config.yml").write_text(CONFIG.replace("DESK", desk))
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        assert PROGRAM is not None
        address = self.url.removeprefix("http://")
        options = ["--config.file=config.yml", "--storage.path=data", "--cluster.listen-address="]
        with (self._folder / "log").open("ab") as log:
            command = [PROGRAM, *options, f"--web.listen-address={address}"]
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log)  # noqa: ASYNC220 - quick
        await until(self._is_ready)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    async def alerts(self) -> list[dict[str, Any]]:
        """What it shows: only what fires."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/api/v2/alerts") as response:
            found: list[dict[str, Any]] = await response.json()
            return sorted(found, key=lambda one: sorted(one["labels"].items()))

    async def firing(self) -> list[str]:
        return [f"{one['labels']['detector']}={one['labels']['severity']}" for one in await self.alerts()]

    async def _is_ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/-/ready") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[FakeHttp]:
    async with FakeHttp() as running:
        yield running


@pytest_asyncio.fixture
async def running(tmp_path: Path, desk: FakeHttp) -> AsyncIterator[Running]:
    alertmanager = Running(tmp_path, desk.url)
    await alertmanager.start()
    yield alertmanager
    alertmanager.stop()


@pytest_asyncio.fixture
async def notifier(running: Running) -> AsyncIterator[AlertmanagerNotifier]:
    made = AlertmanagerNotifier(name="am", urls=[running.url], resend_every=timedelta(milliseconds=100))
    yield made
    await made.close()


def spike(severity: Severity = Severity.CRITICAL, **changes: Any) -> Alert:
    """Of a day that is over: Alertmanager measures by the clock on the wall."""
    return alert(severity=severity, starts_at=time(f"{DAY}T11:50"), last_at=time(f"{DAY}T12:05"), **changes)


def telling(reason: Reason, *alerts: Alert) -> Notification:
    state = State.FIRING if any(one.state is State.FIRING for one in alerts) else State.RESOLVED
    return notification(reason, story=story(alerts=alerts, state=state))


async def send(notifier: AlertmanagerNotifier, told: Notification, receipt: Receipt | None) -> Receipt | None:
    outcome = await notifier.send(told, receipt)
    assert isinstance(outcome, Delivered), outcome
    return outcome.receipt


def messages(desk: FakeHttp) -> Iterator[tuple[str, list[str]]]:
    """What Alertmanager told its own receiver: whether it fires, and with which severities."""
    for request in desk.requests:
        body = json.loads(request.body)
        yield body["status"], [f"{one['labels']['severity']} {one['status']}" for one in body["alerts"]]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(400):
        if await condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen")


async def heard(desk: FakeHttp, count: int) -> None:
    async def has_heard() -> bool:
        return len(desk.requests) >= count

    await until(has_heard)


async def test_a_story_rises_and_ends_without_a_false_word(
    running: Running, notifier: AlertmanagerNotifier, desk: FakeHttp
) -> None:
    receipt = await send(notifier, telling(Reason.FIRST, spike(Severity.WARNING)), None)
    (shown,) = await running.alerts()
    assert shown["annotations"]["approved_answer" if "claim" in shown["annotations"] else "next_step"]
    assert datetime.fromisoformat(shown["startsAt"]) == time(f"{DAY}T11:50")
    assert await running.firing() == ["volume_spike=warning"]
    await heard(desk, 1)

    receipt = await send(notifier, telling(Reason.ESCALATED, spike()), receipt)
    assert await running.firing() == ["volume_spike=critical"]
    await heard(desk, 2)

    ended = spike(state=State.RESOLVED, resolved_at=time(f"{DAY}T14:05"))
    assert await send(notifier, telling(Reason.RESOLVED, ended), receipt) == Receipt(channel="am", ts="")
    assert await running.firing() == []
    await heard(desk, 3)

    await asyncio.sleep(0.5)  # sent again several times meanwhile
    assert list(messages(desk)) == [
        ("firing", ["warning firing"]),
        ("firing", ["critical firing", "warning resolved"]),
        ("resolved", ["critical resolved"]),
    ]


async def test_the_same_telling_twice_is_one_alert(running: Running, notifier: AlertmanagerNotifier) -> None:
    for _ in range(2):
        await send(notifier, notification(), None)
    assert await running.firing() == ["narrative=warning", "volume_spike=critical"]


async def test_after_a_crash_what_stands_there_is_found_and_ended(running: Running) -> None:
    before = AlertmanagerNotifier(name="am", urls=[running.url])
    await send(before, telling(Reason.FIRST, spike(Severity.WARNING)), None)
    await before.close()
    after = AlertmanagerNotifier(name="am", urls=[running.url])
    found = await after.find(telling(Reason.ESCALATED, spike()))
    assert found == Receipt(channel="am", ts="volume_spike=warning")
    await send(after, telling(Reason.ESCALATED, spike()), None)
    await after.close()
    assert await running.firing() == ["volume_spike=critical"]


async def test_it_has_what_fires_again_after_its_restart(running: Running, notifier: AlertmanagerNotifier) -> None:
    await send(notifier, notification(), None)
    running.stop()
    await running.start()

    async def has_it() -> bool:
        return await running.firing() == ["narrative=warning", "volume_spike=critical"]

    await until(has_it)


async def test_what_fires_outlives_the_time_after_which_alertmanager_would_resolve_it(
    running: Running, notifier: AlertmanagerNotifier
) -> None:
    await send(notifier, notification(), None)
    alerts = await running.alerts()
    assert len(alerts) == 2
    for shown in alerts:
        assert datetime.fromisoformat(shown["endsAt"]) > datetime.now().astimezone() + timedelta(days=6)


async def test_a_story_that_comes_back_fires_again(running: Running, notifier: AlertmanagerNotifier) -> None:
    receipt = await send(notifier, telling(Reason.FIRST, spike()), None)
    ended = spike(state=State.RESOLVED, resolved_at=time(f"{DAY}T14:05"))
    receipt = await send(notifier, telling(Reason.RESOLVED, ended), receipt)
    await send(notifier, telling(Reason.REOPENED, spike()), receipt)
    assert await running.firing() == ["volume_spike=critical"]
