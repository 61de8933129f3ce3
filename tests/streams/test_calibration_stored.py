"""What is stored of a model, and what is refused, or said, where nothing is."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec import structs

from detectors.mention import Mention
from detectors.narratives.clustering.calibration import ClaimFigures
from detectors.narratives.clustering.reference import REFERENCE
from streams.calibrating.readiness import Readiness, readiness
from streams.calibrating.stored import (
    Entry,
    Uncalibrated,
    calibrations_for,
    calibrations_of,
    model_id,
    path_of,
    read,
    save,
    uncalibrated_languages,
)
from streams.commands.check import command as check
from streams.encoding.sentence_model import find_model
from streams.settings.config import Encoder as EncoderSettings
from streams.settings.loading import load
from streams.stages.starting import backtest_of, backtest_with
from tests.streams.calibrations import START, calibration, written


def test_what_is_stored_comes_back_and_leaves_other_languages_alone(tmp_path: Path) -> None:
    path = path_of(tmp_path, "m-1")
    save(path, "m-1", {"en": Entry(calibration=calibration(), drawn_at=START, recordings=("a",))})
    german = Entry(calibration=calibration("de"), drawn_at=START, recordings=("b",))
    save(path, "m-1", {"de": german}, read(tmp_path, "m-1"))
    assert calibrations_of(tmp_path, "m-1") == (calibration("de"), calibration())
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_the_calibration_of_the_offline_model_fits_the_model_that_is_installed(model_cache: Path) -> None:
    """Otherwise draw it anew: python -m tests.benchmarks.reference_calibration --bench FOLDER"""
    settings = EncoderSettings(cache=str(model_cache))
    assert model_id(settings) == REFERENCE.model
    assert calibrations_for(settings) == (REFERENCE,)


def test_what_is_drawn_anew_goes_before_what_came_with_us(tmp_path: Path) -> None:
    own = structs.replace(REFERENCE, texts=1)
    save(
        path_of(tmp_path, REFERENCE.model),
        REFERENCE.model,
        {"en": Entry(calibration=own, drawn_at=START, recordings=())},
    )
    assert calibrations_of(tmp_path, REFERENCE.model) == (own,)


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": 99, "model": "m-1"}', b'{"model": "m-2"}'])
def test_a_calibration_that_cannot_be_read_is_no_calibration(tmp_path: Path, content: bytes) -> None:
    path_of(tmp_path, "m-1").write_bytes(content)
    with pytest.raises(Uncalibrated, match=r"groundswell calibrate"):
        calibrations_of(tmp_path, "m-1")


def test_nothing_starts_with_a_model_that_has_no_calibration(model_cache: Path, tmp_path: Path) -> None:
    path = written(tmp_path, model_cache, "de, fr")
    remedy = f"groundswell calibrate {path} RECORDING"
    with pytest.raises(Uncalibrated, match=rf"d474c858 has no calibration for de fr, .*: {remedy}$"):
        backtest_of(path)
    checked = CliRunner().invoke(check, [str(path)], env={"COLUMNS": "120"})
    said = " ".join(checked.stdout.split())
    assert checked.exit_code == 1
    assert "has no calibration for de fr, so nobody knows how alike two texts must be" in said
    assert remedy in said
    assert "Ready" not in said


def test_a_calibration_that_cannot_be_read_is_told_with_the_config_that_was_given(
    model_cache: Path, tmp_path: Path
) -> None:
    config = written(tmp_path, tmp_path)
    path_of(tmp_path, REFERENCE.model).write_bytes(b"{")
    with pytest.raises(Uncalibrated, match=rf"Remove it, then: groundswell calibrate {config} RECORDING"):
        backtest_of(config)
    assert readiness(load(config), config).refusal is not None


CLAIM = "- {id: sale, claim: It is sold., verdict: No evidence, checked_by: Checkers}"


def other_model(folder: Path, claims: ClaimFigures | None = None) -> Path:
    """A config with a model that is not the one to which the weights were fitted, and its calibration."""
    (folder / "claims.yaml").write_text(CLAIM)
    (folder / "other").symlink_to(find_model(EncoderSettings()).folder)
    config = written(folder, folder)
    text = config.read_text().replace("model: offline", f"model: '{folder / 'other'}'")
    config.write_text(text + "claims: [claims.yaml]\n")
    model = model_id(load(config).encoder)
    drawn = structs.replace(calibration(model=model), claims=claims)
    save(path_of(folder, model), model, {"en": Entry(calibration=drawn, drawn_at=START, recordings=())})
    return config


def test_check_says_where_a_match_with_a_claim_is_never_certain(tmp_path: Path) -> None:
    config = other_model(tmp_path)
    checked = CliRunner().invoke(check, [str(config)], env={"COLUMNS": "120"})
    said = " ".join(checked.stdout.split())
    assert checked.exit_code == 0, checked.output
    assert "claims: in en a match is only ever possible, never certain" in said
    assert f"groundswell calibrate {config} RECORDING --pairs FILE" in said
    assert "Ready with 1 warning" in said


def test_nothing_is_said_of_claims_where_posts_were_given_or_the_weights_were_fitted(
    model_cache: Path, tmp_path: Path
) -> None:
    figures = ClaimFigures(posts=200, slope=0.8, intercept=-0.5, matched=0.6, right=0.97)
    config = other_model(tmp_path, figures)
    assert readiness(load(config), config) == Readiness()
    offline = written(tmp_path, model_cache)
    offline.write_text(offline.read_text() + "claims: [claims.yaml]\n")
    assert readiness(load(offline), offline) == Readiness()
    without = config.read_text().replace("claims: [claims.yaml]\n", "")
    config.write_text(without)
    assert readiness(load(config), config) == Readiness()


def test_a_language_without_a_calibration_is_not_embedded_and_check_names_it(model_cache: Path, tmp_path: Path) -> None:
    path = written(tmp_path, model_cache, "en, de")
    said = " ".join(CliRunner().invoke(check, [str(path)], env={"COLUMNS": "120"}).stdout.split())
    assert "texts in de are compared by their letters only, for the model is not calibrated for them" in said
    settings = load(path).encoder
    assert uncalibrated_languages(settings, calibrations_for(settings)) == ["de"]
    encoder = backtest_with(load(path), tmp_path)._encoder
    assert encoder is not None
    english, german = encoder.encode([
        Mention(id="1", channel="x", at=START, text="The census office counts everybody who lives here.", lang="en"),
        Mention(id="2", channel="x", at=START, text="Das Amt zählt alle Menschen, die hier im Lande leben.", lang="de"),
    ])  # fmt: skip
    assert english.vector is not None
    assert (german.language, german.vector, german.uncovered) == ("de", None, "uncalibrated")
