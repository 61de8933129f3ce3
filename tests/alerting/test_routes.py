from datetime import UTC, datetime

from alerting.alert import Severity, State, Story
from alerting.firing import begin
from alerting.routes import Route, route_of
from detectors.detection import Audience, Detection, Effect, Evidence

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

URGENT = Route(receivers=("crisis",), at_least=Severity.CRITICAL)
NARRATIVES = Route(receivers=("comms",), detectors=("narrative",))
REST = Route(receivers=("everyone",))
ENGINEERS = Route(receivers=("on-call",), audience=Audience.OPERATIONS)


def story(*detectors: str, severity: Severity = Severity.WARNING, effects: tuple[Effect, ...] = ()) -> Story:
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
                effects=effects,
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


def test_what_concerns_engineers_goes_to_their_route_and_to_no_other() -> None:
    for_engineers = story("silence", effects=(Effect.OPERATIONS,))
    assert route_of(for_engineers, (URGENT, NARRATIVES, REST)) is None
    assert route_of(for_engineers, (REST, ENGINEERS)) is ENGINEERS
    assert route_of(story("volume_spike"), (ENGINEERS, REST)) is REST
    assert route_of(story("volume_spike"), (ENGINEERS,)) is None
