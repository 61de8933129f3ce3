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
    return _twice(blocks) or next((problem for block in blocks if (problem := _problem(block))), None)


def view_problem(view: dict[str, Any]) -> str | None:
    """Of a modal: https://docs.slack.dev/reference/views/modal-views."""
    if view.get("type") != "modal":
        return f"a view of type {view.get('type')}"
    for part in ("title", "submit", "close"):
        if part in view and (problem := _text(view[part], 24, ("plain_text",))):
            return f"{part}: {problem}"
    if "title" not in view or not 1 <= len(view.get("blocks") or []) <= 100:
        return "no title, or no blocks, or too many"
    if len(view.get("private_metadata", "")) > 3000 or len(view.get("callback_id", "")) > 255:
        return "it remembers too much"
    has_input = any(block.get("type") == "input" for block in view["blocks"])
    if has_input and "submit" not in view:
        return "an input without submit"
    return _twice(view["blocks"]) or next((problem for block in view["blocks"] if (problem := _problem(block))), None)


def _twice(blocks: list[dict[str, Any]]) -> str | None:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len({*ids}) < len(ids) or any(not 1 <= len(one) <= 255 for one in ids):
        return "a block_id twice, or one of the wrong length"
    return None


def _problem(block: dict[str, Any]) -> str | None:
    known = {
        "actions": _actions,
        "context_actions": _context_actions,
        "divider": lambda _: None,
        "input": _input,
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


def _actions(block: dict[str, Any]) -> str | None:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= 25:
        return f"{len(elements)} elements in actions"
    return _action_ids(elements) or next((problem for one in elements if (problem := _element(one))), None)


def _context_actions(block: dict[str, Any]) -> str | None:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= 5:
        return f"{len(elements)} elements in context_actions"
    if any(one.get("type") not in ("feedback_buttons", "icon_button") for one in elements):
        return "an element that context_actions do not take"
    return _action_ids(elements) or next((problem for one in elements if (problem := _element(one))), None)


def _input(block: dict[str, Any]) -> str | None:
    element = block.get("element") or {}
    if element.get("type") not in ("plain_text_input", "radio_buttons", "static_select", "users_select"):
        return f"an input of type {element.get('type')}"
    return _text(block.get("label"), 2000, ("plain_text",)) or _element(element)


def _action_ids(elements: list[dict[str, Any]]) -> str | None:
    ids = [one.get("action_id", "") for one in elements]
    if len({*ids}) < len(ids) or any(not 1 <= len(one) <= 255 for one in ids):
        return "an action_id twice, or one of the wrong length"
    return None


def _element(element: dict[str, Any]) -> str | None:
    match element.get("type"):
        case "button":
            if element.get("style", "primary") not in ("primary", "danger"):
                return "a button of no known style"
            return _text(element.get("text"), 75, ("plain_text",)) or _value(element, 2000)
        case "feedback_buttons":
            sides = [element.get("positive_button") or {}, element.get("negative_button") or {}]
            if any(len(side.get("accessibility_label", "")) > 75 for side in sides):
                return "a label that is read out of more than 75 characters"
            problems = (_text(side.get("text"), 75, ("plain_text",)) or _value(side, 2000) for side in sides)
            return next((problem for problem in problems if problem), None)
        case "users_select":
            return _text(element.get("placeholder"), 150, ("plain_text",))
        case "static_select":
            return _text(element.get("placeholder"), 150, ("plain_text",)) or _options(element, 100)
        case "radio_buttons":
            return _options(element, 10)
        case "plain_text_input":
            return None if 1 <= element.get("max_length", 3000) <= 3000 else "an input that is too long"
        case kind:
            return f"an element {kind}"


def _options(element: dict[str, Any], most: int) -> str | None:
    options = element.get("options") or []
    if not 1 <= len(options) <= most:
        return f"{len(options)} options"
    if "initial_option" in element and element["initial_option"] not in options:
        return "an initial option that is none of them"
    problems = (_text(one.get("text"), 75, ("plain_text",)) or _value(one, 150) for one in options)
    return next((problem for problem in problems if problem), None)


def _value(element: dict[str, Any], most: int) -> str | None:
    return None if 1 <= len(element.get("value", "")) <= most else "a value of the wrong length"


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
