"""Messages in the blocks that every server knows: they look as approved, keep Slack's rules, and nothing acts in them.

Look at them: `python -m tests.block_kit_html tests/alerting/golden/slack_classic_firing.json > page.html`.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerting.alert import Notification, Reason
from alerting.digest import composed, held_story
from alerting.slack_blocks import Shape, SlackMessage, notification_message, turn_message
from alerting.slack_classic import is_slack
from alerting.slack_controls import Controls
from alerting.slack_digest import digest_message
from alerting.slack_windows import evidence
from tests.alerting.hostile import ATTACKS, filled, hostile
from tests.alerting.test_slack_states import QUIET, STATES, approved
from tests.building import story
from tests.slack_block_rules import block_problem, too_long, view_problem
from tests.slack_markup_parser import acting

OLD = {"header", "section", "actions", "context", "divider", "data_visualization"}


def shape_of(name: str) -> Shape:
    usual = STATES[name][1]
    controls = Controls.NONE if usual.controls is Controls.NONE else Controls.PLAIN
    return replace(usual, classic=True, controls=controls)


def messages(told: Notification, shape: Shape) -> list[tuple[str, list[Any]]]:
    """Text and blocks of all that such a server is sent about it."""
    held = held_story(replace(told, hold=told.hold or QUIET), told.at)
    digest = composed([held], route="press", receiver="comms", at=told.at, timezone="UTC", spent=told.budget)
    shown: list[SlackMessage] = [
        notification_message(told, shape),
        notification_message(told, replace(shape, budget_bytes=0)),
        turn_message(told, is_classic=True),
        digest_message(digest, is_classic=True),
    ]
    return [*((each.text, list(each.blocks)) for each in shown), ("", evidence(told.story, is_classic=True)["blocks"])]


@pytest.mark.parametrize("name", ["firing", "handled", "hostile", "resolved"])
def test_messages_look_as_they_were_approved(name: str) -> None:
    message = notification_message(STATES[name][0], shape_of(name))
    approved(f"classic_{name}", {"text": message.text, "blocks": list(message.blocks)})


@pytest.mark.parametrize("name", STATES)
def test_every_state_keeps_to_old_blocks_and_to_slack_s_rules(name: str) -> None:
    for _, blocks in messages(STATES[name][0], shape_of(name)):
        assert {block["type"] for block in blocks} <= OLD
        assert block_problem(blocks) is None
        assert not too_long(blocks)
    assert view_problem(evidence(story(), is_classic=True)) is None


def strings(part: Any) -> Iterator[str]:
    """Every text object's text."""
    if isinstance(part, dict):
        if part.get("type") in ("mrkdwn", "plain_text"):
            yield part["text"]
        for one in part.values():
            yield from strings(one)
    elif isinstance(part, list):
        for one in part:
            yield from strings(one)


def found_in(told: Notification, shape: Shape) -> Iterator[tuple[str, str]]:
    """What acts: of what is bold only that it is, since others' words may be; and not our quotes' marks."""
    for text, blocks in messages(told, shape):
        for one in (text, *strings(blocks)):
            lines = "\n".join(line.removeprefix("> ") for line in one.split("\n"))
            yield from ((kind, "" if kind == "bold" else source) for kind, source in acting(lines))


@pytest.mark.parametrize("name", STATES)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_nothing_that_others_wrote_acts(name: str, data: st.DataObject) -> None:
    shape, reason = shape_of(name), data.draw(st.sampled_from(Reason))
    told = replace(STATES[name][0], reason=reason)
    texts = data.draw(st.lists(hostile, min_size=1, max_size=8))
    given_out = iter(range(10**6))
    attacked = filled(told, lambda: texts[next(given_out) % len(texts)])
    assert {kind for kind, _ in found_in(attacked, shape)} <= {"bold"}
    for text, blocks in messages(attacked, shape):
        assert block_problem(blocks) is None
        json.dumps([text, *blocks], ensure_ascii=False).encode()


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_single_attack_acts_in_any_field_of_any_state(attack: str) -> None:
    for name, (told, _) in STATES.items():
        shape = shape_of(name)
        allowed = Counter(found_in(filled(told, lambda: "word"), shape))
        assert Counter(found_in(filled(told, lambda: attack), shape)) - allowed == Counter()


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_server_has_to_read_an_entity_back(attack: str) -> None:
    """Some show them as they are written."""
    told, _ = STATES["firing"]
    for text, blocks in messages(filled(told, lambda: attack), shape_of("firing")):
        for one in (text, *strings(blocks)):
            shown = "\n".join(line.removeprefix("> ") for line in one.split("\n"))
            assert not set("&<>") & set(shown)


def test_all_that_rich_text_says_is_said() -> None:
    def words(shape: Shape) -> set[str]:
        shown = json.dumps(notification_message(STATES["firing"][0], shape).blocks, ensure_ascii=False)
        return {
            word
            for word in ("Next step", "Why this fired", "In their words", "What is not known", "Mentions")
            if word in shown
        }

    assert words(shape_of("firing")) == words(Shape(controls=Controls.PLAIN)) != set()


@pytest.mark.parametrize(
    ("address", "is_its_own"),
    [
        ("https://slack.com/api/", True),
        ("https://slack-gov.com/api/", True),
        ("https://example.slack.com/api/", True),
        ("https://notslack.com/api/", False),
        ("https://slack.com.example/api/", False),
        ("http://127.0.0.1:3000/api/", False),
        ("http://[", False),
    ],
)
def test_only_slack_s_own_hosts_are_slack(address: str, is_its_own: bool) -> None:
    assert is_slack(address) is is_its_own
