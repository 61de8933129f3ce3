from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.narratives.average_link import average_link
from detectors.narratives.clusters import GRID, STANDS_STILL_AT, Cluster, Matrix, Wording, on_grid, sums_of
from detectors.narratives.lexical import DIMENSIONS
from detectors.narratives.placing import Block
from detectors.narratives.regrouping import regrouped
from detectors.narratives.space import Space, Thresholds

DENSE = 16


def vectors(directions: Sequence[int], noise: float = 0.2, seed: int = 1) -> Matrix:
    """Unit vectors near the given axes, without a lexical part, on the grid."""
    dice = np.random.default_rng(seed)
    rows = np.zeros((len(directions), DENSE + DIMENSIONS))
    rows[np.arange(len(directions)), list(directions)] = 1
    rows[:, :DENSE] += noise * dice.standard_normal((len(directions), DENSE))
    return on_grid(rows / np.linalg.norm(rows, axis=1, keepdims=True))


class Listener:
    """Places vectors, and opens what they need."""

    def __init__(self, space: Space[Wording, Cluster] | None = None) -> None:
        self.space: Space[Wording, Cluster] = space or Space(DENSE + DIMENSIONS)
        self.taken = max((each.last_taken for each in self.space.wordings.clusters), default=0)

    def hear(self, rows: Matrix, at_once: int) -> list[str]:
        """The narrative of each."""
        found = []
        for first in range(0, len(rows), at_once):
            part = rows[first : first + at_once]
            block = Block(self.space, part, [Thresholds()] * len(part))
            for index in range(len(part)):
                self.taken += 1
                place = block.place(index, self.taken)
                home = self.opened_narrative() if place.narrative is None else place.narrative
                row = self.opened_wording(home) if place.wording is None else place.wording
                block.join(index, row, home)
                self.space.wordings.touch(row, self.taken)
                self.space.narratives.touch(home, self.taken)
                found.append(self.space.narratives.clusters[home].id)
        self.space.write_back()
        return found

    def opened_narrative(self) -> int:
        number = len(self.space.narratives) + 1
        return self.space.narratives.open(Cluster(id=f"n{number}", number=number, space=""))

    def opened_wording(self, home: int) -> int:
        number, narrative = len(self.space.wordings) + 1, self.space.narratives.clusters[home].id
        return self.space.wordings.open(Wording(id=f"w{number}", number=number, space="", narrative=narrative))

    def restarted(self) -> "Listener":
        wordings, narratives = self.space.wordings.clusters[::-1], self.space.narratives.clusters[::-1]
        return Listener(Space(DENSE + DIMENSIONS, wordings, narratives))

    def sums(self) -> list[bytes]:
        return [each.sum for each in (*self.space.wordings.clusters, *self.space.narratives.clusters)]


def test_what_points_the_same_way_is_one_narrative() -> None:
    directions = [0, 1, 2] * 30
    found = Listener().hear(vectors(directions), at_once=8)
    assert len(set(found)) == 3
    assert all(len({found[index] for index in range(kind, 90, 3)}) == 1 for kind in range(3))


@pytest.mark.parametrize("at_once", [1, 7, 64])
def test_how_many_are_placed_at_once_makes_no_difference_to_a_single_bit(at_once: int) -> None:
    rows = vectors([number % 11 for number in range(300)], noise=0.35)
    one, other = Listener(), Listener()
    assert one.hear(rows, at_once) == other.hear(rows, 300)
    assert one.sums() == other.sums()


def test_how_many_are_placed_at_once_makes_no_difference_to_a_narrative_that_stands_still() -> None:
    rows = vectors([0] * (STANDS_STILL_AT + 400), noise=0.25)
    one, other = Listener(), Listener()
    assert one.hear(rows, 64) == other.hear(rows, 900)
    assert one.space.narratives.clusters[0].weight == STANDS_STILL_AT
    assert len(one.space.wordings) > 1
    assert one.sums() == other.sums()


def test_a_restart_changes_nothing_whatever_the_order_of_the_rows_that_come_back() -> None:
    rows = vectors([number % 11 for number in range(300)], noise=0.35)
    steady, restarted = Listener(), Listener()
    found = steady.hear(rows, 10)
    again = restarted.hear(rows[:150], 10)
    restarted = restarted.restarted()
    again += restarted.hear(rows[150:], 10)
    assert again == found
    assert restarted.sums() == steady.sums()


def test_a_packed_sum_comes_back_as_it_was() -> None:
    listener = Listener()
    rows = vectors([3] * 40)
    rows[:, DENSE + 5] = -700
    listener.hear(rows, 8)
    narrative = listener.space.narratives.clusters[0]
    assert narrative.weight == 40
    assert np.array_equal(sums_of([narrative])[0], rows.sum(axis=0))


