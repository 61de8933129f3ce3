"""What volume_spike remembers: names, people, and what is always said, all bounded."""

import random
import statistics
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import distinct
from detectors.mention import Author
from detectors.snapshot import snapshot
from detectors.volume import sketch
from detectors.volume.mix import Mix
from detectors.volume.tally import SAMPLE, Tally
from tests.detectors.rising import START, calm, mention, person, rise, spike, tell


@given(st.randoms(use_true_random=False), st.integers(1, 200), st.booleans())
@settings(max_examples=40)
def test_the_order_of_mentions_does_not_show_however_many_names_there_are(
    dice: random.Random, size: int, rising: bool
) -> None:
    mentions = [
        mention(
            START + dice.randrange(60) * timedelta(seconds=1),
            number,
            channel=f"channel{dice.randrange(150)}",
            lang=f"l{dice.randrange(90)}",
            text=" ".join(f"word{dice.randrange(500)}" for _ in range(30)),
            author=Author(id=f"a{dice.randrange(200)}", followers=dice.choice((None, 1, 7, 9))),
        )
        for number in range(size)
    ]
    tallies = []
    for _ in range(2):
        tally = Tally()
        for each in mentions:
            tally.add(each)
        tallies.append(tally)
        dice.shuffle(mentions)
    assert tallies[0] == tallies[1]
    assert len(tallies[0].sample) <= SAMPLE
    for tally in tallies:
        tally.close(rising=rising)
    assert msgspec.msgpack.encode(tallies[0]) == msgspec.msgpack.encode(tallies[1])


def test_of_too_many_names_those_that_are_kept_are_counted_exactly() -> None:
    tally = Tally()
    for number in range(1000):
        tally.add(mention(START, number, channel=f"channel{number % 100}"))
    assert len(tally.channels) == 64
    assert {*tally.channels.values()} == {10}


def test_a_late_mention_is_counted_in_a_closed_bin_and_changes_nothing_else() -> None:
    tally = Tally()
    for number in range(20):
        tally.add(mention(START, number, channel=f"c{number}"))
    tally.close(rising=False)
    parts = msgspec.structs.replace(tally.closed) if tally.closed else None
    tally.add(mention(START, 99, author=person(3)))
    assert (tally.mentions, tally.authored, len(tally.channels)) == (21, 1, 8)
    assert tally.closed == parts
    assert (tally.sample, tally.first) == ({}, None)


def test_the_sketch_knows_what_is_always_said_and_not_what_never_was() -> None:
    dice, cells, said = random.Random(5), sketch.EMPTY, 0.0
    for _ in range(2000):
        words = dict.fromkeys((f"rare{int(3000 * dice.random() ** 2)}" for _ in range(10)), 1)
        cells = sketch.add(cells, [("term", words, 1.0), ("term", {"census": 2}, 0.5)], 0.999)
        said = said * 0.999 + 1
    assert len(cells) == len(sketch.EMPTY)
    assert sketch.read(cells, "term", ["census"])[0] / said == pytest.approx(1, abs=0.1)
    novel = sketch.read(cells, "term", [f"novel{number}" for number in range(500)])
    assert sorted(novel)[475] / said < 0.1
    assert sketch.read(cells, "author", ["census"])[0] / said < 0.2


def test_a_burst_does_not_become_what_is_usual() -> None:
    detector = spike()
    tell(detector, [*calm(), *rise(2000, channel="reddit", accounts=2000)])
    usual = detector.state.usual.usual_parts("channel", ["reddit", "bluesky"])
    assert usual is not None
    assert usual["reddit"] < 0.1 < 0.6 < usual["bluesky"]


def test_the_sketch_is_rounded_by_less_than_it_fades() -> None:
    cells, said = sketch.EMPTY, 0.0
    for _ in range(5000):
        cells, said = sketch.add(cells, [("term", {"census": 1}, 1.0)], 0.999), said * 0.999 + 1
    assert sketch.read(cells, "term", ["census"])[0] / said == pytest.approx(1, abs=0.02)
    for _ in range(2000):
        cells, said = sketch.add(cells, [], 0.999), said * 0.999
    assert sketch.read(cells, "term", ["census"])[0] / said == pytest.approx(1, abs=0.04)


def test_what_lives_long_is_less_than_four_kilobytes_whatever_is_said() -> None:
    dice, mix = random.Random(11), Mix()
    for number in range(5, 6 * 200, 6):
        tally = Tally()
        for each in range(40):
            names = {"channel": f"c{dice.random()}", "lang": f"l{dice.random()}", "text": f"{dice.random()} " * 20}
            tally.add(mention(START, each, author=person(dice.randrange(10**6)), **names))
        tally.close(rising=False)
        mix.learn(number, [tally])
    assert len(msgspec.msgpack.encode(mix)) < 4000


def test_distinct_authors_are_exact_when_few_and_near_when_many() -> None:
    lists: list[list[int]] = [[], []]
    for number in range(100):
        distinct.remember(lists[number % 2], f"a{number}")
        distinct.remember(lists[0], "a7")
    assert distinct.count(lists) == 100
    for number in range(20_000):
        distinct.remember(lists[number % 2], f"b{number}")
    assert abs(distinct.count(lists) / 20_100 - 1) < 0.3
    assert max(map(len, lists)) <= distinct.MOST
    assert abs(distinct.count_in(distinct.united(lists, most=64), most=64) / 20_100 - 1) < 0.4


@pytest.mark.parametrize("name", ["a{}", "user{:05}", "did:plc:{:024}", "{:x}@example.org", "{}-bluesky-social"])
def test_names_that_are_alike_are_counted_as_well_as_others(name: str) -> None:
    errors = []
    for start in range(0, 400_000, 20_000):
        smallest: list[int] = []
        for number in range(start, start + 3000):
            distinct.remember(smallest, name.format(number))
        errors.append(distinct.count([smallest]) / 3000 - 1)
    assert statistics.mean(error * error for error in errors) ** 0.5 < 0.15


def test_the_state_stays_small() -> None:
    detector = spike()
    tell(detector, calm(96, each_hour=60))
    assert sum(map(len, snapshot(detector).values())) < 12_000
