"""Exact average-link clustering of groups of vectors, of which only the sums and sizes are known.

The average link of two groups A and B is S_A · S_B / (n_A n_B). Nearest-neighbour chain (Benzécri 1982, Juan 1982):
the same merges as the greedy algorithm, in O(K²).
"""

import numpy as np
from numpy.typing import NDArray

_NEVER = np.float32(-np.inf)
"""For what can not be united any more; any mean with it stays so."""


def average_link(means: NDArray[np.floating], sizes: NDArray[np.float64], cuts: NDArray[np.float64]) -> list[list[int]]:
    """Groups of rows whose average link stays at or above their cut; rows ascend, groups are ordered by their first.

    The cut of two groups is the mean of those of their vectors: this is average link of the links less their cuts.

    Args:
        means: The mean of each row's unit vectors (not scaled to length 1), shape (k, d).
        sizes: How many vectors each mean is made of, shape (k,), > 0.
        cuts: Cosines, shape (k,).
    """
    count = len(sizes)
    if count == 0:
        return []
    narrow = means.astype(np.float32, copy=False)
    # Rounded, so that links that are equal but for the order of summation are equal, and the lower row wins.
    links = narrow @ narrow.T
    halves = (cuts / 2).astype(np.float32)
    links -= halves[:, None] + halves
    links *= np.float32(65536)
    np.rint(links, out=links)
    links /= np.float32(65536)
    np.fill_diagonal(links, _NEVER)
    members = _united(links, sizes.astype(np.float32))
    return sorted(sorted(rows) for rows in members.values())


def _united(links: NDArray[np.float32], sizes: NDArray[np.float32]) -> dict[int, list[int]]:
    """The rows of each group, by one row of it that stands for the group. `links` is used up."""
    members = {row: [row] for row in range(len(sizes))}
    open_rows = np.ones(len(sizes), bool)
    chain: list[int] = []
    start = 0
    while True:
        if not chain:
            while start < len(sizes) and not open_rows[start]:
                start += 1
            if start == len(sizes):
                return members
            chain.append(start)
        last = chain[-1]
        nearest = int(links[last].argmax())
        if links[last, nearest] < 0:
            # Average link is reducible: what is not close now will never become close.
            open_rows[last] = False
            links[last] = links[:, last] = _NEVER
            chain.pop()
        elif len(chain) == 1 or links[last, chain[-2]] < links[last, nearest]:
            chain.append(nearest)
        else:
            other = chain[-2]
            del chain[-2:]
            small, large = sorted((last, other), key=lambda row: (len(members[row]), row))
            _unite(links, sizes, small, large)
            open_rows[small] = False
            members[large] += members.pop(small)


def _unite(links: NDArray[np.float32], sizes: NDArray[np.float32], small: int, large: int) -> None:
    """Lance and Williams' rule for average link, in place; closed rows keep `_NEVER`."""
    both = sizes[small] + sizes[large]
    row = (sizes[small] / both) * links[small] + (sizes[large] / both) * links[large]
    sizes[large] = both
    links[large] = links[:, large] = row
    links[small] = links[:, small] = _NEVER
