"""How often people found it right to be told, with an interval that says how much can be read from so few answers."""

from collections.abc import Iterable
from math import sqrt
from statistics import NormalDist

from msgspec import Struct

from alerting.action import Handling

_Z = NormalDist().inv_cdf(0.975)


class Precision(Struct, frozen=True, kw_only=True):
    """Verdicts of people about what one detector found."""

    detector: str
    useful: int
    not_useful: int
    monitor: str = ""
    """Whose; empty where all is of one monitor."""

    @property
    def share(self) -> float:
        """Of the verdicts, those that say useful; 0 where there are none."""
        count = self.useful + self.not_useful
        return self.useful / count if count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 95 %: (0, 1) where there are no verdicts."""
        return wilson(self.useful, self.useful + self.not_useful)


def rejudge(known: dict[str, Precision], detectors: Iterable[str], before: Handling, after: Handling) -> None:
    """Counts what people think of a story after somebody changed their mind, for each detector that found it."""
    useful, not_useful = after.useful - before.useful, after.not_useful - before.not_useful
    if not useful and not not_useful:
        return
    for detector in detectors:
        old = known.get(detector, Precision(detector=detector, useful=0, not_useful=0))
        # A detector may have joined the story since: then it has no part in what is taken back.
        known[detector] = Precision(
            detector=detector,
            useful=max(0, old.useful + useful),
            not_useful=max(0, old.not_useful + not_useful),
        )


def wilson(successes: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share: E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", JASA 22 (1927). It holds for small counts, where the usual one does not.
    """
    if not count:
        return 0.0, 1.0
    share, z2 = successes / count, _Z * _Z
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    width = _Z / (1 + z2 / count) * sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    # The share lies within, whatever the last bit says.
    return max(0.0, min(share, middle - width)), min(1.0, max(share, middle + width))
