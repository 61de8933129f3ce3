"""How sure a match with a claim is, held against posts of which it is known what they repeat."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from detectors.narratives.claims.scale import FITTED, scale_of
from detectors.narratives.clustering.calibration import Calibration
from detectors.narratives.clustering.lexical import Frequencies
from streams.calibrating.repeated_claims import FEWEST_POSTS, KnownPost, figures_of_posts, fitted
from streams.commands.calibrate import command
from streams.encoding.encoder import Encoder
from tests.streams.calibrations import DEEDS, SUBJECTS, THINGS, english, recording, written

CLAIMS = [f"{who} {does} {what}" for who in SUBJECTS for does, what in zip(DEEDS, THINGS, strict=True)]


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -1.0), (2.0, 1.5)])
def test_log_odds_are_stretched_and_moved_until_they_fit(slope: float, intercept: float) -> None:
    dice = np.random.default_rng(2)
    odds = dice.normal(0, 4, 4000)
    right = dice.random(4000) < 1 / (1 + np.exp(-(slope * odds + intercept)))
    found = fitted(odds, right)
    assert found[0] == pytest.approx(slope, rel=0.1)
    assert found[1] == pytest.approx(intercept, abs=0.2)


def test_few_posts_that_are_all_clear_make_nothing_endless() -> None:
    slope, intercept = fitted(np.array([-5.0, -4.0, 5.0, 6.0]), np.array([False, False, True, True]))
    assert 0 < slope < 2
    assert abs(intercept) < 2


def test_odds_that_say_nothing_have_no_slope() -> None:
    dice = np.random.default_rng(2)
    slope, intercept = fitted(dice.normal(0, 4, 2000), dice.random(2000) < 0.3)
    assert slope == pytest.approx(0.0, abs=0.05)
    assert intercept == pytest.approx(np.log(0.3 / 0.7), abs=0.2)


def test_fewer_posts_than_are_needed_say_nothing() -> None:
    post = KnownPost(text="x", vector=np.zeros(4, np.float32), repeats=frozenset({0}))
    other = KnownPost(text="y", vector=np.zeros(4, np.float32), repeats=frozenset())
    many = [*[post] * (FEWEST_POSTS - 1), *[other] * 500]
    assert figures_of_posts(many, [], FITTED, Frequencies()) is None


def test_posts_and_their_claims_are_stored_beside_the_thresholds(
    model_cache: Path, tmp_path: Path, encoder: Encoder
) -> None:
    config, out, pairs = written(tmp_path, model_cache), tmp_path / "calibration.json", tmp_path / "pairs.jsonl"
    rows = [
        {"post": f"did you hear that {claim.lower()}, unbelievable what they do", "claim": claim, "same": True}
        for claim in CLAIMS[:120]
    ]
    rows += [{"post": "I had a long walk with my two dogs today", "claim": CLAIMS[0], "same": False}]
    pairs.write_text("".join(json.dumps(row | {"language": "en"}) + "\n" for row in rows))
    said = [str(each) for each in (config, recording(tmp_path, english()), "--min-texts", 300, "--out", out)]
    done = CliRunner().invoke(command, [*said, "--pairs", str(pairs)], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    assert "en: of 120 posts that repeat a known claim" in done.stdout
    stored = msgspec.json.decode(out.read_bytes())["languages"]["en"]["calibration"]
    assert stored["claims"]["posts"] == 120
    assert stored["claims"]["matched"] > 0.3
    assert stored["claims"]["right"] > 0.9
    assert stored["known"] is None
    scale = scale_of(msgspec.convert(stored, Calibration))
    assert scale.is_known
    assert scale.slope > 0
