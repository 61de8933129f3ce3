"""What becomes of alerts when narratives are united or part, and when claims come while the detector runs."""

from datetime import timedelta

import msgspec
import pytest

from detectors.contract import MonitorContext
from detectors.detection import Detection
from detectors.known_claim import KnownClaim
from detectors.mention import Mention
from detectors.narrative import NarrativeDetector
from detectors.narratives.succession import MOST_FORMER
from detectors.snapshot import restore, snapshot
from tests.detectors.talk import LATER, MINUTE, RUMOUR, chatter, hear, known, mention, rumour
from tests.detectors.uniting import OTHER, about, groups_of, regroup, unite

HOUR = timedelta(hours=1)


def two_stories() -> tuple[list[Detection], NarrativeDetector]:
    """Told both, the rumour first."""
    return hear([*chatter(44), *rumour(14), *rumour(10, LATER + 20 * MINUTE, text=OTHER)])


def restarted(detector: NarrativeDetector, claims: tuple[KnownClaim, ...] = ()) -> NarrativeDetector:
    context = msgspec.structs.replace(detector.context, claims=claims)
    return restore(NarrativeDetector, context, detector.params, snapshot(detector))


def test_a_narrative_that_swallows_one_that_was_told_is_told_at_the_next_tick_with_its_former_id() -> None:
    found, detector = two_stories()
    gone, survivor = about(detector.state, RUMOUR).id, about(detector.state, OTHER).id
    unite(detector, survivor, gone)
    tick = detector.state.next_tick
    assert tick is not None
    after = restarted(detector).advance(tick + MINUTE)
    assert [(each.subject, each.formerly) for each in after] == [(survivor, (gone,))]
    assert after[0].at == tick
    assert after[0].starts_at == next(each.starts_at for each in found if each.subject == survivor)
    assert after[0].evidence.mentions == 24
    [turn] = after[0].evidence.turns
    assert turn.text == "Took in a narrative of 14 mentions that was told before."
    assert detector.state.narratives.keys().isdisjoint({gone})


def test_a_survivor_that_was_never_told_takes_the_episode_over() -> None:
    _, detector = hear([*chatter(44), *rumour(14), *rumour(4, LATER + 20 * MINUTE, text=OTHER)])
    gone, survivor = about(detector.state, RUMOUR).id, about(detector.state, OTHER).id
    unite(detector, survivor, gone)
    [told] = restarted(detector).advance(LATER + 5 * HOUR)
    assert (told.subject, told.starts_at, told.formerly) == (survivor, LATER, (gone,))


def test_what_was_never_told_leaves_no_former_id() -> None:
    _, detector = hear([*chatter(44), *rumour(14), *rumour(4, LATER + 20 * MINUTE, text=OTHER)])
    unite(detector, about(detector.state, RUMOUR).id, about(detector.state, OTHER).id)
    assert restarted(detector).advance(LATER + 5 * HOUR) == []


def test_a_chain_of_merges_keeps_all_former_ids_up_to_twenty() -> None:
    _, detector = two_stories()
    gone, survivor = about(detector.state, RUMOUR), about(detector.state, OTHER).id
    gone.formerly = [f"n-{number}" for number in range(25)]
    unite(detector, survivor, gone.id)
    formerly = detector.state.narratives[survivor].formerly
    assert len(formerly) == MOST_FORMER
    assert formerly[-1] == gone.id


def test_one_that_took_in_twenty_still_takes_over_the_alert_of_the_next() -> None:
    _, detector = two_stories()
    gone, survivor = about(detector.state, RUMOUR), about(detector.state, OTHER)
    survivor.formerly = [f"n-{number}" for number in range(MOST_FORMER)]
    unite(detector, survivor.id, gone.id)
    assert detector.state.narratives[survivor.id].formerly == [f"n-{number}" for number in range(1, 20)] + [gone.id]


def test_a_part_that_leaves_a_told_narrative_remembers_it_and_must_double_to_be_told() -> None:
    said = [*rumour(14), *rumour(12, LATER + 20 * MINUTE, text=f"{OTHER} {RUMOUR.split()[2]}")]
    _, detector = hear([*chatter(44), *said])
    whole = about(detector.state, RUMOUR)
    part = about(detector.state, OTHER)
    unite(detector, whole.id, part.id)
    groups = groups_of(detector.state)
    apart = [each for each in groups[whole.id] if OTHER in each.sample.text]
    groups[whole.id] = [each for each in groups[whole.id] if each not in apart]
    regroup(detector.state, [*groups.items(), (None, apart)], LATER + 2 * HOUR)
    fresh = next(each for each in detector.state.narratives.values() if each.parted_from)
    assert fresh.parted_from == whole.id
    assert fresh.told_within == 12
    assert "12 mentions of it say something else" in detector.state.narratives[whole.id].turns[-1].text
    again = restarted(detector)
    told: list[Detection] = []
    for number in range(16):
        at = LATER + 3 * HOUR + number * MINUTE
        again.observe(mention(f"{OTHER} {RUMOUR.split()[2]} new{number}", at, f"z{number}"))
        told += again.advance(at + timedelta(seconds=30))
    own = [each for each in told if each.parted_from]
    assert own[0].parted_from == whole.id
    assert own[0].evidence.mentions == 24
    assert "twice what was told of it already" in own[0].evidence.counterfactual
    assert own[0].evidence.turns[0].text == "Parted from a narrative of 14 mentions that was told before."


def test_a_claim_that_is_added_while_it_runs_is_told_of_an_open_narrative_without_a_new_mention() -> None:
    found, detector = hear([*chatter(44), *rumour(14)])
    assert found[-1].kind == "unverified"
    detector.context = MonitorContext(claims=(known(),))
    now = LATER + 2 * HOUR
    [told] = detector.advance(now)
    assert (told.kind, told.at, told.subject) == ("known_claim", now, found[-1].subject)
    assert told.evidence.claim is not None
    assert detector.advance(now + HOUR) == []


def test_a_claim_that_is_added_makes_a_story_told_that_was_too_small() -> None:
    found, detector = hear([*chatter(44), *rumour(6)])
    assert found == []
    detector.context = MonitorContext(claims=(known(),))
    [told] = detector.advance(LATER + 2 * HOUR)
    assert told.kind == "known_claim"


def test_claims_that_changed_while_it_stood_still_are_noticed_too() -> None:
    _, detector = hear([*chatter(44), *rumour(14)])
    [told] = restarted(detector, (known(),)).advance(LATER + 2 * HOUR)
    assert told.kind == "known_claim"
    assert restarted(detector).advance(LATER + 2 * HOUR) == []


@pytest.mark.parametrize("withdrawn", [(), (known("Drones film every single house from above"),)])
def test_a_claim_that_is_withdrawn_is_told_no_more(withdrawn: tuple[KnownClaim, ...]) -> None:
    _, detector = hear([*chatter(44), *rumour(14)], claims=(known(),))
    detector.context = MonitorContext(claims=withdrawn)
    detector.advance(LATER + 2 * HOUR)
    assert about(detector.state, RUMOUR).claim is None


def test_a_short_text_matches_no_claim_that_is_added() -> None:
    short: list[Mention] = [mention("Census answers sold", LATER + n * MINUTE, f"s{n}") for n in range(9)]
    _, detector = hear([*chatter(44), *short])
    detector.context = MonitorContext(claims=(known("Census answers are sold"),))
    assert not any(each.evidence.claim and each.evidence.claim.certain for each in detector.advance(LATER + 2 * HOUR))
