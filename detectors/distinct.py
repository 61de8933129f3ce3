"""How many different ones there were, in little memory: the k smallest hashes (KMV).

Exact up to `MOST` different ones, then within about 9 % (1/sqrt(k - 2)). Two lists are united by uniting their hashes,
so each bin keeps its own. Source: Bar-Yossef et al., Counting distinct elements in a data stream, 2002.

Why no library: what is kept must be plain values that are the same in whatever order mentions came. Of `datasketches`
5.2 the HyperLogLog gives other estimates and other bytes for another order, its theta sketch as well; neither is
typed. `datasketch` 2.0 brings SciPy, 113 MB. HyperLogLog of 10 % takes 128 bytes, and is never exact for the few.
"""

from bisect import bisect_left
from collections.abc import Iterable
from zlib import crc32

MOST = 128
HASHES = 2**32
# crc32 is linear: multiplying by an odd number (the golden ratio's) parts names that differ in their last digits.
_ODD = 0x9E3779B1


def hashed(name: str) -> int:
    """A number below `HASHES` that depends on the name alone.

    Others that give the same are easily found; ids of authors, being keyed hashes, cannot be chosen so.
    """
    return crc32(name.encode("utf-8", "surrogatepass")) * _ODD & 0xFFFFFFFF


def remember(smallest: list[int], name: str) -> None:
    """Add one to a sorted list of hashes, which it changes. Order and repeats do not matter."""
    digest = hashed(name)
    is_full = len(smallest) >= MOST
    if is_full and digest >= smallest[-1]:
        return
    place = bisect_left(smallest, digest)
    if place == len(smallest) or smallest[place] != digest:
        smallest.insert(place, digest)
        if is_full:
            smallest.pop()


def united(lists: Iterable[list[int]], *, most: int = MOST) -> list[int]:
    """The list of all of them together, with at most so many hashes, no more than the lists may hold."""
    return sorted(set[int]().union(*lists))[:most]


def count(lists: Iterable[list[int]]) -> int:
    """How many different ones there are in all of them together; exact below `MOST`. Never falls when one is added."""
    return count_in(united(lists))


def count_in(smallest: list[int], *, most: int = MOST) -> int:
    """As `count`, of one list that holds at most so many."""
    if len(smallest) < most:
        return len(smallest)
    return round((most - 1) / (smallest[most - 1] / HASHES))
