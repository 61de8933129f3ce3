"""What a claims file may hold, and what is said of one that cannot be used."""

from datetime import date
from pathlib import Path

import pytest

from detectors.known_claim import KnownClaim
from streams.claims_files.reading import load_all_claims, load_claims
from streams.settings.problem import ConfigError

ONE = "- {id: pin, claim: They ask for your PIN, verdict: 'False', checked_by: Facts Desk"


def written(folder: Path, text: str, name: str = "claims.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def complaints(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_claims(path)
    return [str(problem).removeprefix(f"{path.parent}/") for problem in caught.value.problems]


def test_a_claim_is_read_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    text = (
        f"{ONE}, checked_on: 2026-03-12, url: https://example.org/a, languages: [en, no], also: [b], answer: Never.}}"
    )
    assert load_claims(written(tmp_path, text)) == (
        KnownClaim(
            id="pin",
            claim="They ask for your PIN",
            verdict="False",
            checked_by="Facts Desk",
            checked_on=date(2026, 3, 12),
            url="https://example.org/a",
            languages=("en", "no"),
            also=("b",),
            answer="Never.",
        ),
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"{ONE}}}\n{ONE}}}", 'claims.yaml:2: a claim with the id "pin" stands already at'),
        (f"{ONE}, vectors: [abc]}}", 'claims.yaml:1: unknown key "vectors"'),
        (f"{ONE}, anwser: Never.}}", 'claims.yaml:1: unknown key "anwser"; did you mean "answer"?'),
        (
            f"{ONE}, url: 'javascript:alert(1)'}}",
            'claims.yaml:1: "url" is "javascript:alert(1)"; expected one that begins',
        ),
        (f"{ONE}, checked_on: yesterday}}", 'claims.yaml:1: "checked_on" is "yesterday"; expected a date'),
        ("- id: ' '\n  claim: b\n  verdict: c\n  checked_by: d", 'claims.yaml:1: "id" is empty; expected text'),
        ("- {id: a, claim: b, verdict: false, checked_by: d}", '"verdict" is false; expected text; put it in quotes'),
        ("id: a", "claims.yaml:1: the file is keys and values; expected a list"),
        ("", "claims.yaml: the file is empty; expected a list"),
    ],
)
def test_what_is_wrong_with_a_claims_file_is_told_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    [told] = complaints(written(tmp_path, text))
    assert complaint in told


def test_ids_differ_between_files_too(tmp_path: Path) -> None:
    paths = [written(tmp_path, f"{ONE}}}", "one.yaml"), written(tmp_path, f"\n{ONE}}}", "two.yaml")]
    with pytest.raises(ConfigError, match=r'two.yaml:2: a claim with the id "pin" stands already at .*one.yaml:1'):
        load_all_claims(paths)
