"""What programs are told of what is muted: how it goes on, and that people are not called; nothing of what was muted
before anybody heard of it."""

from datetime import UTC, datetime

from msgspec.structs import replace

from alerting.action import Handling, Mute
from alerting.alert import Gate, Hold, Reason, State
from alerting.alertmanager_alerts import LabelSet, posted_alerts
from alerting.gates import ConfiguredMute, GateRules
from alerting.webhook import data_of
from tests.alerting.gated_monitor import HOUR, NOON, dispatcher, found, hear, moment, said
from tests.building import notification, story, time

LATER = datetime(2030, 4, 1, 15, tzinfo=UTC)
MUTED = Handling(mute=Mute(by="Ada <b>", until=time("20:00"), reason="the minister speaks"))
HOLD = Hold(gate=Gate.MUTED, why="Ada muted it until 20:00, because: the minister speaks", until=time("20:00"))


def test_a_muted_story_fires_on_in_alertmanager_which_says_who_muted_it_until_when() -> None:
    for one in posted_alerts(story(handling=MUTED), (), LATER):
        assert one.ends_at is None
        assert one.annotations["handled"] == "Muted by Ada ‹b› until 01 Apr 20:00 UTC: the minister speaks"
        assert "held" not in one.annotations


def test_a_turn_that_calls_nobody_says_so_too() -> None:
    for one in posted_alerts(story(handling=MUTED), (), LATER, HOLD):
        assert one.annotations["held"] == HOLD.why


def test_nothing_that_people_do_makes_another_alert_of_it() -> None:
    plain, muted = (posted_alerts(each, (), LATER) for each in (story(), story(handling=MUTED)))
    assert [one.labels for one in plain] == [one.labels for one in muted]
    assert all("handled" not in one.annotations for one in plain)


def test_its_end_is_told() -> None:
    over = story(handling=MUTED, state=State.RESOLVED, alerts=())
    (ended,) = posted_alerts(over, (LabelSet("volume_spike", "critical"),), LATER)
    assert ended.ends_at is not None


def test_a_webhook_has_both() -> None:
    data = data_of(replace(notification(Reason.ESCALATED, handling=MUTED), hold=HOLD))
    assert data["hold"]["gate"] == "muted"
    assert data["story"]["handling"]["mute"]["until"] == "2030-04-01T20:00:00Z"


def test_what_the_config_mutes_beforehand_is_told_to_no_receiver_until_the_mute_ends() -> None:
    mute = ConfiguredMute(until=NOON + 3 * HOUR, reason="we move house")
    monitor = dispatcher(GateRules(mutes=(mute,)))
    assert said(hear(monitor, found("13:00")).notifications) == []
    assert said(monitor.advance(moment("15:00")).notifications) == [(Reason.FIRST, None)]
