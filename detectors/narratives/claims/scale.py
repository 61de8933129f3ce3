"""What a model's cosines mean to weights that were fitted to another's.

The weights of claim matching were fitted to the offline model in English. A cosine of .6 is much to it, and to another
model it is what unrelated texts have. So cosines of another model or language are first put where its distribution of
unrelated texts has what the fitted one has there. That is enough to rank claims; how sure a match then is, only posts
can say of which it is known whether they repeat a claim: without them nothing is told as certain.

Tried out on 250 CheckThat! posts, lists of 20 claims, with spoiled forms of the offline model. It helps where all texts
became more alike, or less, and costs a little where a model only knows less: then unrelated texts are no more alike in
the middle, and more so at the end.

| form | unrelated: median, 99 % | calibration error, as it is / read so | listed claims from .9 on, the same |
|---|---|---|---|
| a direction that all texts share | .74, .81 | .062 / .022 | .78 / .85 |
| a weaker one | .40, .57 | .041 / .022 | .84 / .85 |
| noise on each text | .06, .24 | .076 / .048 | .67 / .77 |
| the first 96 dimensions | .08, .38 | .035 / .035 | .83 / .81 |
| 64 directions at random | .11, .44 | .019 / .031 | .83 / .77 |

Of what had .9 or more 99 % and more were right throughout.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.narratives.clustering.calibration import Calibration
from detectors.narratives.clustering.reference import REFERENCE

_FITTED = (-1.0, REFERENCE.dense.median, REFERENCE.dense.p99, 1.0)


class Scale(Struct, frozen=True, kw_only=True):
    """How a model's cosines in one language are read, and the log-odds that come of them."""

    unrelated: tuple[float, float] | None = None
    """Median and 99th percentile of the cosines of unrelated texts; None where the weights were fitted to them."""
    slope: float = 1.0
    intercept: float = 0.0
    """Log-odds are multiplied by one, and the other is added: as Platt (1999) makes scores probabilities."""
    is_known: bool = True
    """Whether the probabilities were ever held against posts; else nothing is certain."""

    def as_fitted(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosines that the fitted model would have given. 0 says that there is no vector, and stays."""
        if self.unrelated is None:
            return cosines
        moved = np.interp(cosines, (-1.0, *self.unrelated, 1.0), _FITTED).astype(np.float32)
        return np.where(cosines == 0, np.float32(0), moved)


FITTED = Scale()
"""Of the offline model in English."""
UNKNOWN = Scale(is_known=False)
"""Of a model of which nothing is known."""


def scale_of(calibration: Calibration) -> Scale:
    """Of one model in one language."""
    is_fitted = (calibration.model, calibration.language) == (REFERENCE.model, REFERENCE.language)
    unrelated = None if is_fitted else (calibration.dense.median, calibration.dense.p99)
    known = calibration.claims
    if known is None:
        return Scale(unrelated=unrelated, is_known=is_fitted)
    return Scale(unrelated=unrelated, slope=known.slope, intercept=known.intercept)


def scales_of(calibrations: Sequence[Calibration]) -> Mapping[str, Scale] | None:
    """By `space|language`; None where there are no calibrations at all, and all is read as fitted."""
    return {each.key: scale_of(each) for each in calibrations} or None
