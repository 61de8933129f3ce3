"""What all texts of a monitor have in common, so that stories are told apart by what they say beyond it.

To a model, texts about one subject all point much the same way: the mean cosine of two unrelated mentions of a census
is .37, that of two unrelated headlines .05. So the mean vector of the monitor's own texts is taken away before they are
compared (centring, as in Mu & Viswanath 2018, "All-but-the-Top"). One threshold then serves both a monitor about one
subject and one that hears everything, where the mean is short and little changes. The other way, a threshold drawn
from each monitor's own random pairs, would leave stories of one subject in a narrow band of cosines above it.

The mean is learned at the pace of days, and a day never outweighs what was known before: a story that floods a monitor
does not become its background.
"""

from datetime import datetime, timedelta

import numpy as np
from msgspec import Struct

from detectors.mention import Moment
from detectors.narratives.clustering.packing import Vector

_SETTLES_AFTER = timedelta(hours=24)
_FEW = 100.0
"""Texts that a day may add where little is known yet; later a quarter of what is known."""
_MOST = 2000.0
"""Texts from which on what is older counts less."""
_TEXTS_PER_STORY = 5.0
"""Texts come in stories, so that a mean of n texts is as uncertain as one of n / 5 independent ones."""
_ORDINARY_SHARE = 0.05
"""Of the length of a text, squared, that the mean has in a stream about everything (.06 in a year of headlines): the
model's own leaning, and not a subject. Without it News loses .005 to .01 of B³ F1; with .1 it is as if there were no
background."""
_STRETCH_STEPS = 16.0
_MOST_STRETCH = 3.0


class Learned(Struct, kw_only=True):
    """A background as the state keeps it. Sums are float64, the mean is int16, all little-endian."""

    settled: bytes
    settled_texts: float
    recent: bytes
    recent_texts: float
    settled_at: Moment | None
    mean: bytes
    stretch: float


class Background:
    """The background of one space.

    `mean` and `stretch` change in `learn` only: in between, all is compared against the same background.
    """

    mean: Vector
    """What is to be taken away from a text's vector: the shrunken mean, on the grid."""
    stretch: float
    """By how much products of what is left are to be multiplied, so that it weighs as much as before beside the
    lexical part: a whole number of sixteenths, so that products stay exact."""

    def __init__(self, dimensions: int, learned: Learned | None = None) -> None:
        self.mean, self.stretch = np.zeros(dimensions), 1.0
        self._settled, self._settled_texts = np.zeros(dimensions), 0.0
        self._recent, self._recent_texts = np.zeros(dimensions), 0.0
        self._settled_at: datetime | None = None
        self._learned = learned
        if learned is not None:
            self.mean = np.frombuffer(learned.mean, "<i2").astype(np.float64)
            self.stretch, self._settled_at = learned.stretch, learned.settled_at
            self._settled = np.frombuffer(learned.settled, "<f8").astype(np.float64)
            self._recent = np.frombuffer(learned.recent, "<f8").astype(np.float64)
            self._settled_texts, self._recent_texts = learned.settled_texts, learned.recent_texts

    @property
    def root(self) -> float:
        """By how much a vector's dense part is to be multiplied, so that its products are by `stretch`."""
        return float(self.stretch**0.5)

    def hear(self, vector: Vector) -> None:
        """Counts one text; `vector` as it is, with nothing taken away."""
        self._learned = None
        self._recent += vector
        self._recent_texts += 1

    def learn(self, now: datetime) -> bool:
        """Takes what was heard since into the mean; True where that changes it.

        To be called at times that the stream alone decides.
        """
        before, stretch = self.mean, self.stretch
        self._learned = None
        weight = min(1.0, max(_FEW, self._settled_texts / 4) / max(1.0, self._recent_texts))
        total = self._settled + np.rint(weight * self._recent)
        texts = self._settled_texts + weight * self._recent_texts
        self._set_mean(total, texts)
        self._settled_at = self._settled_at or now
        if now >= self._settled_at + _SETTLES_AFTER:
            keeps = min(1.0, _MOST / max(1.0, texts))
            self._settled, self._settled_texts, self._settled_at = np.rint(keeps * total), keeps * texts, now
            self._recent, self._recent_texts = np.zeros_like(total), 0.0
        return self.stretch != stretch or not np.array_equal(self.mean, before)

    def _set_mean(self, total: Vector, texts: float) -> None:
        """Shrunk as James and Stein (1961) do: where few texts are known, or they share little, little is taken away.

        With `share`, the mean's squared length against that of a text, the mean is uncertain by (1 - share) / n.
        What a stream about everything shares is left in.
        """
        if not texts:
            return
        mean = total / texts
        # A text's dense part has the squared length .6 · 4096² (see `texts.LEXICAL_WEIGHT`).
        share = float(mean @ mean) / (0.6 * 4096.0**2)
        if not 0.0 < share < 1.0:
            return
        uncertain = _TEXTS_PER_STORY * (1.0 - share) / texts
        shrunk = max(0.0, 1.0 - (_ORDINARY_SHARE + uncertain) / share)
        left = 1.0 - (2.0 * shrunk - shrunk**2) * share
        self.mean = np.rint(shrunk * mean)
        self.stretch = min(_MOST_STRETCH, round(_STRETCH_STEPS / left) / _STRETCH_STEPS)

    def learned(self) -> Learned:
        """As the state keeps it; the same object until something changes."""
        if self._learned is None:
            self._learned = self._packed()
        return self._learned

    def _packed(self) -> Learned:
        return Learned(
            settled=self._settled.astype("<f8").tobytes(),
            settled_texts=self._settled_texts,
            recent=self._recent.astype("<f8").tobytes(),
            recent_texts=self._recent_texts,
            settled_at=self._settled_at,
            mean=self.mean.astype("<i2").tobytes(),
            stretch=self.stretch,
        )