def test_narratives_that_are_renewed_are_the_sums_of_the_wordings_that_are_kept() -> None:
    listener = Listener()
    listener.hear(vectors([number % 5 for number in range(600)], noise=0.35), 50)
    space = listener.space
    wordings, narratives = space.wordings.clusters, space.narratives.clusters
    kept = [wording for wording in wordings if wording.number % 4]
    space.background.learn(datetime(2026, 3, 2, tzinfo=UTC))
    assert space.background.mean.any()
    space.keep({wording.id for wording in kept})
    kept[0].narrative = kept[-1].narrative
    space.renew([each for each in narratives if any(wording.narrative == each.id for wording in kept)])
    space.write_back()
    for narrative in space.narratives.clusters:
        parts = [wording for wording in kept if wording.narrative == narrative.id]
        assert np.array_equal(sums_of([narrative])[0], sums_of(parts).sum(axis=0))
        assert narrative.weight == sum(wording.weight for wording in parts)
        assert narrative.last_taken == max(wording.last_taken for wording in parts)
    again = Space(DENSE + DIMENSIONS, kept, space.narratives.clusters, space.background)
    for old, new in ((space.wordings, again.wordings), (space.narratives, again.narratives)):
        assert np.array_equal(old.norms[: len(old)], new.norms[: len(new)])
        assert np.array_equal(old.means(), new.means())


def test_a_narrative_too_large_for_exact_sums_is_halved() -> None:
    listener = Listener()
    listener.hear(vectors([0] * (STANDS_STILL_AT + 400), noise=0.25), 500)
    space = listener.space
    narrative, *_ = space.narratives.clusters
    parts = [wording for wording in space.wordings.clusters if wording.narrative == narrative.id]
    weight = sum(wording.weight for wording in parts)
    assert weight > narrative.weight == STANDS_STILL_AT
    space.keep({wording.id for wording in space.wordings.clusters})
    space.renew(space.narratives.clusters)
    space.write_back()
    assert narrative.weight == weight // 2
    assert np.array_equal(sums_of([narrative])[0], np.rint(sums_of(parts).sum(axis=0) / 2))


def test_a_group_keeps_the_id_that_brings_most_and_a_part_that_splits_off_gets_none() -> None:
    sums = vectors([0, 0, 0, 1, 1], noise=0.05)
    wordings = [
        Wording(id=f"w{number}", number=number, space="", narrative=narrative, weight=1)
        for number, narrative in enumerate(["a", "a", "b", "a", "c"])
    ]
    means = sums / GRID
    groups = [
        (narrative, [each.id for each in group]) for narrative, group in regrouped(wordings, means, np.full(5, 0.19))
    ]
    assert groups == [("a", ["w0", "w1", "w2"]), ("c", ["w3", "w4"])]
    wordings[4].narrative = "a"
    groups = [
        (narrative, [each.id for each in group]) for narrative, group in regrouped(wordings, means, np.full(5, 0.19))
    ]
    assert groups[1] == (None, ["w3", "w4"]) or groups[0] == (None, ["w0", "w1", "w2"])


def greedy_average_link(means: NDArray[np.float64], sizes: NDArray[np.float64], cut: float) -> list[list[int]]:
    """The same by its definition, in O(K³)."""
    groups = [[row] for row in range(len(sizes))]

    def link(one: list[int], other: list[int]) -> float:
        a, b = ((sizes[rows, None] * means[rows]).sum(0) / sizes[rows].sum() for rows in (one, other))
        return float(a @ b)

    while len(groups) > 1:
        pairs = [(link(groups[i], groups[j]), i, j) for i in range(len(groups)) for j in range(i)]
        best, i, j = max(pairs)
        if best < cut:
            break
        groups[j] += groups.pop(i)
    return sorted(sorted(group) for group in groups)


@pytest.mark.parametrize("seed", range(8))
def test_average_link_by_chains_is_average_link_by_its_definition(seed: int) -> None:
    dice = np.random.default_rng(seed)
    means = dice.standard_normal((24, 5))
    means *= dice.uniform(0.5, 1, (24, 1)) / np.linalg.norm(means, axis=1, keepdims=True)
    sizes = dice.integers(1, 30, 24).astype(float)
    assert average_link(means, sizes, np.full(24, 0.19)) == greedy_average_link(means, sizes, 0.19)


def test_groups_come_in_the_order_of_their_first_rows() -> None:
    groups = average_link(np.eye(4)[[3, 1, 3, 1, 0]], np.ones(5), np.full(5, 0.5))
    assert groups == [[0, 2], [1, 3], [4]]
    assert all(one[0] < other[0] for one, other in pairwise(groups))
    assert average_link(np.zeros((0, 3)), np.zeros(0), np.zeros(0)) == []
