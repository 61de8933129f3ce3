"""People read times by the clock of their organisation, and which clock that is; machines read UTC."""

import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from alerting import wording
from alerting.action import Handling, Mute
from alerting.alert import Notification, Reason, Receipt, State, Story
from alerting.alertmanager_alerts import posted_alerts
from alerting.dispatcher import Dispatcher, DispatcherSettings
from alerting.email_message import mail
from alerting.handling_wording import doings, handled_lines
from alerting.phrases import moment
from alerting.refusal import Refusal, told_to
from alerting.routes import Route
from alerting.terminal import TerminalNotifier
from alerting.webhook import data_of
from detectors.detection import EarlierLife, Turn
from tests.building import alert, detection, evidence, notification, story, time

BERLIN = "Europe/Berlin"  # two hours ahead of UTC in April
LIVED = evidence(
    turns=(Turn(at=time("11:30"), text="It took in a smaller one."),),
    earlier=EarlierLife(subject="n0", first_at=time("09:00"), last_at=time("09:30"), mentions=7, likeness=0.9),
)


def berlin(state: State = State.FIRING, **changes: Any) -> Story:
    over = time("14:20") if state is State.RESOLVED else None
    known = {"timezone": BERLIN, "state": state, "alerts": (alert(evidence=LIVED, state=state, resolved_at=over),)}
    return story(**(known | changes))


def told(reason: Reason = Reason.FIRST, state: State = State.FIRING, **changes: Any) -> Notification:
    return msgspec.structs.replace(notification(reason), story=berlin(state, **changes))


async def in_terminal(told: Notification, receipt: Receipt | None = None) -> str:
    stream = io.StringIO()
    await TerminalNotifier(name="terminal", stream=stream, width=110).send(told, receipt)
    return stream.getvalue()


async def test_a_terminal_shows_no_other_clock() -> None:
    text = await in_terminal(told())
    assert "UTC" not in text
    for part in (
        "as of 01 Apr 14:05 CEST",
        "Since      01 Apr 13:50 CEST",
        "01 Apr 13:30 CEST: It took in a smaller one.",
        "7 mentions from 01 Apr 11:00 CEST to 01 Apr 11:30 CEST",
    ):
        assert part in text
    over = await in_terminal(told(Reason.RESOLVED, State.RESOLVED), Receipt(channel="terminal", ts="1"))
    assert "Over since 01 Apr 16:20 CEST" in over


@pytest.mark.parametrize("state", list(State))
def test_a_mail_shows_no_other_clock(state: State) -> None:
    receipt = Receipt(channel="<a@b>", ts="s")
    written = mail(told(state=state), receipt, time("12:00"), sender="a@b.example", to=["c@d.example"], is_first=True)
    for kind in ("plain", "html"):
        part = written.get_body((kind,))
        assert part is not None
        assert "UTC" not in part.get_content()
        assert "01 Apr 13:50 CEST" in part.get_content()


def test_what_people_did_is_told_by_the_same_clock() -> None:
    mute = Mute(by="Ada", until=time("20:00"), reason="")
    handling = Handling(acknowledged_by="Ada", acknowledged_at=time("12:10"), mute=mute)
    muted = msgspec.structs.replace(told(handling=handling), news=("muted",), reason=Reason.HANDLED)
    assert doings(muted) == "Muted by Ada until 01 Apr 22:00 CEST"
    assert handled_lines(muted.story, time("12:30")) == (
        "Acknowledged by Ada, 01 Apr 14:10 CEST",
        "Muted by Ada until 01 Apr 22:00 CEST",
    )


def test_that_a_receiver_refuses_is_told_by_it_too() -> None:
    refused = Refusal(since=time("12:00"), why="The token was revoked.", is_told=True, over_at=time("13:00"))
    assert "Over since 01 Apr 15:00 CEST" in wording.why_now(told_to(refused, "press", "ops", "C", BERLIN).story)


def test_machines_read_utc_in_words_and_rfc_3339_in_data() -> None:
    over = told(Reason.RESOLVED, State.RESOLVED)
    for one in posted_alerts(over.story, (), time("15:00")):
        assert "CEST" not in str(one.annotations)
        assert "01 Apr 14:20 UTC" in one.annotations["description"]
    data = data_of(over)
    assert "01 Apr 14:20 UTC" in data["words"]["why_now"]
    assert (data["story"]["timezone"], data["story"]["starts_at"]) == (BERLIN, "2030-04-01T11:50:00Z")


def test_the_monitor_gives_its_stories_the_clock() -> None:
    settings = DispatcherSettings(
        monitor="census", organisation="C", timezone=BERLIN, routes=(Route(receivers=("slack",)),)
    )
    ours = Dispatcher(settings)
    ours.observe(detection(), time("12:05"))
    assert {each.story.timezone for each in ours.advance(time("12:05")).notifications} == {BERLIN}


def test_a_clock_that_this_machine_does_not_know_is_utc_and_one_without_a_name_has_its_offset() -> None:
    assert story(timezone="Mars/Olympus_Mons").zone is UTC
    assert story(timezone="../../etc/passwd").zone is UTC
    noon = datetime(2030, 4, 1, 12, tzinfo=UTC)
    assert moment(noon, ZoneInfo("America/Sao_Paulo")) == "01 Apr 09:00 UTC-03"
    assert moment(noon, ZoneInfo("Asia/Kathmandu")) == "01 Apr 17:45 UTC+0545"
