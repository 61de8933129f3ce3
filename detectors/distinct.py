"""How many different ones there were, in little memory: the k smallest hashes (KMV).

Exact up to `MOST` different ones, then within about 9 % (1/sqrt(k - 2)). Two lists are united by uniting their hashes,
so each bin keeps its own. Source: Bar-Yossef et al., Counting distinct elements in a data stream, 2002.

Why no library: what is kept must be plain values that are the same in whatever order mentions came. Of `datasketches`
5.2 the HyperLogLog gives other estimates and other bytes for another order, its theta sketch as well; neither is
typed. `datasketch` 2.0 brings SciPy, 113 MB. HyperLogLog of 10 % takes 128 bytes, and is never exact for the few.
"""

from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

MOST = 128
_HASHES = 2**64


def remember(smallest: list[int], name: str) -> None:
    """Add one to a sorted list of hashes, which it changes. Order and repeats do not matter."""
    digest = _digest(name)
    if len(smallest) >= MOST and digest >= smallest[-1]:
        return
    place = bisect_left(smallest, digest)
    if place == len(smallest) or smallest[place] != digest:
        smallest.insert(place, digest)
        del smallest[MOST:]


def united(lists: Iterable[list[int]], *, most: int = MOST) -> list[int]:
    """The list of all of them together, with at most so many hashes, no more than the lists may hold."""
    return sorted({digest for smallest in lists for digest in smallest})[:most]


def count(lists: Iterable[list[int]], *, most: int = MOST) -> int:
    """How many different ones there are in all of them together; exact below `most`. Never falls when one is added."""
    union = united(lists, most=most)
    if len(union) < most:
        return len(union)
    return round((most - 1) / (union[most - 1] / _HASHES))


@lru_cache(maxsize=4096)  # one author is remembered in several lists, one right after the other
def _digest(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest())
