"""Who is told of a story now, and who is not: its route's receivers, and whoever heard of it before."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from alerting.alert import Hold, Notification, State, Story, notification_id
from alerting.decision import NOBODY, Decision, Verdict, decision_id, verdict
from alerting.gates import GateRules, Gates, Inhibitor, closed_gate
from alerting.reasons import Timing, Told, ask_again_at, layer_of, news_for, told_now
from alerting.routes import Route, route_of
from alerting.story import StoryState

_UNROUTED = Timing(update_every=timedelta(minutes=10))
"""For those who heard of a story that no route wants any more."""


class Telling(Struct, frozen=True):
    """What comes of asking once who should hear of a story."""

    state: StoryState
    """After it: once told, nothing is due at the same moment."""
    notifications: tuple[Notification, ...]
    decisions: tuple[Decision, ...]


class Rules(Struct, frozen=True, kw_only=True):
    """Who hears of a story, and what may hold it back."""

    routes: Sequence[Route]
    gates: GateRules = GateRules()
    others: tuple[Inhibitor, ...] = ()
    """What fires in other stories of the monitor."""


def tell(state: StoryState, story: Story, rules: Rules, now: datetime) -> Telling:
    """The notifications due now, and the decisions that are worth recording."""
    route = route_of(story, rules.routes)
    decisions: list[Decision] = []
    notifications: list[Notification] = []
    for receiver in _audience(route, state.told, rules.routes) or [NOBODY]:
        told, gates = state.told.get(receiver), _gates(receiver, route, rules)
        found = Verdict(reason=None) if receiver == NOBODY else verdict(story, told, _timing(route), gates, now)
        state, is_news = _noted(state, receiver, _silence(story, receiver, found))
        if found.reason is not None:
            notifications.append(_notification(state, story, receiver, route, found, now))
            state = _with_told(state, receiver, told_now(story, told, found.reason, now, found.hold))
        if is_news or found.reason is not None:
            decisions.append(_decision(story, receiver, route, told, gates, now, found))
    return Telling(state, tuple(notifications), tuple(decisions))


def next_telling_at(state: StoryState, story: Story, rules: Rules, now: datetime) -> datetime | None:
    """When time alone makes something due, if nothing is due now."""
    route = route_of(story, rules.routes)
    moments = (
        ask_again_at(story, state.told.get(receiver), _timing(route), gate)
        for receiver, gate in _closed(state, story, rules, now)
    )
    return min((moment for moment in moments if moment is not None), default=None)


def gate_opens_at(state: StoryState, story: Story, rules: Rules, now: datetime) -> datetime | None:
    """When the first gate opens by itself that is closed for a story now."""
    gates = (gate for _, gate in _closed(state, story, rules, now) if gate is not None)
    return min((gate.until for gate in gates if gate.until is not None), default=None)


def _closed(state: StoryState, story: Story, rules: Rules, now: datetime) -> Iterator[tuple[str, Hold | None]]:
    """Each who hears of a story, with the gate that is closed for them."""
    route = route_of(story, rules.routes)
    for receiver in _audience(route, state.told, rules.routes):
        yield receiver, closed_gate(story, _gates(receiver, route, rules), now)


def _gates(receiver: str, route: Route | None, rules: Rules) -> Gates:
    """Of those whom another route named before, their own route says when it is quiet: the first that names them."""
    if route is None or receiver not in route.receivers:
        route = next((each for each in rules.routes if receiver in each.receivers), route)
    if route is None:
        return Gates(rules=rules.gates, others=rules.others)
    return Gates(rules=rules.gates, quiet=route.quiet, timezone=route.timezone, others=rules.others)


def _audience(route: Route | None, told: Iterable[str], routes: Sequence[Route]) -> list[str]:
    """The route's receivers, and those of other routes who heard of the story before: they hear how it goes on."""
    named = {receiver for each in routes for receiver in each.receivers}
    ours = () if route is None else route.receivers
    return list(dict.fromkeys((*ours, *sorted(named.intersection(told)))))


def _timing(route: Route | None) -> Timing:
    return _UNROUTED if route is None else route.timing


def _silence(story: Story, receiver: str, found: Verdict) -> str:
    """What keeps somebody from hearing what they otherwise would, as words to compare; empty where nothing does."""
    if receiver == NOBODY:
        return "no route" if story.state is State.FIRING else ""
    if found.unspoken is None or found.gate is None:
        return ""
    return f"{found.gate.gate.value} {found.unspoken.value}"


def _noted(state: StoryState, receiver: str, silence: str) -> tuple[StoryState, bool]:
    """The state with this silence as the newest, and whether it has to be recorded."""
    known = state.kept_silent.get(receiver, "")
    if silence == known:
        return state, False
    others = {name: word for name, word in state.kept_silent.items() if name != receiver}
    return replace(state, kept_silent=others | ({receiver: silence} if silence else {})), bool(silence)


def _with_told(state: StoryState, receiver: str, told: Told) -> StoryState:
    return replace(state, told={**state.told, receiver: told})


def _notification(
    state: StoryState, story: Story, receiver: str, route: Route | None, found: Verdict, now: datetime
) -> Notification:
    assert found.reason is not None
    told = state.told.get(receiver)
    return Notification(
        id=notification_id(story, receiver, found.reason, 0 if told is None else told.count),
        receiver=receiver,
        story=story,
        reason=found.reason,
        at=now,
        heard_at=state.heard_at,
        route="" if route is None else route.name,
        news=news_for(story, layer_of(told, found.reason, found.hold)),
        hold=found.hold,
    )


def _decision(
    story: Story, receiver: str, route: Route | None, told: Told | None, gates: Gates, now: datetime, found: Verdict
) -> Decision:
    return Decision(
        id=decision_id(story, receiver, told, now, found),
        monitor=story.monitor,
        story=story,
        receiver=receiver,
        route="" if route is None else route.name,
        told=told,
        timing=_timing(route),
        gates=gates,
        at=now,
        verdict=found,
    )
