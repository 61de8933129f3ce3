"""Clicks in Slack, from the button of a message as it stands there to the record in `monitored`."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from alerting.action import Action, ActionKind, Handling, Mute
from alerting.alert import Notification, Story
from alerting.slack import SlackNotifier
from alerting.slack_socket import SlackSocket
from streams import records
from streams.kafka.producing import Output
from streams.settings.config import Config, MonitorSettings, Organisation, Route, Slack
from streams.stages.followed_stories import FollowedStories
from streams.stages.metrics import Metrics
from streams.stages.slack_apps import ClickedReceiver, SlackApp
from streams.stages.slack_clicks import SlackClicks
from tests.building import notification, story, time
from tests.fake_slack import CHANNEL, TOKEN, Fault
from tests.fake_slack_socket import ADA, BEN, TEAM, ClickableSlack

CONFIG = Config(
    organisation=Organisation(name="Census Office"),
    monitors=(MonitorSettings(name="census", query="census", detectors={"volume_spike": None}),),
    receivers=(Slack(name="comms", channel=CHANNEL),),
    routes=(Route(receivers=("comms",)),),
)


class Desk:
    """A receiver with buttons, its connection, and what came of the clicks."""

    def __init__(self, slack: ClickableSlack, may_act: tuple[str, ...] | None = None) -> None:
        self.slack = slack
        self.sent: list[Output] = []
        self.fails: Exception | None = None
        self.slow = 0.0
        self.metrics = Metrics(CONFIG, "notify", CollectorRegistry())
        self.stories = FollowedStories({}, "stories", 1)
        self.stories.is_at_end = True
        self.notifier = SlackNotifier(name="comms", channel=CHANNEL, token=TOKEN, base_url=slack.base_url, buttons=True)
        app = SlackApp(
            base_url=slack.base_url,
            app_token=slack.workspace.app_token,
            receivers=(ClickedReceiver(name="comms", channel=CHANNEL, bot_token=TOKEN, may_act=may_act),),
        )
        self.clicks = SlackClicks(app, {"census"}, self.send, "monitored", self.stories, self.metrics)
        self.connected: list[bool] = []
        self.socket = SlackSocket(
            slack.workspace.app_token,
            slack.base_url,
            self.clicks.take,
            self.connected.append,
            ping_every=timedelta(seconds=0.2),
            another_after=timedelta(seconds=1),
        )

    async def open(self) -> None:
        await self.clicks.start()
        await self.socket.start()
        await self.slack.until_connected()

    async def close(self) -> None:
        await self.socket.close()
        await self.clicks.stop()
        await self.notifier.close()

    async def send(self, outputs: Sequence[Output]) -> None:
        await asyncio.sleep(self.slow)
        if self.fails is not None:
            raise self.fails
        self.sent += outputs

    async def tell(self, told: Notification | None = None, **changes: Any) -> Story:
        told = told or notification(story=story(**changes))
        await self.notifier.send(told, None)
        self.knows(told.story)
        return told.story

    def knows(self, known: Story) -> None:
        self.stories.take(f"{known.monitor}/{known.id}".encode(), msgspec.json.encode(known))

    @property
    def actions(self) -> list[Action]:
        assert all((output.topic, output.key) == ("monitored", b"census") for output in self.sent)
        found = [records.monitored(output.value or b"") for output in self.sent]
        return [record for record in found if isinstance(record, Action)]

    def counted(self, outcome: str) -> float:
        value = self.metrics.registry.get_sample_value("groundswell_slack_clicks_total", {"outcome": outcome})
        assert value is not None
        return value


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0.01)


@pytest.fixture
async def slack() -> AsyncIterator[ClickableSlack]:
    async with ClickableSlack() as server:
        yield server


@pytest.fixture
async def desk(slack: ClickableSlack) -> AsyncIterator[Desk]:
    opened = Desk(slack)
    await opened.open()
    yield opened
    await opened.close()


async def test_an_acknowledgement_enters_monitored_under_its_monitor(slack: ClickableSlack, desk: Desk) -> None:
    told = await desk.tell()
    sent = await slack.click("groundswell_acknowledge", by=ADA)
    assert sent.seconds is not None
    (action,) = desk.actions
    assert (action.monitor, action.story, action.kind) == ("census", told.id, ActionKind.ACKNOWLEDGE)
    assert (action.by.id, action.by.name) == (f"slack:{TEAM}/U0ADA", "ada")
    assert desk.counted("accepted") == 1
    assert slack.whispers == []


async def test_an_envelope_that_comes_twice_changes_nothing_the_second_time(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    sent = await slack.click("groundswell_acknowledge")
    again = await slack.deliver(sent.envelope)
    assert again.seconds is not None
    assert len(desk.actions) == 1
    assert desk.counted("repeat") == 1


async def test_a_worker_that_has_not_seen_it_before_gives_a_repeated_click_the_same_id(
    slack: ClickableSlack, desk: Desk
) -> None:
    await desk.tell()
    sent = await slack.click("groundswell_acknowledge")
    other = Desk(slack)
    other.knows(story())
    await other.clicks.start()
    await other.clicks.take(sent.envelope["payload"])
    await other.close()
    assert [action.id for action in other.actions] == [action.id for action in desk.actions]


@pytest.mark.parametrize(("word", "length"), [("1h", timedelta(hours=1)), ("8h", timedelta(hours=8)), ("story", None)])
async def test_a_story_is_muted_at_once_where_no_reason_is_given(
    slack: ClickableSlack, desk: Desk, word: str, length: timedelta | None
) -> None:
    await desk.tell()
    await slack.click("groundswell_mute", word=word)
    (action,) = desk.actions
    assert (action.kind, action.length, action.reason) == (ActionKind.MUTE, length, "")
    assert slack.views == []


async def test_a_reason_for_a_mute_is_asked_for_in_a_window(slack: ClickableSlack, desk: Desk) -> None:
    told = await desk.tell()
    await slack.click("groundswell_mute", word="why")
    assert desk.actions == []
    assert [view["callback_id"] for view in slack.views] == ["groundswell_why_mute"]
    sent = await slack.submit(
        {
            "length": {"type": "radio_buttons", "selected_option": {"value": "8h"}},
            "reason": {"type": "plain_text_input", "value": "planned: press release <!channel>"},
        },
        by=BEN,
    )
    assert sent.seconds is not None
    (action,) = desk.actions
    assert (action.kind, action.story, action.length) == (ActionKind.MUTE, told.id, timedelta(hours=8))
    assert (action.by.name, action.reason) == ("ben", "planned: press release <!channel>")
    await slack.deliver(sent.envelope)
    assert len(desk.actions) == 1


async def test_a_muted_story_can_be_unmuted(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell(handling=Handling(mute=Mute(by="Ada", until=time("20:00"))))
    await slack.click("groundswell_unmute")
    assert [action.kind for action in desk.actions] == [ActionKind.UNMUTE]


async def test_a_story_is_assigned_to_oneself_or_to_others_by_name(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    await slack.click("groundswell_assign_to_me")
    await slack.click("groundswell_assign", selected_user="U0BEN")
    await slack.click("groundswell_assign", selected_user="U0ADA")
    await slack.click("groundswell_assign", selected_user="U0GONE")
    assert [(action.kind, action.assignee) for action in desk.actions] == [
        (ActionKind.ASSIGN, ""),
        (ActionKind.ASSIGN, "Ben Example"),
        (ActionKind.ASSIGN, ""),
        (ActionKind.ASSIGN, "U0GONE"),
    ]


@pytest.mark.parametrize("feedback_allowed", [True, False])
async def test_a_verdict_counts_at_once_and_a_bad_one_is_asked_for_its_reason(
    slack: ClickableSlack, desk: Desk, feedback_allowed: bool
) -> None:
    slack.feedback_allowed = feedback_allowed
    await desk.tell()
    if feedback_allowed:
        await slack.click("groundswell_judge", word="useful")
        await slack.click("groundswell_judge", word="not_useful")
    else:
        await slack.click("groundswell_useful")
        await slack.click("groundswell_not_useful")
    assert [action.kind for action in desk.actions] == [ActionKind.USEFUL, ActionKind.NOT_USEFUL]
    await slack.submit({"why": {"selected_option": {"value": "same name"}}, "reason": {"value": None}})
    assert (desk.actions[-1].kind, desk.actions[-1].reason) == (ActionKind.NOT_USEFUL, "same name")


async def test_whoever_asks_for_more_sees_all_the_evidence(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    await slack.click("groundswell_more")
    (view,) = slack.views
    shown = json.dumps(view, ensure_ascii=False)
    for words in ("Who says it", "What is not known", "Why this fired", "A narrative grew from 4 to 90"):
        assert words in shown
    assert desk.actions == []


async def test_whoever_gets_no_window_is_told_so(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    slack.fail_next(Fault(error="fatal_error", method="views.open"))
    await slack.click("groundswell_mute", word="why")
    assert desk.counted("not_opened") == 1
    assert "did not open the window" in slack.whispers[0]["text"]


async def test_who_may_not_act_is_told_so_alone_and_changes_nothing(slack: ClickableSlack) -> None:
    slack.groups["S0DESK"] = ["U0ADA"]
    desk = Desk(slack, may_act=("U0CYD", "S0DESK"))
    await desk.open()
    await desk.tell()
    sent = await slack.click("groundswell_acknowledge", by=BEN)
    assert sent.seconds is not None
    assert desk.sent == []
    assert desk.counted("may_not_act") == 1
    (whisper,) = slack.whispers
    assert (whisper["channel"], whisper["user"]) == (CHANNEL, "U0BEN")
    await slack.click("groundswell_acknowledge", by=ADA)
    assert [action.by.name for action in desk.actions] == ["ada"]
    await desk.close()


async def test_nobody_of_a_group_may_act_while_slack_does_not_say_who_is_in_it(slack: ClickableSlack) -> None:
    desk = Desk(slack, may_act=("S0GONE",))
    await desk.open()
    await desk.tell()
    for _ in range(2):
        await slack.click("groundswell_acknowledge", by=ADA)
    assert desk.counted("may_not_act") == 2
    assert slack.methods().count("usergroups.users.list") == 1
    await desk.close()


@pytest.mark.parametrize(
    ("chosen", "outcome"),
    [
        ({"action_id": "delete_everything"}, "unknown_action"),
        ({"value": "elections/5f0c9ab1d2e34455"}, "unknown_monitor"),
        ({"value": "census/0000000000000000"}, "unknown_story"),
        ({"value": "../../etc"}, "unreadable"),
        ({"value": {"census": 1}, "block_id": 7}, "unreadable"),
        ({"value": "census/" + "x" * 5000, "block_id": "x"}, "unreadable"),
    ],
)
async def test_a_forged_control_changes_nothing_and_is_counted(
    slack: ClickableSlack, desk: Desk, chosen: dict[str, Any], outcome: str
) -> None:
    await desk.tell()
    payload = slack.payload("groundswell_acknowledge")
    payload["actions"][0] |= {"block_id": "made-by-slack"} | chosen
    assert (await slack.send(payload)).seconds is not None
    assert desk.sent == []
    assert desk.counted(outcome) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"type": "shortcut"},
        {"user": None},
        {"user": {"id": 7}},
        {"actions": []},
        {"actions": [7]},
        {"actions": "x"},
        {"container": None, "channel": None},
    ],
)
async def test_a_payload_that_is_none_is_acknowledged_and_changes_nothing(
    slack: ClickableSlack, desk: Desk, change: dict[str, Any]
) -> None:
    await desk.tell()
    sent = await slack.send(slack.payload("groundswell_acknowledge") | change)
    assert sent.seconds is not None
    assert desk.sent == []
    assert desk.counted("unreadable") == 1


async def test_a_click_in_a_channel_that_is_no_receivers_changes_nothing(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    payload = slack.payload("groundswell_acknowledge")
    payload["container"]["channel_id"] = "C0OTHER"
    await slack.send(payload)
    assert desk.sent == []
    assert desk.counted("unknown_channel") == 1


async def test_a_story_that_came_while_stories_cannot_be_read_is_no_unknown_one(
    slack: ClickableSlack, desk: Desk
) -> None:
    async def fail() -> None:
        raise ConnectionError("no broker")

    desk.stories._read = fail  # type: ignore[method-assign]  # Kafka is away
    desk.stories.start()
    await until(lambda: not desk.stories.is_at_end)
    await desk.notifier.send(notification(), None)
    assert (await slack.click("groundswell_acknowledge")).seconds is not None
    assert len(desk.actions) == 1
    await desk.stories.stop()


async def test_other_envelopes_are_acknowledged(slack: ClickableSlack, desk: Desk) -> None:
    for kind in ("events_api", "slash_commands"):
        assert (await slack.send({"type": "event_callback"}, kind=kind)).seconds is not None
    assert desk.sent == []


async def test_an_envelope_is_acknowledged_in_time_though_kafka_is_slow(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    desk.slow = 4.0
    sent = await slack.click("groundswell_acknowledge")
    assert sent.seconds is not None
    assert 1.5 < sent.seconds < 3.0
    await asyncio.sleep(2.5)
    assert len(desk.actions) == 1


async def test_whoever_clicked_is_told_where_it_could_not_be_saved(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    desk.fails = ConnectionError("no broker")
    assert (await slack.click("groundswell_acknowledge")).seconds is not None
    assert desk.counted("failed") == 1
    assert "click again" in slack.whispers[0]["text"]
    desk.fails = None
    await slack.click("groundswell_acknowledge")
    assert len(desk.actions) == 1


async def test_it_connects_again_when_the_connection_breaks_or_slack_asks_for_it(
    slack: ClickableSlack, desk: Desk
) -> None:
    await desk.tell()
    await until(lambda: desk.connected == [True])
    await slack.ask_to_reconnect()
    await until(lambda: slack.opened == 2 and bool(slack.connections))
    await slack.disconnect()
    await until(lambda: slack.opened == 3 and bool(slack.connections))
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
