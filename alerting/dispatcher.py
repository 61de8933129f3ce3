"""One monitor's detections in, its alerts and the notifications about them out.

`observe` takes a detection in, and changes alerts; `advance` lets time pass, and speaks. Whoever drives it calls
`advance` after every batch: what was found at one moment is then told at once, in one notification, and nothing waits.
Everything is decided by event time, so that the same detections give the same alerts however they were batched.
"""

from datetime import datetime
from typing import ClassVar

from msgspec.structs import replace

from alerting.action import Action
from alerting.alert import Alert, Story, Successor, fingerprint
from alerting.dispatcher_state import DispatcherSettings, DispatcherState
from alerting.firing import Firing, Place, begin, carry_on, end, ends_at, fires_again, formers_of, place_of
from alerting.outcome import Outcome, Suppression
from alerting.precision import Precision, rejudge
from alerting.routes import route_of
from alerting.severity import severity_of
from alerting.story import StoryState, acted_on, founded, story_of, story_to_join, updated
from alerting.teller import NEVER, Teller
from detectors.detection import Detection

__all__ = ["Dispatcher", "DispatcherSettings", "DispatcherState"]


class Dispatcher:
    """The alerts and stories of one monitor. `state` is the only thing that changes."""

    State: ClassVar = DispatcherState
    version: ClassVar[int] = 1
    """Raise it when the meaning of the state changes."""

    def __init__(self, settings: DispatcherSettings, state: DispatcherState | None = None) -> None:
        self.settings = settings
        self.state = DispatcherState() if state is None else state
        # Only speed, so no state: before this moment time alone changes nothing; None has to be looked at.
        self._look_at: datetime | None = None
        self._teller = Teller(settings.routes, settings.gates, self.state.stories, self._story)
        # Stories, within one step.
        self._changed: set[str] = set()

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that fire."""
        return tuple(firing.alert for firing in self._firings() if firing.is_firing)

    @property
    def stories(self) -> tuple[Story, ...]:
        """All that are remembered, the ended ones too, as they would be told now."""
        return tuple(self._story(state) for _, state in sorted(self.state.stories.items()))

    @property
    def verdicts(self) -> tuple[Precision, ...]:
        """What people ever thought of what was told, by detector."""
        return tuple(found for _, found in sorted(self.state.verdicts.items()))

    def observe(self, detection: Detection, heard_at: datetime) -> Outcome:
        """Take in one detection. A repeated one changes nothing.

        Args:
            detection: Its event time may be behind the clock; where it is ahead, the clock moves there first.
            heard_at: Arrival of the newest mention behind it.
        """
        is_ahead = self.state.now is None or detection.at > self.state.now
        outcome = self.advance(detection.at) if is_ahead else Outcome()
        known = self.state.alerts.get(fingerprint(self.settings.monitor, detection.detector, detection.subject))
        match place_of(detection, known, self.settings.resolve_after, self.settings.reopen_within):
            case Place.REPEATED:
                return outcome + Outcome(suppressed=(Suppression.REPEATED,))
            case Place.OUTDATED:
                return outcome + Outcome(suppressed=(Suppression.OUTDATED,))
            case place:
                self._look_at = None
                placed = self._end_before(known, place) + self._place(detection, heard_at, known, place)
                return outcome + placed + self._changes()

    def act(self, action: Action) -> Outcome:
        """Take in what a person did about a story, and tell of it. A repeated action changes nothing."""
        state = self.state.stories.get(action.story)
        if state is None or self.state.now is None:
            return Outcome(suppressed=(Suppression.NO_STORY,))
        after = acted_on(state, action, self.state.now)
        if after is state:
            return Outcome(suppressed=(Suppression.REPEATED,))
        self.state.stories[state.id] = after
        found_by = {alert.detector for alert in self._alerts_of(after)}
        rejudge(self.state.verdicts, found_by, state.handling, after.handling)
        self._touch(state.id)
        self._look_at = None
        return self.advance(self.state.now)

    def advance(self, now: datetime) -> Outcome:
        """Let the monitor's clock move to `now`, and tell whoever should hear of something by then.

        A step backwards is one of no length.
        """
        earlier = self.state.now or now
        now = max(now, earlier)
        self.state.now = now
        if self._look_at is not None and now < self._look_at:
            return Outcome()
        # First as of the moment to which detections were heard: a long step must not end a story before it is told.
        outcome = self._teller.tell(earlier)
        # Nor must it end one before its gate opened.
        while (opens_at := self._gate_may_open_at()) < now:
            outcome += self._step(opens_at)
        outcome += self._step(now)
        self._look_at = self._next_look()
        return outcome + self._changes()

    def _gate_may_open_at(self) -> datetime:
        """The earliest moment at which a gate opens by itself, or with the end of what closes it."""
        inhibiting = self._firings() if self.settings.gates.inhibitions else ()
        ends = (self._closes_at(firing) for firing in inhibiting if firing.is_firing)
        return min((*ends, self._teller.gate_opens_at), default=NEVER)

    def _step(self, now: datetime) -> Outcome:
        ended = Outcome(alerts=self._end_quiet_ones(now))
        outcome = ended + self._teller.tell(now)
        self._forget(now)
        # What is left of a story may be for others.
        return outcome + self._teller.tell(now)

    # A detection finds its alert ...

    def _end_before(self, known: Firing | None, place: Place) -> Outcome:
        """End the firing that a new one follows, where the lateness still held it open, and tell of it."""
        if known is None or not known.is_firing or place is Place.SAME_FIRING:
            return Outcome()
        ended = self._end(known, ends_at(known, self.settings.resolve_after))
        return Outcome(alerts=(ended,)) + self._teller.tell(self._now())

    def _place(self, detection: Detection, heard_at: datetime, known: Firing | None, place: Place) -> Outcome:
        # Found so late that it is over already: then it is on record, and nobody is told.
        closes_at = detection.at + self.settings.resolve_after + self.settings.lateness
        adds_one = self._now() < closes_at and (place is not Place.SAME_FIRING or fires_again(known, detection))
        room = self._make_room(detection) if adds_one else Outcome()
        if room is None:
            return Outcome(suppressed=(Suppression.TOO_MANY,))
        firing = self._next_firing(detection, heard_at, known, place)
        if firing.is_firing and self._now() >= self._closes_at(firing):
            firing = end(firing, ends_at(firing, self.settings.resolve_after))
        self._keep(firing)
        # After it, so that a story that it goes on in never counts as over, and stays as severe as it was.
        formers = self._formers(detection) if firing.is_firing else []
        followed = Outcome(alerts=tuple(self._end_for(firing, former) for former in formers))
        state = self.state.stories[firing.story]
        state = self.state.stories[state.id] = replace(state, heard_at=max(state.heard_at, heard_at))
        is_wanted = route_of(self._story(state), self.settings.routes) is not None
        suppressed = () if is_wanted else (Suppression.UNROUTED,)
        return room + followed + Outcome(alerts=(firing.alert,), suppressed=suppressed)

    def _formers(self, detection: Detection) -> list[Firing]:
        return formers_of(detection, self.settings.monitor, self.state.alerts)

    def _end_for(self, successor: Firing, former: Firing) -> Alert:
        """End an alert that goes on in another; people read where."""
        at = max(successor.alert.last_at, former.alert.last_at)
        story = self._story(self.state.stories[successor.story])
        told = Successor(subject=successor.alert.subject, story=story.id, headline=story.headline)
        ended = end(former, at, told)
        self._keep(ended)
        return ended.alert

    def _next_firing(self, detection: Detection, heard_at: datetime, known: Firing | None, place: Place) -> Firing:
        if known is not None and place is Place.SAME_FIRING:
            return carry_on(known, detection)
        if known is not None and place is Place.AGAIN:
            return begin(self.settings.monitor, detection, known.story)
        if known is not None:
            self._drop(known)
        return begin(self.settings.monitor, detection, self._story_for(detection, heard_at))

    def _make_room(self, detection: Detection) -> Outcome | None:
        """End the least severe alert if as many fire as may; None where the detection weighs no more than that."""
        leaving = {former.alert.fingerprint for former in self._formers(detection)}
        firings = [f for f in self._firings() if f.is_firing and f.alert.fingerprint not in leaving]
        open_ones = [f for f in firings if detection.at < ends_at(f, self.settings.resolve_after)]
        if len(open_ones) < self.settings.most_open:
            return Outcome()
        # The youngest among equals, and a newcomer is younger than all: nothing takes turns.
        weakest = min(reversed(open_ones), key=lambda f: (f.alert.severity, -f.first_at.timestamp()))
        if weakest.alert.severity >= severity_of(detection):
            return None
        ended = self._end(weakest, max(detection.at, weakest.alert.last_at))
        return Outcome(alerts=(ended,), suppressed=(Suppression.TOO_MANY,))

    # ... and an alert its story

    def _story_for(self, detection: Detection, heard_at: datetime) -> str:
        """That of a subject that is part of this one, else the most pressing open one it can join, else a new one."""
        parts = {"", detection.subject, *detection.formerly}
        for former in self._formers(detection):
            if {alert.subject for alert in self._alerts_of(self.state.stories[former.story])} <= parts:
                return former.story
        if (joined := story_to_join(detection, self.stories)) is not None:
            return joined.id
        state = founded(self.settings.monitor, detection, heard_at)
        # Its story may be there though the alert is not: an alert can be forgotten before the others of its story.
        return self.state.stories.setdefault(state.id, state).id

    def _keep(self, firing: Firing) -> None:
        self.state.alerts[firing.alert.fingerprint] = firing
        state = self.state.stories[firing.story]
        self.state.stories[state.id] = updated(state, self._alerts_of(state))
        self._touch(state.id)

    def _touch(self, story: str) -> None:
        self._teller.touch(story)
        self._changed.add(story)

    def _end(self, firing: Firing, at: datetime) -> Alert:
        ended = end(firing, at)
        self._keep(ended)
        return ended.alert

    def _drop(self, firing: Firing) -> None:
        del self.state.alerts[firing.alert.fingerprint]
        self._touch(firing.story)
        if not self._alerts_of(self.state.stories[firing.story]):
            del self.state.stories[firing.story]

    # Time passes

    def _end_quiet_ones(self, now: datetime) -> tuple[Alert, ...]:
        over = [firing for firing in self._firings() if firing.is_firing and now >= self._closes_at(firing)]
        return tuple(self._end(firing, ends_at(firing, self.settings.resolve_after)) for firing in over)

    def _forget(self, now: datetime) -> None:
        ended = [firing for firing in self._firings() if not firing.is_firing]
        newest_first = sorted(ended, key=self._forgotten_at, reverse=True)
        for rank, firing in enumerate(newest_first):
            if rank >= self.settings.most_open or now >= self._forgotten_at(firing):
                self._drop(firing)

    def _next_look(self) -> datetime:
        """The earliest moment at which time alone ends, forgets or tells something."""
        moments = [self._closes_at(f) if f.is_firing else self._forgotten_at(f) for f in self._firings()]
        return min((*moments, self._teller.next_at), default=NEVER)

    def _closes_at(self, firing: Firing) -> datetime:
        """When no detection can come any more that would have kept it firing."""
        return ends_at(firing, self.settings.resolve_after) + self.settings.lateness

    def _forgotten_at(self, firing: Firing) -> datetime:
        return self._closes_at(firing) + self.settings.reopen_within

    # What is remembered

    def _changes(self) -> Outcome:
        """The stories that changed since this was asked last."""
        changed, self._changed = sorted(self._changed), set()
        known = self.state.stories
        return Outcome(
            stories=tuple(self._story(known[id]) for id in changed if id in known),
            forgotten=tuple(id for id in changed if id not in known),
        )

    def _firings(self) -> list[Firing]:
        return [firing for _, firing in sorted(self.state.alerts.items())]

    def _story(self, state: StoryState) -> Story:
        of = self.settings
        return story_of(state, self._alerts_of(state), of.organisation, of.owner, of.timezone)

    def _alerts_of(self, state: StoryState) -> list[Alert]:
        return sorted((f.alert for f in self.state.alerts.values() if f.story == state.id), key=lambda a: a.fingerprint)

    def _now(self) -> datetime:
        assert self.state.now is not None, "observe sets it before all else"
        return self.state.now
