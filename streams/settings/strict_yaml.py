"""YAML read strictly as values of a type, with every problem found and its line.

Reading is led by the type: a scalar without quotes is a truth value, a number or a date only where one is expected, so
Norway's `no` stays a word. Nothing is guessed and nothing is converted: `12` where a text is expected is a problem.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import Struct, inspect

from streams.settings.problem import Problem, did_you_mean, nearest, quoted
from streams.settings.yaml_nodes import Listing, Mapping, Node, Scalar, compose
from streams.settings.yaml_values import (
    INVALID,
    can_be_written,
    empty,
    expected_words,
    found_words,
    is_nothing,
    listed,
    plain,
    remedy,
    scalar,
)

T = TypeVar("T")
_type_info: Callable[[Any], inspect.Type] = lru_cache(inspect.type_info)
"""A claims file asks for the same type once a row."""


def read(text: str, type: type[T], file: str) -> tuple[T | None, list[Problem]]:
    """The value of a text, or None and what is wrong with it. `file` is its name in the problems."""
    reader = Reader(file)
    value = reader.document(text, type)
    return (None if reader.problems else value), reader.problems


class Reader:
    """Reads nodes of one file, and keeps what is wrong with it and where each `Struct` stands.

    Where there are problems, the values read hold a default or something empty in their place, so that more can be
    checked and all problems are told at once; nobody may use such a value for anything else.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._nodes: dict[int, tuple[Struct, Mapping]] = {}
        self._broken: set[tuple[int, str]] = set()

    def document(self, text: str, type: type[T]) -> T | None:
        """The value of a whole text; None where it is empty or no YAML at all."""
        root = self.compose(text, type)
        return None if root is None else self.read(root, type, "the file")

    def compose(self, text: str, type: type[T]) -> Node | None:
        """The tree of a text that should hold a value of the type; None where it is empty or no YAML at all."""
        before = len(self.problems)
        root = compose(text, self.file, self.problems)
        if root is None and len(self.problems) == before:
            self.report(0, f"the file is empty; expected {expected_words(inspect.type_info(type))}")
        return root

    def read(self, node: Node, type: type[T], name: str) -> T:
        """The value of a node, which messages call `name`; something empty where it has problems."""
        expected = _type_info(type)
        value = self._value(node, expected, name)
        read: T = empty(expected) if value is INVALID else value
        return read

    def node(self, owner: Struct, field: str) -> Node | None:
        """Where the value of a field stands; None where the file does not give it."""
        _, mapping = self._nodes.get(id(owner), (None, None))
        return None if mapping is None else mapping.get(field)

    def line(self, owner: Struct, field: str | None = None) -> int:
        """Of a field; of its owner where the file does not give it; 0 where it gives neither."""
        _, mapping = self._nodes.get(id(owner), (None, None))
        if mapping is None:
            return 0
        entry = None if field is None else mapping.entries.get(field)
        return mapping.line if entry is None else entry.key.line

    def is_broken(self, owner: Struct, field: str | None = None) -> bool:
        """Whether a field, or any field of its owner, could not be read as it stands in the file."""
        return any(at == id(owner) and field in (None, name) for at, name in self._broken)

    def report(self, line: int, text: str) -> None:
        """One more problem."""
        self.problems.append(Problem(self.file, line, text))

    def report_field(self, owner: Struct, field: str, text: str, item: int | None = None) -> None:
        """One more problem with a field, or one item of its list, unless the field could not even be read."""
        if (id(owner), field) in self._broken:
            return
        listing = self.node(owner, field)
        if item is not None and isinstance(listing, Listing) and item < len(listing.items):
            self.report(listing.items[item].line, text)
        else:
            self.report(self.line(owner, field), text)

    # --- a value, by what is expected ---

    def _value(self, node: Node, expected: inspect.Type, name: str) -> Any:
        if isinstance(expected, inspect.Metadata):
            return self._with_metadata(node, expected, name)
        if isinstance(node, Scalar) and node.style == "*":
            return INVALID  # an alias: reported when the text was read
        match expected:
            case inspect.UnionType():
                return self._one_of(node, expected, name)
            case inspect.StructType():
                return self._struct(node, expected, name)
            case inspect.DictType():
                return self._dict(node, expected, name)
            case inspect.VarTupleType() | inspect.ListType() | inspect.CollectionType():
                return self._list(node, expected, name)
            case inspect.AnyType():
                return plain(node)
            case _:
                return self._scalar(node, expected, name)

    def _with_metadata(self, node: Node, expected: inspect.Metadata, name: str) -> Any:
        """`Meta(extra={"expected": …})` says in words what is expected, where a pattern would not tell."""
        if not isinstance(expected.type, inspect.StrType) or "expected" not in (expected.extra or {}):
            return self._value(node, expected.type, name)
        return self._scalar(node, expected.type, name, expected_words(expected))

    def _one_of(self, node: Node, expected: inspect.UnionType, name: str) -> Any:
        options = [option for option in expected.types if not isinstance(option, inspect.NoneType)]
        if len(options) < len(expected.types) and is_nothing(node):
            return None
        if len(options) == 1:
            return self._value(node, options[0], name)
        if all(isinstance(option, inspect.StructType) for option in options):
            return self._tagged(node, [option for option in options if isinstance(option, inspect.StructType)], name)
        for option in options:
            attempt = Reader(self.file)
            attempt._value(node, option, name)
            if not attempt.problems:
                return self._value(node, option, name)
        return self._unexpected(node, expected, name)

    def _tagged(self, node: Node, options: list[inspect.StructType], name: str) -> Any:
        by_tag = {str(option.tag): option for option in options}
        tag_field = options[0].tag_field or "type"
        if not isinstance(node, Mapping):
            return self._unexpected(node, options[0], name, f'keys and values with "{tag_field}"')
        tag = node.get(tag_field)
        if not isinstance(tag, Scalar):
            self.report(node.line, f'the key "{tag_field}" is missing; expected one of {", ".join(by_tag)}')
            return INVALID
        if tag.text not in by_tag:
            listed = ", ".join(by_tag)
            hint = did_you_mean(tag.text, by_tag)
            self.report(tag.line, f'"{tag_field}" is {quoted(tag.text)}; expected one of {listed}{hint}')
            return INVALID
        return self._struct(node, by_tag[tag.text], name)

    def _struct(self, node: Node, expected: inspect.StructType, name: str) -> Any:
        fields = {field.encode_name: field for field in expected.fields if can_be_written(field.type)}
        if is_nothing(node) and not any(field.required for field in fields.values()):
            node = Mapping(node.line, {})  # all keys under it are commented out
        if not isinstance(node, Mapping):
            return self._unexpected(node, expected, name)
        meant = self._unknown_keys(node, fields, expected.tag_field)
        values: dict[str, Any] = {}
        broken = set(meant)  # what was meant there is not known, so fields are not compared with it either
        for key, field in fields.items():
            entry = node.entries.get(key)
            if entry is not None:
                before = len(self.problems)
                value = self._value(entry.value, field.type, f'"{key}"')
                if len(self.problems) > before:
                    broken.add(field.name)
                if value is not INVALID:
                    values[field.name] = value
            elif field.required:
                broken.add(field.name)
                if key not in meant:
                    self.report(node.line, f'the key "{key}" is missing; expected {expected_words(field.type)}')
            if field.required and field.name not in values:
                values[field.name] = empty(field.type)
        return self._built(node, expected.cls, values, broken)

    def _unknown_keys(self, node: Mapping, fields: dict[str, Any], tag_field: str | None) -> set[str]:
        """Report them. Returns the keys that were probably meant, which need not be called missing as well."""
        meant = set()
        free = [key for key in fields if key not in node.entries]
        for key, entry in node.entries.items():
            if key in fields or key == tag_field:
                continue
            near = nearest(key, free)
            if near is None:
                twin = nearest(key, fields)
                also = f'; did you mean "{twin}", which is there already?' if twin else f"; expected {listed(fields)}"
                self.report(entry.key.line, f"unknown key {quoted(key)}{also}")
            else:
                meant.add(near)
                self.report(entry.key.line, f'unknown key {quoted(key)}; did you mean "{near}"?')
        return meant

    def _built(self, node: Mapping, cls: type[Any], values: dict[str, Any], broken: set[str]) -> Any:
        try:
            value = cls(**values)
        except ValueError as error:  # its __post_init__ compares fields
            if not broken:
                self.report(node.line, f"{error}")
            return INVALID
        self._nodes[id(value)] = (value, node)
        self._broken.update((id(value), field) for field in broken)
        return value

    def _dict(self, node: Node, expected: inspect.DictType, name: str) -> Any:
        if is_nothing(node):
            node = Mapping(node.line, {})
        if not isinstance(node, Mapping):
            return self._unexpected(node, expected, name)
        values = {}
        for key, entry in node.entries.items():
            value = self._value(entry.value, expected.value_type, quoted(key))
            key_value = self._value(entry.key, expected.key_type, f"the key {quoted(key)}")
            if value is not INVALID and key_value is not INVALID:
                values[key_value] = value
        return self._counted(node, expected, name, len(node.entries), values)

    def _list(self, node: Node, expected: inspect.CollectionType, name: str) -> Any:
        if is_nothing(node):
            node = Listing(node.line, ())
        if not isinstance(node, Listing):
            return self._unexpected(node, expected, name)
        read = (self._value(item, expected.item_type, f"item {at} of {name}") for at, item in enumerate(node.items, 1))
        values = [value for value in read if value is not INVALID]
        kept = values if isinstance(expected, inspect.ListType) else tuple(values)
        return self._counted(node, expected, name, len(node.items), kept)

    def _counted(self, node: Node, expected: Any, name: str, count: int, value: Any) -> Any:
        if count < (expected.min_length or 0):
            least = "one" if expected.min_length == 1 else str(expected.min_length)
            self.report(node.line, f"{name} has {count or 'nothing'} in it; expected at least {least}")
        elif expected.max_length is not None and count > expected.max_length:
            self.report(node.line, f"{name} has {count} in it; expected at most {expected.max_length}")
        return value

    def _scalar(self, node: Node, expected: inspect.Type, name: str, words: str | None = None) -> Any:
        value = scalar(node, expected) if isinstance(node, Scalar) else INVALID
        return self._unexpected(node, expected, name, words) if value is INVALID else value

    def _unexpected(self, node: Node, expected: inspect.Type, name: str, words: str | None = None) -> Any:
        wanted = words or expected_words(expected)
        self.report(node.line, f"{name} is {found_words(node)}; expected {wanted}{remedy(node, expected)}")
        return INVALID
