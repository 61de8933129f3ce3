"""The risk of a story: severity first, then what is known of it."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alerting.alert import Alert, Severity, State
from alerting.risk import BANDS, risk_of
from detectors.detection import Effect
from tests.building import alert, claim, evidence


def one(score: float = 0.5, **changes: Any) -> Alert:
    return alert(score=score, effects=changes.pop("effects", ()), evidence=evidence(**{"usual": None} | changes))


ALERTS = st.builds(
    one,
    score=st.floats(0, 1),
    effects=st.sets(st.sampled_from(Effect)).map(tuple),
    mentions=st.integers(0, 10**7),
    usual=st.none() | st.floats(0, 1e6),
    claim=st.none() | st.builds(lambda p: claim(probability=p), st.floats(0, 1)),
)


@given(st.sampled_from(Severity), st.lists(ALERTS, max_size=5))
def test_severity_decides_the_band(severity: Severity, alerts: list[Alert]) -> None:
    least, greatest = BANDS[severity]
    assert least <= risk_of(severity, alerts) <= greatest


def test_bands_meet_and_do_not_overlap() -> None:
    ends = [BANDS[severity] for severity in Severity]
    assert (ends[0][0], ends[-1][1]) == (0, 100)
    assert all(above[0] == below[1] + 1 for below, above in pairwise(ends))


@given(st.lists(ALERTS, min_size=1, max_size=4), ALERTS)
def test_more_alerts_are_never_less_pressing_in_any_order(alerts: list[Alert], more: Alert) -> None:
    before = risk_of(Severity.WARNING, alerts)
    assert risk_of(Severity.WARNING, [*alerts, more]) >= before
    assert risk_of(Severity.WARNING, alerts[::-1]) == before


def test_score_growth_claim_and_effects_each_count() -> None:
    plain = risk_of(Severity.WARNING, [one()])
    for worse in (
        one(score=0.8),
        one(mentions=900, usual=9.0),
        one(claim=claim()),
        one(effects=(Effect.WIDE_REACH,)),
        one(effects=(Effect.OFFICIALS,)),
    ):
        assert risk_of(Severity.WARNING, [worse]) > plain


def test_what_is_over_counts_only_where_nothing_else_does() -> None:
    fires, over = one(score=0.1), alert(score=0.9, state=State.RESOLVED, effects=(), evidence=evidence(usual=None))
    assert risk_of(Severity.INFO, [fires, over]) == risk_of(Severity.INFO, [fires])
    assert risk_of(Severity.INFO, [over]) > risk_of(Severity.INFO, [fires])
