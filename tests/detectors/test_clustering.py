"""Vectors find their wording and their narrative, however many come at once and whatever was forgotten."""

from collections.abc import Sequence

import numpy as np
import pytest

from detectors.narratives.clustering.clusters import STANDS_STILL_AT, Matrix, NarrativeCluster, Wording, sums_of
from detectors.narratives.clustering.packing import packed, unpacked
from detectors.narratives.clustering.placing import Block
from detectors.narratives.clustering.postings import Postings, Sought
from detectors.narratives.clustering.space import Space, Thresholds
from tests.detectors.stories_in_space import DENSE, START, Terms, vectors


class Listener:
    """Places vectors, and opens what they need."""

    def __init__(self, space: Space[Wording, NarrativeCluster] | None = None) -> None:
        self.space: Space[Wording, NarrativeCluster] = space or Space(DENSE)
        self.taken = max((each.last_taken for each in self.wordings()), default=0)

    def wordings(self) -> list[Wording]:
        return sorted(self.space.wordings.clusters.values(), key=lambda each: each.number)

    def narratives(self) -> list[NarrativeCluster]:
        return sorted(self.space.narratives.clusters.values(), key=lambda each: each.number)

    def hear(self, rows: Matrix, terms: Sequence[Terms], at_once: int) -> list[str]:
        """The narrative of each."""
        found = []
        for first in range(0, len(rows), at_once):
            part = slice(first, first + at_once)
            block = Block(self.space, rows[part], list(terms[part]), [Thresholds()] * len(rows[part]))
            for index in range(len(rows[part])):
                self.taken += 1
                place = block.place(index, self.taken)
                home = self.opened_narrative() if place.narrative is None else place.narrative
                row = self.opened_wording(home) if place.wording is None else place.wording
                block.join(index, row, home)
                self.space.background.hear(rows[first + index])
                self.space.came_near(home, place.near)
                self.space.touch(row, self.taken)
                found.append(self.space.narratives.clusters[home].id)
        self.space.write_back()
        return found

    def opened_narrative(self) -> int:
        number = max((each.number for each in self.narratives()), default=0) + 1
        return self.space.open_narrative(NarrativeCluster(id=f"n{number}", number=number, space=""))

    def opened_wording(self, home: int) -> int:
        number, narrative = max((each.number for each in self.wordings()), default=0) + 1, self.space.narratives
        wording = Wording(id=f"w{number}", number=number, space="", narrative=narrative.clusters[home].id)
        return self.space.open_wording(wording, home)

    def restarted(self) -> "Listener":
        return Listener(Space(DENSE, self.wordings()[::-1], self.narratives()[::-1], self.space.background))

    def remembered(self) -> tuple[list[Wording], list[NarrativeCluster]]:
        return self.wordings(), self.narratives()


def test_what_points_the_same_way_is_one_narrative() -> None:
    directions = [0, 1, 2] * 30
    found = Listener().hear(*vectors(directions), at_once=8)
    assert len(set(found)) == 3
    assert all(len({found[index] for index in range(kind, 90, 3)}) == 1 for kind in range(3))


@pytest.mark.parametrize("at_once", [1, 7, 64])
def test_how_many_are_placed_at_once_makes_no_difference_to_a_single_bit(at_once: int) -> None:
    rows, terms = vectors([number % 11 for number in range(300)], noise=0.35)
    one, other = Listener(), Listener()
    assert one.hear(rows, terms, at_once) == other.hear(rows, terms, 300)
    assert one.remembered() == other.remembered()
    for tier, same in ((one.space.wordings, other.space.wordings), (one.space.narratives, other.space.narratives)):
        assert sorted(tier.lengths[: tier.end]) == sorted(same.lengths[: same.end])


def test_a_wording_that_stands_still_does_not_move_its_narrative() -> None:
    rows, terms = vectors([0] * (STANDS_STILL_AT + 400), noise=0.05)
    one, other = Listener(), Listener()
    assert one.hear(rows, terms, 64) == other.hear(rows, terms, 900)
    assert one.narratives()[0].weight == one.wordings()[0].weight == STANDS_STILL_AT
    assert one.remembered() == other.remembered()


