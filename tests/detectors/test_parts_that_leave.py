"""What is told of a narrative follows the wordings that come to it and leave it."""

from datetime import timedelta

import pytest

from detectors.mention import Author
from detectors.narrative import NarrativeDetector
from detectors.narratives.signals import authors_of
from detectors.narratives.state import Narrative
from tests.detectors.talk import LATER, MINUTE, RUMOUR, chatter, hear, mention, rumour
from tests.detectors.uniting import HOUR, OTHER, about, groups_of, regroup, unite

NEAR_OTHER = f"{OTHER} {RUMOUR.split()[2]}"


def parted(
    detector: NarrativeDetector, narrative: str, text: str = OTHER, window: timedelta = 6 * HOUR
) -> tuple[Narrative, Narrative]:
    """What becomes of a narrative and of its wordings that say `text`, which leave it."""
    groups = groups_of(detector.state)
    apart = [each for each in groups[narrative] if text in each.sample.text]
    groups[narrative] = [each for each in groups[narrative] if each not in apart]
    regroup(detector.state, [*groups.items(), (None, apart)], LATER + 2 * HOUR, window)
    fresh = next(each for each in detector.state.narratives.values() if each.id == apart[0].narrative)
    return detector.state.narratives[narrative], fresh


def two_in_one(others: int = 12) -> tuple[NarrativeDetector, str]:
    """A rumour of 14 mentions that was told and has taken in another story."""
    said = [*rumour(14), *rumour(others, LATER + 20 * MINUTE, text=NEAR_OTHER)]
    _, detector = hear([*chatter(44), *said])
    whole = about(detector.state, RUMOUR).id
    unite(detector, whole, about(detector.state, OTHER).id)
    return detector, whole


@pytest.mark.parametrize("others", [4, 12])
def test_a_story_counts_what_came_to_it_and_no_more_once_that_leaves(others: int) -> None:
    detector, whole = two_in_one(others)
    episode = detector.state.narratives[whole].episode
    assert episode is not None
    assert episode.mentions == 14 + others
    rest, _ = parted(detector, whole)
    assert rest.episode is not None
    assert rest.episode.mentions == 14


def test_people_who_said_only_what_left_are_no_authors_of_what_stays() -> None:
    detector, whole = two_in_one()
    rest, part = parted(detector, whole)
    assert rest.episode is not None
    assert authors_of(rest.episode) == 14
    assert len({*rest.authors_now, *rest.authors_before}) == 14
    assert len({*part.authors_now, *part.authors_before}) == 12


def test_what_a_part_says_is_shown_of_the_story_no_more_once_it_left() -> None:
    said = [*rumour(14, LATER + 20 * MINUTE), *rumour(12, text=NEAR_OTHER)]
    loud = mention(f"{NEAR_OTHER} says person20", LATER + HOUR, "loud", author=Author(id="loud", followers=10**6))
    _, detector = hear([*chatter(44), *said, loud])
    whole = about(detector.state, RUMOUR).id
    unite(detector, whole, about(detector.state, OTHER).id)
    before = detector.state.narratives[whole]
    assert all(OTHER in each.text for each in (before.first, before.newest, before.widest))
    rest, _ = parted(detector, whole)
    assert all(RUMOUR in each.text for each in (rest.first, rest.newest, rest.widest))


def test_what_was_told_of_a_part_is_counted_over_the_window_of_the_detector() -> None:
    detector, whole = two_in_one()
    _, part = parted(detector, whole, window=HOUR)
    assert part.told_within == 0
    detector, whole = two_in_one()
    _, part = parted(detector, whole, window=6 * HOUR)
    assert part.told_within == 12


def test_nobody_is_shown_as_of_widest_reach_where_no_reach_is_known() -> None:
    _, detector = hear([*chatter(44), *rumour(14, author=Author(id="one"))])
    narrative = about(detector.state, RUMOUR)
    narrative.widest = narrative.newest
    [shown] = (each.evidence.exemplars for each in detector.survey() if each.subject == narrative.id)
    assert "widest reach" not in {each.role for each in shown}
