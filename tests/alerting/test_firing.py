from collections.abc import Sequence
from itertools import permutations

import pytest

from alerting.alert import Alert, Severity
from alerting.firing import begin, carry_on
from detectors.detection import Detection, Effect
from tests.building import detection, time


def alert_of(found: Sequence[Detection]) -> Alert:
    firing = begin("census", found[0], "a story")
    for each in found[1:]:
        firing = carry_on(firing, each)
    return firing.alert


def test_who_carried_it_and_what_it_repeats_stays_while_it_fires_and_what_the_crowd_makes_of_it_does_not() -> None:
    bots = detection(at=time("12:00"), level=1, effects=(Effect.BEING_QUESTIONED, Effect.COORDINATED))
    crowd = detection(at=time("12:30"), level=2, effects=(Effect.WIDE_REACH,))
    calmer = detection(at=time("13:00"), level=2, effects=(Effect.BEING_DEBUNKED,))
    assert alert_of([bots, crowd]).effects == (Effect.COORDINATED, Effect.WIDE_REACH)
    assert alert_of([bots, crowd, calmer]).effects == (Effect.COORDINATED, Effect.BEING_DEBUNKED, Effect.WIDE_REACH)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_effects_are_the_same_in_whatever_order_findings_come(order: Sequence[int]) -> None:
    found = [
        detection(at=time("12:00"), effects=(Effect.COORDINATED, Effect.BEING_DEBUNKED)),
        detection(at=time("12:30"), effects=(Effect.KNOWN_CLAIM,)),
        detection(at=time("13:00"), effects=(Effect.BEING_QUESTIONED,)),
    ]
    assert alert_of([found[place] for place in order]).effects == (
        Effect.KNOWN_CLAIM,
        Effect.COORDINATED,
        Effect.BEING_QUESTIONED,
    )


def test_what_few_began_weighs_as_much_as_the_crowd_that_joins_them() -> None:
    few = detection(at=time("12:00"), score=0.9, effects=(Effect.COORDINATED,))
    crowd = detection(at=time("12:30"), score=0.9, effects=())
    assert alert_of([few]).severity is Severity.WARNING
    assert alert_of([few, crowd]).severity is Severity.CRITICAL
    assert alert_of([few, crowd]).effects == (Effect.COORDINATED,)
