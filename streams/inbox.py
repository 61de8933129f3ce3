"""Shows stories in a terminal, one row each: what `groundswell inbox` prints. All foreign text is literal."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerting.alert import Severity, State, Story
from alerting.phrases import duration, moment, name, sentence

_COLOURS = {
    Severity.INFO: "blue",
    Severity.WARNING: "yellow",
    Severity.CRITICAL: "red",
    Severity.LIFE_SAFETY: "bold white on red",
}
_WIDE = 110
"""Columns from which on everything fits beside each other; below, what is said keeps most of them."""
_SHORT = 8
"""Characters of an id that every command takes for the whole."""


def print_inbox(stories: Sequence[Story], console: Console | None = None, now: datetime | None = None) -> None:
    """In the given order, as it is `now`: the present where absent."""
    console, now = console or Console(highlight=False), now or datetime.now(UTC)
    if not stories:
        console.print("Nothing is open.")
        return
    wide = console.width >= _WIDE
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("risk", justify="right", no_wrap=True)
    table.add_column("severity", no_wrap=True)
    table.add_column("what", ratio=1)
    table.add_column("since", no_wrap=wide, max_width=None if wide else 12)
    table.add_column("who sees to it", max_width=28 if wide else 14)
    table.add_column("story", no_wrap=True)
    for story in stories:
        over = story.state is State.RESOLVED
        table.add_row(
            str(story.risk),
            Text("over" if over else story.severity.label, style="dim" if over else _COLOURS[story.severity]),
            Text(sentence(story.headline)),
            f"{duration(story.updated_at - story.starts_at)}, {story.starts_at.astimezone(story.zone):%d %b %H:%M}",
            Text(who_sees_to_it(story, now)),
            Text(story.id if wide else story.id[:_SHORT], style="dim"),
        )
    console.print(table)
    first = stories[0].id
    console.print(
        f"\n{'1 story' if len(stories) == 1 else f'{len(stories):,} stories'}; times are by the clock of "
        f"{stories[0].zone}. "
        f"groundswell ack CONFIG {first[:_SHORT]} says that you see to it.",
        style="dim",
    )


def who_sees_to_it(story: Story, now: datetime) -> str:
    """`Ada` · `nobody yet; owner Press desk` · `Ada; muted until 01 Apr 14:00 UTC`, where it still is."""
    handling = story.handling
    who = handling.assigned_to or handling.acknowledged_by
    told = name(who) if who else "nobody yet"
    if who is None and story.owner:
        told += f"; owner {name(story.owner)}"
    mute = handling.mute
    if mute is not None and handling.is_muted(now):
        told += "; muted" if mute.until is None else f"; muted until {moment(mute.until, story.zone)}"
    return told
