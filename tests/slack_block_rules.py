"""Slack's rules for blocks, as its reference gives them: https://docs.slack.dev/reference/block-kit/blocks."""

import json
from typing import Any

MOST_BLOCKS = 50
# Each block legal and the whole refused all the same: seen at some 13,200 characters, undocumented.
MOST_CHARACTERS = 13_200

_RICH_PARTS = {"rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list"}
_RICH_ELEMENTS = {"text", "link", "emoji", "user", "usergroup", "channel", "broadcast", "date", "color"}


def too_long(blocks: list[dict[str, Any]]) -> bool:
    return len(json.dumps(blocks, ensure_ascii=False)) > MOST_CHARACTERS


def block_problem(blocks: list[dict[str, Any]]) -> str | None:
    """The first rule that is broken, in words; None where all is well."""
    if len(blocks) > MOST_BLOCKS:
        return f"{len(blocks)} blocks"
    charts = [block for block in blocks if block.get("type") == "data_visualization"]
    if len(charts) > 2:
        return f"{len(charts)} charts"
    return next((problem for block in blocks if (problem := _problem(block))), None)


def _problem(block: dict[str, Any]) -> str | None:
    known = {
        "header": _header,
        "section": _section,
        "context": _context,
        "rich_text": _rich_text,
        "data_visualization": _chart,
    }
    check = known.get(str(block.get("type")))
    return check(block) if check else f"a block of type {block.get('type')}"


def _text(text: Any, most: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> str | None:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return f"{text} is no text object of {kinds}"
    if not isinstance(text.get("text"), str) or not 1 <= len(text["text"]) <= most:
        return f"text of {len(text.get('text') or '')} characters, 1 to {most} allowed"
    extra = {"plain_text": {"emoji"}, "mrkdwn": {"verbatim"}}[text["type"]]
    unknown = set(text) - {"type", "text"} - extra
    return f"{unknown} in a text object" if unknown else None


def _header(block: dict[str, Any]) -> str | None:
    return _text(block.get("text"), 150, ("plain_text",))


def _section(block: dict[str, Any]) -> str | None:
    fields = block.get("fields")
    if fields is None:
        return _text(block.get("text"), 3000)
    if not 1 <= len(fields) <= 10:
        return f"{len(fields)} fields"
    return next((problem for field in fields if (problem := _text(field, 2000))), None)


def _context(block: dict[str, Any]) -> str | None:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= 10:
        return f"{len(elements)} elements in a context"
    return next((problem for element in elements if (problem := _text(element, 2000))), None)


def _rich_text(block: dict[str, Any]) -> str | None:
    if not block.get("elements"):
        return "an empty rich_text"
    return next((problem for part in block["elements"] if (problem := _rich_part(part))), None)


def _rich_part(part: dict[str, Any]) -> str | None:
    if part.get("type") not in _RICH_PARTS:
        return f"{part.get('type')} in a rich_text"
    elements = part.get("elements") or []
    if not elements:
        return f"an empty {part['type']}"
    if part["type"] == "rich_text_list":
        if part.get("style") not in ("bullet", "ordered"):
            return "a list without style"
        return next((problem for one in elements if (problem := _rich_part(one))), None)
    for element in elements:
        if element.get("type") not in _RICH_ELEMENTS:
            return f"an element {element.get('type')}"
        if element["type"] == "text" and not element.get("text"):
            return "an empty text element"
    return None


def _chart(block: dict[str, Any]) -> str | None:
    chart, title = block.get("chart") or {}, block.get("title") or ""
    if not 1 <= len(title) <= 50:
        return f"a chart's title of {len(title)} characters"
    if chart.get("type") not in ("line", "bar", "area"):
        return f"a chart of type {chart.get('type')}"
    categories = (chart.get("axis_config") or {}).get("categories") or []
    if not 1 <= len(categories) <= 20 or len(set(categories)) < len(categories):
        return f"{len(categories)} categories, or one twice"
    if any(not 1 <= len(category) <= 20 for category in categories):
        return "a category of the wrong length"
    series = chart.get("series") or []
    if not 1 <= len(series) <= 6 or len({one.get("name") for one in series}) < len(series):
        return f"{len(series)} series, or one name twice"
    if any([point["label"] for point in one["data"]] != categories for one in series):
        return "labels that are not the categories"
    numbers = (point["value"] for one in series for point in one["data"])
    return None if all(isinstance(number, int | float) for number in numbers) else "a value that is no number"
