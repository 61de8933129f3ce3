"""A story as one Slack message: blocks, and the text that phones and screen readers get. Pure.

What others wrote stands in `rich_text` text elements, which Slack shows as they are; in every other field it is made
inert (slack_markup.py). No element that acts (link, user, usergroup, broadcast, emoji) is ever made from data.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from alerting import wording
from alerting.alert import Notification, State, Story
from alerting.plain_text import cut, literal
from alerting.slack_markup import inert
from detectors.detection import Exemplar, MatchedClaim, Point

Block = dict[str, Any]

# Slack refuses whole messages of some 13,200 characters (msg_blocks_too_long; undocumented, slackapi/bolt-js #2509).
# Counted here as bytes of JSON in UTF-8, the largest of the ways in which Slack might count.
BUDGET_BYTES = 10_000

_HEADER = 150
_FALLBACK = 600
_FIELD = 200
_QUOTES = 3
_POINTS = 20


class SlackMessage(Struct, frozen=True, kw_only=True):
    """`blocks` may be empty: then `text` is all there is."""

    text: str
    blocks: tuple[Block, ...] = ()

    @property
    def has_chart(self) -> bool:
        return any(block["type"] == "data_visualization" for block in self.blocks)


class _Part(Struct, frozen=True):
    importance: int
    """The least important part is dropped first; 0 never."""
    blocks: tuple[Block, ...]


def story_message(story: Story, *, chart: bool = True, budget_bytes: int = BUDGET_BYTES) -> SlackMessage:
    """All that is known of a story, in the order in which a person asks; what does not fit the budget is left out."""
    parts = [part for part in _parts(story, chart) if part.blocks]
    while size_bytes(_blocks(parts)) > budget_bytes:
        droppable = [part for part in parts if part.importance]
        if not droppable:
            break
        parts.remove(max(droppable, key=lambda part: part.importance))
    return SlackMessage(text=fallback(story), blocks=tuple(_blocks(parts)))


def turn_message(notification: Notification) -> SlackMessage:
    """One line for the thread: what changed."""
    line = wording.turn(notification)
    blocks = (_rich(_section(_text(line))),)
    return SlackMessage(text=inert(f"{wording.symbol(notification.story)} {line}", _FALLBACK), blocks=blocks)


def fallback(story: Story) -> str:
    """Headline and one sentence, as a phone shows them."""
    return inert(f"{wording.symbol(story)} {wording.title(story)}. {wording.beyond_title(story)}", _FALLBACK)


def size_bytes(blocks: Sequence[Block]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")).encode())


def _blocks(parts: Iterable[_Part]) -> list[Block]:
    return [block for part in parts for block in part.blocks]


def _parts(story: Story, chart: bool) -> Iterable[_Part]:
    """In the order of the message."""
    claim = wording.matched_claim(story)
    yield _Part(0, (_header(story),))
    # The header may be too short for all of the title.
    if told := wording.why_now(story) if _is_cut(story) else wording.beyond_title(story):
        yield _Part(0, (_rich(_section(_text(told, bold=True))),))
    if chart and story.alerts:
        yield _Part(5, _chart(story.alerts[0].evidence.timeline))
    yield _Part(1, (_fields(story),))
    if claim:
        yield _Part(2, (_claim(claim),))
        if claim.answer:
            yield _Part(1, (_answer(claim, claim.answer),))
    yield _Part(6, _listed("Also part of this story", wording.others(story)[:4]))
    yield _Part(5, _listed("What became of it", wording.history(story)))
    yield _Part(5, _listed(wording.growth_heading(story), wording.growth(story)))
    for rank, exemplar in enumerate(wording.exemplars(story)[:_QUOTES]):
        yield _Part(3 if rank == 0 else 6 + rank, (_quoted(exemplar),))
    yield _Part(6, _listed("Crowd or chorus", wording.signals(story)))
    if story.alerts:
        yield _Part(
            3, (_rich(_section(_text("Why this fired: ", bold=True), _text(wording.why_fired(story.alerts[0])))),)
        )
    yield _Part(6, _listed("What is not known", wording.unknown(story)[:4]))
    if step := wording.next_step(story):
        yield _Part(1, (_rich(_section(_text("Next step: ", bold=True), _text(step))),))
    yield _Part(0, (_context(story),))


def _header(story: Story) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": inert(_heading(story), _HEADER), "emoji": True}}


def _heading(story: Story) -> str:
    return f"{wording.symbol(story)} {wording.title(story)}".replace("\n", " ")


def _is_cut(story: Story) -> bool:
    return inert(_heading(story), _HEADER) != inert(_heading(story), 2 * _HEADER)


def _fields(story: Story) -> Block:
    fields = [
        {"type": "mrkdwn", "text": f"*{label}*\n{inert(value, _FIELD) or '–'}", "verbatim": True}
        for label, value in wording.facts(story)[:10]
    ]
    return {"type": "section", "fields": fields}


def _chart(timeline: Sequence[Point]) -> tuple[Block, ...]:
    """Slack's native chart: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block."""
    points = timeline[-_POINTS:]
    if len(points) < 2:
        return ()
    labels = [f"{point.at:%H:%M}" for point in points]
    if len(set(labels)) < len(labels):
        labels = [f"{point.at:%d %b %H:%M:%S}" for point in points]
    if len(set(labels)) < len(labels):
        return ()
    series = [_series("observed", labels, [point.observed for point in points])]
    expected = [point.expected for point in points if point.expected is not None]
    if len(expected) == len(points):
        series.append(_series("expected", labels, expected))
    axes = {"categories": labels, "x_label": "time (UTC)", "y_label": "mentions"}
    width = points[1].at - points[0].at
    return (
        {
            "type": "data_visualization",
            "title": f"Mentions per {wording.duration(width)}",
            "chart": {"type": "line", "series": series, "axis_config": axes},
        },
    )


