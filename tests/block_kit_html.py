"""Slack messages as HTML that looks like Slack, so that people can look at what is sent. For tests and the README.

    python -m tests.block_kit_html tests/alerting/golden/slack_firing.json > page.html

It shows what Slack would show: what acts in a text (mentions, links, styles) is shown as acting.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from tests.block_kit_chart import chart
from tests.slack_markup_parser import parse, unescaped

CSS = (Path(__file__).parent / "block_kit.css").read_text()
Block = Mapping[str, Any]

# Drawn, so that the pictures need no font of emoji.
_DRAWN = {
    "🔵": "dot blue",
    "🟡": "dot yellow",
    "🔴": "dot red",
    "🚨": "dot siren",
    "✅": "dot done",
    "👍": "thumb",
    "👎": "thumb down",
}
_emoji = re.compile("|".join(_DRAWN))
_TAGS = {"bold": "b", "italic": "i", "strike": "s", "code": "code", "preformatted": "pre", "quote": "blockquote"}
_MENTIONS = frozenset({"user", "usergroup", "broadcast", "channel", "team"})
# Slack leaves these alone in a field with `verbatim`.
_LINKED_UNLESS_VERBATIM = frozenset({"autolink", "host", "address", "automention", "autochannel"})


def page(messages: Sequence[Mapping[str, Any]], channel: str = "press-alerts", at: str = "12:05") -> str:
    """A whole page: messages of one channel, each as `chat.postMessage` takes it; `replies` are those of its thread."""
    shown = "".join(message(each, at) for each in messages)
    shown = _emoji.sub(lambda found: f'<span class="{_DRAWN[found[0]]}"></span>', shown)
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><style>{CSS}</style></head>'
    return f'{head}<body><div class="channel"># {escape(channel)}</div>{shown}</body></html>\n'


def message(sent: Mapping[str, Any], at: str = "12:05") -> str:
    if sent.get("type") == "modal":
        return window(sent)
    body = "".join(block(each) for each in sent.get("blocks") or ()) or _mrkdwn(sent.get("text") or "")
    replies = "".join(message(each, at) for each in sent.get("replies") or ())
    thread = f'<div class="thread">{replies}</div>' if replies else ""
    edited = ' <span class="edited">(edited)</span>' if sent.get("edited") else ""
    who = f'<div class="from"><b>Groundswell</b><span class="app">APP</span><span class="at">{escape(at)}</span></div>'
    return f'<div class="message"><div class="avatar">G</div><div>{who}{body}{edited}{thread}</div></div>'


def window(sent: Mapping[str, Any]) -> str:
    """A modal view, as `views.open` takes it."""
    body = "".join(block(each) for each in sent.get("blocks") or ())
    ends = "".join(
        f'<span class="button {style}">{_text(sent[key])}</span>'
        for key, style in (("close", ""), ("submit", "primary"))
        if sent.get(key)
    )
    head = f'<div class="block header">{_text(sent["title"])}</div>'
    return f'<div class="window">{head}{body}<div class="block actions">{ends}</div></div>'


def block(sent: Block) -> str:
    show = _BLOCKS.get(str(sent.get("type")))
    if show is None:
        return f'<div class="block unknown">{escape(json.dumps(sent, ensure_ascii=False))}</div>'
    return show(sent)


def _header(sent: Block) -> str:
    return f'<div class="block header" dir="auto">{_text(sent["text"])}</div>'


def _section(sent: Block) -> str:
    told = f'<div class="line" dir="auto">{_text(sent["text"])}</div>' if sent.get("text") else ""
    cells = "".join(f'<div class="line" dir="auto">{_text(field)}</div>' for field in sent.get("fields") or ())
    accessory = _element(sent["accessory"]) if sent.get("accessory") else ""
    return f'<div class="block">{told}{f"<div class=fields>{cells}</div>" if cells else ""}{accessory}</div>'


def _context(sent: Block) -> str:
    return f'<div class="block context">{" ".join(_text(each) for each in sent["elements"])}</div>'


def _divider(_: Block) -> str:
    return "<hr>"


def _rich_text(sent: Block) -> str:
    return f'<div class="block">{"".join(_rich_part(part) for part in sent["elements"])}</div>'


def _rich_part(part: Block) -> str:
    inner = "".join(_rich_element(each) for each in part["elements"])
    match part["type"]:
        case "rich_text_quote":
            return f'<blockquote dir="auto">{inner}</blockquote>'
        case "rich_text_preformatted":
            return f"<pre>{inner}</pre>"
        case "rich_text_list":
            tag = "ol" if part.get("style") == "ordered" else "ul"
            items = "".join(f'<li dir="auto">{_rich_inner(each)}</li>' for each in part["elements"])
            return f"<{tag}>{items}</{tag}>"
        case _:
            return f'<div class="line" dir="auto">{inner}</div>'


def _rich_inner(section: Block) -> str:
    return "".join(_rich_element(each) for each in section["elements"])


def _rich_element(element: Block) -> str:
    match element["type"]:
        case "text":
            shown = escape(element["text"])
            for style, tag in (("bold", "b"), ("italic", "i"), ("strike", "s"), ("code", "code")):
                if (element.get("style") or {}).get(style):
                    shown = f"<{tag}>{shown}</{tag}>"
            return shown
        case "link":
            return f'<span class="link">{escape(element.get("text") or element["url"])}</span>'
        case "emoji":
            return f"<span>:{escape(element['name'])}:</span>"
        case "rich_text_section":
            return _rich_inner(element)
        case kind:
            named = next(
                (str(element[key]) for key in ("user_id", "usergroup_id", "channel_id", "range") if key in element),
                kind,
            )
            return f'<span class="mention">@{escape(named)}</span>'


def _actions(sent: Block) -> str:
    return f'<div class="block actions">{"".join(_element(each) for each in sent["elements"])}</div>'


def _input(sent: Block) -> str:
    label = f'<div class="line"><b>{_text(sent["label"])}</b>{" (optional)" if sent.get("optional") else ""}</div>'
    return f'<div class="block">{label}{_element(sent["element"])}</div>'


def _element(element: Block) -> str:
    match element["type"]:
        case "radio_buttons" | "checkboxes":
            mark = "○" if element["type"] == "radio_buttons" else "☐"
            return "".join(f'<div class="line">{mark} {_text(each["text"])}</div>' for each in element["options"])
        case "plain_text_input":
            return f'<div class="typed">{_text(element.get("placeholder") or {"text": " "})}</div>'
        case "button":
            return f'<span class="button {escape(element.get("style") or "")}">{_text(element["text"])}</span>'
        case "overflow":
            return '<span class="button">⋯</span>'
        case "feedback_buttons":
            labels = (element["positive_button"]["text"], element["negative_button"]["text"])
            shown = zip("👍👎", labels, strict=True)
            return "".join(f'<span class="feedback">{thumb} {_text(label)}</span>' for thumb, label in shown)
        case "icon_button":
            return f'<span class="feedback">🗑 {_text(element["text"])}</span>'
        case "image":
            return f'<span class="context">[{escape(element["alt_text"])}]</span>'
        case kind if kind.endswith("_select") or kind in ("datepicker", "timepicker"):
            chosen = (element.get("initial_option") or {}).get("text") or element.get("placeholder") or {"text": "…"}
            return f'<span class="button menu">{_text(chosen)}</span>'
        case _:
            return f'<span class="unknown">{escape(json.dumps(element, ensure_ascii=False))}</span>'


def _text(sent: Block) -> str:
    """A text object, or a string where Slack takes one."""
    if sent.get("type") == "mrkdwn":
        return _mrkdwn(sent["text"], verbatim=bool(sent.get("verbatim")))
    return escape(unescaped(sent["text"]))


def _mrkdwn(text: str, *, verbatim: bool = False) -> str:
    shown = []
    for kind, source, seen in parse(text):
        if kind in _TAGS:
            shown.append(f"<{_TAGS[kind]}>{escape(seen)}</{_TAGS[kind]}>")
        elif kind in _MENTIONS:
            shown.append(f'<span class="mention">@{escape(seen)}</span>')
        elif kind == "link" or (kind in _LINKED_UNLESS_VERBATIM and not verbatim):
            shown.append(f'<span class="link">{escape(seen)}</span>')
        else:
            shown.append(escape(unescaped(source) if kind != "date" else seen))
    return "".join(shown)


_BLOCKS: Mapping[str, Callable[[Block], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "rich_text": _rich_text,
    "actions": _actions,
    "input": _input,
    "context_actions": _actions,
    "data_visualization": chart,
}


if __name__ == "__main__":
    sys.stdout.write(page([json.loads(Path(name).read_text()) for name in sys.argv[1:]]))
