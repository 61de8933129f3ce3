from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import process_time

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.narratives.clustering.average_link import average_link
from detectors.narratives.clustering.clusters import GRID, STANDS_STILL_AT, Matrix, Story, Wording, on_grid, sums_of
from detectors.narratives.clustering.gathering import Gathering, Placed
from detectors.narratives.clustering.lexical import letter_terms
from detectors.narratives.clustering.packing import packed, unpacked
from detectors.narratives.clustering.placing import Block
from detectors.narratives.clustering.postings import Postings
from detectors.narratives.clustering.regrouping import regroup, regrouped
from detectors.narratives.clustering.space import Space, Thresholds
from detectors.narratives.state import LETTERS, Heard, NarrativeState

DENSE = 16
START = datetime(2026, 3, 2, tzinfo=UTC)

Terms = dict[int, int]


def vectors(directions: Sequence[int], noise: float = 0.2, seed: int = 1) -> tuple[Matrix, list[Terms]]:
    """Unit vectors near the given axes, with a few terms each, on the grid."""
    dice = np.random.default_rng(seed)
    rows = np.zeros((len(directions), DENSE))
    rows[np.arange(len(directions)), list(directions)] = 1
    rows += noise * dice.standard_normal(rows.shape)
    terms = [{1000 + each: 1500, int(dice.integers(50)): 900} for each in directions]
    return on_grid(0.8 * rows / np.linalg.norm(rows, axis=1, keepdims=True)), terms


class Listener:
    """Places vectors, and opens what they need."""

    def __init__(self, space: Space[Wording, Story] | None = None) -> None:
        self.space: Space[Wording, Story] = space or Space(DENSE)
        self.taken = max((each.last_taken for each in self.wordings()), default=0)

    def wordings(self) -> list[Wording]:
        return sorted(self.space.wordings.clusters.values(), key=lambda each: each.number)

    def narratives(self) -> list[Story]:
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
        return self.space.open_narrative(Story(id=f"n{number}", number=number, space=""))

    def opened_wording(self, home: int) -> int:
        number, narrative = max((each.number for each in self.wordings()), default=0) + 1, self.space.narratives
        wording = Wording(id=f"w{number}", number=number, space="", narrative=narrative.clusters[home].id)
        return self.space.open_wording(wording, home)

    def restarted(self) -> "Listener":
        return Listener(Space(DENSE, self.wordings()[::-1], self.narratives()[::-1], self.space.background))

    def remembered(self) -> tuple[list[Wording], list[Story]]:
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
    found = np.zeros((60, 10))
    shared = postings.shared(texts)
    np.add.at(found, (shared.texts, shared.rows), shared.products)
    asked = np.zeros((60, 12))
    for asks, terms in zip(asked, texts, strict=True):
        asks[list(terms)] = list(terms.values())
    assert np.array_equal(found, asked @ dense.T)
    among, expected = postings.among(range(10)), dense @ dense.T
    for products in (among, expected):
        np.fill_diagonal(products, 0)
    assert np.array_equal(among, expected)


def two_stories(*names: str) -> Space[Wording, Story]:
    """Three wordings of one story and two of another, in narratives of these names."""
    rows, _ = vectors([0, 0, 0, 1, 1], noise=0.05)
    wordings = [
        Wording(id=f"w{number}", number=number, space="", narrative=name, weight=1, sum=packed(row, [], [], 1))
        for number, (name, row) in enumerate(zip(names, rows, strict=True))
    ]
    stories = [Story(id=name, number=number, space="") for number, name in enumerate(sorted({*names}))]
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
        stories = [Story(id=name, number=number, space="", near=[0, 1]) for number, name in enumerate("ab")]
        space: Space[Wording, Story] = Space(DENSE, wordings, stories)
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


def heard(number: int, text: str, **changes: object) -> Heard:
    known = {
        "id": f"m{number}",
        "at": START + timedelta(seconds=number),
        "channel": "x",
        "language": "en",
        "author": f"a{number}",
    }
    return Heard(text=text, **(known | changes))  # type: ignore[arg-type]  # a builder


def take_in(gathering: Gathering, mentions: Sequence[Heard], at_once: int = 64) -> list[Placed]:
    placed: list[Placed] = []
    for first in range(0, len(mentions), at_once):
        placed += gathering.take_in(mentions[first : first + at_once])
    return placed


def said(number: int) -> str:
    """Nothing that was said before."""
    return " ".join(f"word{number * 9 + place}x" for place in range(9))


