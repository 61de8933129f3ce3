"""The renderer shows all that a message holds, and its pictures can be drawn: people look at them before they trust."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.block_kit_html import block, page
from tests.block_kit_png import CHROMIUM, picture

GOLDEN = sorted((Path(__file__).parent / "alerting" / "golden").glob("slack_*.json"))
SENT = [file for file in GOLDEN if isinstance(json.loads(file.read_text()), dict)]
"""Without the file of plain lines."""


def texts(part: Any) -> Iterator[str]:
    """Every text that a message shows."""
    if isinstance(part, dict):
        for key, value in part.items():
            if isinstance(value, str) and key in ("text", "title", "name"):
                yield value
            elif key != "options" or part["type"] == "radio_buttons":  # a menu is shown closed
                yield from texts(value)
    elif isinstance(part, list):
        for one in part:
            yield from texts(one)


@pytest.mark.parametrize("file", SENT, ids=lambda file: file.stem)
def test_every_state_is_shown_whole(file: Path) -> None:
    sent = json.loads(file.read_text())
    shown = page([sent])
    assert '"block unknown"' not in shown
    assert '"unknown"' not in shown
    seen = plain(re.sub(r"<[a-z/][^>]*>", " ", shown))
    for line in texts(sent["blocks"]):
        for word in plain(line.replace("*", " ")).split():
            assert word in seen or not word.isascii()


def plain(text: str) -> str:
    """With no entity left, however often it was escaped, and no stars."""
    while (further := unescape(text)) != text:
        text = further
    return text.replace("*", " ")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"type": "section", "text": {"type": "mrkdwn", "text": "*b* &lt;x&gt;"}}, "<b>b</b> &lt;x&gt;"),
        ({"type": "section", "text": {"type": "plain_text", "text": "*b*"}}, ">*b*<"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "<https://a.example|A>"}}, 'class="link">A<'),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "<!here> a.example"}}, 'class="mention">@here<'),
        ({"type": "divider"}, "<hr>"),
        ({"type": "video"}, "unknown"),
    ],
)
def test_what_acts_is_shown_as_acting(sent: dict[str, Any], shown: str) -> None:
    assert shown in block(sent)


@pytest.mark.parametrize("kind", ["line", "area", "bar"])
def test_charts_of_each_kind_are_drawn(kind: str) -> None:
    data = [{"label": "a", "value": 1}, {"label": "b", "value": 3.5}]
    chart = {"type": kind, "series": [{"name": "seen", "data": data}], "axis_config": {"categories": ["a", "b"]}}
    drawn = block({"type": "data_visualization", "title": "Mentions", "chart": chart})
    assert ("<rect" in drawn) is (kind == "bar")
    assert ("<polygon" in drawn) is (kind == "area")


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed: pictures cannot be drawn")
def test_a_message_becomes_a_picture(tmp_path: Path) -> None:
    file = tmp_path / "message.png"
    picture(page([json.loads(SENT[0].read_text())]), file)
    content = file.read_bytes()
    width, height = (int.from_bytes(content[at : at + 4]) for at in (16, 20))
    assert content.startswith(b"\x89PNG")
    assert width == 760
    assert 300 < height < 4000
    assert len(content) > 20_000
