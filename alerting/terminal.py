"""Tells stories in a terminal, or in a file: a new story as a panel, what changes as one line each.

What to do next stands below a line that matters, and the approved answer where a claim is new: who reads along sees
no message that is edited, and no answer twice.
Foreign text is made literal first, so that no escape sequence survives, and is never read as rich's own markup.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TextIO

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from alerting import bars, wording
from alerting.alert import Notification, Reason, Receipt, Severity, State, Story
from alerting.handling_wording import held_back
from alerting.notifier import Delivered, Notifier, Outcome, Refused, TryAgain
from alerting.plain_text import cut, for_terminal
from detectors.detection import Exemplar, MatchedClaim

_COLOURS = {
    Severity.INFO: "blue",
    Severity.WARNING: "yellow",
    Severity.CRITICAL: "red",
    Severity.LIFE_SAFETY: "bold bright_red",
}
_MARKS = {
    Reason.FIRST: "●",
    Reason.ESCALATED: "▲▲",
    Reason.MORE: "▲",
    Reason.CHANGED: "◆",
    Reason.SPREAD: "◇",
    Reason.DOUBLED: "▲▲",
    Reason.HANDLED: "✎",
    Reason.REMINDER: "…",
    Reason.RESOLVED: "✔",
    Reason.REOPENED: "↻",
}
_MATTERING = (Reason.ESCALATED, Reason.CHANGED, Reason.REOPENED)
_NARROWEST, _WIDEST = 60, 110


class TerminalNotifier(Notifier):
    """One receiver of type `terminal`.

    Args:
        name: The receiver's name in the config.
        file: Where to append; standard output where absent. Opened at the first story.
        stream: Written to instead, and left open.
        width: In columns; the terminal's own, between 60 and 110, where absent.
    """

    # Whoever reads along is called away from nothing.
    interrupts = False

    def __init__(
        self, *, name: str, file: str | None = None, stream: TextIO | None = None, width: int | None = None
    ) -> None:
        self._name = name
        self._file = file
        self._given = stream
        self._width = width
        self._opened: TextIO | None = None
        self._said: dict[str, str] = {}  # story -> its newest line, while it goes on

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        told = receipt or Receipt(channel=self._name, ts=notification.story.id)
        if receipt is not None and self._is_said(notification):
            return Delivered(told)
        shown: RenderableType = panel(notification.story) if receipt is None else turn(notification)
        if notification.hold is not None:
            shown = Group(shown, Text(f"  {held_back(notification.hold)}", style="dim"))
        try:
            self._write(shown)
        except BrokenPipeError:
            return Refused("Nobody reads the terminal any more.")
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else "input/output error"
            return TryAgain(f"cannot write to {self._file or 'the terminal'}: {reason}")
        except ValueError:
            return Refused("The terminal's stream is closed.")
        self._note(notification)
        return Delivered(told)

    def _is_said(self, notification: Notification) -> bool:
        """Whether newer numbers are those that the line above says: those of a smaller alert grew."""
        is_more = notification.reason is Reason.MORE and notification.hold is None
        return is_more and self._said.get(notification.story.id) == wording.turn(notification)

    def _note(self, notification: Notification) -> None:
        if notification.story.state is State.RESOLVED:
            self._said.pop(notification.story.id, None)
        else:
            self._said[notification.story.id] = wording.turn(notification)

    async def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _write(self, shown: RenderableType) -> None:
        """All of it at once, so that what other processes print does not come between."""
        stream = self._stream()
        console = Console(file=stream, width=self._width, markup=False, emoji=False, highlight=False)
        console.width = min(max(console.width, _NARROWEST), _WIDEST)
        with console.capture() as captured:
            console.print(shown)
        encoding = stream.encoding or "utf-8"
        stream.write(captured.get().encode(encoding, "replace").decode(encoding))
        stream.flush()

    def _stream(self) -> TextIO:
        if self._given is not None:
            return self._given
        if self._file is None:
            return sys.stdout
        if self._opened is None:
            self._opened = Path(self._file).open("a", encoding="utf-8")  # noqa: SIM115 - closed by close()
        return self._opened


class _Quote:
    """Foreign text with a bar along its left side, however many lines it takes."""

    def __init__(self, text: str) -> None:
        self._text = Text(text)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for wrapped in self._text.wrap(console, options.max_width - 2):
            yield Text.assemble(("│ ", "dim"), wrapped)


def panel(story: Story) -> Panel:
    """A story as a person would want to read it: what, why now, what was said, what to do."""
    colour = "green" if story.state is State.RESOLVED else _COLOURS[story.severity]
    body: list[RenderableType] = [*_timeline(story), Text(), _facts(story)]
    if told := wording.beyond_title(story):
        body.insert(0, Text(told, style="bold"))
    if found := wording.matched_claim(story):
        body += [Text(), *_claim(found)]
    if others := wording.others(story):
        body += _listed("Also part of this story", others)
    body += _listed("What became of it", wording.history(story))
    body += _listed(wording.growth_heading(story), wording.growth(story))
    if exemplars := wording.exemplars(story)[:3]:
        body += [
            Text(),
            Text("In their words", style="bold"),
            *(part for exemplar in exemplars for part in _quoted(exemplar, story.zone)),
        ]
    body += _listed("Crowd or chorus", wording.signals(story))
    if story.alerts:
        body += [Text(), _labelled("Why this fired", wording.why_fired(story.alerts[0]))]
    body += _listed("What is not known", wording.unknown(story))
    if step := wording.next_step(story):
        body += [Text(), _labelled("Next step", step, style=colour)]
    title = Text(f"{wording.symbol(story)} {wording.title(story)}", style=f"bold {colour}")
    foot = Text(
        f" story {cut(for_terminal(story.id), 40)} · as of {wording.moment(story.updated_at, story.zone)} ", style="dim"
    )
    return Panel(
        Group(title, Text(), *body), subtitle=foot, subtitle_align="right", border_style=colour, padding=(0, 1)
    )


def turn(notification: Notification) -> RenderableType:
    """What changed; where that matters with the next step, and with the approved answer where a claim is the news or
    the panel that shows it was long ago. Else one line says which claim it is.
    """
    if notification.reason not in _MATTERING:
        return line(notification)
    story = notification.story
    body: list[RenderableType] = []
    if claim := wording.matched_claim(story):
        is_news = bool(notification.news) and wording.tells_claim(notification)
        is_shown = notification.reason is not Reason.REOPENED and not is_news
        body += [Text(wording.claim_in_short(claim), style="magenta")] if is_shown else _claim(claim)
    if step := wording.next_step(story):
        body.append(_labelled("Next step", step, style=_COLOURS[story.severity]))
    return Group(line(notification), *(Padding.indent(part, 2) for part in body))


def line(notification: Notification) -> Text:
    """One line for what changed: `▲ More: 120 mentions now · census · story 5f0c9ab1`."""
    story = notification.story
    colour = "green" if story.state is State.RESOLVED else _COLOURS[story.severity]
    # The claim that a change is about stands below.
    is_change = notification.reason is Reason.CHANGED
    words = wording.changed(notification) if is_change else wording.turn(notification)
    told = Text.assemble((f"{_MARKS[notification.reason]} ", colour), words)
    told.append(f" · {wording.name(story.monitor)} · story {for_terminal(story.id)[:8]}", style="dim")
    return told


def _timeline(story: Story) -> Iterable[Text]:
    points = story.alerts[0].evidence.timeline if story.alerts else ()
    if len(points) < 2 or not (drawn := bars.sparkline(points)):
        return
    shown = Text(drawn, style="cyan")
    width = wording.duration(points[1].at - points[0].at)
    shown.append(f"  {bars.span(points, story.zone)}, last {width}: {bars.newest(points)}", style="dim")
    yield shown


def _facts(story: Story) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for label, value in wording.facts(story):
        facts.add_row(Text(label), Text(value))
    return facts


def _claim(claim: MatchedClaim) -> Iterable[RenderableType]:
    yield Text(wording.claim_heading(claim), style="bold magenta")
    yield _Quote(wording.sentence(claim.claim))
    yield Text(wording.claim_verdict(claim))
    if why := wording.claim_why(claim):
        yield Text(why, style="dim")
    if claim.answer:
        yield Text(wording.answer_heading(claim), style="bold green")
        yield _Quote(cut(for_terminal(claim.answer), 700))


def _quoted(exemplar: Exemplar, timezone: tzinfo) -> Iterable[RenderableType]:
    yield Text(wording.caption(exemplar, timezone), style="dim")
    yield _Quote(cut(for_terminal(exemplar.text), wording.QUOTE) or "(no text)")
    if shown := wording.link(exemplar):
        yield Padding(Text(shown, style="dim", overflow="fold"), (0, 0, 0, 2))


def _listed(heading: str, lines: Sequence[str]) -> list[RenderableType]:
    if not lines:
        return []
    return [Text(), Text(heading, style="bold"), *(Text(f"· {one}") for one in lines)]


def _labelled(label: str, text: str, style: str = "") -> Text:
    return Text.assemble((f"{label}: ", f"bold {style}".strip()), text)
