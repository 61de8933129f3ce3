"""People are called as they call themselves, where Slack says so in time; never by what would ping them."""

import asyncio
from typing import Any

import pytest

from tests.fake_slack import Fault
from tests.fake_slack_socket import ADA, ClickableSlack
from tests.streams.clicking import Desk


def asked(slack: ClickableSlack) -> int:
    return slack.methods().count("users.info")


async def test_a_name_is_asked_for_once(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    for _ in range(3):
        await slack.click("groundswell_acknowledge", by=ADA)
    assert [action.by.name for action in desk.actions] == ["Ada", "Ada", "Ada"]
    assert asked(slack) == 1


@pytest.mark.parametrize(
    "person",
    [
        None,
        {"id": "U0ADA"},
        {"id": "U0ADA", "profile": {"display_name": " ", "real_name": None}},
        {"id": "U0ADA", "profile": "x", "name": "\u202e"},
    ],
)
async def test_where_slack_does_not_say_it_is_the_handle(
    slack: ClickableSlack, desk: Desk, person: dict[str, Any] | None
) -> None:
    slack.people = {} if person is None else {"U0ADA": person}
    await desk.tell()
    for _ in range(2):
        await slack.click("groundswell_acknowledge", by=ADA)
    assert [action.by.name for action in desk.actions] == ["ada", "ada"]
    # Nor is it asked again at each click.
    assert asked(slack) == 1


async def test_no_click_waits_long_for_a_name(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    slack.fail_next(Fault(wait_seconds=5, method="users.info"))
    sent = await slack.click("groundswell_acknowledge", by=ADA)
    assert sent.seconds is not None
    assert sent.seconds < 2
    await asyncio.sleep(0)
    assert [action.by.name for action in desk.actions] == ["ada"]


async def test_a_hostile_name_is_kept_as_text(slack: ClickableSlack, desk: Desk) -> None:
    slack.people["U0ADA"] = {"id": "U0ADA", "profile": {"display_name": "<!channel>\u202e" + "a" * 200}}
    await desk.tell()
    await slack.click("groundswell_acknowledge", by=ADA)
    (action,) = desk.actions
    assert action.by.name.startswith("<!channel>a")
    assert len(action.by.name) == 80
    assert action.by.id == "slack:T0PRESS/U0ADA"
