"""Which detectors there are: those of this package, and those that other distributions bring.

A detector registers itself with `@detector("name")`, which also checks its shape. There is no list to keep by hand:
`load_detectors` imports the modules of this package, and what stands in the entry-point group `groundswell.detectors`.
"""

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.inspect import Field, FrozenSetType, SetType, Type, type_info

import detectors
from detectors.contract import Detector

ENTRY_POINTS = "groundswell.detectors"
NAME = re.compile(r"^[a-z][a-z0-9_]*$")

SomeDetector = TypeVar("SomeDetector", bound=Detector)


class InvalidDetector(TypeError):  # noqa: N818 - the house names errors for what is wrong
    """A detector that is not built as the contract says; the text names the class and all that is wrong with it."""


def detector(name: str) -> Callable[[type[SomeDetector]], type[SomeDetector]]:
    """Names a subclass of `Detector` as config will write it, and checks it. Raises `InvalidDetector`."""

    def register(cls: type[SomeDetector]) -> type[SomeDetector]:
        problems = [*_problems(name, cls)]
        if problems:
            raise InvalidDetector(f"{cls.__module__}.{cls.__qualname__}: " + "; ".join(problems))
        cls.name = name
        return cls

    return register


@cache
def load_detectors() -> Mapping[str, type[Detector]]:
    """Every detector there is, by name, in alphabetical order. Raises `InvalidDetector`."""
    return by_name([*_of_this_package(), *_of_other_distributions()])


def by_name(classes: Iterable[type[Detector]]) -> Mapping[str, type[Detector]]:
    """In alphabetical order. Raises `InvalidDetector` where two have one name."""
    found: dict[str, type[Detector]] = {}
    for cls in classes:
        other = found.setdefault(cls.name, cls)
        if other is not cls:
            both = " and ".join(f"{each.__module__}.{each.__qualname__}" for each in (other, cls))
            raise InvalidDetector(f"two detectors are called {cls.name!r}: {both}")
    return MappingProxyType(dict(sorted(found.items())))


def description(field_type: object) -> str | None:
    """What the `Meta` of a field of `Params` says it is."""
    if get_origin(field_type) is not Annotated:
        return None
    said = [meta.description for meta in get_args(field_type)[1:] if isinstance(meta, Meta)]
    return next(filter(None, said), None)


def _of_this_package() -> Iterable[type[Detector]]:
    for module in pkgutil.iter_modules(detectors.__path__, "detectors."):
        for value in vars(import_module(module.name)).values():
            # Imported classes and the contract itself are no detectors of this module.
            if _is_registered(value) and value.__module__ == module.name:
                yield value


def _of_other_distributions() -> Iterable[type[Detector]]:
    for entry in entry_points(group=ENTRY_POINTS):
        value = entry.load()
        if not _is_registered(value):
            raise InvalidDetector(f"the entry point {entry.name!r} ({entry.value}) is not a class with @detector(…)")
        yield value


def _is_registered(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Detector) and "name" in vars(value)


def _problems(name: str, cls: Any) -> Iterable[str]:
    if not NAME.match(name):
        yield f"its name {name!r} must match {NAME.pattern}"
    if not (isinstance(cls, type) and issubclass(cls, Detector)):
        yield "it must be a subclass of detectors.contract.Detector"
        return
    if inspect.isabstract(cls):
        yield f"it lacks {', '.join(sorted(cls.__abstractmethods__))}"
    if "Fails when" not in (vars(cls).get("__doc__") or ""):
        yield 'its docstring needs a part "Fails when: …"'
    if cls.version < 1:
        yield "its version must be a whole number from 1"
    yield from _params_problems(getattr(cls, "Params", None))
    yield from _state_problems(getattr(cls, "State", None))


def _params_problems(params: Any) -> Iterable[str]:
    if not (isinstance(params, type) and issubclass(params, Struct)):
        yield "it needs a class Params, a msgspec Struct"
        return
    if not params.__struct_config__.frozen:
        yield "Params must be frozen"
    if not params.__struct_config__.forbid_unknown_fields:
        yield "Params must forbid unknown fields"
    for field in msgspec.structs.fields(params):
        if field.required:
            yield f"Params.{field.name} needs a default"
        if not description(field.type):
            yield f"Params.{field.name} needs a description: Annotated[…, Meta(description=…)]"


def _state_problems(state: Any) -> Iterable[str]:
    if not (isinstance(state, type) and issubclass(state, Struct)):
        yield "it needs a class State, a msgspec Struct"
        return
    needed = [field.name for field in msgspec.structs.fields(state) if field.required]
    if needed:
        yield f"State must build without arguments, but needs {', '.join(needed)}"
    if any(isinstance(part, SetType | FrozenSetType) for part in _parts(type_info(state), set())):
        yield "State must hold no sets: their order, and so the bytes of a snapshot, differ between processes"


def _parts(node: object, seen: set[int]) -> Iterable[object]:
    """Everything that a type of msgspec is made of."""
    if id(node) in seen:
        return
    seen.add(id(node))
    yield node
    if isinstance(node, tuple):
        inner: Iterable[object] = node
    else:
        names = node.__struct_fields__ if isinstance(node, Type | Field) else ()
        inner = (getattr(node, name) for name in names)
    for part in inner:
        yield from _parts(part, seen)
