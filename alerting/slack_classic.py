"""Blocks of the kinds that every server and page knows: sections instead of rich text. Pure.

Slack itself shows rich text, which carries what others wrote as it is. Servers that stand in for it often take such
blocks and show nothing of them: for those the same words stand in sections, made inert (slack_markup.py), and without
the entities that some of them show as they are written.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from alerting.plain_text import cut
from alerting.slack_markup import neutral
from alerting.slack_parts import Block

_SECTION = 3000
_SLACKS = ("slack.com", "slack-gov.com")
_lookalikes = str.maketrans({"&": "＆", "<": "‹", ">": "›"})


def is_slack(base_url: str) -> bool:
    """Whether that is Slack's own Web API."""
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        return False
    return any(host == slack or host.endswith(f".{slack}") for slack in _SLACKS)


def classic(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The same words in blocks that have always been there; what is no text stays as it is."""
    return tuple(_classic(block) for block in blocks)


def without_entities(text: str) -> str:
    """A string that is escaped for Slack, with characters that look the same instead: nothing has to read it back."""
    return text.replace("&lt;", "‹").replace("&gt;", "›").replace("&amp;", "＆")


def _classic(block: Block) -> Block:
    if block["type"] == "rich_text":
        told = "\n".join(line for part in block["elements"] for line in _lines(part))
        section = {"type": "section", "text": {"type": "mrkdwn", "text": cut(told, _SECTION)}}
        return section | ({"block_id": block["block_id"]} if "block_id" in block else {})
    if block["type"] == "header":
        return block | {"text": _plain(block["text"])}
    if block["type"] == "context":
        return block | {"elements": [_plain(element) for element in block["elements"]]}
    return block


def _plain(text: Block) -> Block:
    return text | {"text": without_entities(text["text"])}


def _lines(part: Block) -> Iterator[str]:
    """Of a part of rich text, as mrkdwn."""
    match part["type"]:
        case "rich_text_list":
            yield from (f"• {line}" for item in part["elements"] for line in _lines(item))
        case "rich_text_quote":
            told = "".join(_inert(element["text"]) for element in part["elements"])
            yield from (f"> {line}" for line in told.split("\n"))
        case _:
            yield "".join(_styled(element) for element in part["elements"])


def _styled(element: Block) -> str:
    told: str = element["text"]
    # What is ours around the words parts one thing from the next, and is no part of what is bold.
    begun, ended = told.lstrip(" \n·"), told.rstrip(" \n")
    before, behind = told[: len(told) - len(begun)], told[max(len(ended), len(told) - len(begun)) :]
    words = _inert(begun.rstrip(" \n"))
    if element.get("style", {}).get("bold"):
        # Slack wants the stars next to letters, and on one line.
        words = "\n".join(f"*{line.strip()}*" if line.strip() else "" for line in words.split("\n"))
    return f"{before}{words}{behind}"


def _inert(text: str) -> str:
    return neutral(text).translate(_lookalikes)
