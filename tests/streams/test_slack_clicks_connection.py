"""The connection over which clicks come: it answers in time, and comes back by itself."""

import pytest

from tests.fake_slack_socket import ClickableSlack
from tests.streams.clicking import Desk
from tests.waiting import until


async def test_other_envelopes_are_acknowledged(slack: ClickableSlack, desk: Desk) -> None:
    for kind in ("events_api", "slash_commands"):
        assert (await slack.send({"type": "event_callback"}, kind=kind)).seconds is not None
    assert desk.sent == []


async def test_an_envelope_is_acknowledged_in_time_though_kafka_is_slow(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    desk.door.clear()
    sent = await slack.click("groundswell_acknowledge")
    assert sent.seconds is not None
    assert 1.5 < sent.seconds < 3.0
    assert desk.actions == []
    desk.door.set()
    await until(lambda: len(desk.actions) == 1)


async def test_it_connects_again_when_the_connection_breaks_or_slack_asks_for_it(
    slack: ClickableSlack, desk: Desk
) -> None:
    await desk.tell()
    await until(lambda: desk.connected == [True])
    first = [*slack.connections]
    await slack.ask_to_reconnect()
    await until(lambda: len(slack.connections) == 1 and slack.connections != first)
    second = [*slack.connections]
    await slack.disconnect()
    await until(lambda: len(slack.connections) == 1 and slack.connections not in (first, second))
    assert (await slack.click("groundswell_acknowledge")).seconds is not None
    assert len(desk.actions) == 1


async def test_a_client_that_gave_up_for_good_is_replaced(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    await until(lambda: desk.connected == [True])
    client = desk.socket._client
    assert client is not None
    client.auto_reconnect_enabled = False  # as slack_sdk leaves it where two of its tries to connect overlap
    await slack.disconnect()
    await until(lambda: desk.connected == [True, False, True] and bool(slack.connections))
    assert (await slack.click("groundswell_acknowledge")).seconds is not None
    assert len(desk.actions) == 1
    assert desk.socket._client is not client
    assert client.aiohttp_client_session.closed


async def test_it_says_why_it_cannot_connect_and_does_once_it_can(
    slack: ClickableSlack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.workspace.app_scopes.clear()
    desk = Desk(slack)
    await desk.clicks.start()
    await desk.socket.start()
    await until(lambda: "buttons do not work" in caplog.text)
    assert "missing_scope" in str([vars(record).get("why") for record in caplog.records])
    assert "xapp" not in caplog.text
    slack.workspace.app_scopes.add("connections:write")
    await slack.until_connected()
    await until(lambda: desk.connected == [True])
    await desk.close()
    assert desk.connected == [True, False]
