"""Calibration: what is drawn from texts and pairs, which models are refused, and what is refused without one."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner, Result
from msgspec import structs
from numpy.typing import NDArray

from detectors.mention import Author, Encoding, Mention
from detectors.narratives.clustering.calibration import (
    Calibration,
    Spread,
    drawn_thresholds,
    measure,
    thresholds_by_space,
)
from detectors.narratives.clustering.reference import REFERENCE
from detectors.narratives.clustering.space import Thresholds
from detectors.narratives.state import Heard, hear
from streams.backtest.bad_input import BadInput
from streams.calibrating.drawing import Drawn, Texts, draw, figures_of_pairs
from streams.calibrating.pairs import Pair, read_pairs
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
from streams.commands.calibrate import command
from streams.commands.check import command as check
from streams.encoding.encoder import Encoder
from streams.settings.config import Encoder as EncoderSettings
from streams.settings.loading import load
from streams.stages.starting import backtest_with

Vectors = NDArray[np.float64]

START = datetime(2030, 4, 1, tzinfo=UTC)
NONE = np.zeros(0)
DICE = np.random.default_rng(1)
CONFIG = """\
organisation: {name: Census Office}
monitors:
  - {name: census, query: census, detectors: {narrative: , vector_drift: }}
receivers: [{name: console, type: terminal}]
routes:
  - {receivers: [console], audience: operations}
  - {receivers: [console]}
