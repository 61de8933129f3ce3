"""Sums of vectors as few bytes, so that a wording is a small row of the state."""

import struct
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Vector = NDArray[np.float64]
"""Whole numbers: components in steps of 1/4096."""
_HEAD = struct.Struct("<HHI")


class Sum(Struct, frozen=True):
    """The sum of the vectors of texts, as they are: with nothing taken away."""

    dense: Vector
    """Of their embeddings."""
    codes: Sequence[int]
    """Of their terms, by hash."""
    weights: Sequence[int]
    """Of each term, in steps of 1/4096."""


def packed(dense: Vector, codes: Iterable[int], weights: Iterable[int], members: int) -> bytes:
    """A sum as bytes.

    Little-endian: bytes per number, dense components (both uint16), terms (uint32); their hashes as uint32, the dense
    numbers, the terms' numbers.
    """
    terms = np.fromiter(codes, "<u4")
    width = "<i2" if members < 8 else "<i4"  # no component of a vector is above 4096
    numbers = np.fromiter(weights, width, len(terms))
    head = _HEAD.pack(int(width[2]), len(dense), len(terms))
    return b"".join([head, terms.tobytes(), dense.astype(width).tobytes(), numbers.tobytes()])


def unpacked(row: bytes) -> Sum:
    """What `packed` was given."""
    width, dense, terms = _HEAD.unpack_from(row)
    codes = np.frombuffer(row, "<u4", terms, offset=_HEAD.size)
    numbers = np.frombuffer(row, f"<i{width}", offset=_HEAD.size + 4 * terms)
    return Sum(numbers[:dense].astype(np.float64), codes.tolist(), numbers[dense:].tolist())
