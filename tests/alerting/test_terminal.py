import io
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from alerting.alert import Gate, Hold, Reason, Receipt, State
from alerting.bars import sparkline
from alerting.notifier import Delivered, Refused, TryAgain
from alerting.terminal import TerminalNotifier
from detectors.detection import Share
from tests.building import alert, claim, evidence, exemplar, notification, time, timeline
from tests.slack_markup_parser import without_isolates

NASTY = [
    "\x1b[31m",
    "\x1b]8;;https://evil.example\x07",
    "\x9b2J",
    "[bold red]",
    "[/]",
    "[link=https://evil.example]",
    ":boom:",
]
HARD = [
    "\u202e",
    "\u2066",
    "\u2068",
    "\u2069",
    "\r",
    "\n",
    "\b",
    "\x00",
    "\ud800",
    "国勢調査",
    "👩‍👩‍👧",
    "e\u0301",
    "سمعت",
    "x" * 70,
]


async def shown(
    reason: Reason = Reason.FIRST, receipt: Receipt | None = None, *, width: int = 80, **changes: Any
) -> str:
    stream = io.StringIO()
    sender = TerminalNotifier(name="terminal", stream=stream, width=width)
    outcome = await sender.send(notification(reason, **changes), receipt)
    assert isinstance(outcome, Delivered)
    return stream.getvalue()


async def turned(reason: Reason, news: tuple[str, ...]) -> str:
    stream = io.StringIO()
    sender = TerminalNotifier(name="terminal", stream=stream, width=110)
    await sender.send(replace(notification(reason), news=news), Receipt(channel="terminal", ts="1"))
    return stream.getvalue()


async def test_what_called_nobody_says_so_and_why() -> None:
    stream = io.StringIO()
    why = "\x1b[31mthe minister speaks"
    held = replace(notification(), hold=Hold(gate=Gate.MUTED, why=why, until=time("18:00")))
    await TerminalNotifier(name="terminal", stream=stream, width=100).send(held, None)
    assert "Nobody is interrupted: [31mthe minister speaks" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


async def test_a_new_story_is_shown_whole() -> None:
    text = await shown(width=100)
    for part in (
        "Critical: Census Office: nine times the usual mentions",
        "118 mentions in 5 minutes, where 13 are usual.",
        "▂▂▂▂▂▄▅█",
        "Matches a fact-checked claim",
        "No evidence, says Example Fact Check (97 % sure that it is this claim)",
        "Answers are confidential by law",
        "│ 国勢調査の回答が保険会社に売られるらしい。",
        "سمعت أن مكتب التعداد",
        "bsky.example/profile/ada/post/1",
        "204 accounts wrote it",
        "It would not have fired below",
        "Whether accounts that are not public say the same.",
        "Next step: Give the approved answer",
    ):
        assert part in text


async def test_what_the_title_says_is_not_said_again() -> None:
    spike = alert(evidence=evidence("118 mentions in 5 minutes."))
    text = await shown(headline="Census Office (census): 118 mentions in 5 minutes", alerts=(spike,))
    assert text.count("118 mentions in 5 minutes") == 1


@pytest.mark.parametrize(
    ("reason", "begins"),
    [
        (Reason.MORE, "▲ More: 252 mentions now"),
        (Reason.ESCALATED, "▲▲ Escalated to critical: 252 mentions now."),
        (Reason.CHANGED, "◆ Changed: 252 mentions now. 118 mentions in 5 minutes"),
        (Reason.REMINDER, "… Still going on, 15 min by now"),
        (Reason.REOPENED, "↻ Back again"),
    ],
)
async def test_what_follows_begins_with_one_short_line(reason: Reason, begins: str) -> None:
    text = await shown(reason, Receipt(channel="terminal", ts="1"))
    assert text.startswith(begins)
    assert "story 5f0c9ab1" in text.replace("\n", " ")


ANSWER = (
    "  Matches a fact-checked claim\n  │ The census office sells answers to insurance companies.",
    "  No evidence, says Example Fact Check (97 % sure that it is this claim)",
    "  Approved answer, from press@census.example\n  │ Answers are confidential by law",
)


@pytest.mark.parametrize(
    ("reason", "news"),
    [
        (Reason.REOPENED, ()),
        (Reason.CHANGED, ("alert:f:k", "claim:census-sale")),
        (Reason.ESCALATED, ("certain:census-sale",)),
    ],
)
async def test_a_claim_that_is_news_or_was_told_long_ago_is_shown_with_its_answer(
    reason: Reason, news: tuple[str, ...]
) -> None:
    text = await turned(reason, news)
    for part in (*ANSWER, "  Next step: Give the approved answer"):
        assert text.count(part) == 1


