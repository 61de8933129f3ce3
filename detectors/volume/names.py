"""How often each of some names was heard, where there may be too many: the same in whatever order they came."""

from typing import TypeVar

from detectors import distinct

MOST_OPEN = 64
"""Names that are counted at once."""

SomeNumber = TypeVar("SomeNumber", int, float)


def count(counts: dict[str, int], name: str) -> None:
    """Count one more; of too many names those with the smallest hashes are counted, and exactly."""
    if len(counts) >= MOST_OPEN and name not in counts:
        # A name that was let go never comes back: what is kept only moves to smaller hashes.
        last = max(counts, key=lambda each: (distinct.hashed(each), each))
        if (distinct.hashed(name), name) > (distinct.hashed(last), last):
            return
        del counts[last]
    counts[name] = counts.get(name, 0) + 1


def largest(counts: dict[str, SomeNumber], most: int) -> dict[str, SomeNumber]:
    """Those with the largest counts, at most so many."""
    # Sorted even if all are kept: their order may come from a set's, which differs between processes.
    if len(counts) <= most:
        return dict(sorted(counts.items()))
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:most])
