"""Slack messages, for stories as they come and for stories full of hostile text."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.alert import Reason, Severity, State, Story
from alerting.slack_blocks import BUDGET_BYTES, fallback, story_message, turn_message
from alerting.slack_parts import size_bytes
from detectors.detection import Exemplar, MatchedClaim, Share, Signal
from tests.building import alert, claim, evidence, exemplar, notification, story, time, timeline
from tests.slack_block_rules import block_problem, too_long
from tests.slack_markup_parser import acting, acting_in_message

ATTACKS = [
    "<!channel>",
    "<!here|x>",
    "<@U123>",
    "<#C123>",
    "<!subteam^S1>",
    "<https://evil.example|Open dashboard>",
    "https://evil.example/a",
    "evil.example",
    "mailto:a@evil.example",
    "@channel",
    "#general",
    "*bold*",
    "_i_",
    "~s~",
    "`code`",
    "```\nblock\n```",
    "> quote",
    ":tada:",
    "&lt;!channel&gt;",
    "&amp;lt;",
    "<!date^1^{date}|x>",
    "\u202egnp",
    "\u200b",
    "\ud800",
    "\n",
    "|",
    "国勢調査",
    "👩‍👩‍👧",
    "a" * 50,
]
hostile = st.one_of(
    st.lists(st.sampled_from(ATTACKS), max_size=40).map("".join),
    st.lists(st.sampled_from(ATTACKS), max_size=8).map(" ".join),
    st.text(st.characters(exclude_categories=()), max_size=100),
)


@st.composite
def hostile_stories(draw: st.DrawFn) -> Story:
    """Every string in it that is not fixed by its type is hostile."""

    def text() -> str:
        return draw(hostile)

    quotes = tuple(
        Exemplar(
            role="typical",
            mention_id=text(),
            at=time("12:00"),
            channel=text(),
            text=text(),
            language=text(),
            handle=text(),
            url=draw(st.sampled_from([None, "https://"])) and "https://" + text(),
        )
        for _ in range(draw(st.integers(0, 4)))
    )
    matched = MatchedClaim(
        id=text(),
        claim=text(),
        verdict=text(),
        checked_by=text(),
        url=text(),
        probability=0.7,
        certain=draw(st.booleans()),
        answer=text(),
        owner=text(),
    )
    shown = evidence(
        text(),
        exemplars=quotes,
        channels=(text(), text()),
        languages=(text(),),
        counterfactual=text(),
        unknown=(text(),),
        signals=(Signal(name="authors", value=1.0, text=text()),),
        shares=(
            Share(dimension="term", name=text(), mentions=3, usual=1.0),
            Share(dimension="link", name=text(), mentions=3, usual=1.0),
        ),
        claim=draw(st.sampled_from([None, matched])),
    )
    one = alert(detector=text(), kind=text(), subject=text(), fingerprint=text(), evidence=shown)
    return story(
        monitor=text(),
        organisation=text(),
        owner=text(),
        headline=text(),
        state=draw(st.sampled_from(State)),
        severity=draw(st.sampled_from(Severity)),
        alerts=(one, one),
    )


@settings(max_examples=60)
@given(hostile_stories(), st.sampled_from(Reason))
def test_nothing_in_a_message_pings_links_or_restyles(hostile_story: Story, reason: Reason) -> None:
    message = story_message(hostile_story)
    assert acting_in_message(message.text, message.blocks) == []
    assert block_problem(list(message.blocks)) is None
    assert size_bytes(message.blocks) <= BUDGET_BYTES
    assert len(message.text) <= 600
    turn = turn_message(notification(reason, story=hostile_story))
    assert acting_in_message(turn.text, turn.blocks) == []
    assert block_problem(list(turn.blocks)) is None
    json.dumps([message.text, turn.text, *message.blocks, *turn.blocks], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text",
    [
        "<!channel>",
        "a & b",
        "*x*",
        ":tada:",
        "see evil.example",
        "http://x",
        "> q",
        "@here",
        "\u202ex",
        "a < b",
        "#general",
    ],
)
def test_the_parser_finds_what_slack_would_act_on(text: str) -> None:
    assert acting(text)


FLOODS = ["国勢調査の回答が売られる。", "سيبيعون بيانات التعداد ", "👩‍👩‍👧🏳️‍🌈", "<&>", '"\\', "Z̷̗a̴l̶g̵o̷ ", "x"]


@pytest.mark.parametrize("flood", FLOODS)
def test_a_message_keeps_its_budget_in_any_script(flood: str) -> None:
    long = flood * 2000
    shown = evidence(
        long,
        exemplars=tuple(
            exemplar(long + str(number), handle=long, url="https://example.org/" + long) for number in range(5)
        ),
        claim=claim(claim=long, answer=long, verdict=long, checked_by=long, owner=long),
        timeline=timeline(tuple(range(20))),
        channels=(long,) * 20,
        counterfactual=long,
        unknown=(long,) * 9,
    )
    message = story_message(story(headline=long, monitor=long, owner=long, alerts=(alert(evidence=shown),) * 6))
    assert size_bytes(message.blocks) <= BUDGET_BYTES
    assert not too_long(list(message.blocks))
    assert block_problem(list(message.blocks)) is None
    kept = json.dumps(message.blocks, ensure_ascii=False)
    assert "Approved answer" in kept
    assert "Next step" in kept


def test_the_least_important_goes_first() -> None:
    whole = json.dumps(story_message(story()).blocks)
    small = json.dumps(story_message(story(), budget_bytes=2_500).blocks)
    smallest = story_message(story(), budget_bytes=1).blocks
    for text in ("Who says it", "What is not known", "data_visualization"):
        assert text in whole
        assert text not in small
    assert "Approved answer" in small
    assert [block["type"] for block in smallest] == ["header", "rich_text", "context"]


def test_a_timeline_that_slack_could_not_draw_is_left_out() -> None:
    for points in ((), timeline((1,))):
        assert not story_message(story(alerts=(alert(evidence=evidence(timeline=points)),))).has_chart


def test_bins_of_the_same_hour_on_different_days_are_told_apart() -> None:
    days = tuple(
        msgspec.structs.replace(point, at=time(f"2030-04-0{day}T12:00")) for day, point in enumerate(timeline(), 1)
    )
    message = story_message(story(alerts=(alert(evidence=evidence(timeline=days)),)))
    assert message.has_chart
    assert block_problem(list(message.blocks)) is None


def test_the_fallback_says_what_a_phone_should_show() -> None:
    assert fallback(story(headline="Nine times the usual mentions")) == (
        "🔴 Critical: Nine times the usual mentions. 118 mentions in 5 minutes, where 13 are usual."
    )


def test_a_message_does_not_repeat_its_header() -> None:
    summary = "118 mentions in 5 minutes, where 13 are usual."
    said = story(headline="Census Office (census): 118 mentions in 5 minutes, where 13 are usual", alerts=(alert(),))
    assert said.alerts[0].evidence.summary == summary
    shown = json.dumps(story_message(said).blocks)
    assert shown.count("118 mentions in 5 minutes") == fallback(said).count("118 mentions in 5 minutes") == 1


def test_what_the_header_has_no_room_for_is_said_below_it() -> None:
    summary = "118 mentions in 5 minutes of what is said about the census" + " and what comes of it" * 3
    headline = f"Census Office (census): {summary}"
    said = story(headline=headline, alerts=(alert(evidence=evidence(summary)),))
    assert len(headline) <= 150 < len(f"🔴 Critical: {headline}")
    assert summary in json.dumps(story_message(said).blocks[1:])


def test_one_is_one() -> None:
    few = alert(evidence=evidence(mentions=1, exemplars=(exemplar(followers=1),)))
    said = notification(Reason.MORE, alerts=(few,))
    assert "1 mention now" in turn_message(said).text
    assert "1 follower " in f"{json.dumps(story_message(said.story).blocks)}".replace('"', " ")
