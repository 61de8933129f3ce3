"""Exact average-link clustering of groups of vectors.

The average link of two groups is the mean of the products of their vectors, one of each. Nearest-neighbour chain
(Benzécri 1982, Juan 1982): the same merges as the greedy algorithm, in O(K²).
"""

import numpy as np
from numpy.typing import NDArray

_NEVER = -np.inf
"""For what can not be united any more; any mean with it stays so."""

Links = NDArray[np.float64]


def average_link(links: Links, sizes: NDArray[np.float64]) -> list[list[int]]:
    """Groups of rows whose average link stays at or above 0; rows ascend, groups are ordered by their first.

    Args:
        links: The average link of each two rows, less that from which on they belong together, shape (k, k). Used up.
        sizes: How many vectors each row is made of, shape (k,), > 0.
    """
    if not len(sizes):
        return []
    np.fill_diagonal(links, _NEVER)
    members = _united(links, sizes.astype(np.float64))
    return sorted(sorted(rows) for rows in members.values())


def _united(links: Links, sizes: NDArray[np.float64]) -> dict[int, list[int]]:
    """The rows of each group, by one row of it that stands for the group."""
    members = {row: [row] for row in range(len(sizes))}
    open_rows = [True] * len(sizes)
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


def _unite(links: Links, sizes: NDArray[np.float64], small: int, large: int) -> None:
    """Lance and Williams' rule for average link, in place; closed rows keep `_NEVER`."""
    both = sizes[small] + sizes[large]
    row = (sizes[small] / both) * links[small] + (sizes[large] / both) * links[large]
    sizes[large] = both
    links[large] = links[:, large] = row
    links[small] = links[:, small] = _NEVER
