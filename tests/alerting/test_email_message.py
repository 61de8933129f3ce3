"""Mails, for stories as they come and for stories full of hostile text."""

import email
import os
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from alerting.alert import Gate, Hold, Reason, Receipt, State, Turn
from alerting.digest import composed, held_story
from alerting.email_message import digest_mail, mail, message_id, subject
from alerting.plain_text import cut, literal
from detectors.detection import Share, Signal
from tests.building import alert, claim, evidence, exemplar, notification, time

GOLDEN = Path(__file__).parent / "golden"
SENDER, TO = "groundswell@census.example", ("press@census.example",)
ATTACKS = [
    "\r\nBcc: victim@evil.example\r\n",
    "\nSubject: other\n\n",
    "\x0b\x0c\x1c\x85\u2028",
    "=?utf-8?q?=0D=0ABcc:_a@evil.example?=",
    "<script>alert(1)</script>",
    "<img src=https://evil.example/pixel.gif>",
    '"><a href="https://evil.example">Open</a>',
    "' onmouseover='x",
    "</td></tr></table></body></html>",
    "<!--",
    "]]>",
    "<style>*{display:none}</style>",
    "&lt;b&gt;",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "\n.\n",
    "\n-- \n",
    "\n> ",
    "From ",
    "--=====",
    "\u202egnp",
    "\u2066",
    "\ud800",
    "\x00",
    "国勢調査",
    "👩‍👩‍👧",
    "سمعت",
    "x" * 300,
]
hostile = st.one_of(
    st.lists(st.sampled_from(ATTACKS), max_size=12).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=100),
)
CONTROLS = regex.compile(r"[\p{Cs}\u202a-\u202e\u2066\u2067\x00-\x09\x0b-\x1f\x7f-\x9f]")
HEADERS = {
    *("From", "To", "Date", "Subject", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Importance"),
    *("X-Priority", "X-Groundswell-Monitor", "X-Groundswell-Severity", "MIME-Version", "Content-Type"),
    *("In-Reply-To", "References"),
}
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "table",
    "tr",
    "td",
    "p",
    "h1",
    "h2",
    "div",
    "b",
    "blockquote",
    "ul",
    "li",
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "style", "role", "width", "cellpadding", "cellspacing", "align"),
    *("aria-hidden", "dir"),
}


def read(reason: Reason = Reason.FIRST, **changes: Any) -> EmailMessage:
    """A mail as whoever gets it reads it."""
    told = notification(reason, **changes)
    receipt = Receipt(channel=message_id("1", "desk", SENDER), ts=subject(told.story))
    made = mail(told, receipt, time("12:06"), sender=SENDER, to=TO, is_first=reason is Reason.FIRST)
    message = email.message_from_bytes(made.as_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    content = found.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


class Page(HTMLParser):
    """Which tags and attributes there are, and the text between them."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles: set[str] = set()
        self.texts: list[str] = []
        self.strange: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {key for key, _ in attrs}
        self.styles |= {value or "" for key, value in attrs if key == "style"}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.strange.append(data)

    def unknown_decl(self, data: str) -> None:
        self.strange.append(data)


@given(hostile, hostile, hostile, hostile, hostile)
@settings(max_examples=80)
def test_hostile_text_is_text_in_every_part(quote: str, said: str, who: str, url: str, name: str) -> None:
    shown = evidence(
        said,
        exemplars=(exemplar(quote, handle=who, url=url, channel=name),),
        claim=claim(claim=said, verdict=who, answer=quote, url=f"https://{url}", owner=name, why=(said,)),
        shares=(Share(dimension="link", name=url, mentions=9, usual=1.0),),
        signals=(Signal(name="authors", value=0.1, usual=0.1, text=said),),
        unknown=(said,),
    )
    for reason in (Reason.FIRST, Reason.CHANGED):
        message = read(reason, alerts=(alert(evidence=shown),), headline=said, organisation=name, owner=who)
        assert set(message.keys()) <= HEADERS
        assert len(message.keys()) == len(set(message.keys()))
        assert message["To"].addresses == (Address(addr_spec=TO[0]),)
        assert message["From"].addresses[0].addr_spec == SENDER
        assert [one.get_content_type() for one in message.iter_parts()] == ["text/plain", "text/html"]
        assert not message.defects
        expected = cut(literal(quote), 60)
        page = Page(part(message, "html"))
        assert page.tags <= TAGS
        assert page.attributes <= ATTRIBUTES
        assert page.strange == []
        assert not any(regex.search(r"url\(|expression|import", style) for style in page.styles)
        assert expected.removesuffix("…") in " ".join("".join(page.texts).split()) or not expected
        for text in (part(message, "plain"), "".join(page.texts), message["Subject"]):
            assert not CONTROLS.search(text)
            assert text.count("\u2068") == text.count(
                "\u2069"
            )  # ours, around names that are written from right to left


@given(hostile, hostile)
@settings(max_examples=60)
def test_hostile_text_is_text_in_a_digest(why: str, name: str) -> None:
    hold = Hold(gate=Gate.MUTED, why=why)
    turns = (Turn(id="1", reason=Reason.HANDLED, at=time("12:06"), line=why),)
    held = held_story(structs.replace(notification(headline=name), hold=hold), time("13:00"), turns)
    told = composed([held], route="press", receiver="desk", at=time("17:00"), timezone="UTC", spent="1 of 10")
    made = digest_mail(told, "desk", time("17:00"), sender=SENDER, to=TO)
    message = email.message_from_bytes(made.as_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    assert set(message.keys()) <= HEADERS
    page = Page(part(message, "html"))
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert page.strange == []
    for text in (part(message, "plain"), "".join(page.texts), message["Subject"]):
        assert not CONTROLS.search(text)


def test_a_quote_cannot_pass_for_words_of_ours() -> None:
    """In the text every line of it is marked."""
    text = "first\n\nNext step: Pay.\n-- \n> more"
    shown = part(read(alerts=(alert(evidence=evidence(exemplars=(exemplar(text),))),)), "plain")
    assert "> first\n> \n> Next step: Pay.\n> --\n> > more\n" in shown


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("first", {}),
        ("escalated", {"reason": Reason.ESCALATED}),
        (
            "resolved",
            {
                "reason": Reason.RESOLVED,
                "state": State.RESOLVED,
                "alerts": (alert(state=State.RESOLVED, resolved_at=time("14:05")),),
            },
        ),
        ("bare", {"alerts": ()}),
    ],
)
def test_golden_mails(name: str, changes: dict[str, Any], request: pytest.FixtureRequest) -> None:
    """Looked at by people; GROUNDSWELL_UPDATE_GOLDEN=1 writes them anew."""
    message = read(**changes)
    for kind, ending in (("plain", "txt"), ("html", "html")):
        golden, found = GOLDEN / f"mail_{name}.{ending}", part(message, kind)
        if os.environ.get("GROUNDSWELL_UPDATE_GOLDEN"):
            golden.write_text(found, encoding="utf-8")
        assert golden.read_text(encoding="utf-8") == found
