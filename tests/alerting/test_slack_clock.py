"""In Slack too people read their organisation's clock, and which one it is."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from alerting.slack_blocks import Shape, notification_message, story_message
from alerting.slack_windows import evidence
from tests import building
from tests.alerting.test_slack_states import HANDLED
from tests.building import alert, notification, story, time, timeline
from tests.slack_block_rules import block_problem

TIMES: dict[str, Any] = {"timezone": "Asia/Tokyo", "handling": HANDLED}


def charts(blocks: Any) -> list[dict[str, Any]]:
    return [block["chart"] for block in blocks if block["type"] == "data_visualization"]


@pytest.mark.parametrize("is_classic", [False, True])
def test_every_time_in_a_message_is_of_the_organisation_s_clock(is_classic: bool) -> None:
    blocks = notification_message(notification(**TIMES), Shape(classic=is_classic)).blocks
    shown = json.dumps(blocks, ensure_ascii=False)
    assert "UTC" not in shown
    for told in ("as of 01 Apr 21:05 JST", "First · 01 Apr 20:51 JST", "Acknowledged by Ada, 01 Apr 21:07 JST"):
        assert told in shown
    ((chart,),) = [charts(blocks)]
    assert chart["axis_config"]["x_label"] == "time (JST)"
    assert (chart["axis_config"]["categories"][0], chart["axis_config"]["categories"][-1]) == ("20:30", "21:05")


def test_the_line_of_bars_and_the_window_too() -> None:
    bars = json.dumps(notification_message(notification(**TIMES), Shape(chart=False)).blocks)
    assert "20:30 to 21:05 JST" in bars
    window = json.dumps(evidence(story(**TIMES)))
    assert "JST" in window
    assert "UTC" not in window


@pytest.mark.parametrize(
    ("zone", "begins", "minutes", "twice"),
    [
        ("Europe/Berlin", "2030-10-26T22:00", 60, ("02:00 CEST", "02:00 CET")),
        ("America/St_Johns", "2030-11-03T03:00", 15, ("01:00 NDT", "01:00 NST")),
        ("Australia/Lord_Howe", "2030-04-06T13:45", 15, ("01:45 UTC+11", "01:45 UTC+1030")),
    ],
)
def test_the_night_in_which_the_clocks_go_back_has_its_chart_too(
    zone: str, begins: str, minutes: int, twice: tuple[str, str]
) -> None:
    points = tuple(
        msgspec.structs.replace(point, at=time(begins) + number * timedelta(minutes=minutes))
        for number, point in enumerate(timeline())
    )
    spike = alert(last_at=points[-1].at, evidence=building.evidence(timeline=points))
    message = story_message(story(timezone=zone, alerts=(spike,)))
    (chart,) = charts(message.blocks)
    assert set(twice) <= set(chart["axis_config"]["categories"])
    assert block_problem(list(message.blocks)) is None
