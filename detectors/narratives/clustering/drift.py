"""Whether a model still tells texts apart: watched language by language, while narratives are gathered.

What is watched is how alike unrelated texts are to it: each text and the one before it in its language, if they are by
different authors and share hardly any word. One loud story does not show there, however loud it is: its texts share
words. (Without that, nine of ten texts about one story would look like a model that has lost its mind, at the very
moment at which it matters.) Of English about one event the median of such pairs is .25 to .3; of Japanese, Korean or
Arabic to an English model .56 to .64; and of a model whose every vector is the same, 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from zlib import crc32

import numpy as np
from msgspec import structs

from detectors.mention import Moment
from detectors.narratives.clustering.calibration import Calibration, are_related, words_of
from detectors.narratives.clustering.clusters import Cluster
from detectors.narratives.clustering.reference import REFERENCE
from detectors.narratives.state import LETTERS, Heard, Watched

WINDOW = 100
"""Pairs of which the median is taken."""
FEWEST = 50
"""Pairs below which nothing is said."""
_LIMIT = 0.45
"""How far from what is known of unrelated texts towards 1 their median must come. For the offline model that is .50:
of English about one event, with handles and links left in, the median of a window is .30 with a deviation of .03 and
came to .42 at most; of Japanese it is .56 with one of .01."""
_OVER = 0.37
"""And how far it must fall back before the model is trusted again."""
_EVERY = 2
"""Of so many texts one is looked at, once there is a full window and all is well: that costs 40 µs."""
_MOST_WATCHED = 32


class Drift:
    """Decides which mentions narratives may compare by their vectors. All that changes is in `watched`.

    Args:
        calibrations: Of all models and languages that may be compared; none: every one, by the reference.
        watched: What was remembered, by `space|language`.
    """

    def __init__(self, calibrations: Sequence[Calibration], watched: dict[str, Watched]) -> None:
        self.watched = watched
        self._known: Mapping[str, Calibration] = {each.key: each for each in calibrations}

    def as_compared(self, heard: Heard) -> Heard:
        """The same mention, without its vector where that must not be compared: then it is one of letters.

        To be asked once for each mention, in the order in which they are taken in.
        """
        if heard.space == LETTERS:
            return heard
        key = f"{heard.space}|{heard.language}"
        calibration = self._known.get(key, None if self._known else REFERENCE)
        if calibration is not None:
            self._watch(key, heard, calibration)
            if self.watched[key].since is None:
                return heard
        return structs.replace(heard, space=LETTERS, vector=b"")

    def adrift(self) -> frozenset[str]:
        """Languages whose texts are compared by their letters now, since their vectors are all alike."""
        return frozenset(key.rpartition("|")[2] for key, watched in self.watched.items() if watched.since is not None)

    def usual(self, key: str) -> float:
        """The median of unrelated texts that is usual, of a `space|language`."""
        return self._known.get(key, REFERENCE).dense.median

    def limit(self, key: str) -> float:
        """The median of unrelated texts above which the model is not trusted."""
        return _between(self._known.get(key, REFERENCE), _LIMIT)

    def _watch(self, key: str, heard: Heard, calibration: Calibration) -> None:
        watched = self.watched.get(key)
        if watched is None:
            self._make_room()
            watched = self.watched[key] = Watched(heard_at=heard.at)
        is_well = len(watched.cosines) >= WINDOW and watched.since is None
        if is_well and crc32(heard.id.encode("utf-8", "replace")) % _EVERY:
            return
        # Reposts and late mentions are heard like others: what they share with the text before shows in their words.
        spoken = words_of(heard.text)
        if watched.vector and watched.author != heard.author and not are_related(watched.words, spoken):
            watched.cosines = [*watched.cosines[1 - WINDOW :], _thousandths(watched.vector, heard.vector)]
            self._judge(watched, heard.at, calibration)
        watched.vector, watched.words, watched.author = heard.vector, spoken, heard.author
        watched.heard_at = max(watched.heard_at, heard.at)

    @staticmethod
    def _judge(watched: Watched, at: Moment, calibration: Calibration) -> None:
        if len(watched.cosines) < FEWEST:
            return
        median = median_of(watched)
        if watched.since is None:
            if median > _between(calibration, _LIMIT):
                watched.since = at
        elif median < _between(calibration, _OVER):
            watched.since = None

    def _make_room(self) -> None:
        """Forgets the language that was not heard for longest, where there are many."""
        if len(self.watched) >= _MOST_WATCHED:
            oldest = min(self.watched.items(), key=lambda item: (item[1].heard_at, item[0]))[0]
            del self.watched[oldest]


def unknown(narrative: Cluster, languages: Iterable[str], adrift: frozenset[str]) -> tuple[str, ...]:
    """What is not known of a narrative for want of vectors, as sentences; `adrift` is as `Drift.adrift` gave it."""
    if narrative.space != LETTERS or adrift.isdisjoint(languages):
        return ()
    return (
        "Which other words tell the same: to the model all texts of a language of it look alike, so they are compared "
        "by their letters.",
    )


def median_of(watched: Watched) -> float:
    """Of the pairs that are remembered, one at least."""
    ordered = sorted(watched.cosines)
    return ordered[len(ordered) // 2] / 1000


def _between(calibration: Calibration, share: float) -> float:
    return calibration.dense.median + share * (1.0 - calibration.dense.median)


def _thousandths(one: bytes, other: bytes) -> int:
    """A cosine of two texts. What is no number counts as alike: no text of such a model can be told from another."""
    first, second = (np.frombuffer(vector, "<f2").astype(np.float64) for vector in (one, other))
    if len(first) != len(second):
        return 1000
    with np.errstate(invalid="ignore"):
        lengths = float(np.sqrt((first @ first) * (second @ second)))
        cosine = float(first @ second) / lengths if lengths > 0 else 1.0
    return round(1000 * cosine) if np.isfinite(cosine) else 1000
