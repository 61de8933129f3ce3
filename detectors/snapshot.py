"""State as rows of bytes, and back: what a checkpoint keeps, and what a worker that takes over starts from.

A field of type `dict[str, X]` becomes one row per entry, named `field/key`, so that a checkpoint writes only the
entries that changed; all other fields stand together in the row named `""`. The same state gives the same bytes.
The row `""` also says which version of the state it is and, by a hash, for which params it was learned.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from msgspec import Raw, Struct

from detectors.contract import Detector, MonitorContext

Rows = dict[str, bytes]
SomeStruct = TypeVar("SomeStruct", bound=Struct)
SomeDetector = TypeVar("SomeDetector", bound=Detector)

# Not `order="deterministic"`: it refuses keys that are numbers. A dict that is one value keeps its order both ways.
_encoder = msgspec.msgpack.Encoder()


class SnapshotMismatch(Exception):  # noqa: N818 - the house names errors for what is wrong
    """What was saved does not fit what is asked for; the text says why. The caller learns anew, and says so."""


class _Head(Struct, frozen=True, array_like=True):
    version: int
    params: str
    fields: dict[str, Raw]


_head = msgspec.msgpack.Decoder(_Head)


def snapshot(detector: Detector) -> Rows:
    """All that a detector remembers."""
    return rows_of(detector.state, version=detector.version, params=detector.params)


def restore(
    cls: type[SomeDetector], context: MonitorContext, params: Struct, rows: Mapping[str, bytes]
) -> SomeDetector:
    """The detector that `snapshot` was taken of. Raises `SnapshotMismatch`."""
    return cls(context, params, state_from(cls.State, rows, version=cls.version, params=params))


def rows_of(state: Struct, *, version: int = 1, params: Struct | None = None) -> Rows:
    """Any state record as rows by name."""
    single, entries = _fields(type(state))
    fields = {name: Raw(_encoder.encode(getattr(state, name))) for name in single}
    rows = {"": _encoder.encode(_Head(version, params_hash(params), fields))}
    for field in entries:
        rows |= {f"{field}/{key}": _encoder.encode(entry) for key, entry in getattr(state, field).items()}
    return rows


def state_from(
    cls: type[SomeStruct], rows: Mapping[str, bytes], *, version: int = 1, params: Struct | None = None
) -> SomeStruct:
    """What `rows_of` was made of, with entries in the order of their keys. Raises `SnapshotMismatch`."""
    if "" not in rows:
        raise SnapshotMismatch("the first row is missing")
    single, entries = _fields(cls)
    try:
        head = _head.decode(rows[""])
        _check(head, version, params)
        if head.fields.keys() != single.keys():
            raise SnapshotMismatch("it holds other fields, though its version is the same")
        values: dict[str, Any] = {name: single[name].decode(raw) for name, raw in head.fields.items()}
        values |= {field: {} for field in entries}
        for name in sorted(rows.keys() - {""}):
            field, _, key = name.partition("/")
            if field not in entries:
                raise SnapshotMismatch("a row belongs to no field")
            values[field][key] = entries[field].decode(rows[name])
    except msgspec.MsgspecError as error:
        raise SnapshotMismatch(f"it cannot be read: {error}") from error
    return cls(**values)


def params_hash(params: Struct | None) -> str:
    """16 hexadecimal digits that change with any value of `params`; empty for None."""
    if params is None:
        return ""
    return hashlib.sha256(msgspec.json.encode(params, order="deterministic")).hexdigest()[:16]


def _check(head: _Head, version: int, params: Struct | None) -> None:
    if head.version != version:
        raise SnapshotMismatch(f"it is of version {head.version}, not {version}")
    if head.params != params_hash(params):
        raise SnapshotMismatch("it was learned with other parameters")


_Decoders = dict[str, msgspec.msgpack.Decoder[Any]]


@cache
def _fields(cls: type[Struct]) -> tuple[_Decoders, _Decoders]:
    """Decoders of the fields that are one value, and of the entries of those that are one row per entry."""
    single: _Decoders = {}
    entries: _Decoders = {}
    for field in msgspec.structs.fields(cls):
        bare = get_args(field.type)[0] if get_origin(field.type) is Annotated else field.type
        if get_origin(bare) is dict and get_args(bare)[0] is str:
            entries[field.name] = msgspec.msgpack.Decoder(get_args(bare)[1])
        else:
            single[field.name] = msgspec.msgpack.Decoder(field.type)
    return single, entries
