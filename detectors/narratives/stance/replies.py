"""What is replied to a narrative: a short "this is fake" is close to no claim, and denies the one that it answers.

Of the newest mentions it is remembered which wording they went to, by hashes of their ids, in a table of fixed size. On
`bench/rumours` 99 % of the replies answer one of the 522 mentions before them, and 3 of 4 replies that deny or ask went
to another narrative than what they answer, or to none. Only what a reply answers itself is counted: further down people
deny each other (the reading's precision falls from .82 to .47).
"""

from array import array
from collections.abc import Iterable
from hashlib import blake2b

from msgspec import Struct

from detectors.narratives.stance.reading import Stance


class Replies(Struct, kw_only=True):
    """Counts of the replies to mentions of a wording or narrative that are no mentions of it themselves."""

    heard: int = 0
    denying: int = 0
    asking: int = 0

    def add(self, said: Stance | None) -> None:
        self.heard += 1
        self.denying += said == "denies"
        self.asking += said == "asks"

    def unite(self, other: "Replies") -> None:
        self.heard += other.heard
        self.denying += other.denying
        self.asking += other.asking


class Answerable:
    """Which wording each of the newest `SIZE` mentions went to; about 250 kB, and 32 kB in a state.

    Args:
        remembered: How many were remembered so far, also those since forgotten.
        parts: As `parts` gave them.
    """

    SIZE = 2048
    PARTS = 8

    def __init__(self, remembered: int = 0, parts: Iterable[bytes] = ()) -> None:
        self.remembered = remembered
        self._keys, self._wordings = array("Q", bytes(8 * self.SIZE)), array("Q", bytes(8 * self.SIZE))
        for number, part in enumerate(parts):
            start, half = number * (self.SIZE // self.PARTS), len(part) // 2
            self._keys[start : start + half // 8] = array("Q", part[:half])
            self._wordings[start : start + half // 8] = array("Q", part[half:])
        # Oldest first, so that of two mentions with one id the newer one is found.
        slots = (number % self.SIZE for number in range(max(0, remembered - self.SIZE), remembered))
        self._slot_of = {self._keys[slot]: slot for slot in slots}

    def remember(self, mention: str, wording: int) -> None:
        """A mention's id and the number of the wording that it went to; the oldest is forgotten."""
        slot = self.remembered % self.SIZE
        if self._slot_of.get(self._keys[slot]) == slot:
            del self._slot_of[self._keys[slot]]
        self._keys[slot] = key = _key(mention)
        self._wordings[slot] = wording
        self._slot_of[key] = slot
        self.remembered += 1

    def wording_of(self, mention: str | None) -> int | None:
        """The number of the wording that the mention with this id went to, where that is remembered."""
        slot = self._slot_of.get(_key(mention)) if mention else None
        return None if slot is None else self._wordings[slot]

    def parts(self) -> list[bytes]:
        """`PARTS` pieces for the state: only those in which something was remembered have changed."""
        size = self.SIZE // self.PARTS
        return [
            self._keys[start : start + size].tobytes() + self._wordings[start : start + size].tobytes()
            for start in range(0, self.SIZE, size)
        ]


def _key(mention: str) -> int:
    return int.from_bytes(blake2b(mention.encode("utf-8", "replace"), digest_size=8).digest(), "little")
