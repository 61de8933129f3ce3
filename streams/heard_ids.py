"""Which ids a monitor has heard of late, so that a mention that comes again counts once. Pure."""

import hashlib
from datetime import datetime, timedelta

BUCKET = timedelta(minutes=10)
ID_BYTES = 8


class HeardIds:
    """Remembers ids by the event time of their mentions.

    Args:
        seen: What is remembered, and is kept up to date: hashes of ids, 8 bytes each, by the ten minutes of event time
            in which they lie.
    """

    def __init__(self, seen: dict[str, bytearray]) -> None:
        self._seen = seen
        self._all = {digest for ids in seen.values() for digest in _hashes(ids)}
        self._forgotten_before: int | None = None
        """The oldest of the ten minutes whose ids are remembered."""

    def take(self, id: str, at: datetime) -> bool:
        """Remember it; False where it was heard before."""
        digest = hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=ID_BYTES).digest()
        if digest in self._all:
            return False
        self._all.add(digest)
        self._seen.setdefault(str(_bucket(at)), bytearray()).extend(digest)
        return True

    def forget_before(self, moment: datetime) -> None:
        """What was said more than ten minutes before it may come again as if for the first time."""
        oldest = _bucket(moment)
        if oldest == self._forgotten_before:
            return
        self._forgotten_before = oldest
        for bucket in [bucket for bucket in self._seen if int(bucket) < oldest]:
            self._all -= _hashes(self._seen.pop(bucket))


def _bucket(at: datetime) -> int:
    return int(at.timestamp() // BUCKET.total_seconds())


def _hashes(ids: bytearray) -> set[bytes]:
    return {bytes(ids[start : start + ID_BYTES]) for start in range(0, len(ids), ID_BYTES)}
