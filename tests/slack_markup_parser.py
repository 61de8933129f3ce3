"""A small parser of Slack's markup, stricter than Slack: what it takes for text acts in no client.

Rules: https://docs.slack.dev/messaging/formatting-message-text. Where clients differ or the reference is silent (a
host without a scheme, a style in the middle of a word, what phones make of a notification), the most that any could
act on counts.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import regex


class Element(NamedTuple):
    """A piece of a text: what it is, what was written, and what a reader sees of it."""

    kind: str
    """`text`, or the name of what acts: `user`, `link`, `emoji`, `bold`, `hidden`, …"""
    source: str
    shown: str


_RULES = (
    # What stands in brackets comes first: all of it is Slack's own.
    ("broadcast", r"<!(?:channel|here|everyone)(?:\|[^<>]*)?>"),
    ("usergroup", r"<!subteam\^[^<>]*>"),
    ("date", r"<!date\^[^<>]*>"),
    ("special", r"<![^<>]*>"),
    ("user", r"<@[^<>]*>"),
    ("channel", r"<\#[^<>]*>"),
    ("link", r"<[^<>\s][^<>]*>"),
    ("bracket", r"[<>]"),
    ("ampersand", r"&(?!(?:amp|lt|gt);)"),
    ("quote", r"^[ \t]*(?:&gt;)+"),
    ("preformatted", r"```.+?```"),
    ("code", r"`[^`\n]+`"),
    ("bold", r"\*[^*\n]+\*"),
    ("italic", r"_[^_\n]+_"),
    ("strike", r"~[^~\n]+~"),
    ("emoji", r":[\p{L}\p{M}\p{N}_+'\-]+:(?:skin-tone-\d:)?"),
    ("autolink", r"(?:[A-Za-z][A-Za-z0-9+.\-]*:(?=[^\s:…])|:(?=//))\S*"),
    ("address", r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+"),
    ("host", r"(?:[^\s./:<>&()]+\.)+(?:xn--[\p{L}\p{N}\-]+|\p{L}(?:[\p{L}\p{M}\p{N}\-]|\p{Cf})+)(?:[/:?][^\s<>]*)?"),
    ("host", r"\d{1,3}(?:\.\d{1,3}){3}(?:[/:][^\s<>]*)?"),
    ("automention", r"@(?=\S)[^\s@<>]*"),
    ("autochannel", r"\#(?=[\p{L}\p{M}\p{N}_\-])[^\s<>]*"),
    ("hidden", r"[\p{Cc}\p{Cs}\p{Co}\p{NChar}\p{DI}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFF9-\uFFFB--[\n]]+"),
)
_markup = regex.compile(
    "|".join(f"(?P<{kind}_{number}>{rule})" for number, (kind, rule) in enumerate(_RULES)),
    regex.MULTILINE | regex.DOTALL | regex.V1 | regex.IGNORECASE,
)
# Joiners and picture selectors are invisible, and needed by scripts and pictures: `literal` keeps only those.
_needed = regex.compile(r"[\u200C\u200D\uFE0E\uFE0F]+")
# Ours around a name from right to left; `literal` takes out all that others wrote.
_isolated = regex.compile("\u2068([^\u2066-\u2069]*)\u2069")
_hidden = regex.compile(_RULES[-1][1], regex.V1)
_STYLES = {"bold": 1, "italic": 1, "strike": 1, "code": 1, "preformatted": 3}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_ACTING_ELEMENTS = frozenset(
    {"link", "user", "usergroup", "team", "channel", "broadcast", "emoji", "date", "color", "image", "video"}
)
# Never shown to anybody, and only ever compared.
_UNSEEN = frozenset({"type", "style", "block_id", "action_id", "value", "dispatch_action", "event_type"})


def without_isolates(text: str) -> str:
    """Without the marks that keep a name from turning the line round it, where they come in pairs."""
    return _isolated.sub(r"\1", text)


def parse(text: str) -> list[Element]:
    """All of a string of mrkdwn, in order; the texts between what acts are elements too."""
    found: list[Element] = []
    end = 0
    for hit in _markup.finditer(text):
        kind = str(hit.lastgroup).rpartition("_")[0]
        if kind == "hidden" and _needed.fullmatch(hit[0]):
            continue
        if hit.start() > end:
            found.append(Element("text", text[end : hit.start()], unescaped(text[end : hit.start()])))
        found.append(Element(kind, hit[0], _shown(kind, hit[0])))
        end = hit.end()
    if end < len(text):
        found.append(Element("text", text[end:], unescaped(text[end:])))
    return found


def acting(text: str) -> list[tuple[str, str]]:
    """Kind and source of everything in a string that is more than text, also within a style."""
    found = []
    for element in parse(without_isolates(text)):
        if element.kind != "text":
            found.append((element.kind, element.source))
        if width := _STYLES.get(element.kind):
            found += acting(element.source[width:-width])
    return found


def unescaped(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def acting_in_message(text: str, blocks: Any) -> list[tuple[str, str]]:
    """As `acting`, of a message's fallback text and all of its blocks, with the elements that act by themselves."""
    return acting(text) + [hit for part in (blocks or ()) for hit in _in_block(part)]


def _in_block(part: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, Mapping):
        kind = part.get("type")
        if kind in _ACTING_ELEMENTS:
            yield str(kind), str(sorted(part.items(), key=str))
        for name, value in part.items():
            if kind == "text" and name == "text":
                # A text element of rich_text is shown as it is: only what hides or turns text could act there.
                yield from (
                    ("hidden", hit[0])
                    for hit in _hidden.finditer(without_isolates(value))
                    if not _needed.fullmatch(hit[0])
                )
            else:
                yield from _in_block(value, name)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _in_block(one, key)
    elif isinstance(part, str) and key in ("url", "image_url"):
        yield "address", part
    elif isinstance(part, str) and key not in _UNSEEN:
        yield from acting(part)


def _shown(kind: str, source: str) -> str:
    if width := _STYLES.get(kind):
        return unescaped(source[width:-width])
    if kind in ("broadcast", "usergroup", "date", "special", "user", "channel", "link"):
        target, _, label = source[1:-1].partition("|")
        return unescaped(label or target.lstrip("!@#"))
    return unescaped(source)
