"""In Slack too people read their organisation's clock, and which one it is."""

import json
from typing import Any

import pytest

from alerting.slack_blocks import Shape, notification_message
from alerting.slack_windows import evidence
from tests.alerting.test_slack_states import HANDLED
from tests.building import notification, story

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
