"""When each story of a monitor has to be looked at again, so that a step in which nothing is due costs nothing.

It remembers nothing that is not in the stories' own state: after a restart it looks at all of them once.
"""

from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime

from alerting.alert import Story
from alerting.gates import GateRules, inhibitors
from alerting.outcome import Outcome
from alerting.routes import Route
from alerting.story import StoryState
from alerting.telling import Rules, gate_opens_at, next_telling_at, tell

NEVER = datetime.max.replace(tzinfo=UTC)


class Teller:
    """Tells of the stories that are due.

    Args:
        routes: Those that the monitor takes, in order.
        gates: What may hold a telling back.
        stories: What is kept of each, by id; it is changed by telling.
        story_of: A story as it would be told now.
    """

    def __init__(
        self,
        routes: tuple[Route, ...],
        gates: GateRules,
        stories: MutableMapping[str, StoryState],
        story_of: Callable[[StoryState], Story],
    ) -> None:
        self._routes = routes
        self._gates = gates
        self._stories = stories
        self._story_of = story_of
        self._tell_at: dict[str, datetime] = {}
        self._opens_at: dict[str, datetime] = {}

    def touch(self, story: str) -> None:
        """Something about a story changed, or it is gone."""
        self._opens_at.pop(story, None)
        if self._gates.inhibitions:
            self._tell_at.clear()  # it may hold any other
        else:
            self._tell_at.pop(story, None)

    def tell(self, now: datetime) -> Outcome:
        """What is due now, and who is told nothing and why where that is new."""
        outcome = Outcome()
        # Sorted: rows that come back from a snapshot may have another order.
        for id, state in sorted(self._stories.items()):
            if min(self._tell_at.get(id, now), self._opens_at.get(id, NEVER)) > now:
                continue
            story = self._story_of(state)
            rules = self._rules(story)
            told = tell(state, story, rules, now)
            self._stories[id] = told.state
            self._tell_at[id] = next_telling_at(told.state, story, rules, now) or NEVER
            self._opens_at[id] = gate_opens_at(told.state, story, rules, now) or NEVER
            outcome += Outcome(notifications=told.notifications, decisions=told.decisions)
        return outcome

    @property
    def next_at(self) -> datetime:
        """The earliest moment at which time alone makes something due."""
        return min(self._tell_at.values(), default=NEVER)

    @property
    def gate_opens_at(self) -> datetime:
        """The earliest moment at which a gate opens by itself that is closed for a story now."""
        return min(self._opens_at.values(), default=NEVER)

    def _rules(self, story: Story) -> Rules:
        if not self._gates.inhibitions:
            return Rules(routes=self._routes, gates=self._gates)
        stories = [self._story_of(each) for each in self._stories.values()]
        return Rules(routes=self._routes, gates=self._gates, others=inhibitors(story, stories, self._gates))
