"""How often each of very many names is heard, in 900 bytes: a count-min sketch that fades.

Every name falls into one cell of each row, and shares it with others (Cormode and Muthukrishnan, An improved data
stream summary, 2005). What is read is the least of its cells, each less what most cells of its row hold: a name that
was never heard is read as about 0, even though its cells are not empty.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_ROWS, _CELLS = 3, 100
EMPTY = bytes(3 * _ROWS * _CELLS)

# Odd numbers: multiplying by each and keeping the highest bits gives each row a hash of its own (Dietzfelbinger 1997).
# Those bits are the digits of a number in [0, 1), which chooses the cell.
_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93], dtype=np.uint64)[:, None]
_HALF = np.uint64(32)
_ROW = np.arange(_ROWS)[:, None] * _CELLS


def add(sketch: bytes, heard: Iterable[tuple[str, Mapping[str, int], float]], kept: float) -> bytes:
    """The sketch after all that it held has faded to the part `kept`, and these were heard.

    Args:
        sketch: As it was; `EMPTY` at first.
        heard: Kinds, their names with counts, and what each count of them weighs.
        kept: From 0 to 1.
    """
    hashes: list[int] = []
    weights: list[float] = []
    for kind, counts, weight in heard:
        hashes += _hashes(kind, counts)
        weights += [weight * count for count in counts.values()]
    cells = _cells(sketch) * kept
    if hashes:
        cells += np.bincount(_places(hashes).ravel(), weights=weights * _ROWS, minlength=_ROWS * _CELLS)
    return cells.astype("<f4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()


def read(sketch: bytes, kind: str, names: Collection[str]) -> list[float]:
    """How often each of these was heard, faded; never below 0."""
    if not names:
        return []
    cells = _cells(sketch)
    found = cells[_places(_hashes(kind, names))]
    others = np.median(cells.reshape(_ROWS, _CELLS), axis=1)[:, None]
    own: list[float] = (found - others).min(axis=0).clip(min=0.0).tolist()
    return own


def _cells(sketch: bytes) -> NDArray[np.float64]:
    """Kept as 32-bit floats without their last byte: what that rounds off is 200 times less than what fades at once."""
    cells = np.zeros((_ROWS * _CELLS, 4), dtype=np.uint8)
    cells[:, 1:] = np.frombuffer(sketch, dtype=np.uint8).reshape(-1, 3)
    return cells.view("<f4").ravel().astype(np.float64)


def _hashes(kind: str, names: Iterable[str]) -> list[int]:
    start = crc32(kind.encode())
    return [crc32(name.encode("utf-8", "surrogatepass"), start) for name in names]


def _places(hashes: Sequence[int]) -> NDArray[np.intp]:
    """The cell of each hash in each row, shape (rows, hashes)."""
    highest = np.array(hashes, dtype=np.uint64) * _ODD >> _HALF
    cells: NDArray[np.intp] = (highest * np.uint64(_CELLS) >> _HALF).astype(np.intp) + _ROW
    return cells
