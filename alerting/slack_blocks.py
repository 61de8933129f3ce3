"""A story as one Slack message: blocks, and the text that phones and screen readers get. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from alerting import handling_wording, slack_controls, wording
from alerting.alert import Hold, Notification, State, Story
from alerting.merging import turns_of
from alerting.plain_text import cut, literal
from alerting.slack_classic import classic, without_entities
from alerting.slack_controls import Controls
from alerting.slack_markup import inert
from alerting.slack_parts import (
    Block,
    bars,
    chart,
    context,
    fact_lines,
    header,
    labelled,
    listed,
    quote,
    rich,
    section,
    size_bytes,
    text,
)
from detectors.detection import Exemplar, MatchedClaim

# Slack refuses whole messages of some 13,200 characters (msg_blocks_too_long; undocumented, slackapi/bolt-js #2509).
# Counted here as bytes of JSON in UTF-8, the largest of the ways in which Slack might count.
BUDGET_BYTES = 10_000
_SMALLEST_BYTES = 2_500

_HEADER = 150
_FALLBACK = 600
_QUOTES = 3
_TURN = (1000, 500, 250, 120, 60)
"""Code points of a line in the thread: as many as there is room for."""


class SlackMessage(Struct, frozen=True, kw_only=True):
    """`blocks` may be empty: then `text` is all there is."""

    text: str
    blocks: tuple[Block, ...] = ()

    @property
    def has_chart(self) -> bool:
        return self._has("data_visualization")

    @property
    def has_feedback(self) -> bool:
        return self._has("context_actions")

    def _has(self, kind: str) -> bool:
        return any(block["type"] == kind for block in self.blocks)


class Shape(Struct, frozen=True, kw_only=True):
    """What a workspace takes."""

    chart: bool = True
    classic: bool = False
    """Sections instead of rich text (slack_classic.py)."""
    controls: Controls = Controls.NONE
    budget_bytes: int = BUDGET_BYTES
    """0 for text without blocks."""

    def smaller(self) -> "Shape":
        """The next one after one that was too long."""
        half = self.budget_bytes // 2
        return replace(self, budget_bytes=half if self.budget_bytes > _SMALLEST_BYTES else 0)

    def plainer(self, message: SlackMessage, fullest: "Shape") -> "Shape":
        """The next one after one whose blocks were refused: what is new to Slack goes first.

        Args:
            message: How it came out.
            fullest: Where it began.
        """
        if message.has_chart:
            return replace(self, chart=False)
        if message.has_feedback:
            return replace(self, chart=fullest.chart, controls=Controls.PLAIN)
        if not self.classic:
            return replace(self, chart=fullest.chart, classic=True)
        if self.controls is not Controls.NONE:
            return replace(self, controls=Controls.NONE)
        return replace(self, budget_bytes=0)


class _Part(Struct, frozen=True):
    importance: int
    """The least important part is dropped first; 0 never."""
    blocks: tuple[Block, ...]


def notification_message(told: Notification, shape: Shape) -> SlackMessage:
    """The message of a notification's story, with what it spends and what holds it back."""
    if shape.budget_bytes == 0:
        return SlackMessage(text=fallback(told.story, is_classic=shape.classic))
    return _message(told.story, shape, told.at, told.hold, told.budget)


def story_message(story: Story, *, chart: bool = True, budget_bytes: int = BUDGET_BYTES) -> SlackMessage:
    """All that is known of a story, in the order in which a person asks; what does not fit the budget is left out."""
    return shaped_message(story, Shape(chart=chart, budget_bytes=budget_bytes))


def shaped_message(story: Story, shape: Shape) -> SlackMessage:
    """As `story_message`, as a workspace takes it."""
    if shape.budget_bytes == 0:
        return SlackMessage(text=fallback(story, is_classic=shape.classic))
    return _message(story, shape, story.updated_at)


def turn_message(notification: Notification, *, is_classic: bool = False) -> SlackMessage:
    """What changed, for the thread; of a telling that only edits, what it brings."""
    lines = [turn.line for turn in turns_of(notification)] or [wording.turn(notification)]
    return turns_message(notification.story, lines, is_classic=is_classic)


def turns_message(story: Story, lines: Sequence[str], *, is_classic: bool = False) -> SlackMessage:
    """One reply in the thread, a block for each turn: none is left out, but many long ones are cut."""
    joined = "\n".join(lines)
    blocks: tuple[Block, ...] = ()
    for longest in _TURN:
        blocks = tuple(rich(section(text(cut(line, longest)))) for line in lines)
        blocks = classic(blocks) if is_classic else blocks
        if size_bytes(blocks) <= BUDGET_BYTES:
            break
    told = inert(f"{wording.symbol(story)} {joined}", _FALLBACK)
    return SlackMessage(text=without_entities(told) if is_classic else told, blocks=blocks)


def fallback(story: Story, *, is_classic: bool = False) -> str:
    """Headline and one sentence, as a phone shows them."""
    told = inert(f"{wording.symbol(story)} {wording.title(story)}. {wording.beyond_title(story)}", _FALLBACK)
    return without_entities(told) if is_classic else told


