from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from detectors.narratives.clustering.background import Background
from detectors.narratives.clustering.clusters import GRID, Matrix, on_grid
from detectors.narratives.clustering.leaning import lean
from detectors.narratives.clustering.recent import KEPT, Arrivals, Recent, RecentText

DENSE = 12
LEANS_FROM = 0.25


def arrivals(count: int, stories: int = 7, seed: int = 1) -> Arrivals:
    """Texts of a few stories, each with some words of its story; every ninth says what the one before it said."""
    dice = np.random.default_rng(seed)
    rows = 0.5 * dice.standard_normal((count, DENSE))
    rows[np.arange(count), np.arange(count) % stories] += 1
    dense = on_grid(0.6**0.5 * rows / np.linalg.norm(rows, axis=1, keepdims=True))
    said = [number - (number % 9 == 8) for number in range(count)]
    dense = dense[said]
    terms = [{100 * (n % stories) + place: 1100 for place in dice.permutation(20)[:5].tolist()} for n in range(count)]
    taken = [number + 1 for number in range(count)]
    return Arrivals(dense, [terms[n] for n in said], [f"t{n}" for n in said], taken, [float(n) for n in range(count)])


def leant(recent: Recent, texts: Arrivals, at_once: int) -> tuple[Matrix, list[dict[int, int]]]:
    found, terms = [], []
    for first in range(0, len(texts.texts), at_once):
        part = texts.part(first, first + at_once)
        dense, more = lean("space", recent, part, [LEANS_FROM] * len(part.texts))
        found.append(dense)
        terms += more
    return np.concatenate(found), terms


def kept(recent: Recent) -> list[RecentText]:
    return [text for text in recent.changes().values() if text is not None]


def lengths(dense: Matrix, terms: Sequence[Mapping[int, int]]) -> Matrix:
    words = [sum(weight * weight for weight in own.values()) ** 0.5 for own in terms]
    return np.array([np.sqrt((dense * dense).sum(axis=1)), words])


@pytest.mark.parametrize("at_once", [1, 7, 50])
def test_how_many_come_at_once_makes_no_difference_to_a_single_bit(at_once: int) -> None:
    texts = arrivals(500)
    one, other = Recent(DENSE, Background(DENSE)), Recent(DENSE, Background(DENSE))
    (dense, terms), (again, terms_again) = leant(one, texts, at_once), leant(other, texts, 500)
    assert np.array_equal(dense, again)
    assert terms == terms_again
    assert kept(one) == kept(other)
    assert not np.array_equal(dense, texts.dense)


def test_a_restart_changes_nothing() -> None:
    texts, background = arrivals(KEPT + 700), Background(DENSE)
    steady = Recent(DENSE, background)
    leant(steady, texts.part(0, KEPT + 300), 60)
    for row in texts.dense[::7]:
        background.hear(row)
    background.learn(datetime(2030, 1, 1, tzinfo=UTC))
    assert background.mean.any()
    steady.turn()
    steady.forget(400.0)
    again = Recent(DENSE, background, kept(steady)[::-1])
    rest = texts.part(KEPT + 300, KEPT + 700)
    (dense, terms), (same, same_terms) = leant(steady, rest, 60), leant(again, rest, 13)
    assert np.array_equal(dense, same)
    assert terms == same_terms
    assert kept(steady) == kept(again)


def test_texts_of_a_story_become_more_alike_and_stay_as_long_as_they_were() -> None:
    texts = arrivals(300)
    dense, terms = leant(Recent(DENSE, Background(DENSE)), texts, 50)
    story = np.arange(200, 300, 7)
    before, after = texts.dense[story], dense[story]
    assert (after @ after.T).mean() > 1.2 * (before @ before.T).mean()
    assert np.allclose(lengths(dense, terms), lengths(texts.dense, texts.terms), rtol=0.01)
    assert max(len(own) for own in terms) > 5
    assert all(weight > 0 for own in terms for weight in own.values())


def test_a_text_that_is_like_no_other_stays_as_it_is() -> None:
    texts = arrivals(8, stories=8)
    alone = Arrivals(GRID * np.eye(8, DENSE), texts.terms, texts.texts, texts.taken, texts.at)
    dense, terms = leant(Recent(DENSE, Background(DENSE)), alone, 50)
    assert np.array_equal(dense, alone.dense)
    assert terms == alone.terms


def test_the_last_texts_are_kept_and_what_was_said_before_is_not_kept_twice() -> None:
    recent, texts = Recent(DENSE, Background(DENSE)), arrivals(2 * KEPT)
    leant(recent, texts, 60)
    held = sorted(kept(recent), key=lambda each: each.number)
    assert KEPT <= len(held) == len({each.text for each in held}) <= KEPT + 64
    assert held[-1].number == 2 * KEPT - 2 * KEPT // 9 - 1
    last = texts.part(2 * KEPT - 1, 2 * KEPT)
    unlike = Arrivals(-last.dense, [{}], ["new"], [2 * KEPT + 1], [0.0])
    assert np.array_equal(lean("space", recent, unlike, [0.99])[0], unlike.dense)


def test_what_is_too_old_is_forgotten() -> None:
    recent, texts = Recent(DENSE, Background(DENSE)), arrivals(90)
    leant(recent, texts, 50)
    recent.forget(81.0)
    assert [text.at for text in kept(recent)] == [float(n) for n in range(81, 90) if n % 9 != 8]
    recent.forget(1000.0)
    assert set(recent.changes().values()) == {None}
    dense, terms = lean("space", recent, texts.part(0, 1), [LEANS_FROM])
    assert np.array_equal(dense, texts.dense[:1])
    assert [text.number for text in kept(recent)] == [0]
    assert terms == [texts.terms[0]]
