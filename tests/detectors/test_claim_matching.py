import numpy as np
import pytest
from msgspec import structs

from detectors.narratives.claims.matching import CERTAIN, POSSIBLE, ClaimMatcher, Part
from detectors.narratives.claims.text import amounts, spoken, without_signature, years
from detectors.narratives.clustering.lexical import cleaned, words
from tests.detectors.claims import DRONES, FINE, REPEATED, SALE, UNRELATED, claim, encoded, heard, part


@pytest.mark.parametrize("others", [0, 1, 4, 19, 199])
def test_a_repeated_claim_is_told_as_certain_on_a_list_of_any_length(others: int) -> None:
    fillers = [claim(f"Claim number {n} says that thing{n} did deed{n} with object{n}.") for n in range(others)]
    found = ClaimMatcher([*fillers, claim(SALE)]).match([part(REPEATED)], heard())
    assert found is not None
    assert found.certain
    assert found.probability >= CERTAIN
    assert found.claim == SALE
    assert found.answer == "So it is not."


@pytest.mark.parametrize("text", UNRELATED)
@pytest.mark.parametrize("listed", [(SALE,), (SALE, FINE, DRONES)])
def test_what_is_about_something_else_matches_nothing_on_a_short_list(text: str, listed: tuple[str, ...]) -> None:
    assert ClaimMatcher([claim(each) for each in listed]).match([part(text)], heard()) is None


def test_the_nearest_of_claims_about_one_thing_is_told() -> None:
    matcher = ClaimMatcher([claim(SALE), claim(FINE), claim(DRONES)])
    found = matcher.match([part("They say whoever does not answer the census pays 5000 euros as a fine")], heard())
    assert found is not None
    assert found.claim == FINE
    assert any("5000" in reason for reason in found.why)


def test_another_wording_of_the_claim_matches_as_well() -> None:
    also = "Insurers buy what you write into the form, and raise your premium"
    found = ClaimMatcher([claim(SALE, also), claim(DRONES)]).match([part(f"Friends, {also} next year")], heard())
    assert found is not None
    assert found.claim == SALE


def test_a_short_text_is_never_matched_alone() -> None:
    short = "census office sells our answers"
    matcher = ClaimMatcher([claim(SALE)])
    assert matcher.match([part(short)], heard()) is None
    several = [part(short), part("sells answers to insurance companies"), part("the census office sells answers")]
    together = matcher.match(several, heard())
    assert together is not None
    assert not together.certain


def test_a_claim_that_only_a_small_part_of_a_narrative_repeats_is_possible_and_not_certain() -> None:
    parts = [part(UNRELATED[2], mentions=90), part(REPEATED, mentions=4)]
    found = ClaimMatcher([claim(SALE), claim(DRONES)]).match(parts, heard())
    assert found is not None
    assert not found.certain
    assert found.probability >= POSSIBLE


def test_without_vectors_nothing_is_told_as_certain() -> None:
    text = Part(text=REPEATED, vector=None, mentions=9)
    for matcher in (ClaimMatcher([claim(SALE)]), ClaimMatcher([claim(SALE, encode=False), claim(DRONES)])):
        found = matcher.match([text], heard())
        assert found is not None
        assert not found.certain


def test_the_reasons_hold_no_word_that_the_claim_does_not() -> None:
    found = ClaimMatcher([claim(SALE)]).match([part(REPEATED + " <!channel>")], heard())
    assert found is not None
    shared = next(reason for reason in found.why if "words" in reason).removeprefix("shares the words ")
    assert set(shared.split(", ")) <= set(words(cleaned(SALE)))


def test_letters_find_a_claim_without_vectors_in_any_script() -> None:
    listed = (
        "国勢調査の回答は保険会社に売られている",
        "国勢調査に答えないと罰金五千ユーロ",
        "調査の間はドローンが家を撮影する",
    )
    text = Part(text="え、国勢調査の回答って保険会社に売られているらしいよ。友達から聞いた", vector=None, mentions=9)
    ranked = ClaimMatcher([claim(each, encode=False) for each in listed]).ranked(text.text, None, heard())
    assert ranked[0][0].claim == listed[0]
    assert ranked[0][1] >= POSSIBLE


def test_the_ranked_share_one_probability_and_are_in_its_order() -> None:
    matcher = ClaimMatcher([claim(SALE), claim(FINE), claim(DRONES)])
    for text in (REPEATED, FINE, *UNRELATED, "census", ""):
        shown = [probability for _, probability in matcher.ranked(text, encoded(text or "nothing"), heard())]
        assert shown == sorted(shown, reverse=True)
        assert sum(shown) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("text", "said", "signature"),
    [
        (
            "Old news — Donald J. Trump (@realDonaldTrump) May 2, 2019",
            "Old news",
            "Donald J. Trump real Donald Trump May",
        ),
        ("“Old news”— A. (@a_b)", "“Old news”", "A. a b"),
        ("Well — that is (@all) there is to say about it, and so on and on, far longer than a date", "Well", ""),
        ("No signature (@here)", "No signature (@here)", ""),
        ("—", "—", ""),
    ],
)
def test_a_signature_is_told_from_what_was_said(text: str, said: str, signature: str) -> None:
    found = without_signature(text)
    assert found[0] == (said if signature else text)
    assert " ".join(found[1].split()).startswith(signature)
    assert bool(found[1]) == bool(signature)


def test_tags_and_handles_are_words_and_links_are_not() -> None:
    text = "#GunControl2016 says @realDonaldTrump&amp;co https://a.example/x#GunControl pic.twitter.com/abc"
    assert spoken(text) == "gun control 2016 says real donald trump &co gun control"
    assert amounts(spoken("2,500 people paid $1.5 in 2019")) == {"2500", "1.5"}
    assert years("in 2019") == {"2019"}


def test_long_texts_cost_no_more_than_their_beginning() -> None:
    assert len(spoken("#a" * 1_000_000)) < 20_000
    assert without_signature("—" * 1_000_000)[1] == ""


def test_a_decimal_comma_makes_no_thousands() -> None:
    assert amounts("3,5 percent of 1,200,000 pay 40,000.50") == {"3,5", "1200000", "40000.50"}


def test_short_texts_whose_vectors_say_nothing_are_compared_without_them() -> None:
    parts = [structs.replace(part(text), vector=np.zeros(64, np.float32))
             for text in ("they sell our answers", "to insurance companies", "the census office does")]  # fmt: skip
    with np.errstate(all="raise"):
        found = ClaimMatcher([claim(SALE)]).match(parts, heard())
    assert found is not None
    assert (found.certain, found.why[0]) == (False, "shares the words companies, insurance, office, our")


def test_an_empty_list_matches_nothing() -> None:
    assert ClaimMatcher([]).match([part(REPEATED)], heard()) is None