@pytest.mark.parametrize(
    ("reason", "news"), [(Reason.ESCALATED, ()), (Reason.CHANGED, ("alert:f:k",)), (Reason.ESCALATED, ("channel:x",))]
)
async def test_a_claim_that_was_shown_already_is_only_named_with_the_next_step(
    reason: Reason, news: tuple[str, ...]
) -> None:
    text = await turned(reason, news)
    assert not any(part in text for part in ANSWER)
    assert "  Matches the claim census-sale: No evidence, says Example Fact Check (97 % sure)\n" in text
    assert text.count("  Next step: Give the approved answer") == 1


@pytest.mark.parametrize("reason", [Reason.MORE, Reason.REMINDER])
async def test_numbers_and_reminders_stay_one_line(reason: Reason) -> None:
    text = await shown(reason, Receipt(channel="terminal", ts="1"))
    assert text.count("\n") == 1


async def test_the_end_says_when_and_how_long() -> None:
    over: dict[str, Any] = {
        "state": State.RESOLVED,
        "alerts": (alert(state=State.RESOLVED, resolved_at=time("14:20")),),
    }
    text = await shown(Reason.RESOLVED, Receipt(channel="terminal", ts="1"), **over)
    assert text.startswith("✔ Resolved. Over since 01 Apr 14:20 UTC, after 2 h 30 min.")
    assert "✅ Resolved" in await shown(Reason.RESOLVED, None, **over)


@settings(max_examples=20)
@given(st.lists(st.sampled_from([*NASTY, *HARD]), max_size=20).map("".join), st.integers(40, 130))
async def test_foreign_text_does_nothing_and_breaks_no_line(text: str, width: int) -> None:
    hostile = alert(
        detector=text,
        fingerprint=text,
        evidence=evidence(
            text,
            exemplars=(exemplar(text, handle=text, channel=text, language=text, url=f"https://{text}"),),
            claim=claim(claim=text, answer=text, verdict=text, checked_by=text, owner=text, url=text),
            channels=(text, text),
            shares=tuple(Share(dimension=each, name=text, mentions=3, usual=1.0) for each in ("term", "link")),
            counterfactual=text,
            unknown=(text,),
        ),
    )
    for receipt in (None, Receipt(channel="terminal", ts="1")):
        for reason in Reason:
            out = await shown(reason, receipt, width=width, alerts=(hostile, hostile), headline=text, monitor=text)
            # In pairs around a name from right to left they are ours: foreign ones do not get through.
            ours = without_isolates(out)
            assert not regex.search(r"[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069--[\n]]", ours, regex.V1)
    lines = (await shown(width=width, alerts=(hostile,), headline=text)).splitlines()
    assert {cell_len(line) for line in lines} == {min(max(width, 60), 110)}


async def test_rich_markup_in_a_text_is_shown_and_not_obeyed() -> None:
    quote = exemplar("[bold red]look[/] [link=https://evil.example]here[/link] :boom:")
    text = await shown(alerts=(alert(evidence=evidence(exemplars=(quote,))),))
    assert "[bold red]look[/] [link=https://evil.example]here[/link] :boom:" in text


async def test_without_a_terminal_there_is_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in await shown()

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    for no_color in (False, True):
        if no_color:
            monkeypatch.setenv("NO_COLOR", "1")
        stream = Terminal()
        await TerminalNotifier(name="terminal", stream=stream, width=80).send(notification(), None)
        assert bool(regex.search(r"\x1b\[[0-9;]*3[0-9]", stream.getvalue())) is not no_color


async def test_a_file_is_appended_to(tmp_path: Path) -> None:
    file = tmp_path / "alerts.txt"
    for _ in range(2):
        sender = TerminalNotifier(name="terminal", file=str(file))
        receipt = Receipt(channel="terminal", ts="1")
        assert await sender.send(notification(Reason.MORE), receipt) == Delivered(receipt)
        await sender.close()
        await sender.close()
    assert file.read_text(encoding="utf-8").count("▲ More") == 2


async def test_a_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    sender = TerminalNotifier(name="terminal", file=str(tmp_path))
    assert await sender.send(notification(), None) == TryAgain(f"cannot write to {tmp_path}: Is a directory")


async def test_a_stream_that_is_closed_is_refused() -> None:
    stream = io.StringIO()
    stream.close()
    assert isinstance(await TerminalNotifier(name="terminal", stream=stream).send(notification(), None), Refused)


async def test_a_terminal_that_knows_few_characters_gets_those(tmp_path: Path) -> None:
    with (tmp_path / "latin.txt").open("w", encoding="ascii") as stream:
        assert isinstance(await TerminalNotifier(name="terminal", stream=stream).send(notification(), None), Delivered)
    assert "Critical: Census Office" in (tmp_path / "latin.txt").read_text(encoding="ascii")


def test_a_sparkline_reaches_its_top_at_the_highest_bin() -> None:
    assert sparkline(timeline((0, 7, 14))) == "▁▅█"
    assert sparkline(timeline((0, 0))) == ""
