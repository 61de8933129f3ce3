from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerting.alert import Severity
from alerting.severity import TABLE, Row, severity_of, table_in_markdown
from detectors.detection import Detection, Effect, Evidence, MatchedClaim

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def detection(score: float, effects: frozenset[Effect] = frozenset(), certain: bool | None = None) -> Detection:
    claim = None
    if certain is not None:
        claim = MatchedClaim(id="c", claim="", verdict="", checked_by="", probability=0.9, certain=certain)
    evidence = Evidence(summary="", mentions=10, since=NOON, counterfactual="", claim=claim)
    return Detection(
        detector="d",
        kind="k",
        starts_at=NOON,
        at=NOON,
        level=1,
        score=score,
        effects=tuple(effects),
        evidence=evidence,
    )


@pytest.mark.parametrize("row", TABLE)
def test_each_row_of_the_table_decides_what_it_describes(row: Row) -> None:
    example = detection(row.score, row.effects, certain=row.certain_claim or None)
    assert severity_of(example) is row.severity


@pytest.mark.parametrize(
    ("score", "effects", "certain", "severity"),
    [
        (0.49, {}, None, Severity.INFO),
        (0.5, {}, None, Severity.WARNING),
        (0.8, {}, None, Severity.CRITICAL),
        (0.5, {Effect.KNOWN_CLAIM}, True, Severity.CRITICAL),
        (0.5, {Effect.KNOWN_CLAIM}, False, Severity.WARNING),
        (0.1, {Effect.KNOWN_CLAIM}, False, Severity.INFO),
        (0.9, {Effect.KNOWN_CLAIM}, False, Severity.CRITICAL),
        (1.0, {Effect.OPERATIONS, Effect.WIDE_REACH}, None, Severity.WARNING),
        (1.0, {Effect.BEING_DEBUNKED, Effect.KNOWN_CLAIM}, True, Severity.INFO),
        (1.0, {Effect.BEING_QUESTIONED, Effect.WIDE_REACH}, None, Severity.INFO),
        (1.0, {Effect.BEING_QUESTIONED, Effect.HARM}, None, Severity.WARNING),
        (0.29, {Effect.BEING_QUESTIONED, Effect.HARM}, None, Severity.INFO),
        (1.0, {Effect.BEING_DEBUNKED, Effect.HARM}, None, Severity.INFO),
        (1.0, {Effect.COORDINATED}, None, Severity.WARNING),
        (0.6, {Effect.COORDINATED, Effect.WIDE_REACH}, None, Severity.CRITICAL),
        (0.6, {Effect.COORDINATED, Effect.KNOWN_CLAIM}, True, Severity.CRITICAL),
    ],
)
def test_score_and_effects_meet_in_the_first_row_that_fits(
    score: float, effects: set[Effect], certain: bool | None, severity: Severity
) -> None:
    assert severity_of(detection(score, frozenset(effects), certain)) is severity


@pytest.mark.parametrize("effect", [None, *Effect])
def test_more_score_never_means_less_severity(effect: Effect | None) -> None:
    effects = frozenset({effect} if effect else ())
    severities = [severity_of(detection(score / 20, effects)) for score in range(21)]
    assert severities == sorted(severities)


def test_only_words_of_harm_said_by_a_crowd_give_life_safety() -> None:
    assert [row.effects for row in TABLE if row.severity is Severity.LIFE_SAFETY] == [{Effect.HARM}]
    chorus = detection(1.0, frozenset({Effect.HARM, Effect.COORDINATED}))
    assert severity_of(chorus) is Severity.CRITICAL


def test_the_readme_shows_the_table() -> None:
    readme = Path(__file__).parents[2] / "alerting" / "README.md"
    assert table_in_markdown() in readme.read_text(encoding="utf-8")
