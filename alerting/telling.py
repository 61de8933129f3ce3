"""Who is told of a story now: its route's receivers, and whoever heard of it before."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from alerting.alert import Notification, Story, notification_id
from alerting.reasons import Timing, ask_again_at, news_for, reason_to_notify, told_now
from alerting.routes import Route, route_of
from alerting.story import StoryState

_UNROUTED = Timing(update_every=timedelta(minutes=10))
"""For those who heard of a story that no route wants any more."""


def tell(
    state: StoryState, story: Story, routes: Sequence[Route], now: datetime
) -> tuple[StoryState, list[Notification]]:
    """The notifications due now, and the story's state after them: once told, nothing is due at the same moment."""
    route = route_of(story, routes)
    told = dict(state.told)
    notifications = []
    for receiver in _audience(route, state.told, routes):
        before = told.get(receiver)
        reason = reason_to_notify(story, before, _timing(route), now)
        if reason is None:
            continue
        told[receiver] = told_now(story, before, reason, now)
        notifications.append(
            Notification(
                id=notification_id(story, receiver, reason, 0 if before is None else before.count),
                receiver=receiver,
                story=story,
                reason=reason,
                at=now,
                heard_at=state.heard_at,
                route="" if route is None else route.name,
                news=news_for(story, before),
            )
        )
    return (replace(state, told=told) if notifications else state), notifications


def next_telling_at(state: StoryState, story: Story, routes: Sequence[Route]) -> datetime | None:
    """When time alone makes something due, if nothing is due now."""
    route = route_of(story, routes)
    audience = _audience(route, state.told, routes)
    moments = (ask_again_at(story, state.told.get(receiver), _timing(route)) for receiver in audience)
    return min((moment for moment in moments if moment is not None), default=None)


def _audience(route: Route | None, told: Iterable[str], routes: Sequence[Route]) -> list[str]:
    """The route's receivers, and those of other routes who heard of the story before: they hear how it goes on."""
    named = {receiver for each in routes for receiver in each.receivers}
    ours = () if route is None else route.receivers
    return list(dict.fromkeys((*ours, *sorted(named.intersection(told)))))


def _timing(route: Route | None) -> Timing:
    return _UNROUTED if route is None else route.timing
