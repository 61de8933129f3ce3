"""Models other than the one to which the weights were fitted: what their cosines mean, and that nothing is certain."""

from datetime import timedelta

import numpy as np
import pytest
from msgspec import structs

from detectors.contract import MonitorContext
from detectors.known_claim import KnownClaim
from detectors.mention import Vector
from detectors.narrative import NarrativeDetector
from detectors.narratives.claims.matching import CERTAIN, POSSIBLE, ClaimMatcher, Part
from detectors.narratives.claims.scale import FITTED, UNKNOWN, Scale, scale_of, scales_of
from detectors.narratives.clustering.calibration import Calibration, ClaimFigures, Spread
from detectors.narratives.clustering.reference import REFERENCE
from tests.detectors import talk
from tests.detectors.claims import DRONES, FINE, REPEATED, SALE, UNRELATED, claim, encoded, heard, part

OTHER = structs.replace(REFERENCE, model="other-1")
ALIKE = structs.replace(OTHER, dense=Spread(median=0.7, p99=0.8, p995=0.81))
"""To this model all texts are much alike."""
FIGURES = ClaimFigures(posts=200, slope=0.8, intercept=-0.5, matched=0.6, right=0.97)
COMMON = np.random.default_rng(5).standard_normal(64)


def leaning(text: str) -> Vector:
    """As a model to which all texts are much alike."""
    total = encoded(text) + 1.6 * COMMON / np.linalg.norm(COMMON)
    return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


def leaning_claim(text: str) -> KnownClaim:
    return structs.replace(claim(text), vectors=(leaning(text).astype("<f2").tobytes(),))


def test_a_match_by_a_model_of_which_nothing_is_known_is_possible_and_never_certain() -> None:
    listed, keyed = [claim(SALE), claim(DRONES)], structs.replace(part(REPEATED), key="other-1/384|en")
    for scales in ({}, scales_of([OTHER]), {keyed.key: UNKNOWN}):
        found = ClaimMatcher(listed, scales).match([keyed], heard())
        assert found is not None
        assert found.claim == SALE
        assert not found.certain
        assert POSSIBLE <= found.probability < CERTAIN
        ranked = ClaimMatcher(listed, scales).ranked(REPEATED, encoded(REPEATED), heard(), keyed.key)
        assert ranked[0][1] < CERTAIN


def test_posts_that_are_known_make_a_match_by_another_model_certain() -> None:
    scales = scales_of([structs.replace(OTHER, claims=FIGURES)])
    found = ClaimMatcher([claim(SALE)], scales).match([structs.replace(part(REPEATED), key=OTHER.key)], heard())
    assert found is not None
    assert found.certain


def test_several_short_texts_together_are_read_as_their_model_is() -> None:
    said = ("the census office sells our answers", "answers sold to insurance companies", "the census office sells it")
    parts = [structs.replace(part(text), key=OTHER.key) for text in said]
    found = ClaimMatcher([claim(SALE)], scales_of([OTHER])).match(parts, heard())
    assert found is not None
    assert (found.certain, found.probability < CERTAIN) == (False, True)


@pytest.mark.parametrize(
    ("calibration", "scale"),
    [
        (REFERENCE, FITTED),
        (structs.replace(REFERENCE, claims=FIGURES), Scale(slope=0.8, intercept=-0.5)),
        (structs.replace(REFERENCE, language="de"), Scale(unrelated=(0.0865, 0.3444), is_known=False)),
        (ALIKE, Scale(unrelated=(0.7, 0.8), is_known=False)),
        (structs.replace(ALIKE, claims=FIGURES), Scale(unrelated=(0.7, 0.8), slope=0.8, intercept=-0.5)),
    ],
)
def test_only_the_model_and_language_of_the_fit_need_no_posts(calibration: Calibration, scale: Scale) -> None:
    assert scale_of(calibration) == scale


def test_without_any_calibration_all_is_read_as_fitted() -> None:
    assert scales_of([]) is None


def test_cosines_are_put_where_unrelated_texts_have_as_much() -> None:
    cosines = np.array([-1.0, 0.7, 0.8, 1.0, 0.0], np.float32)
    read = scale_of(ALIKE).as_fitted(cosines)
    assert read.tolist() == pytest.approx([-1.0, REFERENCE.dense.median, REFERENCE.dense.p99, 1.0, 0.0])
    assert (np.diff(scale_of(ALIKE).as_fitted(np.linspace(-1, 1, 50).astype(np.float32))) >= 0).all()


@pytest.mark.parametrize("text", UNRELATED)
def test_what_is_alike_only_to_a_model_that_finds_all_alike_matches_nothing(text: str) -> None:
    listed = [leaning_claim(each) for each in (SALE, FINE, DRONES)]
    asked = Part(text=text, vector=leaning(text), mentions=5, key=ALIKE.key)
    assert ClaimMatcher(listed, scales_of([ALIKE])).match([asked], heard()) is None


def test_a_repeated_claim_is_found_by_a_model_that_finds_all_alike() -> None:
    listed = [leaning_claim(each) for each in (SALE, FINE, DRONES)]
    asked = Part(text=REPEATED, vector=leaning(REPEATED), mentions=5, key=ALIKE.key)
    found = ClaimMatcher(listed, scales_of([ALIKE])).match([asked], heard())
    assert found is not None
    assert found.claim == SALE


@pytest.mark.parametrize("is_known", [True, False])
def test_a_narrative_is_certain_to_match_only_where_the_model_is_known(is_known: bool) -> None:
    model = structs.replace(REFERENCE, model="fake", dimensions=64, claims=FIGURES if is_known else None)
    context = MonitorContext(claims=(talk.known(),), calibrations=(model,))
    detector = NarrativeDetector(context, NarrativeDetector.Params())
    for mention in [*talk.chatter(44), *talk.rumour(20)]:
        detector.observe(mention)
    told = [each.evidence.claim for each in detector.advance(talk.LATER + timedelta(hours=3))]
    assert any(each is not None for each in told)
    assert {each.certain for each in told if each is not None} == {is_known}
