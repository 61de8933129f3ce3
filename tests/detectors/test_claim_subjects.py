"""A short list about one subject: what all its claims share says nothing of which is meant, or whether any is."""

import numpy as np
import pytest

from detectors.narratives.claims.closeness import Rarity, candidates, query
from detectors.narratives.claims.index import ClaimIndex
from detectors.narratives.claims.matching import CERTAIN, POSSIBLE, ClaimMatcher
from detectors.narratives.clustering.lexical import Frequencies
from tests.detectors.claims import REPEATED, SALE, claim, encoded, heard, part

SUBJECT = (
    "The census office hands our answers to foreign secret services",
    "The census office counts every household of immigrants twice",
    "The census office throws away paper forms without reading them",
    "The census office sells our answers to insurance companies.",
    "The census office films every house with drones",
)


def test_words_of_all_claims_of_a_short_list_are_common() -> None:
    rarity = Rarity(ClaimIndex([claim(text) for text in SUBJECT]), Frequencies())
    assert rarity("census") < 0.3 < rarity("drones")


def test_words_of_the_only_claim_are_not() -> None:
    rarity = Rarity(ClaimIndex([claim(SALE)]), Frequencies())
    assert rarity("census") == rarity("insurance") > 0.5


def test_no_word_is_less_than_common() -> None:
    frequencies = Frequencies()
    for _ in range(5000):
        frequencies.learn(["the", "census"])
    rarity = Rarity(ClaimIndex([claim(text) for text in SUBJECT]), frequencies)
    assert rarity("the") >= 0.0
    assert rarity("census") >= 0.0


@pytest.mark.parametrize(
    "text",
    [
        "The census office has opened a help desk in our library on Mondays",
        "So the census office has lost a laptop on a train, well done",
    ],
)
def test_what_only_shares_the_subject_of_a_short_list_matches_nothing(text: str) -> None:
    matcher = ClaimMatcher([claim(each) for each in SUBJECT])
    for frequencies in (Frequencies(), heard()):
        found = matcher.match([part(text)], frequencies)
        assert found is None or found.probability < POSSIBLE


def test_what_a_claim_of_the_subject_says_is_still_certain() -> None:
    found = ClaimMatcher([claim(each) for each in SUBJECT]).match([part(REPEATED)], heard())
    assert found is not None
    assert found.claim == SUBJECT[3]
    assert found.probability >= CERTAIN


TALK = "Our census office tonight"
SHARED = (0.6 * encoded("census office")).astype(np.float32)


def test_cosines_beyond_a_subject_are_of_what_is_left_without_it() -> None:
    claims = [claim(SUBJECT[0], SUBJECT[1]), claim(SUBJECT[3])]
    own, others = ClaimIndex(claims).cosines(encoded(TALK), SHARED)
    left = [encoded(text) - SHARED for text in (TALK, SUBJECT[0], SUBJECT[1], SUBJECT[3])]
    said, *rest = [each / np.linalg.norm(each) for each in left]
    assert own == pytest.approx([rest[0] @ said, rest[2] @ said], abs=0.002)  # claims' vectors are halves
    assert others == pytest.approx([rest[1] @ said, rest[2] @ said], abs=0.002)


def test_what_only_shares_the_subject_of_its_monitor_is_less_close_and_what_repeats_a_claim_stays_certain() -> None:
    index = ClaimIndex([claim(SUBJECT[3])])
    as_it_is, without = (candidates(query(TALK, encoded(TALK), subject=each), index, 5) for each in (None, SHARED))
    assert as_it_is.to_claim[0] > 0.4
    assert without.to_claim[0] < as_it_is.to_claim[0] - 0.1
    assert without.cosines[0] == as_it_is.cosines[0]
    found = ClaimMatcher([claim(each) for each in SUBJECT]).match([part(REPEATED)], heard(), SHARED)
    assert found is not None
    assert found.certain


def test_a_subject_never_brings_a_text_closer() -> None:
    index, apart = ClaimIndex([claim(SUBJECT[3])]), (0.9 * encoded("lighthouses")).astype(np.float32)
    said = "Pictures of lighthouses"
    as_it_is, without = (candidates(query(said, encoded(said), subject=each), index, 5) for each in (None, apart))
    assert list(without.to_claim) <= list(as_it_is.to_claim)