def test_wordings_are_bounded_and_those_that_were_heard_once_and_longest_ago_go_first() -> None:
    gathering = Gathering(NarrativeState())
    twice = take_in(gathering, [heard(0, said(0)), heard(1, said(0))])[0].wording
    for first in range(2, 2002, 200):
        take_in(gathering, [heard(number, said(number)) for number in range(first, first + 200)])
        regroup(gathering, START + timedelta(seconds=first + 200), timedelta(days=3), most=300)
        assert len(gathering.state.wordings) <= 300
    kept = sorted(gathering.state.wordings.values(), key=lambda each: each.number)
    assert len(kept) == len(gathering.state.narratives) == 300
    assert kept[0] is twice
    assert {each.sample.mention_id for each in kept[1:]} == {f"m{number}" for number in range(1703, 2002)}
    assert take_in(gathering, [heard(3000, said(5))])[0].wording not in kept, "what was forgotten is not known"


def test_a_text_with_the_wording_of_its_mention_can_be_followed_to_its_last_narrative() -> None:
    gathering = Gathering(NarrativeState())
    texts = ["the mayor of the town has sold the old harbour to a foreign bank", said(7), "ok"]
    placed = take_in(gathering, [heard(number, text) for number, text in enumerate(texts)])
    assert placed[2] == Placed(None, None)
    one, other = placed[0], placed[1]
    assert one.wording is not None
    assert one.narrative is not None
    assert other.narrative is not None
    assert one.wording.narrative == one.narrative.id != other.narrative.id
    regroup(gathering, START + timedelta(days=4), timedelta(days=3))
    assert not gathering.state.narratives
    assert one.wording.narrative == one.narrative.id, "when it is forgotten, its last narrative stays"


def test_thresholds_are_those_of_a_language() -> None:
    strict = {f"{LETTERS}|de": Thresholds(same_narrative=0.99, same_wording=0.99, cut=0.99)}
    texts = [f"the mayor of the town has sold the old harbour to a {who} bank" for who in ("foreign", "local")]
    for language, narratives in (("en", 1), ("de", 2)):
        gathering = Gathering(NarrativeState(), strict)
        take_in(gathering, [heard(number, text, language=language) for number, text in enumerate(texts)])
        regroup(gathering, START, timedelta(days=3))
        assert len(gathering.state.narratives) == narratives


@pytest.mark.parametrize("text", ["", "ok", "!!!", "😀" * 50, "😀 😀 😀 👍", "a", "https://x.example/1"])
def test_what_says_nothing_belongs_nowhere(text: str) -> None:
    gathering = Gathering(NarrativeState())
    vector = np.full(384, 384**-0.5, "<f2").tobytes()
    mentions = [heard(0, text), heard(1, text, space="model/384", vector=vector)]
    assert take_in(gathering, mentions) == [Placed(None, None)] * 2
    assert not gathering.state.wordings


def test_a_vector_of_what_is_no_number_does_no_harm() -> None:
    gathering = Gathering(NarrativeState())
    bad = [np.full(8, value, "<f2").tobytes() for value in (np.nan, np.inf, -np.inf, 60_000.0, 0.0)]
    placed = take_in(gathering, [heard(n, said(n), space="model/8", vector=vector) for n, vector in enumerate(bad)])
    assert all(each.narrative is not None for each in placed)
    regroup(gathering, START, timedelta(days=3))
    assert len(gathering.state.wordings) == len(bad)


def test_the_same_text_again_costs_no_search() -> None:
    gathering = Gathering(NarrativeState())
    texts = [heard(number, "people say that the census office sells all answers") for number in range(20_000)]
    take_in(gathering, texts[:100])
    started = process_time()
    take_in(gathering, texts[100:])
    assert (process_time() - started) / 19_900 < 500e-6
    assert len(gathering.state.wordings) == 1


def test_texts_of_one_story_are_found_by_their_letters_in_any_script() -> None:
    assert letter_terms("東京で") == ["東", "京", "で", "東京", "京で"]
    assert letter_terms("서울 시") == ["서", "울", "서울", "시"]
    assert letter_terms("a cat") == ["a$", "cat$", " cat", "cat "]
    gathering = Gathering(NarrativeState())
    texts = ["東京で大きな地震がありました", "大きな地震が東京であったそうです", "この店のラーメンはとても美味しい"]
    one, other, third = take_in(gathering, [heard(number, text) for number, text in enumerate(texts)])
    assert one.narrative is other.narrative
    assert third.narrative is not one.narrative
