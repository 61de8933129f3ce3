from datetime import UTC, datetime

from alerting.alert import Severity, State, Story
from alerting.firing import begin
from alerting.routes import Route, route_of
from detectors.detection import Detection, Evidence

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

URGENT = Route(receivers=("crisis",), at_least=Severity.CRITICAL)
NARRATIVES = Route(receivers=("comms",), detectors=("narrative",))
REST = Route(receivers=("everyone",))


def story(*detectors: str, severity: Severity = Severity.WARNING) -> Story:
    alerts = tuple(
        begin(
            "census",
            Detection(
                detector=detector,
                kind="k",
                starts_at=NOON,
                at=NOON,
                level=1,
                score=0.6,
                evidence=Evidence(summary="s", mentions=1, since=NOON, counterfactual=""),
            ),
            "s",
        ).alert
        for detector in detectors
    )
    return Story(
        id="s",
        monitor="census",
        organisation="o",
        owner=None,
        headline="h",
        state=State.FIRING,
        severity=severity,
        starts_at=NOON,
        updated_at=NOON,
        alerts=alerts,
    )


def test_the_first_route_that_matches_is_taken() -> None:
    routes = (URGENT, NARRATIVES, REST)
    assert route_of(story("narrative", severity=Severity.CRITICAL), routes) is URGENT
    assert route_of(story("narrative"), routes) is NARRATIVES
    assert route_of(story("volume_spike"), routes) is REST


def test_one_alert_of_the_detector_is_enough() -> None:
    assert route_of(story("volume_spike", "narrative"), (NARRATIVES, REST)) is NARRATIVES


def test_a_story_that_no_route_wants_goes_nowhere() -> None:
    assert route_of(story("volume_spike"), (URGENT, NARRATIVES)) is None
