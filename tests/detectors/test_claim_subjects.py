"""A short list about one subject: what all its claims share says nothing of which is meant, or whether any is."""

import pytest

from detectors.narratives.claims.closeness import Rarity
from detectors.narratives.claims.index import ClaimIndex
from detectors.narratives.claims.matching import CERTAIN, POSSIBLE, ClaimMatcher
from detectors.narratives.clustering.lexical import Frequencies
from tests.detectors.claims import REPEATED, SALE, claim, heard, part

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
