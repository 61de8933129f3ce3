"""A space: the wordings and narratives whose vectors may be compared, and how close is close enough."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Generic

import numpy as np
from msgspec import Struct

from detectors.narratives.clustering.background import Background
from detectors.narratives.clustering.clusters import AnyNarrative, AnyWording, Narrow, Tier, in_order
from detectors.narratives.clustering.packing import Vector, packed, unpacked
from detectors.narratives.clustering.postings import Postings, Terms
from detectors.narratives.clustering.recent import Recent, RecentText

_MOST_NEAR = 16


class Thresholds(Struct, frozen=True, kw_only=True):
    """Cosines; `detectors/narratives/clustering/placing.py` says how they are used."""

    same_narrative: float = 0.37
    same_wording: float = 0.65
    decides: float = 0.75
    """From where on the closest wording decides the narrative, and not the closest centre."""
    decides_alone: float = 0.60
    """Likewise where no centre is close enough."""
    leans_from: float = 0.25
    """From where on a text leans towards another, whose age makes it less close."""
    cut: float = 0.29
    """The average link below which a narrative falls apart."""
    age_penalty: float = 0.08
    age_scale: float = 500.0
    """Mentions taken in since a narrative's newest."""


class Space(Generic[AnyWording, AnyNarrative]):
    """The wordings and narratives whose vectors may be compared: those of one model, or of letters alone.

    All is derived from what the clusters hold. A narrative is the sum of its wordings.
    """

    def __init__(
        self,
        dense: int,
        wordings: Iterable[AnyWording] = (),
        narratives: Iterable[AnyNarrative] = (),
        background: Background | None = None,
        texts: Iterable[RecentText] = (),
    ) -> None:
        """Of clusters as they come back, in any order; `dense` components have the embeddings."""
        self.dense = dense
        self.background = background or Background(dense)
        self.wordings: Tier[AnyWording] = Tier(dense, self.background, np.float32)
        self.narratives: Tier[AnyNarrative] = Tier(dense, self.background, np.float64)
        self.recent = Recent(dense, self.background, texts)
        self.terms = Postings()
        """Of the wordings."""
        self.homes = np.zeros(64, np.int64)
        """Each wording's narrative, as a row."""
        self.members: dict[int, array[int]] = {}
        """Each narrative's wordings, as rows."""
        self.last_at = np.full(64, np.inf)
        """When each wording was last heard, seconds since 1970."""
        self.mentions = np.zeros(64)
        """How often each wording was heard."""
        self.grown: set[int] = set()
        """Narratives that are not what they were when they were last looked at, as rows."""
        self._changed: set[int] = set()
        home_of = {narrative.id: self.narratives.open(narrative) for narrative in narratives}
        for wording in wordings:
            row = self.open_wording(wording, home_of[wording.narrative])
            self._load(row, wording)
        self.wordings.point_all()
        for row, narrative in self.narratives.clusters.items():
            self.sum_up(row)
            if narrative.weight != narrative.looked_at:
                self.grown.add(row)

    def open_narrative(self, narrative: AnyNarrative) -> int:
        """Adds one without wordings, and gives its row."""
        row = self.narratives.open(narrative)
        self.members[row] = array("q")
        return row

    def open_wording(self, wording: AnyWording, home: int) -> int:
        """Adds an empty one to a narrative, and gives its row."""
        row = self.wordings.open(wording)
        if row >= len(self.homes):
            self.homes, self.mentions = np.tile(self.homes, 2), np.tile(self.mentions, 2)
            self.last_at = np.tile(self.last_at, 2)
        self.homes[row], self.last_at[row], self.mentions[row] = home, np.inf, 0
        self.members.setdefault(home, array("q")).append(row)
        return row

    def join(
        self,
        row: int,
        dense: Vector,
        terms: dict[int, int],
        squares: tuple[float, float],
        pointing: tuple[Narrow, float] | None = None,
    ) -> None:
        """Adds a text to a wording and to its narrative.

        Args:
            squares: By how much the squared length of the terms' part grows, of the wording and of the narrative.
            pointing: As of `Tier.add`, of the wording.
        """
        home = int(self.homes[row])
        self.wordings.add(row, dense, squares[0], pointing)
        self.narratives.add(home, dense, squares[1], self.wordings.pointing(row) if self.is_single(home) else None)
        self.grown.add(home)
        self.terms.add(row, terms)
        self._changed.add(row)

    def is_single(self, home: int) -> bool:
        """Whether a narrative has one wording only, and so points where that does."""
        return len(self.members[home]) == 1

    def touch(self, row: int, taken: int) -> None:
        """Notes that the `taken`-th mention fell into a wording."""
        self.wordings.touch(row, taken)
        self.narratives.touch(int(self.homes[row]), taken)

    def came_near(self, home: int, others: Sequence[int]) -> None:
        """Notes that a text of a narrative was close to others, given as rows: they are looked at together."""
        if others:
            near, clusters = self.narratives.clusters[home].near, self.narratives.clusters
            new = [number for number in (clusters[other].number for other in others) if number not in near]
            near[:] = [*near, *new][-_MOST_NEAR:]

    def forget(self, rows: Sequence[int]) -> list[AnyNarrative]:
        """Drops wordings, and gives the narratives of which nothing is left: they are dropped too."""
        homes = {int(self.homes[row]) for row in rows}
        for row in rows:
            self.members[int(self.homes[row])].remove(row)
            self.terms.remove(row)
            self.wordings.close(row)
            self._changed.discard(row)
        return self._settled(homes)

    def regroup(self, groups: Iterable[tuple[AnyNarrative, Sequence[int]]]) -> list[AnyNarrative]:
        """Gives narratives, some of which may be new, the wordings that they have now; all others keep theirs.

        Gives those of which nothing is left: they are dropped.
        """
        homes: set[int] = set()
        for narrative, rows in groups:
            home = self.narratives.row_of.get(narrative.number)
            if home is None:
                home = self.open_narrative(narrative)
            for row in rows:
                if self.homes[row] != home:
                    self.members[int(self.homes[row])].remove(row)
                    self.members[home].append(row)
                    homes |= {home, int(self.homes[row])}
                    self.homes[row] = home
        return self._settled(homes)

    def rows_of(self, narrative: AnyNarrative) -> list[int]:
        """Of its wordings, oldest first."""
        return in_order(self.members[self.narratives.row_of[narrative.number]], self.wordings.numbers)

    def likeness(self, row: int, terms: Terms) -> float:
        """How much a text's words or letters are those of a wording, as a cosine."""
        squares = self.wordings.term_squares[row] * sum(weight * weight for weight in terms.values())
        return float(self.terms.product(row, terms) / max(1.0, squares) ** 0.5)

    def terms_of(self, home: int) -> Terms:
        """Of all the wordings of a narrative, by row; one at least."""
        first, *others = self.members[home]
        if not others:
            return self.terms[first]
        terms = dict(self.terms[first])
        for row in others:
            for code, weight in self.terms[row].items():
                terms[code] = terms.get(code, 0) + weight
        return terms

    def turn(self) -> None:
        """Follows the background."""
        self.wordings.point_all()
        self.narratives.point_all()
        self.recent.turn()

    def sum_up(self, home: int) -> None:
        """Makes a narrative the sum of its wordings, of which it has one at least."""
        narratives, rows = self.narratives, self.members[home]
        cluster = narratives.clusters[home]
        narratives.sums[home] = self.wordings.sums[rows].sum(axis=0, dtype=np.float64)
        narratives.weights[home] = cluster.weight = int(self.wordings.weights[rows].sum())
        narratives.touch(home, int(self.wordings.last_taken[rows].max()))
        if len(rows) == 1:
            narratives.term_squares[home] = self.wordings.term_squares[rows[0]]
        else:
            narratives.term_squares[home] = float(sum(weight * weight for weight in self.terms_of(home).values()))
        narratives.point(home)

    def write_back(self) -> None:
        """Brings the sums into the wordings, which are what is saved."""
        for row in self._changed:
            wording = self.wordings.clusters[row]
            terms = self.terms[row]
            wording.sum = packed(self.wordings.sums[row], terms, terms.values(), wording.weight)
        self._changed.clear()

    def _load(self, row: int, wording: AnyWording) -> None:
        total = unpacked(wording.sum)
        self.wordings.sums[row] = total.dense
        self.wordings.weights[row] = wording.weight
        self.wordings.term_squares[row] = float(sum(weight * weight for weight in total.weights))
        self.terms.add(row, dict(zip(total.codes, total.weights, strict=True)))

    def _settled(self, homes: Iterable[int]) -> list[AnyNarrative]:
        """Sums narratives up whose wordings changed, and drops those without any."""
        gone = []
        for home in in_order(list(homes), self.narratives.numbers):
            if len(self.members[home]):
                self.sum_up(home)
                self.grown.add(home)
            else:
                gone.append(self.narratives.clusters[home])
                self.narratives.close(home)
                self.grown.discard(home)
                del self.members[home]
        return gone
