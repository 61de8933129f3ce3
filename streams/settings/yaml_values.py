"""What a part of a YAML file says, as a value of the type that is expected there, and in words."""

import math
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import inspect

from streams.settings import duration
from streams.settings.problem import nearest, quoted
from streams.settings.yaml_nodes import Listing, Mapping, Node, Scalar

INVALID: Any = object()
"""Instead of a value that the node does not say."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,300}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_NOTHING = ("", "~", "null")
_TRUTH = {"true": True, "false": False}


def is_nothing(node: Node) -> bool:
    """A key with nothing after it."""
    return isinstance(node, Scalar) and node.style is None and node.text in _NOTHING


def scalar(node: Scalar, expected: inspect.Type) -> Any:
    """The scalar as a value of the type, or `INVALID`."""
    reader = _READERS.get(type(expected))
    value = INVALID if reader is None else reader(node, expected)
    return value if value is INVALID or _within_bounds(value, expected) else INVALID


def plain(node: Node) -> Any:
    """Read without a type: nothing, a truth value, a number, a text, a list or a dict."""
    match node:
        case Mapping():
            return {key: plain(entry.value) for key, entry in node.entries.items()}
        case Listing():
            return [plain(item) for item in node.items]
        case Scalar():
            return _plain_scalar(node)


def empty(expected: inspect.Type) -> Any:
    """Something to stand in for a value that could not be read."""
    match expected:
        case inspect.Metadata():
            return empty(expected.type)
        case inspect.StrType():
            return ""
        case inspect.VarTupleType():
            return ()
        case inspect.ListType():
            return []
        case inspect.DictType():
            return {}
        case inspect.StructType():
            try:
                return expected.cls(**{field.name: empty(field.type) for field in expected.fields if field.required})
            except ValueError:
                return None
        case inspect.LiteralType():
            return expected.values[0]
        case inspect.IntType() | inspect.FloatType():
            return 0
        case _:
            return None


def can_be_written(expected: inspect.Type) -> bool:
    """Whether a person can give such a value in YAML: not where it holds bytes, which are ours to set."""
    match expected:
        case inspect.Metadata():
            return can_be_written(expected.type)
        case inspect.VarTupleType() | inspect.ListType():
            return can_be_written(expected.item_type)
        case inspect.UnionType():
            return all(can_be_written(option) for option in expected.types)
        case _:
            return not isinstance(expected, inspect.BytesType)


def found_words(node: Node) -> str:
    """What stands there, for a message."""
    match node:
        case Mapping():
            return "keys and values"
        case Listing():
            return "a list"
        case Scalar():
            match _plain_scalar(node):
                case None:
                    return "without a value"
                case bool():
                    return node.text
                case int() | float():
                    return f"the number {node.text[:40]}"
                case _:
                    return quoted(node.text)


def expected_words(expected: inspect.Type) -> str:
    """What should stand there, for a message or a table."""
    match expected:
        case inspect.Metadata():
            return str((expected.extra or {}).get("expected") or expected_words(expected.type))
        case inspect.UnionType():
            return " or ".join(expected_words(o) for o in expected.types if not isinstance(o, inspect.NoneType))
        case inspect.StrType():
            return _text_words(expected)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number" + _bounds_words(expected)
        case inspect.FloatType():
            return "a number" + _bounds_words(expected)
        case inspect.TimeDeltaType():
            return "a duration such as 30s, 10m, 1h30m or 2d"
        case inspect.DateType():
            return "a date such as 2026-11-21"
        case inspect.DateTimeType():
            return "a time with its zone such as 2026-11-21T10:30:00Z"
        case inspect.LiteralType() | inspect.EnumType():
            options = list(_options(expected))
            return options[0] if len(options) == 1 else f"one of {', '.join(options)}"
        case inspect.StructType():
            return f"keys and values ({listed(f.encode_name for f in expected.fields)})"
        case inspect.DictType():
            return "keys and values"
        case inspect.VarTupleType() | inspect.ListType():
            return "a list"
        case _:
            return "a value"


def remedy(node: Node, expected: inspect.Type) -> str:
    """What would most likely put it right; empty where we do not know."""
    match expected:
        case inspect.Metadata():
            return remedy(node, expected.type)
        case inspect.UnionType():
            return next(filter(None, (remedy(node, option) for option in expected.types)), "")
        case inspect.LiteralType() | inspect.EnumType() if isinstance(node, Scalar):
            near = nearest(node.text, _options(expected))
            return f'; did you mean "{near}"?' if near else ""
        case inspect.StrType() if isinstance(node, Scalar) and not is_nothing(node) and node.style is None:
            return "; put it in quotes" if not isinstance(_plain_scalar(node), str) else ""
        case inspect.TimeDeltaType() if isinstance(node, Scalar):
            near = duration.likely(node.text)
            return f'; did you mean "{near}"?' if near else ""
        case inspect.IntType() | inspect.FloatType() | inspect.BoolType() if isinstance(node, Scalar) and node.style:
            return "; take the quotes away"
        case inspect.VarTupleType() if isinstance(node, Mapping):
            return '; each item of a list begins with a dash: "- "'
        case inspect.DictType() if isinstance(node, Listing):
            first = node.items[0] if node.items else None
            name = _short(first.text) if isinstance(first, Scalar) else "name"
            return f'; did you mean "{name}:" without the dash?'
        case inspect.VarTupleType() if isinstance(node, Scalar) and node.style is None and not is_nothing(node):
            return f"; did you mean [{_short(node.text)}]?"
        case _:
            return ""


def listed(words: Iterable[str], most: int = 12) -> str:
    """`one, two, three, …`."""
    every = list(words)
    return ", ".join(every[:most] + ["…"] * (len(every) > most))


def _short(text: str) -> str:
    """A text for a message, without the quotes that `quoted` puts around it."""
    return quoted(text, 40)[1:-1]


def _plain_scalar(node: Scalar) -> Any:
    text = node.text
    if node.style is not None:
        return text
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _text(node: Scalar, expected: Any) -> Any:
    found = _plain_scalar(node)
    return found if isinstance(found, str) else INVALID


def _truth(node: Scalar, expected: Any) -> Any:
    return _TRUTH.get(node.text, INVALID) if node.style is None else INVALID


def _integer(node: Scalar, expected: Any) -> Any:
    return int(node.text) if node.style is None and _INTEGER.fullmatch(node.text) else INVALID


def _float(node: Scalar, expected: Any) -> Any:
    if node.style is not None or not _NUMBER.fullmatch(node.text):
        return INVALID
    return value if math.isfinite(value := float(node.text)) else INVALID


def _duration(node: Scalar, expected: Any) -> Any:
    try:
        return duration.parse(node.text.strip())
    except ValueError:
        return INVALID


def _date(node: Scalar, expected: Any) -> Any:
    return _converted(node, date)


def _datetime(node: Scalar, expected: inspect.DateTimeType) -> Any:
    value = _converted(node, datetime)
    return value if value is INVALID or value.tzinfo is not None or expected.tz is not True else INVALID


def _converted(node: Scalar, to: type) -> Any:
    try:
        return msgspec.convert(node.text, to)
    except msgspec.ValidationError:
        return INVALID


def _choice(node: Scalar, expected: inspect.LiteralType | inspect.EnumType) -> Any:
    found = _plain_scalar(node)
    return INVALID if isinstance(found, bool) else _options(expected).get(str(found), INVALID)


_READERS: dict[type[inspect.Type], Callable[[Scalar, Any], Any]] = {
    inspect.StrType: _text,
    inspect.BoolType: _truth,
    inspect.IntType: _integer,
    inspect.FloatType: _float,
    inspect.TimeDeltaType: _duration,
    inspect.DateType: _date,
    inspect.DateTimeType: _datetime,
    inspect.LiteralType: _choice,
    inspect.EnumType: _choice,
}


def _options(expected: inspect.LiteralType | inspect.EnumType) -> dict[str, Any]:
    """What may be written, and the value that each stands for."""
    if isinstance(expected, inspect.EnumType):
        return {str(member.value): member for member in expected.cls}
    return {str(value): value for value in expected.values}


def _within_bounds(value: Any, expected: inspect.Type) -> bool:
    match expected:
        case inspect.IntType() | inspect.FloatType():
            return (
                (expected.gt is None or value > expected.gt)
                and (expected.ge is None or value >= expected.ge)
                and (expected.lt is None or value < expected.lt)
                and (expected.le is None or value <= expected.le)
                and (expected.multiple_of is None or value % expected.multiple_of == 0)
            )
        case inspect.StrType():
            return (
                len(value) >= (expected.min_length or 0)
                and (expected.max_length is None or len(value) <= expected.max_length)
                and (expected.pattern is None or re.search(expected.pattern, value) is not None)
            )
        case _:
            return True


def _bounds_words(expected: inspect.IntType | inspect.FloatType) -> str:
    words = []
    if expected.ge is not None and expected.le is not None:
        words.append(f"from {expected.ge:,} to {expected.le:,}")
    else:
        words += [f"of at least {expected.ge:,}"] if expected.ge is not None else []
        words += [f"of at most {expected.le:,}"] if expected.le is not None else []
    words += [f"above {expected.gt:,}"] if expected.gt is not None else []
    words += [f"below {expected.lt:,}"] if expected.lt is not None else []
    words += [f"in steps of {expected.multiple_of:,}"] if expected.multiple_of is not None else []
    return "".join(f" {word}" for word in words[:1]) + "".join(f" and {word}" for word in words[1:])


def _text_words(expected: inspect.StrType) -> str:
    words = "text"
    if expected.min_length:
        words += f" of at least {expected.min_length} characters" if expected.min_length > 1 else " that is not empty"
    if expected.max_length is not None:
        words += f" of at most {expected.max_length} characters"
    if expected.pattern is not None:
        words += f" of the form {expected.pattern}"
    return words
