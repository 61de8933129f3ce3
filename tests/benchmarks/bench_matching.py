"""What it costs to find the monitors of a mention, at 1, 100 and 1,000 monitors.

    python tests/benchmarks/bench_matching.py [--mentions FILE]

Without a file, mentions are written here: posts of about 200 characters, one in eight Japanese, one in eight with
accents. The queries are of the kinds that PR teams write, with common words in phrases and in NEAR, and half of them
about names of one word. `unmatched` texts hold none of the names, one in five of `some match` holds one.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from detectors.mention import Author, Mention
from streams.queries.matching import Matcher
from streams.queries.query import parse
from streams.reading import read_mention

NOW = datetime(2030, 4, 1, 12, tzinfo=UTC)
WORDS = (
    "the new office says people will have to wait for answers about data privacy tax health school money work home "
    "police report public city service today price food water energy company market family time world"
)
COMMON = WORDS.split()
JAPANESE = "今日は新しい会社について多くの人が話しています。市役所の発表によると、来月から料金が上がるそうです。"
ACCENTED = "L’année dernière, le gouvernement a décidé d’améliorer l’hôpital près de chez nous… à voir! "


@click.command()
@click.option("--mentions", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON lines.")
def main(file: Path | None) -> None:
    """Print microseconds a mention."""
    chance = random.Random(7)
    names = [f"{name(chance)}{name(chance)}" for _ in range(1_000)]
    unmatched = read(file.read_bytes().splitlines()) if file else [write(chance, ()) for _ in range(2_000)]
    some = [write(chance, names if number % 5 == 0 else ()) for number in range(2_000)]
    lines = [msgspec.json.encode(mention) for mention in unmatched]
    table = Table(
        "monitors", "building ms", "unmatched µs", "some match µs", "matches", "read + unmatched, 1/s", box=None
    )
    for monitors in (1, 100, 1_000):
        queries = {str(number): parse(query(chance, names[number], number)) for number in range(monitors)}
        started = time.perf_counter()
        matcher = Matcher(queries)
        building = time.perf_counter() - started
        alone = microseconds(matcher.matches, unmatched)
        matches = sum(len(matcher.matches(mention)) for mention in some)
        whole = microseconds(lambda line, matcher=matcher: matcher.matches(mention_of(line)), lines)
        table.add_row(
            f"{monitors:,}",
            f"{1e3 * building:.1f}",
            f"{alone:.1f}",
            f"{microseconds(matcher.matches, some):.1f}",
            f"{matches:,}",
            f"{1e6 / whole:,.0f}",
        )
    Console().print(table)
    first = mention_of(lines[0])
    always = Matcher({str(number): parse(f"lang:mt OR author:@a{number}") for number in range(1_000)})
    click.echo(
        f"1,000 monitors that ask for no word, judged every time: {microseconds(always.matches, [first] * 50):.0f} µs"
    )


def microseconds(measured: Callable[..., object], inputs: Sequence[object]) -> float:
    """Processor time for each input, the best of three rounds."""
    rounds = []
    for _ in range(3):
        started = time.process_time()
        for each in inputs:
            measured(each)
        rounds.append(time.process_time() - started)
    return 1e6 * min(rounds) / len(inputs)


def name(chance: random.Random) -> str:
    return chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") + chance.choice("lmnrstx")


def query(chance: random.Random, brand: str, number: int) -> str:
    one, other, third = chance.sample(COMMON, 3)
    return (
        f"({brand} OR #{brand} OR @{brand}) NOT (jobs OR careers)",
        f'"{brand} {one}" OR ({brand} NEAR/8 (fraud OR leak* OR {other}))',
        f"{brand}* lang:(en OR fr) NOT author:@{brand}",
        f'"{one} {brand} {other}" OR ("{other} {one}" {brand})',
        f"({chr(0x4E00 + number)}会社 OR 市役所{chr(0x4E00 + number)} OR {brand}) (料金 OR {third} OR fraud)",
    )[number % 5]


def write(chance: random.Random, names: Sequence[str]) -> Mention:
    words = chance.choices(COMMON, k=34)
    if names:
        words[7] = chance.choice(names)
    text = " ".join(words).capitalize() + "."
    kind = chance.randrange(8)
    if kind == 0:
        text = JAPANESE * 2 + " ".join(words[7:8] if names else [])
    elif kind == 1:
        text = ACCENTED + text[:110]
    author = Author(id=str(chance.random()), handle="ada.example", followers=120)
    return Mention(id=str(chance.random()), channel="bluesky", at=NOW, text=text, lang="en", author=author)


def read(lines: Sequence[bytes]) -> list[Mention]:
    return [mention_of(line) for line in lines]


def mention_of(line: bytes) -> Mention:
    mention = read_mention(line, NOW)
    assert isinstance(mention, Mention)
    return mention


if __name__ == "__main__":
    main()
