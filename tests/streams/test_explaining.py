"""Explanations from records: each gate is named, with its numbers, and nothing that others wrote acts in a terminal."""

from datetime import UTC, timedelta
from io import StringIO
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console

from alerting.alert import Reason
from alerting.decision import Decision
from alerting.dispatcher import Dispatcher, DispatcherSettings
from alerting.outcome import Outcome
from alerting.quiet_hours import QuietWindow
from alerting.routes import Route
from detectors.detection import Effect
from detectors.mention import Author, Encoding, Mention
from streams.explaining.mention_steps import Batched, Trace, Watched, mention_steps
from streams.explaining.printing import print_steps
from streams.explaining.reading import is_about
from streams.explaining.step import Step
from streams.explaining.story_steps import decided, story_steps
from streams.queries.missing import missing
from streams.queries.query import parse
from streams.records import DeadLetter, Found
from tests.building import detection, evidence, exemplar, mention, time

NIGHT = QuietWindow(start_minute=22 * 60, end_minute=7 * 60)
WATCHED = Watched(query=parse("census NOT bird"), lateness=timedelta(seconds=30), reads_vectors=True)


def printed(steps: list[Step]) -> str:
    shown = StringIO()
    print_steps(steps, Console(file=shown, width=200))
    return shown.getvalue()


def night() -> tuple[Dispatcher, Outcome]:
    """A story that was found at 23:00 and told at 7:00."""
    monitor = Dispatcher(
        DispatcherSettings(
            monitor="census",
            organisation="Census Office",
            resolve_after=timedelta(days=1),
            routes=(Route(name="press", receivers=("slack",), quiet=(NIGHT,)),),
        )
    )
    outcome = monitor.observe(rise(), time("23:00")) + monitor.advance(time("23:00"))
    return monitor, outcome + monitor.advance(time("2030-04-02T07:00"))


def rise(**changes: Any) -> Any:
    return detection(**({"at": time("23:00"), "starts_at": time("22:50"), "score": 0.6, "effects": ()} | changes))


def found(**changes: Any) -> Found:
    return Found(id="d-1", monitor="census", detection=rise(**changes))


def explained(decisions: tuple[Decision, ...]) -> str:
    monitor, _ = night()
    return printed(story_steps(monitor.stories[0], [found()], decisions, UTC))


def test_a_story_is_explained_gate_by_gate_and_decided_again() -> None:
    text = explained(night()[1].decisions)
    assert "✓ 2030-04-01 23:00:00 UTC, volume_spike (spike, level 3, score 0.60): 118 mentions in 5 minutes" in text
    assert "It would not have fired below 61 mentions in 5 minutes." in text
    assert "that is warning by itself: what the score means" in text
    assert (
        "✗ 2030-04-01 23:00:00 UTC, slack by route press: first, written but held, gate quiet_hours: its route is "
        "quiet from 22:00 to 07:00, now until Tue 2 Apr 2030 07:00 (UTC): this is warning, and only critical or above "
        "interrupts" in text
    )
    assert "✓ 2030-04-02 07:00:00 UTC, slack by route press: first\n" in text
    assert "✓ 2 of 2 come out the same from what was recorded with them" in text


def test_receivers_that_were_told_alike_share_a_line() -> None:
    told = night()[1].decisions[1]
    others = [replace(told, receiver=receiver) for receiver in ("mail", "tool")]
    text = printed([Step("", tuple(decided([told, *others], UTC)))])
    assert "slack, mail and tool by route press: first\n" in text
    assert text.count("first") == 1


def test_of_many_findings_those_that_raised_the_severity_and_the_newest_are_shown() -> None:
    days = [found(at=time("23:00") + timedelta(minutes=5 * number)) for number in range(40)]
    days[20] = found(at=days[20].detection.at, score=0.9)
    monitor, outcome = night()
    text = printed(story_steps(monitor.stories[0], days, outcome.decisions, UTC))
    assert "40 findings, of which these weighed more than any before, or are the newest" in text
    assert text.count("volume_spike (spike") == 12
    assert "score 0.90" in text
    assert "2030-04-02 02:15:00 UTC, volume_spike" in text


