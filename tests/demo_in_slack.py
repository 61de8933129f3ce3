"""What a recording's stories would look like in Slack, as JSON that `tests.block_kit_png` draws.

    python -m tests.demo_in_slack CONFIG RECORDING FOLDER

writes one file for each story, the most severe first, as it stood when it was worst, with its thread.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from alerting.alert import Notification, State
from alerting.merging import turns_of
from alerting.slack_blocks import Shape, SlackMessage, notification_message, turn_message
from alerting.slack_controls import Controls
from streams.ingesting import Recording
from streams.stages.starting import backtest_of

_REPLIES = 3
"""That are shown: a thread may be long."""


def stories(config: Path, recording: Path) -> list[list[Notification]]:
    """The tellings of each story, in the order in which one receiver gets them; the most severe story first."""
    told: dict[tuple[str, str], list[Notification]] = defaultdict(list)
    for notification in backtest_of(config).run(line for _, line in Recording(recording).numbered()).notifications:
        told[notification.story.id, notification.receiver].append(notification)
    first_heard: dict[str, list[Notification]] = {}
    for (story, _), tellings in told.items():
        first_heard.setdefault(story, tellings)
    return sorted(first_heard.values(), key=lambda tellings: -max(each.story.severity for each in tellings))


def as_posted(tellings: list[Notification]) -> dict[str, Any]:
    """The message when the story was worst, and the newest of its thread by then."""
    firing = [each for each in tellings if each.story.state is State.FIRING]
    at = max(range(len(firing)), key=lambda number: (firing[number].story.severity, number))
    replies = [turn_message(each) for each in firing[1 : at + 1] if turns_of(each)]
    shown = notification_message(firing[at], Shape(controls=Controls.FULL))
    return _sent(shown) | {"replies": [_sent(each) for each in replies[-_REPLIES:]], "edited": at > 0}


def _sent(message: SlackMessage) -> dict[str, Any]:
    return {"text": message.text, "blocks": list(message.blocks)}


if __name__ == "__main__":
    config, recording, folder = map(Path, sys.argv[1:])
    for number, tellings in enumerate(stories(config, recording), 1):
        content = json.dumps(as_posted(tellings), ensure_ascii=False, indent=1)
        (folder / f"story_{number}.json").write_text(content, encoding="utf-8")