def _message(story: Story, shape: Shape, at: datetime, hold: Hold | None = None, budget: str = "") -> SlackMessage:
    parts = [part for part in _parts(story, shape, at, hold, budget) if part.blocks]
    if shape.classic:
        parts = [_Part(part.importance, classic(part.blocks)) for part in parts]
    while size_bytes(_blocks(parts)) > shape.budget_bytes:
        droppable = [part for part in parts if part.importance]
        if not droppable:
            break
        parts.remove(max(droppable, key=lambda part: part.importance))
    return SlackMessage(text=fallback(story, is_classic=shape.classic), blocks=tuple(_blocks(parts)))


def _blocks(parts: Iterable[_Part]) -> list[Block]:
    return [block for part in parts for block in part.blocks]


def _parts(story: Story, shape: Shape, at: datetime, hold: Hold | None, budget: str) -> Iterable[_Part]:
    """In the order of the message: what it is and what to do stand where nobody has to scroll."""
    yield _Part(0, (header(_heading(story), _HEADER),))
    # The header may be too short for all of the title.
    if told := wording.why_now(story) if _is_cut(story) else wording.beyond_title(story):
        yield _Part(0, (rich(section(text(told, bold=True))),))
    if handled := handling_wording.handled_lines(story, at):
        yield _Part(0, (rich(section(text(" · ".join(handled)))),))
    if step := wording.next_step(story):
        yield _Part(1, (labelled("Next step", step),))
    if claim := wording.matched_claim(story):
        yield _Part(2, (claim_block(claim),))
        if claim.answer:
            yield _Part(1, (answer_block(claim, claim.answer),))
    if shape.controls is not Controls.NONE:
        yield _Part(0, slack_controls.actions(story, at))
    if shape.chart and story.alerts:
        yield _Part(5, chart(story.alerts[0].evidence.timeline, story.alerts[0].last_at, story.zone))
    if story.alerts and (shape.classic or not shape.chart):
        # Nobody says whether a chart that is taken is shown too.
        yield _Part(5, bars(story.alerts[0].evidence.timeline, story.alerts[0].last_at, story.zone))
    yield _Part(1, (fact_lines(wording.facts(story)),))
    yield from _evidence(story)
    yield _Part(0, slack_controls.judgement(story, shape.controls))
    yield _Part(0, (_context(story, hold, budget),))


def _evidence(story: Story) -> Iterable[_Part]:
    """Why a person should believe it. Of a story that is over, only what it was."""
    yield _Part(6, listed("Also part of this story", wording.others(story)[:4]))
    yield _Part(5, listed("What became of it", wording.history(story)))
    for rank, exemplar in enumerate(wording.exemplars(story)[:_QUOTES]):
        yield _Part(
            3 if rank == 0 else 6 + rank, (quoted(exemplar, story.zone, "In their words" if rank == 0 else ""),)
        )
    yield _Part(5, listed(wording.growth_heading(story), wording.growth(story)))
    if story.state is State.RESOLVED:
        return
    yield _Part(6, listed("Who says it: a crowd or a chorus", wording.signals(story)))
    if story.alerts:
        yield _Part(3, (labelled("Why this fired", wording.why_fired(story.alerts[0])),))
    yield _Part(6, listed("What is not known", wording.unknown(story)[:4]))


def claim_block(claim: MatchedClaim) -> Block:
    return rich(
        section(text(wording.claim_heading(claim), bold=True)),
        quote(text(wording.sentence(claim.claim))),
        section(text("\n".join(filter(None, (wording.claim_verdict(claim), wording.claim_why(claim)))))),
    )


def answer_block(claim: MatchedClaim, answer: str) -> Block:
    return rich(
        section(text(wording.answer_heading(claim), bold=True)),
        quote(text(cut(literal(answer, newlines=True), 700))),
    )


def quoted(exemplar: Exemplar, zone: tzinfo, heading: str = "") -> Block:
    """What somebody said, literally, with who said it, where and when."""
    said = cut(literal(exemplar.text, newlines=True), wording.QUOTE) or "(no text)"
    parts = [section(text(heading, bold=True))] if heading else []
    parts += [section(text(wording.caption(exemplar, zone))), quote(text(said))]
    if shown := wording.link(exemplar):
        parts.append(section(text(shown)))
    return rich(*parts)


def _heading(story: Story) -> str:
    return f"{wording.symbol(story)} {wording.title(story)}"


def _is_cut(story: Story) -> bool:
    return inert(_heading(story), _HEADER) != inert(_heading(story), 2 * _HEADER)


def _context(story: Story, hold: Hold | None, budget: str) -> Block:
    """What somebody needs who asks about this message, and why it did or did not interrupt."""
    told = [f"Story {story.id}"]
    if story.state is State.FIRING:
        told.append(f"as of {wording.moment(story.updated_at, story.zone)}")
    if budget:
        told.append(f"interruption {budget}")
    if hold is not None:
        told.append(handling_wording.held_back(hold))
    return context(" · ".join(told), 600)
