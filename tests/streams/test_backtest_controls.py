"""The simple rules that stand beside a config, each against the same said slowly."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.backtest.controls import AT_LEAST, at_random, null, spike_ratio, z_score

DAY, WEEK = 288, 7 * 288
CALM = [10, 12, 9, 11] * (WEEK // 2)


def slow_z_score(counts: Sequence[int]) -> list[int]:
    found: list[int] = []
    hours = {end: sum(counts[end - 11 : end + 1]) for end in range(11, len(counts))}
    for place in range(len(counts)):
        before = [hours[end] for end in range(max(place - WEEK, 11), place - 11)]
        if len(before) < DAY or hours[place] < AT_LEAST or (found and place - found[-1] < 144):
            continue
        if hours[place] > np.mean(before) + 6 * np.std(before) + 1e-6:
            found.append(place)
    return found


def slow_spike(counts: Sequence[int]) -> list[int]:
    found: list[int] = []
    for place in range(24, len(counts)):
        newest, before = sum(counts[place - 11 : place + 1]), sum(counts[place - 23 : place - 11])
        if newest >= AT_LEAST and newest >= 3 * before and not (found and place - found[-1] < 24):
            found.append(place)
    return found


def test_null_never_alerts() -> None:
    assert null([5, 500]) == []


def test_random_alerts_as_often_as_asked_and_the_same_for_the_same_seed() -> None:
    found = at_random(CALM, 5, "a/0")
    assert len(set(found)) == 5
    assert found == sorted(found) == at_random(CALM, 5, "a/0")
    assert found != at_random(CALM, 5, "a/1")
    assert at_random([1, 2], 5, "") == [0, 1]


def test_a_burst_is_found_by_both_rules_and_then_they_are_quiet() -> None:
    counts = [*CALM, 200, 200, 200, *[10] * 300]
    assert z_score(counts) == [len(CALM)]
    assert spike_ratio(counts) == [len(CALM) + 1]


def test_the_z_score_says_nothing_in_its_first_day() -> None:
    assert z_score([*CALM[: DAY - 12], 500, 0, 0]) == []
    assert z_score([*CALM[: DAY + 24], 500, 0, 0]) == [DAY + 24]


def test_few_mentions_are_no_spike() -> None:
    assert spike_ratio([0] * 48 + [AT_LEAST - 1] + [0] * 48) == []
    assert spike_ratio([0] * 48 + [AT_LEAST] + [0] * 48) == [48]


@pytest.mark.parametrize("counts", [[], [3], [50] * 23])
def test_too_little_is_no_alert(counts: list[int]) -> None:
    assert z_score(counts) == spike_ratio(counts) == []


_stretches = st.lists(st.tuples(st.sampled_from([0, 1, 7, 30, 400]), st.integers(1, 40)), max_size=30).map(
    lambda parts: [count + number % 2 for count, times in parts for number in range(times)]
)


@settings(max_examples=50)
@given(_stretches)
def test_both_rules_are_what_they_say(stretch: list[int]) -> None:
    assert spike_ratio(stretch) == slow_spike(stretch)
    counts = [*[5, 6, 4] * (DAY // 2), *stretch]
    assert z_score(counts) == slow_z_score(counts)