def test_a_restart_changes_nothing_whatever_the_order_of_the_rows_that_come_back() -> None:
    rows, terms = vectors([number % 11 for number in range(300)], noise=0.35)
    steady, restarted = Listener(), Listener()
    steady.space.background.hear(rows[0])
    restarted.space.background.hear(rows[0])
    found = steady.hear(rows[:150], terms[:150], 10)
    again = restarted.hear(rows[:150], terms[:150], 10)
    for listener in (steady, restarted):
        listener.space.background.learn(START)
        listener.space.turn()
    restarted = restarted.restarted()
    found += steady.hear(rows[150:], terms[150:], 10)
    again += restarted.hear(rows[150:], terms[150:], 10)
    assert again == found
    assert restarted.remembered() == steady.remembered()


def test_a_packed_sum_comes_back_as_it_was() -> None:
    for members, most in ((7, 30_000), (8, 2_000_000)):
        dense = np.array([0.0, -5.0, float(most)])
        total = unpacked(packed(dense, [2**32 - 1, 3], [most, 1], members))
        assert total.dense.tolist() == dense.tolist()
        assert (list(total.codes), list(total.weights)) == ([2**32 - 1, 3], [most, 1])


def test_a_narrative_is_the_sum_of_its_wordings_whatever_is_forgotten_or_moved() -> None:
    listener = Listener()
    rows, terms = vectors([number % 5 for number in range(600)], noise=0.35)
    rows[:, 0] += 1200
    listener.hear(rows, terms, 50)
    space = listener.space
    space.background.learn(START)
    assert space.background.mean.any()
    space.turn()
    space.forget([space.wordings.row_of[each.number] for each in listener.wordings() if each.number % 4 == 0])
    first, last = listener.wordings()[0], listener.wordings()[-1]
    target = next(each for each in listener.narratives() if each.id == last.narrative)
    first.narrative = target.id
    space.regroup([(target, [space.wordings.row_of[first.number]])])
    space.write_back()
    for narrative in listener.narratives():
        parts = [wording for wording in listener.wordings() if wording.narrative == narrative.id]
        row = space.narratives.row_of[narrative.number]
        assert np.array_equal(space.narratives.sums[row], sums_of(parts)[:, :DENSE].sum(axis=0))
        assert narrative.weight == sum(wording.weight for wording in parts)
        assert narrative.last_taken == max(wording.last_taken for wording in parts)
        assert [wording.id for wording in parts] == [
            space.wordings.clusters[each].id for each in space.rows_of(narrative)
        ]
    again = listener.restarted().space
    for old, new in ((space.wordings, again.wordings), (space.narratives, again.narratives)):
        for number, row in old.row_of.items():
            same = new.row_of[number]
            assert old.lengths[row] == new.lengths[same]
            assert np.array_equal(old.directions[row], new.directions[same])


def test_postings_give_the_products_of_the_texts_that_were_added_and_not_removed() -> None:
    dice = np.random.default_rng(2)
    texts = [
        dict(zip(dice.integers(0, 12, 4).tolist(), dice.integers(1, 99, 4).tolist(), strict=True)) for _ in range(60)
    ]
    postings, dense = Postings(), np.zeros((10, 12))
    for number, terms in enumerate(texts):
        row = number % 10
        if number % 7 == 6:
            postings.remove(row)
            dense[row] = 0
        postings.add(row, terms)
        dense[row, list(terms)] += list(terms.values())
    hits, lines = postings.hits(Sought(texts)), np.array([0, -1, 1, 2, 2, 3, 3, 3, -1, 4])
    asked = np.zeros((60, 12))
    for asks, terms in zip(asked, texts, strict=True):
        asks[list(terms)] = list(terms.values())
    assert np.array_equal(hits.products(np.arange(10), 10), dense @ asked.T)
    expected = np.array([dense[lines == line].sum(axis=0) for line in range(5)]) @ asked.T
    assert np.array_equal(hits.products(lines, 5), expected)
    assert np.allclose(hits.roughly(np.maximum(0, lines - 1), (np.full(4, 0.5), np.full(60, 2.0)))[1:], expected[2:])
    among, expected = postings.among(range(10)), dense @ dense.T
    for products in (among, expected):
        np.fill_diagonal(products, 0)
    assert np.array_equal(among, expected)