def test_a_reason_is_whole_where_the_table_only_says_likewise() -> None:
    harm = found(score=0.4, effects=(Effect.HARM,))
    monitor, outcome = night()
    text = printed(story_steps(monitor.stories[0], [harm], outcome.decisions, UTC))
    assert "that is critical by itself: people may come to harm: the organisation named" in text
    assert "named these words itself, smaller\n" in text


def test_a_decision_that_comes_out_otherwise_is_said_to() -> None:
    held, told = night()[1].decisions
    wrong = replace(told, verdict=replace(told.verdict, reason=Reason.ESCALATED))
    text = explained((held, wrong))
    assert "1 of 2 come out the same" in text
    assert (
        f"✗ decision {wrong.id} comes out otherwise: recorded was slack by route press: escalated; now it would be "
        "first" in text
    )


def test_that_nothing_is_recorded_is_said() -> None:
    assert "no decision about it is left in the records" in explained(())


def traced(text: str = "the census is sold", **changes: Any) -> Trace:
    said = mention(text, at="22:58", id="m-1", url="https://bsky.example/1")
    encoded = replace(said, encoding=Encoding(model="m", language="en", vector=b"\0\0"))
    batched = Batched(monitor="census", came_at=time("22:58:02"), mention=encoded, stream_time=time("22:58:01"))
    known: dict[str, Any] = {"sent": [said], "batched": [batched], "around": {"census": 1234}}
    return Trace(**(known | changes))


def why_not(trace: Trace, **monitors: Watched) -> str:
    return printed(mention_steps("m-1", trace, monitors or {"census": WATCHED}, UTC))


def test_a_mention_that_was_never_heard() -> None:
    text = why_not(Trace())
    assert "✗ nothing in the records has the id or the link m-1" in text


def test_a_mention_that_could_not_be_read() -> None:
    letter = DeadLetter.of(b"{}", "missing_field", "`text` is missing", topic="mentions", partition=2, offset=7)
    text = why_not(Trace(dead=[letter]))
    assert "✗ it was refused as missing_field (mentions 2, offset 7, line 1): `text` is missing" in text


@pytest.mark.parametrize(
    ("line", "said", "expected"),
    [
        (b'{"id": "7", "text": 5}', "7", True),
        (b'{"id": "17", "text": 7}', "7", False),
        (b'{"url": "https:\\/\\/a.example\\/1"}', "https://a.example/1", True),
        ('{"id": "国勢調査"}'.encode(), "国勢調査", True),
        (b'{"id": "\\u56fd\\u52e2"}', "国勢", True),
        (b"at://did:plc:abcdefgh/post/1 and no JSON at all", "at://did:plc:abcdefgh/post/1", True),
    ],
)
def test_a_line_that_could_not_be_read_is_known_by_its_id(line: bytes, said: str, expected: bool) -> None:
    assert is_about(line, said) == expected


def test_many_refusals_are_counted() -> None:
    letter = DeadLetter.of(b"{}", "missing_field", "`text` is missing", topic="mentions", partition=2, offset=7)
    assert "and so were 12 more lines" in why_not(Trace(dead=[letter] * 20))


def test_a_mention_for_nobody_says_what_its_text_lacks() -> None:
    said = mention("a bird census", at="22:58", id="m-1")
    other = replace(WATCHED, query=parse('"town hall" OR mayor'))
    text = why_not(Trace(sent=[said]), census=WATCHED, town=other)
    assert "✗ census: its query does not match: it has bird, which the query leaves out" in text
    assert '✗ town: its query does not match: it has none of "town hall" OR mayor' in text


def test_a_mention_of_which_nothing_was_found_says_what_it_would_have_taken() -> None:
    earlier = found(at=time("2030-03-20T10:00"), starts_at=time("2030-03-20T10:00"))
    text = why_not(traced(found=[earlier]))
    assert "✓ census: its query matches by census" in text
    assert "· census: its language is en; compared by meaning" in text
    assert "1,234 mentions were said within 30 minutes of it" in text
    assert "✗ census: no detector found anything in the 24 h after it" in text
    assert "the last finding before it, 2030-03-20 10:00:00 UTC by volume_spike" in text
    assert "It would not have fired below 61 mentions in 5 minutes." in text
    assert "✗ nothing was found of which anybody could be told" in text


