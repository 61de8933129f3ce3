"""Which narratives become one, and which part: average link, and what it decides."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.narratives.clustering.average_link import average_link
from detectors.narratives.clustering.clusters import GRID, NarrativeCluster, Wording
from detectors.narratives.clustering.packing import packed
from detectors.narratives.clustering.regrouping import regrouped
from detectors.narratives.clustering.space import Space
from tests.detectors.stories_in_space import DENSE, vectors


def two_stories(*names: str) -> Space[Wording, NarrativeCluster]:
    """Three wordings of one story and two of another, in narratives of these names."""
    rows, _ = vectors([0, 0, 0, 1, 1], noise=0.05)
    wordings = [
        Wording(id=f"w{number}", number=number, space="", narrative=name, weight=1, sum=packed(row, [], [], 1))
        for number, (name, row) in enumerate(zip(names, rows, strict=True))
    ]
    stories = [NarrativeCluster(id=name, number=number, space="") for number, name in enumerate(sorted({*names}))]
    for story in stories:
        story.near = [each.number for each in stories]
    return Space(DENSE, wordings, stories)


def test_a_group_keeps_the_id_that_brings_most_and_a_part_that_splits_off_gets_none() -> None:
    space, cuts = two_stories("a", "a", "b", "a", "c"), np.full(64, 0.19)
    groups = [(name, [each.id for each in group]) for name, group in regrouped(space, cuts)]
    assert groups == [("a", ["w0", "w1", "w2"]), ("c", ["w3", "w4"])]
    space = two_stories("a", "a", "b", "a", "a")
    groups = [(name, [each.id for each in group]) for name, group in regrouped(space, cuts)]
    assert groups == [("a", ["w0", "w1", "w2"]), (None, ["w3", "w4"])]


def test_what_has_not_changed_is_not_looked_at_again() -> None:
    space = two_stories("a", "a", "b", "a", "c")
    assert list(regrouped(space, np.full(64, 0.19)))
    assert not list(regrouped(space, np.full(64, 0.19)))


def test_the_cut_of_two_groups_is_the_mean_of_those_of_their_languages() -> None:
    rows = np.full((2, DENSE), 0.0)
    rows[0, 0], rows[1, :2] = GRID, GRID * np.array([0.5, 0.75**0.5])
    wordings = [
        Wording(id=f"w{n}", number=n, space="", narrative="ab"[n], weight=1, sum=packed(np.rint(row), [], [], 1))
        for n, row in enumerate(rows)
    ]

    def united(*cuts: float) -> bool:
        stories = [NarrativeCluster(id=name, number=number, space="", near=[0, 1]) for number, name in enumerate("ab")]
        space: Space[Wording, NarrativeCluster] = Space(DENSE, wordings, stories)
        return any(len(group) == 2 for _, group in regrouped(space, np.array(cuts)))

    assert united(0.45, 0.45)
    assert united(0.2, 0.75)
    assert not united(0.3, 0.75)


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
    assert average_link(means @ means.T - 0.19, sizes) == greedy_average_link(means, sizes, 0.19)


def test_groups_come_in_the_order_of_their_first_rows() -> None:
    rows = np.eye(4)[[3, 1, 3, 1, 0]]
    groups = average_link(rows @ rows.T - 0.5, np.ones(5))
    assert groups == [[0, 2], [1, 3], [4]]
    assert all(one[0] < other[0] for one, other in pairwise(groups))
    assert average_link(np.zeros((0, 0)), np.zeros(0)) == []
