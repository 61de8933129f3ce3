"""A story as a mail: headers that make it part of its story's thread, and the same content as text and as HTML. Pure.

What others wrote is literal (`alerting/wording.py`), and Jinja escapes it. The HTML loads nothing, links nothing and
tells nobody that it was read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from alerting import wording
from alerting.alert import Notification, Receipt, Severity, State, Story
from alerting.bars import newest, sparkline
from alerting.digest import Digest, as_text, foot_lines, heading, story_line, turn_lines, why_line
from alerting.merging import INTERRUPTING, turns_of
from alerting.plain_text import cut, literal
from detectors.detection import Exemplar, MatchedClaim

_SUBJECT = 150
_ANSWER = 700
_QUOTES = 3
_BARS = 24
_BAR_PIXELS = 56
_COLOURS = {
    Severity.INFO: "#2f6fb2",
    Severity.WARNING: "#b7791f",
    Severity.CRITICAL: "#c53030",
    Severity.LIFE_SAFETY: "#c53030",
}
_OVER = "#2f855a"
# Seven bits a byte: every server takes it.
_POLICY = SMTP.clone(cte_type="7bit")


def mail(
    notification: Notification, receipt: Receipt, now: datetime, *, sender: str, to: Sequence[str], is_first: bool
) -> EmailMessage:
    """One telling of a story.

    Args:
        receipt: Of the story's first mail: its Message-ID as `channel`, its subject as `ts`.
        now: For the header Date.
        is_first: Whether this is that first mail.
    """
    story = notification.story
    message = _addressed(_from_name(story), sender, to, now)
    message["Message-ID"] = message_id(notification.id, notification.receiver, sender)
    # No mail has this id. It holds the thread together even if after a crash it began twice.
    thread = message_id(story.id, notification.receiver, sender)
    if is_first:
        message["Subject"] = receipt.ts
        message["References"] = thread
    else:
        message["Subject"] = f"Re: {receipt.ts}"
        message["In-Reply-To"] = receipt.channel
        message["References"] = f"{thread} {receipt.channel}"
    if story.severity >= Severity.CRITICAL and notification.reason in INTERRUPTING:
        message["Importance"] = "high"
        message["X-Priority"] = "1"
    message["X-Groundswell-Monitor"] = story.monitor
    message["X-Groundswell-Severity"] = story.severity.label
    content = _content(notification, is_first=is_first)
    return _filled(message, _template("email.txt.jinja").render(content), "email.html.jinja", content)


def digest_mail(digest: Digest, receiver: str, now: datetime, *, sender: str, to: Sequence[str]) -> EmailMessage:
    """What called nobody since the last digest: a mail, and a thread, of its own."""
    message = _addressed("Groundswell: digest", sender, to, now)
    message["Subject"] = _without_encoded_words(heading(digest), _SUBJECT)
    message["Message-ID"] = message_id(digest.id, receiver, sender)
    stories = [
        {
            "line": story_line(held, digest.timezone),
            "colour": _colour(held.state, held.severity),
            "why": why_line(held, digest.timezone),
            "turns": turn_lines(held, digest.timezone),
        }
        for held in digest.held
    ]
    content = {"title": heading(digest), "stories": stories, "foot": foot_lines(digest)}
    return _filled(message, f"{as_text(digest)}\n", "email_digest.html.jinja", content)


def _addressed(from_name: str, sender: str, to: Sequence[str], now: datetime) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(display_name=from_name, addr_spec=sender)
    message["To"] = [Address(addr_spec=address) for address in to]
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office answers (RFC 3834)
    message["X-Auto-Response-Suppress"] = "All"
    return message


def _filled(message: EmailMessage, text: str, template: str, content: Mapping[str, Any]) -> EmailMessage:
    message.set_content(text)
    message.add_alternative(_template(template).render(content), subtype="html")
    return message


def message_id(id: str, receiver: str, sender: str) -> str:
    """Of what has that id: always the same, so that a repeat of a mail is known as one."""
    return f"<{id}.{receiver}.groundswell@{sender.rpartition('@')[2]}>"


def subject(story: Story) -> str:
    """Without what changes as the story goes on, so that it can stay."""
    return _without_encoded_words(f"[{wording.name(story.monitor)}] {wording.headline(story.headline)}", _SUBJECT)


def _without_encoded_words(text: str, limit: int) -> str:
    """Python reads encoded words (=?utf-8?q?=0D=0A…?=) in what it is given for a header, and would write the line
    breaks in them: headers of somebody else's.
    """
    return cut(text.replace("=?", "= ?"), limit)


def _from_name(story: Story) -> str:
    """What stands beside the subject in every list of mails: `Groundswell: critical`."""
    state = "resolved" if story.state is State.RESOLVED else wording.severity_word(story.severity).lower()
    return f"Groundswell: {state}"


@cache
def _template(name: str) -> Template:
    environment = Environment(
        autoescape=lambda template: template is None or not template.endswith(".txt.jinja"),
        loader=FunctionLoader(lambda wanted: (files("alerting") / wanted).read_text(encoding="utf-8")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


def _content(notification: Notification, *, is_first: bool) -> dict[str, Any]:
    """What both templates show; all of it is literal text, only quotes have lines."""
    story = notification.story
    claim = wording.matched_claim(story)
    turns = [wording.sentence(turn.line) for turn in (notification.turns if is_first else turns_of(notification))]
    why_now = wording.beyond_title(story)
    return {
        "turns": turns,
        "symbol": wording.symbol(story),
        "title": wording.title(story),
        "colour": _colour(story.state, story.severity),
        "why_now": "" if any(why_now in turn for turn in turns) else why_now,
        "facts": wording.facts(story),
        "chart": _chart(story),
        "claim": _claim(claim) if claim else None,
        "next_step": wording.next_step(story),
        "quotes": [_quote(one, story.zone) for one in wording.exemplars(story)[:_QUOTES]],
        "lists": [(heading, list(lines)) for heading, lines in _lists(story) if lines],
        "why_fired": wording.why_fired(story.alerts[0]) if story.alerts else "",
        "foot": _foot(notification),
    }


def _colour(state: State, severity: Severity) -> str:
    return _OVER if state is State.RESOLVED else _COLOURS[severity]


def _foot(notification: Notification) -> str:
    story = notification.story
    known = f"Story {wording.name(story.id)} of the monitor {wording.name(story.monitor)}"
    budget = f" Interruption {wording.name(notification.budget)}." if notification.budget else ""
    return f"{known}, as of {wording.moment(story.updated_at, story.zone)}.{budget}"


def _chart(story: Story) -> dict[str, Any] | None:
    points = story.alerts[0].evidence.timeline[-_BARS:] if story.alerts else ()
    highest = max((point.observed for point in points), default=0.0)
    if len(points) < 2 or highest <= 0:
        return None
    last, width = points[-1], wording.duration(points[1].at - points[0].at)
    return {
        "bars": [max(1, round(_BAR_PIXELS * max(point.observed, 0.0) / highest)) for point in points],
        "line": sparkline(points),
        "spoken": f"Mentions per {width}, {wording.moment(points[0].at, story.zone)} to "
        f"{wording.moment(last.at, story.zone)}; "
        f"the last {width}: {newest(points)}",
    }


def _claim(claim: MatchedClaim) -> dict[str, Any]:
    answer = cut(literal(claim.answer, newlines=True), _ANSWER) if claim.answer else ""
    return {
        "heading": wording.claim_heading(claim),
        "claim": wording.sentence(claim.claim),
        "verdict": wording.claim_verdict(claim),
        "why": wording.claim_why(claim),
        "answer_heading": wording.answer_heading(claim),
        "answer": answer,
        "answer_lines": answer.split("\n"),
    }


def _quote(exemplar: Exemplar, timezone: tzinfo) -> dict[str, Any]:
    said = cut(literal(exemplar.text, newlines=True), wording.QUOTE) or "(no text)"
    return {
        "caption": wording.caption(exemplar, timezone),
        "text": said,
        "lines": said.split("\n"),
        "link": wording.link(exemplar),
    }


def _lists(story: Story) -> Iterable[tuple[str, Sequence[str]]]:
    yield "Also part of this story", wording.others(story)
    yield "What became of it", wording.history(story)
    yield wording.growth_heading(story), wording.growth(story)
    yield "Crowd or chorus", wording.signals(story)
    yield "What is not known", wording.unknown(story)
