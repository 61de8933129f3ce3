"""What holds of any life of any monitor: a state machine drives a dispatcher, and each telling is judged."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from alerting.alert import Notification, Reason, Severity, State
from alerting.dispatcher import Dispatcher, DispatcherSettings, DispatcherState
from alerting.outcome import Outcome
from alerting.routes import Route, route_of
from detectors.detection import Detection, Evidence, MatchedClaim
from detectors.snapshot import rows_of, state_from

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UPDATE_EVERY = 10 * MINUTE
MOST_OPEN = 3
SETTINGS = DispatcherSettings(
    monitor="census",
    organisation="Census Office",
    resolve_after=timedelta(hours=2),
    reopen_within=timedelta(hours=3),
    lateness=MINUTE,
    routes=(
        Route(receivers=("crisis", "slack"), at_least=Severity.CRITICAL, update_every=UPDATE_EVERY),
        Route(
            receivers=("slack",), detectors=("tales",), update_every=UPDATE_EVERY, remind_every=timedelta(minutes=45)
        ),
        Route(receivers=("terminal",), at_least=Severity.WARNING, update_every=UPDATE_EVERY),
    ),
    most_open=MOST_OPEN,
)


class DispatcherMachine(RuleBasedStateMachine):
    """Detections, time, repeats and restarts in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.dispatcher = Dispatcher(SETTINGS)
        self.unbroken = Dispatcher(SETTINGS)
        """Goes through the same without a restart."""
        self.now = NOON
        self.heard: list[Detection] = []
        self.told: dict[tuple[str, str], list[Notification]] = defaultdict(list)
        self.ids: set[str] = set()
        self.gone: set[tuple[str, str]] = set()
        """Detector and subject of what became part of another subject."""

    @rule(
        subject=st.sampled_from(["", "n1", "n2", "n3", "n4"]),
        detector=st.sampled_from(["tales", "accounts"]),
        kind=st.sampled_from(["grows", "spreads"]),
        score=st.sampled_from([0.2, 0.6, 0.9]),
        mentions=st.integers(1, 1000),
        certain=st.sampled_from([None, False, True]),
        late=st.integers(0, 3),
        level=st.integers(1, 4),
        formerly=st.lists(st.sampled_from(["n1", "n2", "n3"]), max_size=2, unique=True),
    )
    def find(
        self,
        subject: str,
        detector: str,
        kind: str,
        score: float,
        mentions: int,
        certain: bool | None,
        late: int,
        level: int,
        formerly: list[str],
    ) -> None:
        detector = detector if subject else "volume"
        if (detector, subject) in self.gone:
            return  # what became part of another subject does not come back
        others = [each for each in formerly if subject and each != subject]
        self.gone |= {(detector, each) for each in others}
        claim = None
        if certain is not None:
            claim = MatchedClaim(id="c", claim="", verdict="", checked_by="", probability=0.9, certain=certain)
        self.heard.append(
            Detection(
                detector=detector,
                subject=subject,
                kind=kind,
                starts_at=self.now - late * MINUTE,
                at=self.now - late * MINUTE,
                level=level,
                score=score,
                formerly=tuple(others),
                evidence=Evidence(summary="s", mentions=mentions, since=self.now, counterfactual="", claim=claim),
            )
        )
        self.observe(self.heard[-1])

    @rule(back=st.integers(1, 5))
    def repeat(self, back: int) -> None:
        known = [each for each in self.heard if (each.detector, each.subject) not in self.gone]
        if known:
            self.observe(known[-min(back, len(known))])

    @rule(minutes=st.sampled_from([0, 1, 5, 10, 44, 45, 100, 121, 290, 302, 1000]))
    def pass_time(self, minutes: int) -> None:
        self.now += minutes * MINUTE
        self.advance()

    @rule()
    def restart(self) -> None:
        rows = rows_of(self.dispatcher.state)
        self.dispatcher = Dispatcher(SETTINGS, state_from(DispatcherState, rows))

    def observe(self, detection: Detection) -> None:
        outcome = self.dispatcher.observe(detection, detection.at)
        assert outcome == self.unbroken.observe(detection, detection.at)
        self.judge(outcome)
        self.advance()

    def advance(self) -> None:
        outcome = self.dispatcher.advance(self.now)
        assert outcome == self.unbroken.advance(self.now)
        self.judge(outcome)
        assert self.dispatcher.advance(self.now) == self.unbroken.advance(self.now) == Outcome()

    def judge(self, outcome: Outcome) -> None:
        for notification in outcome.notifications:
            assert notification.id not in self.ids
            self.ids.add(notification.id)
            earlier = self.told[notification.story.id, notification.receiver]
            self.judge_one(notification, earlier)
            earlier.append(notification)

    @staticmethod
    def judge_one(notification: Notification, earlier: list[Notification]) -> None:
        assert (notification.reason is Reason.FIRST) == (not earlier)
        assert (notification.reason is Reason.RESOLVED) == (notification.story.state is State.RESOLVED)
        if not earlier:
            return
        last = earlier[-1]
        assert notification.at >= last.at
        assert (notification.reason is Reason.REOPENED) == (last.reason is Reason.RESOLVED)
        if notification.reason is Reason.MORE:
            assert notification.at >= last.at + UPDATE_EVERY
        if notification.reason is Reason.ESCALATED:
            assert notification.story.severity > last.story.severity
        elif notification.reason is not Reason.REOPENED:
            assert notification.story.severity == last.story.severity or notification.reason is Reason.RESOLVED

    @invariant()
    def everybody_knows_how_severe_it_is_and_whether_it_is_over(self) -> None:
        for story in self.dispatcher.stories:
            route = route_of(story, SETTINGS.routes)
            for receiver in route.receivers if route and story.state is State.FIRING else ():
                assert (story.id, receiver) in self.told
            for receiver in ("slack", "crisis", "terminal"):
                for last in self.told.get((story.id, receiver), [])[-1:]:
                    assert last.story.state is story.state
                    assert last.story.severity == story.severity or story.state is State.RESOLVED

    @invariant()
    def one_alert_fires_for_each_fingerprint_and_in_one_story(self) -> None:
        firing = [alert.fingerprint for alert in self.dispatcher.firing]
        assert len(firing) == len(set(firing))
        told = [alert.fingerprint for story in self.dispatcher.stories for alert in story.alerts]
        assert len(told) == len(set(told)) == len(self.dispatcher.state.alerts)

    @invariant()
    def a_story_is_about_one_thing_or_one_claim(self) -> None:
        claiming = {each.subject for each in self.heard if each.evidence.claim and each.evidence.claim.certain}
        for story in self.dispatcher.stories:
            subjects = {alert.subject for alert in story.alerts} - {""}
            subjects -= {former for each in self.heard for former in each.formerly}
            assert len(subjects) <= 1 or subjects <= claiming

    @invariant()
    def what_is_remembered_is_bounded(self) -> None:
        assert len(self.dispatcher.state.alerts) <= 3 * MOST_OPEN


TestDispatcherMachine = DispatcherMachine.TestCase
TestDispatcherMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
