"""The windows (Slack calls them modals) that a click opens: a reason asked for, or all the evidence. Pure.

https://docs.slack.dev/reference/views/modal-views
"""

from alerting import handling_wording, wording
from alerting.alert import Story
from alerting.slack_actions import Ask
from alerting.slack_blocks import answer_block, claim_block, quoted
from alerting.slack_classic import classic
from alerting.slack_controls import MUTES, WHY_NOT, option
from alerting.slack_parts import Block, context, fact_lines, header, labelled, listed, rich, section, size_bytes, text

_TITLES = {Ask.WHY_MUTE: "Mute this story", Ask.WHY_NOT_USEFUL: "What was wrong?", Ask.MORE: "The evidence"}
# Slack takes 100 blocks, and 250 kB of a view; a window that large is read by nobody.
_MOST_BLOCKS = 90
_MOST_BYTES = 60_000


def ask_why_mute(remembered: str) -> Block:
    """For how long, and why. `remembered` comes back with the answer."""
    lengths = [option(label, word) for word, (label, _) in MUTES.items()]
    how_long = {"type": "radio_buttons", "action_id": "length", "options": lengths, "initial_option": lengths[0]}
    return _asking(
        Ask.WHY_MUTE,
        remembered,
        "Mute",
        [
            _input("length", "For how long?", how_long),
            _input("reason", "Why? Everybody sees it with the story.", _line(), optional=True),
        ],
    )


def ask_why_not_useful(remembered: str) -> Block:
    """Why it was of no use: one of a few reasons, and more words where somebody has some."""
    reasons = [option(reason.capitalize(), reason) for reason in WHY_NOT]
    why = {"type": "radio_buttons", "action_id": "why", "options": reasons}
    return _asking(
        Ask.WHY_NOT_USEFUL,
        remembered,
        "Send",
        [_input("why", "It was", why), _input("reason", "Anything else?", _line(), optional=True)],
    )


def evidence(story: Story | None, *, is_classic: bool = False) -> Block:
    """All that is known of a story, alert by alert; says so where nothing is."""
    blocks: list[Block] = []
    for block in _of_story(story) if story else (rich(section(text("Nothing is remembered of this story."))),):
        if len(blocks) == _MOST_BLOCKS or size_bytes([*blocks, block]) > _MOST_BYTES:
            break
        blocks.append(block)
    return {
        "type": "modal",
        "callback_id": Ask.MORE.value,
        "title": _plain(_TITLES[Ask.MORE]),
        "close": _plain("Close"),
        "blocks": list(classic(blocks)) if is_classic else blocks,
    }


def _of_story(story: Story) -> list[Block]:
    blocks = [header(f"{wording.symbol(story)} {wording.title(story)}", 150), fact_lines(wording.facts(story))]
    blocks += listed("Who sees to it", handling_wording.handled_lines(story, story.updated_at))
    if claim := wording.matched_claim(story):
        blocks.append(claim_block(claim))
        if claim.answer:
            blocks.append(answer_block(claim, claim.answer))
    blocks += listed("What became of it", wording.history(story))
    for alert in story.alerts:
        blocks += _of_alert(story, alert.fingerprint)
    if step := wording.next_step(story):
        blocks.append(labelled("Next step", step))
    since, until = (wording.moment(at, story.zone) for at in (story.starts_at, story.updated_at))
    told = f"Story {story.id} · {since} to {until}"
    return [*blocks, context(told)]


def _of_alert(story: Story, fingerprint: str) -> list[Block]:
    """One alert of a story, told as if it were its only one."""
    from msgspec.structs import replace

    only = replace(story, alerts=tuple(alert for alert in story.alerts if alert.fingerprint == fingerprint))
    (alert,) = only.alerts[:1]
    blocks: list[Block] = [{"type": "divider"}, labelled("Found", wording.sentence(alert.evidence.summary))]
    blocks.append(labelled("Why this fired", wording.why_fired(alert)))
    blocks += listed(wording.growth_heading(only), wording.growth(only))
    blocks += listed("Who says it: a crowd or a chorus", wording.signals(only))
    blocks += [quoted(exemplar, story.zone) for exemplar in wording.exemplars(only)]
    return blocks + list(listed("What is not known", wording.unknown(only)))


def _asking(ask: Ask, remembered: str, submit: str, blocks: list[Block]) -> Block:
    return {
        "type": "modal",
        "callback_id": ask.value,
        "private_metadata": remembered,
        "title": _plain(_TITLES[ask]),
        "submit": _plain(submit),
        "close": _plain("Cancel"),
        "blocks": blocks,
    }


def _input(block_id: str, label: str, element: Block, *, optional: bool = False) -> Block:
    """With a `block_id`: what is filled in comes back under it, and not every server makes one up."""
    block: Block = {"type": "input", "block_id": block_id, "label": _plain(label), "element": element}
    return block | {"optional": optional}


def _line() -> Block:
    return {"type": "plain_text_input", "action_id": "reason", "max_length": 300}


def _plain(label: str) -> Block:
    """Ours, never foreign."""
    return {"type": "plain_text", "text": label}
