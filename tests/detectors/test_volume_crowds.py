"""By how many people a rise is made, and what that weighs."""

import copy
import random
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.alert import Severity
from alerting.severity import severity_of
from detectors.detection import Detection, Effect
from detectors.mention import Author, Mention
from detectors.volume.people import People
from detectors.volume.tally import Tally
from detectors.volume_spike import VolumeSpike
from tests.detectors.rising import BEGINS, HOUR, LATENESS, MINUTE, START, calm, mention, person, rise, spike, tell, told


def marked(mentions: Sequence[Mention]) -> bool:
    return any(Effect.COORDINATED in each.effects for each in tell(spike(), mentions))


@pytest.mark.parametrize(("accounts", "is_marked"), [(1, True), (6, True), (40, True), (160, False), (480, False)])
def test_a_rise_made_by_few_accounts_is_marked_and_one_made_by_many_is_not(accounts: int, is_marked: bool) -> None:
    assert marked([*calm(), *rise(480, accounts=accounts)]) is is_marked


def test_six_accounts_interrupt_nobody_where_as_many_mentions_by_480_do() -> None:
    def severity(accounts: int, length: timedelta) -> Severity:
        found = tell(spike(), [*calm(), *rise(480, accounts=accounts, length=length)])
        return max(severity_of(each) for each in found)

    for length in (2 * MINUTE, 8 * MINUTE, 40 * MINUTE):
        assert severity(6, length) is Severity.WARNING
        assert severity(480, length) is Severity.CRITICAL


TRAINED = spike(sensitivity="high")
tell(TRAINED, calm())


@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 200), st.integers(0, 40)), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40)
def test_what_is_said_early_of_few_accounts_is_not_taken_back(
    parts: list[tuple[int, int, int]], dice: random.Random
) -> None:
    """Crowds and choruses that begin at any minute, mixed, and heard in any order within the lateness."""
    mentions = [
        msgspec.structs.replace(each, id=f"{begins}-{accounts}-{each.id}", at=each.at + (begins + 1) * MINUTE)
        for size, accounts, begins in parts
        for each in rise(size, accounts=accounts, length=dice.randrange(1, 20) * MINUTE)
    ]
    waited, peeked = (
        VolumeSpike(TRAINED.context, TRAINED.params, copy.deepcopy(TRAINED.state)),
        VolumeSpike(TRAINED.context, TRAINED.params, copy.deepcopy(TRAINED.state)),
    )
    shuffled = sorted(mentions, key=lambda each: each.at + dice.random() * LATENESS)
    newest, early = START, list[Detection]()
    for each in shuffled:
        newest = max(newest, each.at)
        peeked.observe(each)
        early += [*peeked.advance(newest - LATENESS), *peeked.peek(newest)]
    early += peeked.advance(newest + HOUR)
    outlines = [
        {(each.at, each.level, each.score, each.effects) for each in found}
        for found in (early, [*tell(waited, mentions, peeks=False), *waited.advance(newest + HOUR)])
    ]
    assert outlines[0] == outlines[1]
    assert waited.state == peeked.state


def test_mentions_whose_authors_are_not_known_count_as_a_crowd() -> None:
    found = tell(spike(), [*calm(), *rise(480, author=Author())])
    assert max(severity_of(each) for each in found) is Severity.CRITICAL
    assert "of the 489 mentions" in found[-1].evidence.signals[0].text


def test_few_accounts_are_named_as_coordinated_posting_against_what_is_usual() -> None:
    detection = told([*calm(), *rise(480, accounts=6)])
    assert detection.evidence.summary.startswith("Coordinated posting mostly by 6 accounts: ")
    (signal,) = detection.evidence.signals
    assert signal.usual is not None
    assert signal.usual > 10 * signal.value
    assert "usually so many come from about " in signal.text


def test_one_account_is_not_called_coordinated() -> None:
    quiet_before = [each for each in calm() if each.at < BEGINS - HOUR]
    alone = tell(spike(), [*quiet_before, *rise(100, accounts=1, length=4 * MINUTE)])[-1]
    assert alone.evidence.summary.startswith("Posting by a single account: ")
    among_others = told([*calm(), *rise(100, accounts=1)])
    assert among_others.evidence.summary.startswith("Posting mostly by a single account: ")


def test_few_accounts_within_a_crowd_are_found() -> None:
    mixed = [*rise(300, accounts=6, length=4 * MINUTE), *rise(150, text="What is it about?", length=4 * MINUTE)]
    mixed = [msgspec.structs.replace(each, id=f"{number}") for number, each in enumerate(mixed)]
    detection = told([*calm(), *mixed])
    assert detection.effects == (Effect.COORDINATED,)
    assert detection.evidence.summary.startswith("Coordinated posting mostly by 6 accounts: ")


def test_where_few_accounts_always_write_most_they_are_not_marked_for_it() -> None:
    tickers = calm(each_hour=80, accounts=3)
    louder = [
        msgspec.structs.replace(each, id=f"again{number}", at=BEGINS + (each.at - START) / 400)
        for number, each in enumerate(calm(each_hour=4, accounts=3))
    ]
    assert tell(spike(), [*tickers, *louder])
    assert not marked([*tickers, *louder])


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 2**32))
@settings(max_examples=50)
def test_usual_accounts_are_never_more_than_mentions_and_grow_with_them(one: int, other: int, seed: int) -> None:
    dice, people = random.Random(seed), People()
    assert people.usual_accounts(one) is None
    for number in range(5, 6 * 60, 6):
        tally = Tally()
        for each in range(dice.randrange(60)):
            tally.add(mention(START, each, author=person(dice.randrange(30))))
        people.learn(number, [tally])
    fewer, more = (people.usual_accounts(mentions) for mentions in sorted((one, other)))
    assert fewer is not None
    assert more is not None
    assert fewer <= more <= max(one, other) * (1 + 1e-9)


@given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=300))
@settings(max_examples=40)
def test_a_crowd_never_shrinks_when_a_mention_is_added(authors: list[tuple[int, bool]]) -> None:
    people, tally, before = People(), Tally(), 0
    for number, (author, known) in enumerate(authors):
        tally.add(mention(START, number, author=person(author) if known else Author()))
        assert before <= people.crowd(tally) <= tally.mentions
        before = people.crowd(tally)
