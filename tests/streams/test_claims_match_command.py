"""What `groundswell claims match` writes, with the real encoder."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from detectors.narratives.claims.matching import CERTAIN, POSSIBLE
from streams.commands.claims import command

CLAIMS = {
    "sale": "The census office sells our answers to insurance companies.",
    "fine": "Whoever does not answer the census pays a fine of 5000 euros.",
    "drones": "Drones film every house while the census is counted.",
    "trump": "Donald Trump said that the census should ask about citizenship.",
}
CONFIG = """\
organisation: {name: Census Office}
monitors: [{name: census, query: census, detectors: {narrative: }}]
receivers: [{name: console, type: terminal}]
routes: [{receivers: [console]}]
encoder: {cache: CACHE, device: cpu}
"""
POSTS = {
    "a": (
        "sale",
        "Heard that the #CensusOffice is selling everything we answer to insurance companies! https://t.co/x",
    ),
    "b": ("fine", "Is it true that you have to pay 5,000 euros if you do not answer the census this year??"),
    "c": (
        "trump",
        "We should of course ask who is a citizen in the census — Donald J. Trump (@realDonaldTrump) May 2, 2019",
    ),
    "d": (None, "My neighbour paints wonderful pictures of ships and lighthouses every summer, come and see them"),
    "e": (None, "The census form has twelve pages and a very friendly hotline that answers all questions"),
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, ["match", *(str(each) for each in arguments)], env={"COLUMNS": "160"})


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


@pytest.fixture
def config(tmp_path: Path, model_cache: Path) -> Path:
    path = tmp_path / "census.yaml"
    path.write_text(CONFIG.replace("CACHE", f"'{model_cache}'"))
    return path


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    return lines(tmp_path / "claims.jsonl", [{"id": name, "claim": text} for name, text in CLAIMS.items()])


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    return lines(tmp_path / "posts.jsonl", [{"id": name, "text": text} for name, (_, text) in POSTS.items()])


def told(out: Path) -> dict[Any, list[dict[str, Any]]]:
    return {row["id"]: row["claims"] for row in map(json.loads, out.read_text().splitlines())}


def test_each_post_gets_its_claims_the_likeliest_first(tmp_path: Path, config: Path, claims: Path, posts: Path) -> None:
    result = run(claims, posts, "--out", tmp_path / "out.jsonl", "--config", config)

    assert result.exit_code == 0, result.output
    found = told(tmp_path / "out.jsonl")
    assert list(found) == list(POSTS)
    for name, (claim, _) in POSTS.items():
        shown = [each["p"] for each in found[name]]
        assert shown == sorted(shown, reverse=True)
        assert sum(shown) <= 1 + 1e-6
        if claim is None:
            # On one subject and alike in its words: a person may be asked, but nothing is certain.
            assert shown[0] < (CERTAIN if name == "e" else POSSIBLE)
        else:
            assert found[name][0]["id"] == claim
            assert shown[0] >= CERTAIN


def test_times_of_posts_say_nothing_here(tmp_path: Path, config: Path, claims: Path) -> None:
    posts = tmp_path / "timed.jsonl"
    times = iter(["2030-04-02T00:00:00Z", "2030-04-01T00:00:00Z", "yesterday", None, 5])
    rows = [{"id": name, "text": text, "at": next(times)} for name, (_, text) in POSTS.items()]
    posts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = CliRunner().invoke(
        command, ["match", str(claims), str(posts), "--out", str(tmp_path / "out.jsonl"), "--config", str(config)]
    )
    assert result.exit_code == 0, result.output
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == len(POSTS)


def test_ids_stay_as_they_stand_in_the_files_and_each_post_has_its_line(tmp_path: Path, config: Path) -> None:
    numbers = {name: 2**70 + number for number, name in enumerate(CLAIMS)}
    claims = lines(tmp_path / "claims.jsonl", [{"vclaim_id": numbers[name], "vclaim": CLAIMS[name]} for name in CLAIMS])
    ids: list[Any] = [1, "1", 1, None, ["x"]]
    rows = [{"tweet_id": each, "tweet": POSTS["a"][1]} for each in ids]
    posts = lines(tmp_path / "posts.jsonl", [*rows, {"tweet_id": 5, "tweet": None}])

    result = run(claims, posts, "--out", tmp_path / "out.jsonl", "--config", config)

    assert result.exit_code == 0, result.output
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["id"] for row in found] == [*ids, 5]
    assert [row["claims"][0]["id"] for row in found[:5]] == [numbers["sale"]] * 5


def test_the_order_of_claims_and_posts_makes_no_difference(
    tmp_path: Path, config: Path, claims: Path, posts: Path
) -> None:
    turned = []
    for path in (claims, posts):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        turned.append(lines(tmp_path / f"turned-{path.name}", rows[::-1]))
    for pair, out in (((claims, posts), "one.jsonl"), (tuple(turned), "two.jsonl")):
        assert run(*pair, "--out", tmp_path / out, "--config", config).exit_code == 0

    one, two = told(tmp_path / "one.jsonl"), told(tmp_path / "two.jsonl")
    for name in POSTS:
        assert [each["id"] for each in one[name]] == [each["id"] for each in two[name]]
        assert [each["p"] for each in one[name]] == pytest.approx([each["p"] for each in two[name]], abs=0.01)


def test_other_fields_csv_and_posts_that_say_nothing(tmp_path: Path, config: Path) -> None:
    listed = tmp_path / "claims.csv"
    listed.write_text("id,claim\n" + "".join(f'{name},"{text}"\n' for name, text in CLAIMS.items()))
    texts = [
        "",
        "🙂🙂",
        "census",
        "調査の回答は保険会社に売られている",
        "x" * 100_000,
        "<script>alert(1)</script>\x00\u202e",
    ]
    posts = lines(tmp_path / "posts.jsonl", [{"no": number, "said": text} for number, text in enumerate(texts)])

    result = run(
        listed, posts, "--out", tmp_path / "out.jsonl", "--config", config, "--id-field", "no", "--text-field", "said"
    )

    assert result.exit_code == 0, result.output
    found = told(tmp_path / "out.jsonl")
    assert list(found) == list(range(len(texts))), "a number stays one"
    assert all(claim["p"] < POSSIBLE for ranked in found.values() for claim in ranked)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "posts.jsonl:2: is no JSON"),
        ('{"id": "x", "text": ["x"]}', "posts.jsonl:2: has no text in 'text' but"),
        ("[]", "posts.jsonl:2: is no JSON object"),
    ],
)
def test_a_bad_line_is_told_with_its_place_and_nothing_is_written(
    tmp_path: Path, claims: Path, line: str, problem: str
) -> None:
    posts = tmp_path / "posts.jsonl"
    posts.write_text('{"id": "a", "text": "census"}\n' + line + "\n")

    result = run(claims, posts, "--out", tmp_path / "out.jsonl")

    assert result.exit_code == 1
    assert problem in result.output
    assert not (tmp_path / "out.jsonl").exists()


def test_a_bad_claim_is_told_with_its_place(tmp_path: Path, posts: Path) -> None:
    claims = tmp_path / "claims.jsonl"
    claims.write_text('{"id": "a", "claim": "Drones film every house."}\n{"id": "b"}\n')

    result = run(claims, posts, "--out", tmp_path / "out.jsonl")

    assert result.exit_code == 1
    assert "claims.jsonl:2" in result.output


def test_what_is_read_is_not_overwritten(claims: Path, posts: Path) -> None:
    before = posts.read_text()

    result = run(claims, posts, "--out", posts)

    assert result.exit_code == 1
    assert posts.read_text() == before
