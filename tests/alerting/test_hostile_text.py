"""Whatever others wrote is literal in every message of every state: nothing in it acts in Slack.

Every string of a notification that is not one of a closed list is filled with hostile text: fields that are added later
too. What acts in the message may only be what acts in the same message filled with harmless words: that is ours.
"""

import io
import json
import logging
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerting import wording
from alerting.alert import Notification, Reason, Receipt
from alerting.digest import composed, held_story
from alerting.plain_text import cut, literal
from alerting.slack_blocks import Shape, notification_message, turn_message
from alerting.slack_controls import Controls
from alerting.slack_digest import digest_message
from alerting.slack_markup import inert, neutral
from alerting.slack_windows import evidence
from alerting.terminal import TerminalNotifier
from streams.stages import logs
from tests.alerting.test_slack_states import QUIET, STATES
from tests.building import notification
from tests.slack_block_rules import block_problem
from tests.slack_markup_parser import acting, acting_in_message, parse, unescaped

ATTACKS = [
    "<!channel>",
    "<!here|x>",
    "<!everyone>",
    "<@U123ABC>",
    "<#C123ABC|general>",
    "<!subteam^S1|@press>",
    "<!date^1392734382^{date}^https://evil.example|x>",
    "<https://evil.example|Open dashboard>",
    "<mailto:a@evil.example|mail>",
    "<javascript:alert(1)|x>",
    "https://evil.example/a?b=c&d",
    "http://127.0.0.1:8080/x",
    "slack://user?team=T1&id=U1",
    "tel:+491",
    "skype:evil?call",
    "evil.example",
    "www.evil.example:443/login",
    "раураl.com",
    "उदाहरण.भारत",
    "कि.com",
    "i❤.ws",
    "xn--e1a.xn--p1ai",
    "10.0.0.1/admin",
    "a@evil.example",
    "@channel",
    "@here",
    "#general",
    "(#general)",
    "*bold*",
    "*",
    "_i_",
    "_",
    "~s~",
    "`code`",
    "```\nblock\n```",
    "> quote",
    ">>> all of it",
    "&gt; quote",
    ":tada:",
    ":ก็:",
    ":wave::skin-tone-3:",
    ":",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "&",
    "&#60;!channel&#62;",
    "<",
    ">",
    "\u202egnp.exe",
    "\u2066\u2069",
    "\u200f",
    "\u200b",
    "\u00ad",
    "\ufeff",
    "\U000e0041",
    "\x1b[31m",
    "\x9b2J",
    "\x00",
    "\ud800",
    "\ue000",
    "\r\n",
    "\u2028",
    "|",
    "\\",
    "国勢調査",
    "سمعت",
    "שלום",
    "👩‍👩‍👧",
    "e\u0301\u0301\u0301\u0301\u0301\u0301",
    " ",
    "a" * 70,
]
hostile = st.one_of(
    st.lists(st.sampled_from(ATTACKS), max_size=12).map("".join),
    st.lists(st.sampled_from(ATTACKS), max_size=8).map(" ".join),
    st.lists(st.sampled_from(ATTACKS), max_size=8).map("\n".join),
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.text(st.sampled_from("<>&|!@#*_~`:./ \nacom1"), max_size=40),
)


def filled(value: Any, text: Callable[[], str], kind: Any = None) -> Any:
    """A copy in which every string that is not of a closed list is one that `text` gives; absent ones are there."""
    if isinstance(value, msgspec.Struct):
        hints = get_type_hints(type(value))
        fields = {name: filled(getattr(value, name), text, hints[name]) for name in value.__struct_fields__}
        return replace(value, **fields)
    options = get_args(kind) or (kind,)
    if isinstance(value, Enum | bool | int | float | datetime | date | timedelta):
        return value
    if isinstance(value, tuple):
        within = options[0]
        return tuple(filled(one, text, within) for one in value) or ((text(),) if within is str else ())
    if isinstance(value, dict):
        return {key: filled(one, text, options[-1]) for key, one in value.items()}
    return text() if str in options and (value is None or isinstance(value, str)) else value


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
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
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


