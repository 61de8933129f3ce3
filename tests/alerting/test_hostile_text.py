"""Whatever others wrote is literal in every message of every state: nothing in it acts in Slack.

Every string of a notification that is not one of a closed list is filled with hostile text: fields that are added later
too. What acts in the message may only be what acts in the same message filled with harmless words: that is ours.
"""

import json
from collections import Counter
from functools import cache
from typing import Any

import msgspec
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerting import wording
from alerting.alert import Notification, Reason
from alerting.digest import composed, held_story
from alerting.plain_text import literal
from alerting.slack_blocks import Shape, notification_message, turn_message
from alerting.slack_controls import Controls
from alerting.slack_digest import digest_message
from alerting.slack_markup import inert, neutral
from alerting.slack_windows import evidence
from tests.alerting.hostile import ATTACKS, filled, hostile
from tests.alerting.test_slack_states import QUIET, STATES
from tests.building import notification
from tests.slack_block_rules import block_problem
from tests.slack_markup_parser import acting, acting_in_message, parse, unescaped


def messages(told: Notification, shape: Shape) -> list[tuple[str, list[Any]]]:
    """Text and blocks of all that Slack is sent about it: message, thread, window, digest."""
    smallest = Shape(chart=False, controls=Controls.PLAIN, budget_bytes=1)
    held = held_story(replace(told, hold=told.hold or QUIET), told.at)
    digest = composed([held], route="press", receiver="comms", at=told.at, timezone="UTC", spent=told.budget)
    shown = [notification_message(told, each) for each in (shape, smallest)]
    shown += [turn_message(told), digest_message(digest)]
    return [*((each.text, list(each.blocks)) for each in shown), ("", evidence(told.story)["blocks"])]


def found_in(told: Notification, shape: Shape) -> list[Counter[tuple[str, str]]]:
    return [Counter(acting_in_message(text, blocks)) for text, blocks in messages(told, shape)]


@cache
def ours(name: str, reason: Reason) -> list[Counter[tuple[str, str]]]:
    """What acts in its messages where all that others wrote is harmless."""
    told, shape = STATES[name]
    return found_in(filled(replace(told, reason=reason), lambda: "word"), shape)


@pytest.mark.parametrize("name", STATES)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_nothing_that_others_wrote_acts_in_any_state(name: str, data: st.DataObject) -> None:
    told, shape = STATES[name]
    reason = data.draw(st.sampled_from(Reason))
    texts = data.draw(st.lists(hostile, min_size=1, max_size=8))
    given_out = iter(range(10**6))
    attacked = filled(replace(told, reason=reason), lambda: texts[next(given_out) % len(texts)])
    for found, allowed in zip(found_in(attacked, shape), ours(name, reason), strict=True):
        assert found - allowed == Counter()
    for text, blocks in messages(attacked, shape):
        assert block_problem(blocks) is None
        json.dumps([text, *blocks], ensure_ascii=False).encode()


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_single_attack_acts_in_any_field_of_any_state(attack: str) -> None:
    for name, (told, shape) in STATES.items():
        for found, allowed in zip(found_in(filled(told, lambda: attack), shape), ours(name, told.reason), strict=True):
            assert found - allowed == Counter()


@pytest.mark.parametrize("name", STATES)
def test_a_name_from_right_to_left_turns_no_line_round(name: str) -> None:
    """Numbers that stand behind it stay there: the name is isolated in each line that holds words of ours."""
    told, shape = STATES[name]
    lines = [caption for alert in told.story.alerts for caption in alert.evidence.exemplars]
    named = filled(told, lambda: "שלום 9")
    shown = [wording.caption(each) for each in wording.exemplars(named.story)]
    assert len(shown) == bool(lines)
    if claim := wording.matched_claim(named.story):
        shown.append(wording.claim_verdict(claim))
    for line in shown:
        assert regex.search(r"\p{Bidi_Class=L}", line)
        assert not regex.search(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}]", regex.sub("\u2068[^\u2069]*\u2069", "", line))
    assert all(text.count("\u2068") == text.count("\u2069") for text, _ in messages(named, shape))


def test_every_string_of_a_notification_is_attacked() -> None:
    """Else the tests above would prove less than they say."""
    attacked = msgspec.to_builtins(filled(notification(), lambda: "FOREIGN"))
    closed = {"role", "dimension", "kind", "state", "reason", "effects", "name", "type", "gate"}

    def strings(part: Any, key: str) -> list[tuple[str, str]]:
        if isinstance(part, dict):
            return [hit for name, one in part.items() for hit in strings(one, name)]
        if isinstance(part, list | tuple):
            return [hit for one in part for hit in strings(one, key)]
        return [(key, part)] if isinstance(part, str) else []

    kept = {key for key, value in strings(attacked, "") if value != "FOREIGN"}
    assert {
        key for key in kept if key not in closed and not key.endswith("_at") and key not in ("at", "since")
    } == set()


@settings(max_examples=400)
@given(hostile, st.integers(1, 400))
def test_an_inert_text_is_text_throughout(text: str, limit: int) -> None:
    shown = inert(text, limit)
    assert acting(shown) == []
    assert len(shown) <= limit
    # Nothing is escaped twice: a reader sees what is left of the text, and no entity.
    if limit >= 5 * len(neutral(text)):
        assert "".join(element.shown for element in parse(shown)) == neutral(text)


@settings(max_examples=300)
@given(hostile, hostile)
def test_two_inert_texts_beside_each_other_do_not_become_markup(first: str, second: str) -> None:
    for between in (" ", "\n", ": ", " · ", ", "):
        found = acting(f"{inert(first, 200)}{between}{inert(second, 200)}")
        assert [hit for hit in found if not regex.fullmatch(r":\d\d:", hit[1])] == []


@settings(max_examples=300)
@given(hostile)
def test_what_is_made_inert_is_still_the_same_to_a_reader(text: str) -> None:
    """Characters are swapped for ones that look alike, one for one: nothing is added, and only brackets' `>`s go."""
    plain = literal(text, newlines=True)
    assert len(neutral(text)) <= len(plain)
    assert unescaped(inert(text, 10**6)) == neutral(text)


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if literal(attack) == attack.strip() and attack.strip()]
)
def test_the_parser_is_stricter_than_slack(attack: str) -> None:
    """It finds each attack, but for letters that mean nothing and halves that do so only in pairs."""
    entities = {"&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"}  # shown as brackets, and not read again
    harmless = entities | {"*", "_", ":", "|", "\\", "国勢調査", "سمعت", "שלום", "👩‍👩‍👧", "a" * 70, "\ud800"}
    assert bool(acting(attack)) is (attack not in harmless)
