"""Pairs of which somebody knows whether they mean the same."""

import csv
import json
from pathlib import Path

import pytest

from streams.backtest.bad_input import BadInput
from streams.calibrating.pairs import Pair, read_pairs


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


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_may_be_as_any_spreadsheet_writes_it(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "pairs.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=separator).writerows(
            [("A", "b", "Same", "language"), ("one, two", "x\ny", "1", "en")]
        )
    assert read_pairs(path) == [Pair("one, two", "x\ny", True, "en")]


def test_posts_and_claims_may_stand_among_them(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    rows = [{"post": "so they sell it, thx", "claim": "It is sold.", "same": True, "lang": "en"},
            {"a": "A cat.", "b": "A tomcat.", "same": "yes", "language": "en"}]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_pairs(path) == [
        Pair("so they sell it, thx", "It is sold.", True, "en", of_claim=True),
        Pair("A cat.", "A tomcat.", True, "en"),
    ]


def test_the_language_of_a_post_and_a_claim_is_the_posts(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(
        "post,claim,same\nDas Amt verkauft alle unsere Antworten an Versicherungen,The office sells our answers,1\n"
    )
    assert [pair.language for pair in read_pairs(path)] == ["de"]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('{"a": "x", "b": "y", "same": true}\n{"a": "x"}\n', 2, "is no pair"),
        ('{"a": "x", "b": "y", "same": true}\nnonsense\n', 2, "is no JSON object"),
        ("a,b,same\nx,y,perhaps\n", 2, "is no pair"),
        ("post,claim,same\nx,,true\n", 2, "is no pair"),
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
