"""What holds of any life of any monitor: a state machine drives a dispatcher, and each telling is judged."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from alerting.action import Action, ActionKind, Person
from alerting.alert import Gate, Hold, Notification, Reason, Severity, State, Story
from alerting.decision import recompute
from alerting.dispatcher import Dispatcher, DispatcherSettings, DispatcherState
from alerting.gates import ConfiguredMute, GateRules, Gates, Inhibition, Planned, closed_gate, inhibitors
from alerting.outcome import Outcome
from alerting.quiet_hours import QuietWindow
from alerting.routes import Route, route_of
from detectors.detection import Detection, Evidence, MatchedClaim
from detectors.snapshot import rows_of, state_from

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UPDATE_EVERY = 10 * MINUTE
MOST_OPEN = 3
CALLS_NOBODY = (Reason.MORE, Reason.HANDLED)
NIGHT = QuietWindow(start_minute=22 * 60, end_minute=7 * 60)
GATES = GateRules(
    mutes=(ConfiguredMute(detectors=("accounts",), since=NOON + 30 * MINUTE, until=NOON + 200 * MINUTE, reason="m"),),
    planned=(Planned(detectors=("volume",), since=NOON, until=NOON + 100 * MINUTE, times=3.0, reason="p"),),
    inhibitions=(
        Inhibition(by_detectors=("tales",), at_least=Severity.CRITICAL, detectors=("volume",), below=Severity.CRITICAL),
    ),
)
SETTINGS = DispatcherSettings(
    monitor="census",
    organisation="Census Office",
    resolve_after=timedelta(hours=2),
    reopen_within=timedelta(hours=3),
    lateness=MINUTE,
    routes=(
        Route(receivers=("crisis", "slack"), at_least=Severity.CRITICAL, update_every=UPDATE_EVERY),
        Route(
            receivers=("slack",),
            detectors=("tales",),
            update_every=UPDATE_EVERY,
            remind_every=timedelta(minutes=45),
            quiet=(NIGHT,),
        ),
        Route(receivers=("terminal",), at_least=Severity.WARNING, update_every=UPDATE_EVERY, quiet=(NIGHT,)),
    ),
    most_open=MOST_OPEN,
    gates=GATES,
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
        """All that was written."""
        self.called: dict[tuple[str, str], list[Notification]] = defaultdict(list)
        """What no gate held, but for what calls nobody."""
        self.decided: set[str] = set()
        self.acted = 0
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
                evidence=Evidence(
                    summary="s", mentions=mentions, usual=100.0, since=self.now, counterfactual="", claim=claim
                ),
            )
        )
        self.observe(self.heard[-1])

    @rule(back=st.integers(1, 5))
    def repeat(self, back: int) -> None:
        known = [each for each in self.heard if (each.detector, each.subject) not in self.gone]
        if known:
            self.observe(known[-min(back, len(known))])

    @rule(
        which=st.integers(0, 5),
        kind=st.sampled_from(ActionKind),
        who=st.sampled_from(["ada", "ben"]),
        minutes=st.sampled_from([None, 30, 700]),
        twice=st.booleans(),
    )
    def act(self, which: int, kind: ActionKind, who: str, minutes: int | None, twice: bool) -> None:
        stories = self.dispatcher.stories
        if not stories:
            return
        self.acted += 1
        action = Action(
            id=str(self.acted),
            monitor="census",
            story=stories[which % len(stories)].id,
            kind=kind,
            by=Person(id=who, name=who),
            at=self.now,
            length=None if minutes is None else minutes * MINUTE,
        )
        for _ in range(1 + twice):
            outcome = self.dispatcher.act(action)
            assert outcome == self.unbroken.act(action)
            self.judge(outcome)
        self.advance()

    @rule(minutes=st.sampled_from([0, 1, 5, 10, 44, 45, 100, 121, 290, 302, 500, 1000]))
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
            key = notification.story.id, notification.receiver
            self.judge_one(notification, self.told[key], self.called[key])
            self.told[key].append(notification)
            if notification.hold is None and notification.reason not in CALLS_NOBODY:
                self.called[key].append(notification)
        for decision in outcome.decisions:
            assert recompute(decision) == decision.verdict
            assert decision.id not in self.decided
            self.decided.add(decision.id)
        said = [(each.story.id, each.receiver, each.reason, each.hold) for each in outcome.notifications]
        assert said == [
            (each.story.id, each.receiver, each.verdict.reason, each.verdict.hold)
            for each in outcome.decisions
            if each.verdict.reason is not None
        ]

    def judge_one(self, notification: Notification, written: list[Notification], called: list[Notification]) -> None:
        reason, hold, story = notification.reason, notification.hold, notification.story
        known = written if hold is not None or reason in CALLS_NOBODY else called
        assert (reason is Reason.FIRST) == (not known)
        assert (reason is Reason.RESOLVED) == (story.state is State.RESOLVED)
        assert reason is not Reason.REMINDER or hold is None
        if reason is Reason.RESOLVED:
            knew_it_fires = bool(called) and called[-1].story.state is State.FIRING
            assert (hold is None) == knew_it_fires
        elif hold is None and reason not in CALLS_NOBODY:
            self.judge_call(notification)
        if not written:
            return
        assert notification.at >= written[-1].at
        if reason is Reason.MORE:
            assert notification.at >= written[-1].at + UPDATE_EVERY
        if not known:
            return
        last = known[-1]
        assert (reason is Reason.REOPENED) == (last.story.state is State.RESOLVED)
        if reason is Reason.ESCALATED:
            assert story.severity > last.story.severity
        elif reason is not Reason.REOPENED:
            assert story.severity == last.story.severity or reason is Reason.RESOLVED

    @staticmethod
    def judge_call(notification: Notification) -> None:
        """What may interrupt, said in other words than the gates'."""
        story, at = notification.story, notification.at
        firing = [alert for alert in story.alerts if alert.state is State.FIRING]
        assert not story.handling.is_muted(at)
        if notification.route and story.severity < Severity.CRITICAL:
            assert 7 <= at.hour < 22
        if {alert.detector for alert in firing} == {"accounts"}:
            assert not NOON + 30 * MINUTE <= at < NOON + 200 * MINUTE
        if {alert.detector for alert in firing} == {"volume"} and NOON <= at < NOON + 100 * MINUTE:
            assert any(alert.evidence.mentions >= 300 or alert.evidence.claim for alert in firing)

    def gate_of(self, story: Story) -> Hold | None:
        route = route_of(story, SETTINGS.routes)
        others = inhibitors(story, self.dispatcher.stories, GATES)
        return closed_gate(story, Gates(rules=GATES, quiet=route.quiet if route else (), others=others), self.now)

    @invariant()
    def everybody_knows_how_severe_it_is_and_whether_it_is_over(self) -> None:
        for story in self.dispatcher.stories:
            route, gate = route_of(story, SETTINGS.routes), self.gate_of(story)
            for receiver in route.receivers if route and story.state is State.FIRING else ():
                assert gate is not None or (story.id, receiver) in self.called
                assert (gate is not None and gate.gate is Gate.MUTED) or (story.id, receiver) in self.told
            for receiver in ("slack", "crisis", "terminal"):
                called = self.called.get((story.id, receiver), [])
                is_muted = gate is not None and gate.gate is Gate.MUTED and not called
                for last in self.told.get((story.id, receiver), [])[-1:]:
                    self.check_known(last, story, unless=is_muted)
                for last in called[-1:]:
                    # That it came back and was over again within one night calls nobody.
                    self.check_known(last, story, unless=gate is not None)

    @staticmethod
    def check_known(last: Notification, story: Story, *, unless: bool) -> None:
        if unless:
            return
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
        # What one of these became a part of goes on with its claim, though its own finding need not say so.
        for _ in range(4):
            claiming |= {each.subject for each in self.heard if claiming.intersection(each.formerly)}
        for story in self.dispatcher.stories:
            subjects = {alert.subject for alert in story.alerts} - {""}
            subjects -= {former for each in self.heard for former in each.formerly}
            assert len(subjects) <= 1 or subjects <= claiming

    @invariant()
    def what_is_remembered_is_bounded(self) -> None:
        assert len(self.dispatcher.state.alerts) <= 3 * MOST_OPEN


TestDispatcherMachine = DispatcherMachine.TestCase
TestDispatcherMachine.settings = settings(max_examples=60, stateful_step_count=40)
