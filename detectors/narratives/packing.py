"""Sums of vectors as few bytes, so that a cluster is a small row of the state."""

import struct

import numpy as np
from numpy.typing import NDArray

from detectors.narratives.lexical import DIMENSIONS

Vector = NDArray[np.float64]
"""Whole numbers: components in steps of 1/4096."""


def packed(dense: Vector, lexical: Vector, weight: int) -> bytes:
    """Whole numbers as few bytes: of the lexical part, mostly zeros, only the others with their places.

    Little-endian: three uint16 (bytes per number, dense components, lexical ones that are not zero), the places as
    uint16, the dense and the lexical numbers.
    """
    places = lexical.nonzero()[0]
    numbers = np.concatenate([dense, lexical[places]])
    width = 2 if weight < 8 else 4  # no component of a vector is above 4096
    head = struct.pack("<HHH", width, len(dense), len(places))
    return b"".join([head, places.astype("<u2").tobytes(), numbers.astype(f"<i{width}").tobytes()])


def unpacked(row: bytes) -> Vector:
    """What `packed` was given: the dense part, then that of letters with its zeros."""
    width, dense, there = struct.unpack_from("<HHH", row)
    places = np.frombuffer(row, "<u2", there, offset=6)
    numbers = np.frombuffer(row, f"<i{width}", offset=6 + 2 * there)
    total = np.zeros(dense + DIMENSIONS)
    total[:dense] = numbers[:dense]
    total[dense + places.astype(np.intp)] = numbers[dense:]
    return total
