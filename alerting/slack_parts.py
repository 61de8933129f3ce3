"""The small parts of Slack blocks, from words that are literal already: rich text, fields, charts. Pure.

What others wrote stands in `rich_text` text elements, which Slack shows as they are; in every other field it is made
inert (slack_markup.py). No element that acts (link, user, usergroup, broadcast, emoji) is ever made from data.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from alerting import wording
from alerting.bars import newest, span, sparkline
from alerting.plain_text import cut
from alerting.slack_markup import inert
from detectors.detection import Point

Block = dict[str, Any]

_FACT = 160
_MOST_FACTS = 10
_FACTS_A_LINE = 3
_POINTS = 20


def size_bytes(blocks: Sequence[Block]) -> int:
    """As JSON in UTF-8, the largest of the ways in which Slack might count."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")).encode())


def plain(text: str, limit: int, *, emoji: bool = False) -> Block:
    return {"type": "plain_text", "text": inert(text, limit) or "–", "emoji": emoji}


def header(text: str, limit: int) -> Block:
    return {"type": "header", "text": plain(text.replace("\n", " "), limit, emoji=True)}


def context(line: str, limit: int = 300) -> Block:
    return {"type": "context", "elements": [plain(line, limit)]}


def fact_lines(pairs: Sequence[tuple[str, str]]) -> Block:
    """Labels and values, several on a line: rich text, so that an address stays one that can be copied."""
    elements: list[Block] = []
    for place, (label, value) in enumerate(pairs[:_MOST_FACTS]):
        between = "" if place == 0 else "\n" if place % _FACTS_A_LINE == 0 else "  ·  "
        elements += [text(f"{between}{label} ", bold=True), text(cut(value, _FACT))]
    return rich(section(*(elements or [text("")])))


def rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def quote(*elements: Block) -> Block:
    return {"type": "rich_text_quote", "elements": list(elements)}


def text(words: str, *, bold: bool = False) -> Block:
    """Slack refuses an empty element."""
    element: Block = {"type": "text", "text": words or "–"}
    return element | {"style": {"bold": True}} if bold else element


def labelled(label: str, words: str) -> Block:
    return rich(section(text(f"{label}: ", bold=True), text(words)))


def listed(heading: str, lines: Sequence[str]) -> tuple[Block, ...]:
    """A heading with bullets; nothing where there are no lines."""
    lines = [line[0].upper() + line[1:] for line in lines if line]
    if not lines:
        return ()
    bullets = {"type": "rich_text_list", "style": "bullet", "elements": [section(text(line)) for line in lines]}
    return (rich(section(text(heading, bold=True)), bullets),)


def chart(timeline: Sequence[Point], at: datetime | None = None, zone: tzinfo = UTC) -> tuple[Block, ...]:
    """Slack's native chart, or nothing where it could not draw one.

    https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block

    Args:
        timeline: Oldest first.
        at: When it was drawn up: the newest bin may have only begun.
        zone: By whose clock: a chart's labels are text, which Slack does not turn into each reader's own.
    """
    points = _drawn(timeline, at)
    if len(points) < 2:
        return ()
    moments = [point.at.astimezone(zone) for point in points]
    ways = (
        [f"{moment:%H:%M}" for moment in moments],
        [f"{moment:%H:%M} {wording.zone_name(moment)}" for moment in moments],  # an hour that the clocks repeat
        [f"{moment:%d %b %H:%M:%S}" for moment in moments],
    )
    labels = next((way for way in ways if len(set(way)) == len(way)), None)
    if labels is None:
        return ()
    series = [_series("observed", labels, [point.observed for point in points])]
    expected = [point.expected for point in points if point.expected is not None]
    if len(expected) == len(points):
        series.append(_series("expected", labels, expected))
    axes = {"categories": labels, "x_label": f"time ({wording.zone_name(moments[-1])})", "y_label": "mentions"}
    width = points[1].at - points[0].at
    return (
        {
            "type": "data_visualization",
            "title": f"Mentions per {wording.duration(width)}",
            "chart": {"type": "line", "series": series, "axis_config": axes},
        },
    )


def bars(timeline: Sequence[Point], at: datetime | None = None, zone: tzinfo = UTC) -> tuple[Block, ...]:
    """The same as a line of text, for where no chart is shown; nothing where it would be flat."""
    points = _drawn(timeline, at)
    if len(points) < 2 or not (drawn := sparkline(points)):
        return ()
    width = wording.duration(points[1].at - points[0].at)
    return (labelled(f"Mentions per {width}", f"{drawn}  {span(points, zone)}, last {newest(points)}"),)


def _drawn(timeline: Sequence[Point], at: datetime | None) -> Sequence[Point]:
    points = timeline[-_POINTS:]
    if len(points) > 2 and at is not None and _is_open(points, at) and points[-1].observed < points[-2].observed:
        return points[:-1]  # it would look as if it were over
    return points


def _is_open(points: Sequence[Point], at: datetime) -> bool:
    return points[-1].at + (points[1].at - points[0].at) > at


def _series(label: str, labels: Sequence[str], values: Sequence[float]) -> Block:
    data = [{"label": at, "value": round(value, 2)} for at, value in zip(labels, values, strict=True)]
    return {"name": label, "data": data}
