"""What it costs to find the monitors of a mention, with the queries and mentions of `bench_matching.py`."""

import random

from streams.queries.matching import Matcher
from streams.queries.query import parse
from tests.benchmarks.bench_matching import microseconds, name, query, write
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import Figure

GROUP = "matching"


def measure(place: Place) -> list[Figure]:
    chance = random.Random(7)
    names = [f"{name(chance)}{name(chance)}" for _ in range(1_000)]
    count = place.pick(2_000, 500, 20)
    mentions = [write(chance, names if number % 5 == 0 else ()) for number in range(count)]
    figures = []
    for monitors in (1, 100, 1_000):
        matcher = Matcher({str(number): parse(query(chance, names[number], number)) for number in range(monitors)})
        rounds = tuple(microseconds(matcher.matches, mentions) for _ in range(place.pick(3, 1, 1)))
        how = f"processor time for {count:,} posts of about 200 characters; one in five holds the name of a monitor"
        figures.append(Figure(group=GROUP, name=f"{monitors:,} monitors", samples=rounds, unit="µs a mention", how=how))
    return figures
