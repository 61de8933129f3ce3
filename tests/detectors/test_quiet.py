"""A run of empty bins: what is chance, what is not, and what may be learned from it."""

import random

from detectors.volume.bins import BINS_PER_WEEK
from detectors.volume.quiet import LEAST_SPOKEN, EmptyRun


def after(counts: list[int], expected: float = 1.0, learns: int = 100) -> EmptyRun:
    run = EmptyRun(learns=learns)
    for count in counts:
        run.close(count, expected)
    return run


def poisson(dice: random.Random, mean: float) -> int:
    count, left = 0, dice.expovariate(1)
    while left < mean:
        count, left = count + 1, left + dice.expovariate(1)
    return count


def empty_until_improbable(run: EmptyRun, expected: float) -> int:
    for bins in range(1, 10_000):
        run.close(0, expected)
        if run.is_improbable:
            return bins
    raise AssertionError("nothing was improbable")


def test_a_short_run_is_chance_and_is_learned_once_it_has_ended() -> None:
    run = after([1] * 200)
    assert [run.close(0, 1.0) for _ in range(3)] == [0, 0, 0]
    assert not run.is_improbable
    assert run.close(1, 1.0) == 3


def test_a_run_without_chance_stays_so_until_a_mention_comes_and_is_never_learned() -> None:
    run = after([1] * 200)
    empty_until_improbable(run, 1.0)
    for _ in range(1000):
        run.close(0, 1.0)
        assert run.is_improbable
    assert run.close(1, 1.0) == 0
    assert not run.is_improbable


def test_of_what_is_heard_as_expected_some_two_dozen_missing_ones_are_no_chance() -> None:
    """Poisson's 13.8 holds only where the rate is known for certain."""
    for expected in (0.1, 1.0, 10.0):
        run = after([1, 0, 0, 0, 0, 0, 0, 0, 0, 0] * 100 if expected < 1 else [round(expected)] * 1000, expected)
        assert 13.8 < empty_until_improbable(run, expected) * expected < 32


def test_nothing_is_improbable_while_little_is_known() -> None:
    assert not after([1] * (LEAST_SPOKEN - 1) + [0] * 10_000).is_improbable
    assert not after([1] * 99 + [0] * 10_000).is_improbable  # a run that began while it learned
    assert after([1] * 101 + [0] * 10_000).is_improbable
    assert EmptyRun().learns == BINS_PER_WEEK


def test_a_run_must_be_twice_as_long_as_the_longest_one() -> None:
    used_to_it = after(([1] * 20 + [0] * 20) * 20)
    assert not after(([1] * 20 + [0] * 20) * 20 + [0] * 12).is_improbable
    assert empty_until_improbable(used_to_it, 1.0) > 12


def test_while_less_than_usual_is_heard_more_must_be_missing() -> None:
    usual = after([1] * 400)
    on_a_holiday = after([1] * 400 + [1, 0, 0] * 10)
    assert on_a_holiday.least > 1.5 * usual.least


def test_an_alarm_that_comes_back_fades_and_is_forgiven() -> None:
    run = after([1] * 2000)
    delays = []
    for _ in range(3):
        delays.append(empty_until_improbable(run, 1.0))
        for _ in range(20):
            run.close(1, 1.0)
    assert delays[0] < delays[1] < delays[2] < 4 * delays[0]
    for _ in range(60 * 288):
        run.close(1, 1.0)
    assert empty_until_improbable(run, 1.0) < delays[2]


def test_chance_gives_one_false_alarm_in_years() -> None:
    dice = random.Random(1)
    run, alarms = EmptyRun(), 0
    for _ in range(365 * 288):
        run.close(poisson(dice, 0.5), 0.5)
        alarms += run.is_improbable
    assert alarms == 0