@settings(max_examples=400, deadline=None)
@given(hostile, st.integers(1, 400))
def test_an_inert_text_is_text_throughout(text: str, limit: int) -> None:
    shown = inert(text, limit)
    assert acting(shown) == []
    assert len(shown) <= limit
    # Nothing is escaped twice: a reader sees what is left of the text, and no entity.
    if limit >= 5 * len(neutral(text)):
        assert "".join(element.shown for element in parse(shown)) == neutral(text)


@settings(max_examples=300, deadline=None)
@given(hostile, hostile)
def test_two_inert_texts_beside_each_other_do_not_become_markup(first: str, second: str) -> None:
    for between in (" ", "\n", ": ", " · ", ", "):
        found = acting(f"{inert(first, 200)}{between}{inert(second, 200)}")
        assert [hit for hit in found if not regex.fullmatch(r":\d\d:", hit[1])] == []


@settings(max_examples=300, deadline=None)
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


async def in_terminal(told: Notification, receipt: Receipt | None) -> str:
    stream = io.StringIO()
    await TerminalNotifier(name="terminal", stream=stream, width=100).send(told, receipt)
    return stream.getvalue()


@pytest.mark.parametrize("name", STATES)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
async def test_nothing_that_others_wrote_acts_in_a_terminal(name: str, data: st.DataObject) -> None:
    """No control character but the line feed, and none that turns or hides text: so no escape sequence either."""
    told = replace(STATES[name][0], reason=data.draw(st.sampled_from(Reason)))
    texts = data.draw(st.lists(hostile, min_size=1, max_size=8))
    given_out = iter(range(10**6))
    attacked = filled(told, lambda: texts[next(given_out) % len(texts)])
    for receipt in (None, Receipt(channel="terminal", ts="1")):
        shown = await in_terminal(attacked, receipt)
        assert [hit for kind, hit in acting(shown) if kind == "hidden"] == []
        shown.encode()


LINE = regex.compile(r'\d\d:\d\d:\d\d notify warning  [^\n]*?(?: \w+="(?:[^"\\]|\\.)*")*\n')


@settings(max_examples=200, deadline=None)
@given(hostile, hostile, hostile)
def test_nothing_that_others_wrote_acts_in_a_line_of_the_log(sentence: str, value: str, error: str) -> None:
    """One line of the log is one line, its fields stay in quotes, and a trace is indented."""
    extra = {"receiver": value, "why": error}
    record = logging.makeLogRecord({"msg": sentence, "levelno": 30, "levelname": "WARNING", **extra})
    as_text = logs._Text("notify").format(record) + "\n"
    assert LINE.fullmatch(as_text)
    fields = regex.search(r' receiver="((?:[^"\\]|\\.)*)" why="((?:[^"\\]|\\.)*)"\n\Z', as_text)
    assert fields is not None
    assert [json.loads(f'"{found}"') for found in fields.groups()] == [
        cut(literal(text), 200) for text in extra.values()
    ]
    assert [hit for kind, hit in acting(as_text) if kind == "hidden"] == []

    as_json = logs._Json("notify").format(record)
    assert len(as_json.splitlines()) == 1
    assert not regex.search(r"[\p{Cc}\p{Cs}\p{DI}\p{Bidi_Control}]", as_json)
    whole = {name: text.encode("utf-8", "replace").decode() for name, text in extra.items()}
    assert {name: json.loads(as_json)[name] for name in (*extra, "stage")} == whole | {"stage": "notify"}


@settings(max_examples=100, deadline=None)
@given(hostile)
def test_an_error_s_words_stay_in_its_trace(words: str) -> None:
    try:
        raise ValueError(words)
    except ValueError:
        error = sys.exc_info()
    record = logging.makeLogRecord({"msg": "it broke", "levelno": 40, "levelname": "ERROR", "exc_info": error})
    first, *trace = logs._Text("notify").format(record).split("\n")
    assert first.endswith("it broke")
    assert all(line.startswith("    ") for line in trace)
    assert [hit for line in trace for kind, hit in acting(line) if kind == "hidden"] == []
    assert len(logs._Json("notify").format(record).splitlines()) == 1
