"""What is drawn from texts and pairs, and which models are refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from detectors.narratives.clustering.calibration import Spread, drawn_thresholds, measure, thresholds_by_space
from detectors.narratives.clustering.reference import REFERENCE
from detectors.narratives.clustering.space import Thresholds
from streams.calibrating.drawing import Drawn, Texts, draw, figures_of_pairs
from streams.encoding.encoder import Encoder
from tests.streams.calibrations import DICE, Vectors, calibration, cloud, heard

NONE = np.zeros(0)


def drawn(vectors: Vectors, *, shattered: int = 0, **changes: Any) -> Drawn:
    texts = Texts(language="en", mentions=1000, heard=heard(vectors), shattered=shattered)
    known: dict[str, Any] = {"same": NONE, "different": NONE, "fewest": 500}
    return draw(texts, "m-1", **(known | changes))


def test_the_thresholds_of_the_reference_follow_from_its_own_distribution() -> None:
    assert drawn_thresholds(REFERENCE.compared, REFERENCE.compared) == Thresholds()
    assert REFERENCE.thresholds == Thresholds()


def test_thresholds_move_with_what_unrelated_texts_have() -> None:
    wide = drawn_thresholds(Spread(median=0.05, p99=0.4, p995=0.45), REFERENCE.compared)
    narrow = drawn_thresholds(Spread(median=0.01, p99=0.1, p995=0.12), REFERENCE.compared)
    for name in ("same_narrative", "same_wording", "cut"):
        assert getattr(narrow, name) < getattr(Thresholds(), name) < getattr(wide, name)
    assert 0.4 < wide.same_narrative < wide.decides_alone < wide.same_wording < wide.decides < 1
    assert narrow.cut < narrow.same_narrative


def test_every_threshold_is_drawn_or_means_the_same_to_every_model() -> None:
    """Whoever adds one to `Thresholds` says in `drawn_thresholds` what becomes of it for another model."""
    moved = structs.asdict(drawn_thresholds(Spread(median=0.2, p99=0.6, p995=0.7), REFERENCE.compared))
    same = {name for name, value in structs.asdict(Thresholds()).items() if moved[name] == value}
    assert same == {"age_scale"}


def test_what_all_texts_have_in_common_shows_in_the_vectors_and_not_in_what_is_compared() -> None:
    plain, leaning = measure(heard(cloud())), measure(heard(cloud(common=2.0)))
    assert plain.dense.median == pytest.approx(0.0, abs=0.02)
    assert leaning.dense.median > 0.7
    assert leaning.compared.median == pytest.approx(plain.compared.median, abs=0.02)


def test_measuring_twice_gives_the_same() -> None:
    texts = heard(cloud())
    one, other = measure(texts), measure(texts)
    assert (one.dense, one.compared, one.directions) == (other.dense, other.compared, other.directions)


def test_one_story_among_the_texts_changes_little() -> None:
    """A third of all tell it, in much the same words."""
    calm = heard(cloud())
    story = np.eye(64)[1]
    texts = [
        structs.replace(each, text=f"the mayor has sold our harbour {number}", vector=story.astype("<f2").tobytes())
        if number % 3 == 0
        else each
        for number, each in enumerate(calm)
    ]
    assert measure(texts).dense.p99 == pytest.approx(measure(calm).dense.p99, abs=0.05)


def test_texts_without_pairs_give_thresholds_and_no_verdict() -> None:
    found = drawn(cloud())
    assert found.unfit is None
    assert found.calibration is not None
    assert found.calibration.known is None
    assert found.calibration.texts == 600


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"fewest": 1000}, "600 different texts are too few; 1,000 are needed"),
        ({"shattered": 5000}, "its tokenizer shatters 89% of the texts"),
        ({"same": DICE.normal(0.5, 0.1, 300), "different": DICE.normal(0.45, 0.1, 300)}, "70% are needed"),
    ],
)
def test_a_model_that_is_not_fit_for_a_language_is_refused_with_the_figure(changes: dict[str, Any], why: str) -> None:
    found = drawn(cloud(), **changes)
    assert found.unfit is not None
    assert why in found.unfit


def test_a_model_that_knows_few_directions_is_refused_without_pairs() -> None:
    found = drawn(cloud(dimensions=12))
    assert found.unfit is not None
    assert "12 directions only; 30 are needed" in found.unfit


def test_a_model_that_finds_what_means_the_same_is_used() -> None:
    found = drawn(cloud(), same=DICE.normal(0.8, 0.1, 300), different=DICE.normal(0.3, 0.1, 300))
    assert found.unfit is None
    assert found.calibration is not None
    assert found.calibration.known is not None
    assert found.calibration.known.recall > 0.95


def test_fewer_than_200_pairs_of_a_kind_say_nothing() -> None:
    found = drawn(cloud(), same=np.full(300, 0.1), different=np.full(199, 0.9))
    assert found.unfit is None


def test_the_claim_threshold_is_the_least_with_few_false_matches_of_both_kinds() -> None:
    unrelated, lookalikes = np.arange(1000) / 1000, np.arange(1000) / 2000
    figures = figures_of_pairs(np.array([0.9, 0.996, 0.999]), lookalikes, unrelated)
    assert np.mean(unrelated >= figures.claim) <= 0.005
    assert figures.claim == pytest.approx(0.995, abs=1e-3)
    harder = figures_of_pairs(np.array([0.9]), 0.5 + lookalikes, unrelated / 2)
    assert harder.false_matches <= 0.05
    assert harder.claim == pytest.approx(0.975, abs=1e-3)


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_an_english_model_is_refused_for_japanese_and_korean(language: str, encoder: Encoder, bench: Path) -> None:
    """Even where somebody forces the language on it, and its tokenizer is not asked."""
    lines = (bench / "languages" / f"pairs-{language}.jsonl").read_text().splitlines()[::3]
    pairs = [json.loads(line) for line in lines]
    one, other = (
        encoder.encode_texts([each["a"] for each in pairs]),
        encoder.encode_texts([each["b"] for each in pairs]),
    )
    cosines = np.einsum("ij,ij->i", one, other).astype(np.float64)
    scores = np.array([each["score"] for each in pairs])
    texts = Texts(
        language=language,
        mentions=len(pairs),
        heard=tuple(
            structs.replace(each, text=pair["a"], language=language, author=str(number))
            for number, (each, pair) in enumerate(zip(heard(one.astype(np.float64)), pairs, strict=True))
        ),
    )
    found = draw(
        texts,
        encoder.model,
        same=np.tile(cosines[scores >= 3.5], 3),
        different=np.tile(cosines[scores <= 2], 3),
        fewest=400,
    )
    assert found.unfit is not None
    assert "70% are needed" in found.unfit


def test_gatherings_take_the_thresholds_of_their_language() -> None:
    assert thresholds_by_space([calibration("de")]) == {"m-1/384|de": Thresholds()}