def test_a_mention_that_is_part_of_a_story_says_who_was_told() -> None:
    shown = evidence(exemplars=(exemplar(mention_id="m-1"),))
    text = why_not(traced(found=[found(evidence=shown)], decisions=list(night()[1].decisions)))
    assert "✓ census: it is shown there as an example" in text
    assert "✓ 2030-04-02 07:00:00 UTC, slack by route press: first" in text


@pytest.mark.parametrize(
    ("stream_time", "expected"),
    [
        ("22:59:30", "✗ census: that was"),
        ("2030-04-02T10:58:31", "more than 12 h late is counted as too late, and no detector is given it"),
        ("23:08:30", "· census: that was 10 min 0 s behind its watermark: late, and still counted where it belongs"),
    ],
)
def test_how_late_it_came_is_told_by_the_watermark_then(stream_time: str, expected: str) -> None:
    first = replace(traced().batched[0], stream_time=time(stream_time))
    text = why_not(traced(batched=[first]))
    assert (expected in text) == (stream_time != "22:59:30")


@pytest.mark.parametrize(
    ("since", "days_before", "expected"),
    [
        (
            "2030-03-29T22:00",
            {1: 9, 2: 14, 3: 7},
            "within 30 minutes of it; it was 7 to 14 at that time of the 3 days before",
        ),
        ("2030-03-30T22:00", {2: 1}, "of it; it was 0 to 1 at that time of the 2 days before"),
        ("2030-03-31T22:28:01", {1: 5}, "of it, and no day before is left to compare with"),
    ],
)
def test_what_was_usual_at_that_time_is_told(since: str, days_before: dict[int, int], expected: str) -> None:
    trace = traced(heard_since={"census": time(since)}, days_before={"census": days_before})
    assert expected in why_not(trace)


def test_repeats_and_letters_are_told() -> None:
    once = traced().batched[0]
    encoding = Encoding(model="m", language="ja", uncovered="language")
    letters = replace(once, mention=replace(once.mention, encoding=encoding))
    text = why_not(traced(batched=[letters, letters], sent=[once.mention, once.mention]))
    assert "it was read 2 times; only the first counts" in text
    assert "census: it came 2 times; only the first counts" in text
    assert "compared by its letters alone: the model does not cover its language" in text


def test_what_came_again_after_a_crash_counts_once() -> None:
    trace = traced(around={})
    for number in (1, 2, 2):
        trace.hear("census", mention("another", at="22:57", id=f"m-{number}"))
    trace.hear("vaccine", mention("another", at="22:57", id="m-2"))
    assert trace.around == {"census": 2, "vaccine": 1}


def test_hostile_text_stays_text() -> None:
    evil = "[bold red]census[/] \x1b[2J\x1b]8;;https://evil.example\x07 \u202egnihton\n\n✓ it is fine"
    said = Mention(id=evil, channel=evil, at=time("22:58"), text=evil, author=Author(handle=evil))
    shown = evidence(evil, exemplars=(exemplar(mention_id=evil),), counterfactual=evil)
    text = printed(
        mention_steps(evil, traced(sent=[said], found=[found(evidence=shown)]), {"census": WATCHED}, UTC)
    ) + printed(mention_steps(evil, Trace(), {}, UTC))
    assert "[bold red]census[/]" in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert not any(line.strip().startswith("✓ it is fine") for line in text.splitlines())


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("census AND sold", "the census", ["it has no sold"]),
        ("census AND sold", "nothing", ["it has no census", "it has no sold"]),
        ("(a OR b) AND census", "the census", ["it has none of a OR b"]),
        ("census NOT (bird OR traffic)", "a traffic census", ["it has traffic, which the query leaves out"]),
        ("tax NEAR/1 fraud", "tax and then some fraud", ["tax NEAR/1 fraud: they are too far apart"]),
        ("tax NEAR/1 fraud", "tax", ["tax NEAR/1 fraud: not all of it is there"]),
        ("census lang:fr", "the census", ["it has no lang:fr"]),
        ("census", "the census", []),
    ],
)
def test_what_a_query_lacks(query: str, text: str, expected: list[str]) -> None:
    assert missing(parse(query), mention(text)) == expected
