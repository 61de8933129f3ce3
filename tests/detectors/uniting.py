"""Two stories, and narratives united and parted by hand, as a regrouping would."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from detectors.narrative import NarrativeDetector
from detectors.narratives.clustering.gathering import Gathering
from detectors.narratives.state import Narrative, NarrativeState, WordingState
from detectors.narratives.succession import hand_on
from tests.detectors.talk import LATER

OTHER = "Enumerators break windows and steal parcels from porches"
HOUR = timedelta(hours=1)


def about(state: NarrativeState, text: str) -> Narrative:
    return max(
        (each for each in state.narratives.values() if text in each.first.text), key=lambda each: each.tally.mentions
    )


def groups_of(state: NarrativeState) -> dict[str, list[WordingState]]:
    groups: dict[str, list[WordingState]] = {name: [] for name in state.narratives}
    for wording in sorted(state.wordings.values(), key=lambda each: each.number):
        groups[wording.narrative].append(wording)
    return groups


def regroup(
    state: NarrativeState,
    groups: Sequence[tuple[str | None, Sequence[WordingState]]],
    now: datetime,
    window: timedelta = 6 * HOUR,
) -> None:
    hand_on(state, groups, now, window)
    Gathering(state).write_back()
    state.regrouped_at = state.taken


def unite(detector: NarrativeDetector, survivor: str, gone: str) -> None:
    """As a regrouping does that finds two narratives to be one."""
    groups = groups_of(detector.state)
    groups[survivor] += groups.pop(gone)
    regroup(detector.state, list(groups.items()), LATER + HOUR)