def _series(label: str, labels: Sequence[str], values: Sequence[float]) -> Block:
    data = [{"label": at, "value": round(value, 2)} for at, value in zip(labels, values, strict=True)]
    return {"name": label, "data": data}


def _claim(claim: MatchedClaim) -> Block:
    return _rich(
        _section(_text(wording.claim_heading(claim), bold=True)),
        _quote(_text(wording.sentence(claim.claim))),
        _section(_text("\n".join(filter(None, (wording.claim_verdict(claim), wording.claim_why(claim)))))),
    )


def _answer(claim: MatchedClaim, answer: str) -> Block:
    return _rich(
        _section(_text(wording.answer_heading(claim), bold=True)),
        _quote(_text(cut(literal(answer, newlines=True), 700))),
    )


def _quoted(exemplar: Exemplar) -> Block:
    said = cut(literal(exemplar.text, newlines=True), wording.QUOTE) or "(no text)"
    parts = [_section(_text(wording.caption(exemplar))), _quote(_text(said))]
    if shown := wording.link(exemplar):
        parts.append(_section(_text(shown)))
    return _rich(*parts)


def _listed(heading: str, lines: Sequence[str]) -> tuple[Block, ...]:
    lines = [line for line in lines if line]
    if not lines:
        return ()
    bullets = {"type": "rich_text_list", "style": "bullet", "elements": [_section(_text(line)) for line in lines]}
    return (_rich(_section(_text(heading, bold=True)), bullets),)


def _context(story: Story) -> Block:
    alerts = ", ".join(alert.fingerprint for alert in story.alerts[:4])
    line = f"Story {story.id} · alerts {alerts} · {wording.severity_word(story.severity).lower()}"
    if story.state is State.FIRING:
        line += f" · as of {wording.moment(story.updated_at)}"
    return {"type": "context", "elements": [{"type": "plain_text", "text": inert(line, 300), "emoji": False}]}


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def _quote(*elements: Block) -> Block:
    return {"type": "rich_text_quote", "elements": list(elements)}


def _text(text: str, *, bold: bool = False) -> Block:
    """Slack refuses an empty element."""
    element: Block = {"type": "text", "text": text or "–"}
    return element | {"style": {"bold": True}} if bold else element
