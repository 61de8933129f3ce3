"""A digest as one Slack message. Pure."""

from alerting.digest import Digest, HeldStory, foot_lines, heading, story_line, turn_lines, why_line
from alerting.slack_blocks import BUDGET_BYTES, SlackMessage
from alerting.slack_classic import classic, without_entities
from alerting.slack_markup import inert
from alerting.slack_parts import Block, context, header, rich, section, size_bytes, text

_FALLBACK = 600


def digest_message(digest: Digest, *, is_classic: bool = False) -> SlackMessage:
    """The most pressing first; what does not fit is counted."""
    foot = [context(line) for line in foot_lines(digest)]
    blocks = [header(f"🗞 {heading(digest)}", 150)]
    for shown, held in enumerate(digest.held):
        block = _story(held, digest.timezone)
        if size_bytes([*blocks, block, *foot]) > BUDGET_BYTES - 200:
            blocks.append(context(f"And {len(digest.held) - shown} more, which did not fit here."))
            break
        blocks.append(block)
    first = story_line(digest.held[0], digest.timezone) if digest.held else ""
    told = inert(f"🗞 {heading(digest)}. {first}", _FALLBACK)
    whole = (*blocks, *foot)
    if is_classic:
        return SlackMessage(text=without_entities(told), blocks=classic(whole))
    return SlackMessage(text=told, blocks=whole)


def _story(held: HeldStory, timezone: str) -> Block:
    lines = [why_line(held, timezone), *turn_lines(held, timezone)]
    told = [section(text(story_line(held, timezone), bold=True))]
    bullets: Block = {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [section(text(line)) for line in lines if line],
    }
    return rich(*told, bullets)
