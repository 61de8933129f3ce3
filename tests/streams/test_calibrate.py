"""`groundswell calibrate` as it is typed."""

from pathlib import Path

import msgspec
from click.testing import CliRunner, Result

from streams.commands.calibrate import command
from tests.streams.calibrations import english, recording, written


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], env={"COLUMNS": "160"})


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


def test_calibrate_does_not_take_a_slip_for_texts_of_unknown_language(model_cache: Path, tmp_path: Path) -> None:
    done = run(written(tmp_path, model_cache), recording(tmp_path, english()), "--language", "englsh")
    assert done.exit_code == 2
    assert '--language "englsh" is no language; expected a code such as en, es or pt' in " ".join(done.stderr.split())