encoder: {model: offline, device: cpu, cache: CACHE, languages: [LANGUAGES]}
"""


def heard(vectors: Vectors, language: str = "en") -> tuple[Heard, ...]:
    """Texts that share no words, with these vectors."""
    return tuple(
        hear(
            Mention(
                id=str(number),
                channel="x",
                at=START + timedelta(minutes=number),
                text=" ".join(f"word{number}x{each}" for each in range(8)),
                author=Author(id=str(number)),
                encoding=Encoding(
                    model="m-1", language=language, vector=(vector / np.linalg.norm(vector)).astype("<f2").tobytes()
                ),
            )
        )
        for number, vector in enumerate(vectors)
    )


def cloud(count: int = 600, dimensions: int = 64, common: float = 0.0) -> Vectors:
    vectors: Vectors = DICE.normal(size=(count, dimensions)) / np.sqrt(dimensions)
    vectors[:, 0] += common
    return vectors


def drawn(vectors: Vectors, **changes: object) -> Drawn:
    texts = Texts(language="en", mentions=1000, heard=heard(vectors))
    known: dict[str, object] = {"same": NONE, "different": NONE, "fewest": 500}
    return draw(structs.replace(texts, shattered=changes.pop("shattered", 0)), "m-1", **(known | changes))  # type: ignore[arg-type]  # of a test's own making


def calibration(language: str = "en", model: str = "m-1") -> Calibration:
    return structs.replace(REFERENCE, language=language, model=model)


def written(folder: Path, cache: Path, languages: str = "en") -> Path:
    path = folder / "a.yaml"
    path.write_text(CONFIG.replace("CACHE", str(cache)).replace("LANGUAGES", languages))
    return path


def recording(folder: Path, texts: Sequence[str], lang: str = "en") -> Path:
    path = folder / f"said-{lang}.jsonl"
    lines = [
        {"id": str(number), "channel": "x", "at": (START + timedelta(minutes=number)).isoformat(), "text": text,
         "lang": lang, "author": {"id": str(number)}}
        for number, text in enumerate(texts)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], env={"COLUMNS": "160"})


SUBJECTS = ("The mayor", "A farmer", "My neighbour", "The court", "An old ship", "This bakery", "Their football club",
            "The hospital", "A young singer", "The weather service", "Our school", "The railway")  # fmt: skip
DEEDS = ("sells", "paints", "forgets", "welcomes", "cancels", "repairs", "loses", "hides", "praises", "counts",
         "burns", "rents")  # fmt: skip
THINGS = ("seven violins", "the frozen harbour", "tax letters", "a broken bridge", "wild mushrooms",
          "the night bus", "cheap insurance", "votes by post", "plastic toys", "a lost cat", "the summer concert",
          "spare tyres")  # fmt: skip


def english() -> list[str]:
    return [f"{who} {does} {what}" for who in SUBJECTS for does in DEEDS for what in THINGS][::4]


def test_the_thresholds_of_the_reference_follow_from_its_own_distribution() -> None:
    assert drawn_thresholds(REFERENCE.compared, REFERENCE.compared) == Thresholds()
    assert REFERENCE.thresholds == Thresholds()


def test_thresholds_move_with_what_unrelated_texts_have() -> None:
    wide = drawn_thresholds(Spread(median=0.05, p99=0.4, p995=0.45), REFERENCE.compared)
    narrow = drawn_thresholds(Spread(median=0.01, p99=0.1, p995=0.12), REFERENCE.compared)
    for name in ("same_narrative", "same_wording", "cut"):
        assert getattr(narrow, name) < getattr(Thresholds(), name) < getattr(wide, name)
    assert 0.4 < wide.same_narrative < wide.decides_alone < wide.decides < wide.same_wording < 1
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
def test_a_model_that_is_not_fit_for_a_language_is_refused_with_the_figure(
    changes: dict[str, object], why: str
) -> None:
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


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_pairs_are_read_from_json_lines_and_csv(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"pairs.{suffix}"
    rows = [("A cat sat on the mat.", "On the mat there sat a cat.", "true"), ("Ein Hund", "Eine Katze", "false")]
    if suffix == "csv":
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("a", "b", "same", "language"), (*rows[0], "en"), (*rows[1], "de")])
    else:
        path.write_text(
            json.dumps({"a": rows[0][0], "b": rows[0][1], "same": True})
            + "\n\n"
            + json.dumps({"a": rows[1][0], "b": rows[1][1], "same": False, "language": "de-AT"})
        )
    assert read_pairs(path) == [Pair(*rows[0][:2], True, "en"), Pair(*rows[1][:2], False, "de")]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('{"a": "x", "b": "y", "same": true}\n{"a": "x"}\n', 2, "is no pair"),
        ('{"a": "x", "b": "y", "same": true}\nnonsense\n', 2, "is no JSON object"),
        ("a,b,same\nx,y,perhaps\n", 2, "is no pair"),
        ("a,b,same\n", None, "holds no pair"),
        ("", None, "holds no pair"),
    ],
)
def test_pairs_that_cannot_be_read_are_told_with_their_line(
    tmp_path: Path, text: str, line: int | None, problem: str
) -> None:
    path = tmp_path / "pairs"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        read_pairs(path)
    assert str(caught.value).startswith(f"{path}:{line}: {problem}" if line else f"{path}: {problem}")


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
    with pytest.raises(Uncalibrated, match=r"d474c858 has no calibration for de fr, .*: groundswell calibrate"):
        backtest_with(load(path), tmp_path)
    said = " ".join(CliRunner().invoke(check, [str(path)], env={"COLUMNS": "120"}).stdout.split())
    assert "has no calibration for de fr, so nobody knows how alike two texts must be" in said
    assert "groundswell calibrate" in said


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


def test_calibrate_draws_stores_and_says_so(model_cache: Path, tmp_path: Path) -> None:
    config, out = written(tmp_path, model_cache), tmp_path / "calibration.json"
    done = run(config, recording(tmp_path, english()), "--min-texts", 300, "--out", out)
    assert done.exit_code == 0, done.output
    assert f"Stored en in {out}" in done.stdout
    [row] = [line for line in done.stdout.splitlines() if line.startswith("en ")]
    assert row.split()[1] == str(len(english()))
    entry = msgspec.json.decode(out.read_bytes())["languages"]["en"]
    assert entry["recordings"] == ["said-en.jsonl"]
    assert 0.1 < entry["calibration"]["thresholds"]["same_narrative"] < 0.6


def test_calibrate_stores_nothing_of_what_it_refuses(model_cache: Path, tmp_path: Path) -> None:
    config, out = written(tmp_path, model_cache), tmp_path / "calibration.json"
    done = run(config, recording(tmp_path, english()), "--out", out)
    assert done.exit_code == 1
    assert "different texts are too few; 2,000 are needed" in done.stdout
    assert not out.exists()


def test_calibrate_refuses_a_language_that_the_tokenizer_shatters(model_cache: Path, tmp_path: Path) -> None:
    config = written(tmp_path, model_cache, "en, ja")
    japanese = [f"国勢調査の{number}番目の回答は、今日も明日も誰にも売られません" for number in range(300)]
    done = run(config, recording(tmp_path, japanese, "ja"), "--min-texts", 200, "--language", "ja")
    assert done.exit_code == 1
    assert "not used: its tokenizer shatters 100% of the texts: it does not know the language" in done.stdout
    assert "Nothing was stored" in done.stderr


def test_calibrate_takes_only_languages_that_the_config_covers(model_cache: Path, tmp_path: Path) -> None:
    done = run(written(tmp_path, model_cache), recording(tmp_path, english()), "--language", "sv")
    assert done.exit_code == 2
    assert "encoder.languages does not cover sv" in done.stderr


def test_gatherings_take_the_thresholds_of_their_language() -> None:
    assert thresholds_by_space([calibration("de")]) == {"m-1/384|de": Thresholds()}
