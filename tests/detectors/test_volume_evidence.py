"""What `volume_spike` tells of a rise: numbers, what makes it, and by how many people."""

import copy
import random
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.alert import Severity
from alerting.severity import severity_of
from detectors import distinct
from detectors.contract import MonitorContext
from detectors.detection import Detection, Effect, Share
from detectors.mention import Author, Mention
from detectors.rendering import as_text
from detectors.snapshot import snapshot
from detectors.volume import sketch
from detectors.volume.mix import Mix
from detectors.volume.people import People
from detectors.volume.tally import SAMPLE, Tally
from detectors.volume.terms import joined, terms_of
from detectors.volume_spike import VolumeSpike

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LATENESS = timedelta(seconds=30)
BEGINS = START + 96 * HOUR
SMALL_TALK = (
    *("the", "census", "office", "counts", "all", "again", "form", "people", "letter", "came", "today", "question"),
    *("house", "street", "number", "what", "when", "who", "said", "would", "answer", "night", "young", "garden"),
    *("window", "summer", "winter", "morning", "evening", "river", "mountain", "forest", "table", "chair", "bread"),
)


def mention(at: datetime, number: int = 0, **fields: Any) -> Mention:
    known = {"channel": "news", "text": "a", "id": f"{at.timestamp()}-{number}"}
    return Mention(at=at, **(known | fields))


def calm(hours: float = 96, each_hour: int = 24, *, accounts: int = 2000, **fields: Any) -> list[Mention]:
    """Small talk about the census, mostly on bluesky, each time by somebody else."""
    dice = random.Random(7)
    mentions = [
        mention(
            START + hours * HOUR * dice.random(),
            number,
            **{
                "channel": dice.choices(("bluesky", "x", "news"), (8, 1, 1))[0],
                "lang": "en",
                "text": " ".join(["Census", *dice.sample(SMALL_TALK, 6)]),
                "author": person(dice.randrange(accounts)),
                "links": ("https://census.example.org/form",) if dice.random() < 0.4 else (),
            }
            | fields,
        )
        for number in range(int(hours * each_hour))
    ]
    return sorted(mentions, key=lambda each: each.at)


def rise(mentions: int, *, accounts: int = 10_000, length: timedelta = 8 * MINUTE, **fields: Any) -> list[Mention]:
    """Beginning when the calm ends, by so many accounts that no calm knows."""
    known = {"text": "The census office sells data to insurers", "lang": "en"} | fields
    return [
        mention(
            BEGINS + length * number / mentions,
            number,
            **({"author": Author(id=f"new{number % accounts}", handle=f"new{number % accounts}.example")} | known),
        )
        for number in range(mentions)
    ]


def person(number: int) -> Author:
    return Author(id=f"person{number}", handle=f"person{number}.example", followers=number)


def spike(**params: Any) -> VolumeSpike:
    return VolumeSpike(MonitorContext(lateness=LATENESS), VolumeSpike.Params(**params))


def tell(detector: VolumeSpike, mentions: Iterable[Mention], *, peeks: bool = True) -> list[Detection]:
    """All that it says while it hears the mentions, as a pipeline would tell them."""
    found: list[Detection] = []
    newest = START
    for each in sorted(mentions, key=lambda each: each.at):
        newest = each.at
        detector.observe(each)
        found += detector.advance(newest - LATENESS)
        found += detector.peek(newest) if peeks else ()
    return [*found, *detector.advance(newest + 5 * MINUTE)]


def told(mentions: Iterable[Mention]) -> Detection:
    """The last thing that is said of them, when all of them are heard."""
    return tell(spike(), mentions)[-1]


def later(mentions: Iterable[Mention], by: timedelta) -> list[Mention]:
    return [msgspec.structs.replace(each, id=f"later-{each.id}", at=each.at + by) for each in mentions]


def named(detection: Detection, dimension: str) -> list[str]:
    return [share.name for share in shares(detection, dimension)]


def shares(detection: Detection, dimension: str) -> list[Share]:
    return [share for share in detection.evidence.shares if share.dimension == dimension]


# How many


def test_it_says_how_many_against_how_many_since_when_and_what_would_have_kept_it_quiet() -> None:
    detection = tell(spike(), [*calm(), *rise(120, channel="reddit", lang="fr")])[2]
    evidence = detection.evidence
    assert evidence.usual is not None
    assert evidence.mentions > 5 * evidence.usual
    times = round(evidence.mentions / evidence.usual)
    assert evidence.summary.startswith(f"{evidence.mentions} mentions in ")
    assert evidence.summary.endswith(f", {times} times the {evidence.usual:.1f} usual at this hour.")
    assert evidence.since == BEGINS
    quiet_below = int(evidence.counterfactual.removeprefix("It would have stayed quiet below ").split()[0])
    assert 8 <= quiet_below <= evidence.mentions
    assert len(evidence.timeline) == 20
    assert evidence.timeline[-1].observed > 3 * (evidence.timeline[-1].expected or 0)
    assert evidence.summary in as_text(detection)


def test_where_fewer_than_one_is_usual_it_names_no_multiple() -> None:
    detection = tell(spike(), [*calm(each_hour=1), *rise(14, length=4 * MINUTE)])[0]
    assert "where fewer than one is usual at this hour" in detection.evidence.summary


def test_the_first_exemplar_is_the_first_of_the_rise_and_the_typical_one_says_what_most_say() -> None:
    odd = mention(BEGINS + timedelta(seconds=1), 999, text="Lovely weather!", author=person(1))
    evidence = told([*calm(), odd, *rise(60, length=4 * MINUTE)]).evidence
    exemplars = {each.role: each for each in evidence.exemplars}
    assert [*exemplars] == ["first", "typical", "widest reach"]
    assert exemplars["first"].at == BEGINS
    assert "sells data" in exemplars["typical"].text
    assert len({each.mention_id for each in evidence.exemplars}) == 3


def test_before_the_third_day_it_says_that_what_is_usual_is_provisional() -> None:
    def unknown(hours: int) -> str:
        return " ".join(tell(spike(), [*calm(hours), *later(rise(60), (hours - 96) * HOUR)])[0].evidence.unknown)

    assert "learned for 48 hours only" in unknown(48)
    assert "provisional" not in unknown(96)


def test_a_rise_is_told_of_a_length_of_time_that_holds_enough_to_speak_of() -> None:
    found = tell(spike(), [*calm(each_hour=1), *rise(14, length=35 * MINUTE)])
    assert found
    assert min(each.evidence.mentions for each in found) >= 8


def test_the_counterfactual_is_the_smallest_count_that_fires() -> None:
    first = tell(spike(), [*calm(), *later(rise(200, length=2 * MINUTE), MINUTE)])[0]
    quiet_below = first.evidence.mentions
    assert first.evidence.counterfactual == f"It would have stayed quiet below {quiet_below} mentions in 5 minutes."


# What makes it


def test_a_channel_that_always_makes_most_is_not_named_and_the_one_that_grew_is() -> None:
    detection = told([*calm(), *rise(60, channel="bluesky"), *rise(60, channel="reddit")])
    assert named(detection, "channel") == ["reddit"]
    (share,) = shares(detection, "channel")
    assert share.usual is not None
    assert share.usual < 0.5


def test_where_all_grew_alike_no_channel_language_or_term_is_named() -> None:
    louder = [
        msgspec.structs.replace(each, id=f"again{number}", at=BEGINS + (each.at - START) / 800)
        for number, each in enumerate(calm(each_hour=4))
    ]
    detection = told([*calm(), *louder])
    assert detection.evidence.mentions > 100
    assert detection.evidence.shares == ()


def test_a_language_that_is_new_is_named_and_its_grammar_is_not_what_it_is_about() -> None:
    text = "les agents du recensement vendent nos données pour les assureurs et des banques"
    detection = told([*calm(), *rise(100, text=text, lang="fr")])
    assert named(detection, "language") == ["fr"]
    assert len(named(detection, "term")) == 4
    assert {*named(detection, "term")} <= {"agents", "assureurs", "banques", "données", "recensement", "vendent"}


def test_terms_are_those_that_were_not_always_said_whatever_their_case() -> None:
    shouted = rise(50, text="@press the CENSUS office SELLS #CensusLeak https://leak.example/scandal")
    others = later(rise(50, text="Census: they Sell #censusleak? sells!"), timedelta(seconds=1))
    detection = told([*calm(), *shouted, *others])
    terms = named(detection, "term")
    assert terms[:2] == ["#censusleak", "sells"]
    assert shares(detection, "term")[0].usual == pytest.approx(0, abs=0.2)
    assert not {"census", "the", "press", "leak", "scandal"} & {*terms}
    assert len(terms) <= 4


def test_links_are_told_without_what_only_counts_clicks_and_by_site_where_pages_differ() -> None:
    page = told([*calm(), *rise(80, links=("https://www.leak.example/story?utm_source=x&id=7#top",))])
    assert named(page, "link") == ["leak.example/story?id=7"]
    pages = [
        msgspec.structs.replace(each, links=(f"https://leak.example/{number % 9}",))
        for number, each in enumerate(rise(80))
    ]
    assert named(told([*calm(), *pages]), "link") == ["leak.example"]


def test_the_accounts_that_make_a_rise_are_named_and_one_that_always_writes_is_not() -> None:
    always = [
        msgspec.structs.replace(each, id=f"bot{each.id}", at=each.at, author=Author(id="b", handle="ticker"))
        for each in calm()
    ]
    loud = rise(60, author=Author(id="loud", handle="loud.example"))
    ticking = rise(60, author=Author(id="b", handle="ticker"), text="Census ticker")
    detection = told([*calm(), *always, *loud, *ticking])
    assert named(detection, "author") == ["loud.example"]


def test_parts_are_of_the_newest_half_hour_where_the_rise_is_a_matter_of_hours() -> None:
    shares_of = {
        detection.evidence.summary.split(" in ")[1].split(",")[0]: detection.evidence.shares_of
        for detection in tell(spike(), [*calm(), *rise(2000, length=6 * HOUR)])
    }
    assert shares_of["15 minutes"] is None
    of = shares_of["12 hours"]
    assert of is not None
    assert 100 < of < 400


def test_what_is_beyond_the_largest_names_is_told_of_at_most_four_of_each_kind() -> None:
    many = [
        msgspec.structs.replace(each, channel=f"c{number % 6}", lang=f"l{number % 6}", author=person(number % 6))
        for number, each in enumerate(rise(240))
    ]
    detection = told([*calm(), *many])
    for dimension in ("channel", "language", "term", "author"):
        assert 0 < len(named(detection, dimension)) <= 4


# By how many people


def marked(mentions: Sequence[Mention]) -> bool:
    return any(Effect.COORDINATED in each.effects for each in tell(spike(), mentions))


@pytest.mark.parametrize(("accounts", "is_marked"), [(1, True), (6, True), (40, True), (160, False), (480, False)])
def test_a_rise_made_by_few_accounts_is_marked_and_one_made_by_many_is_not(accounts: int, is_marked: bool) -> None:
    assert marked([*calm(), *rise(480, accounts=accounts)]) is is_marked


def test_six_accounts_interrupt_nobody_where_as_many_mentions_by_480_do() -> None:
    def severity(accounts: int, length: timedelta) -> Severity:
        found = tell(spike(), [*calm(), *rise(480, accounts=accounts, length=length)])
        return max(severity_of(each) for each in found)

    for length in (2 * MINUTE, 8 * MINUTE, 40 * MINUTE):
        assert severity(6, length) is Severity.WARNING
        assert severity(480, length) is Severity.CRITICAL


TRAINED = spike(sensitivity="high")
tell(TRAINED, calm())


@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 200), st.integers(0, 40)), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_what_is_said_early_of_few_accounts_is_not_taken_back(
    parts: list[tuple[int, int, int]], dice: random.Random
) -> None:
    """Crowds and choruses that begin at any minute, mixed, and heard in any order within the lateness."""
    mentions = [
        msgspec.structs.replace(each, id=f"{begins}-{accounts}-{each.id}", at=each.at + (begins + 1) * MINUTE)
        for size, accounts, begins in parts
        for each in rise(size, accounts=accounts, length=dice.randrange(1, 20) * MINUTE)
    ]
    waited, peeked = (
        VolumeSpike(TRAINED.context, TRAINED.params, copy.deepcopy(TRAINED.state)),
        VolumeSpike(TRAINED.context, TRAINED.params, copy.deepcopy(TRAINED.state)),
    )
    shuffled = sorted(mentions, key=lambda each: each.at + dice.random() * LATENESS)
    newest, early = START, list[Detection]()
    for each in shuffled:
        newest = max(newest, each.at)
        peeked.observe(each)
        early += [*peeked.advance(newest - LATENESS), *peeked.peek(newest)]
    early += peeked.advance(newest + HOUR)
    outlines = [
        {(each.at, each.level, each.score, each.effects) for each in found}
        for found in (early, [*tell(waited, mentions, peeks=False), *waited.advance(newest + HOUR)])
    ]
    assert outlines[0] == outlines[1]
    assert waited.state == peeked.state


def test_mentions_whose_authors_are_not_known_count_as_a_crowd() -> None:
    found = tell(spike(), [*calm(), *rise(480, author=Author())])
    assert max(severity_of(each) for each in found) is Severity.CRITICAL
    assert "of the 489 mentions" in found[-1].evidence.signals[0].text


def test_few_accounts_are_named_as_coordinated_posting_against_what_is_usual() -> None:
    detection = told([*calm(), *rise(480, accounts=6)])
    assert detection.evidence.summary.startswith("Coordinated posting mostly by 6 accounts: ")
    (signal,) = detection.evidence.signals
    assert signal.usual is not None
    assert signal.usual > 10 * signal.value
    assert "usually so many come from about " in signal.text


def test_one_account_is_not_called_coordinated() -> None:
    quiet_before = [each for each in calm() if each.at < BEGINS - HOUR]
    alone = tell(spike(), [*quiet_before, *rise(100, accounts=1, length=4 * MINUTE)])[-1]
    assert alone.evidence.summary.startswith("Posting by a single account: ")
    among_others = told([*calm(), *rise(100, accounts=1)])
    assert among_others.evidence.summary.startswith("Posting mostly by a single account: ")


def test_few_accounts_within_a_crowd_are_found() -> None:
    mixed = [*rise(300, accounts=6, length=4 * MINUTE), *rise(150, text="What is it about?", length=4 * MINUTE)]
    mixed = [msgspec.structs.replace(each, id=f"{number}") for number, each in enumerate(mixed)]
    detection = told([*calm(), *mixed])
    assert detection.effects == (Effect.COORDINATED,)
    assert detection.evidence.summary.startswith("Coordinated posting mostly by 6 accounts: ")


def test_where_few_accounts_always_write_most_they_are_not_marked_for_it() -> None:
    tickers = calm(each_hour=80, accounts=3)
    louder = [
        msgspec.structs.replace(each, id=f"again{number}", at=BEGINS + (each.at - START) / 400)
        for number, each in enumerate(calm(each_hour=4, accounts=3))
    ]
    assert tell(spike(), [*tickers, *louder])
    assert not marked([*tickers, *louder])


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_usual_accounts_are_never_more_than_mentions_and_grow_with_them(one: int, other: int, seed: int) -> None:
    dice, people = random.Random(seed), People()
    assert people.usual_accounts(one) is None
    for number in range(5, 6 * 60, 6):
        tally = Tally()
        for each in range(dice.randrange(60)):
            tally.add(mention(START, each, author=person(dice.randrange(30))))
        people.learn(number, [tally])
    fewer, more = (people.usual_accounts(mentions) for mentions in sorted((one, other)))
    assert fewer is not None
    assert more is not None
    assert fewer <= more <= max(one, other) * (1 + 1e-9)


@given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=300))
@settings(max_examples=40, deadline=None)
def test_a_crowd_never_shrinks_when_a_mention_is_added(authors: list[tuple[int, bool]]) -> None:
    people, tally, before = People(), Tally(), 0
    for number, (author, known) in enumerate(authors):
        tally.add(mention(START, number, author=person(author) if known else Author()))
        assert before <= people.crowd(tally) <= tally.mentions
        before = people.crowd(tally)


# What is remembered


@given(st.randoms(use_true_random=False), st.integers(1, 200), st.booleans())
@settings(max_examples=40, deadline=None)
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
    assert abs(distinct.count([distinct.united(lists, most=64)], most=64) / 20_100 - 1) < 0.4


@pytest.mark.parametrize("name", ["a{}", "user{:05}", "did:plc:{:024}", "{:x}@example.org", "{}-bluesky-social"])
def test_names_that_are_alike_are_counted_as_well_as_others(name: str) -> None:
    errors = []
    for start in range(0, 400_000, 20_000):
        smallest: list[int] = []
        for number in range(start, start + 3000):
            distinct.remember(smallest, name.format(number))
        errors.append(distinct.count([smallest]) / 3000 - 1)
    assert statistics.mean(error * error for error in errors) ** 0.5 < 0.15


# Words and links


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The CENSUS office, isn't it? #Census_Leak", {"the", "census", "office", "isn't", "#census_leak"}),
        ("@press.office see https://leak.example/scandal or www.leak.example/a", {"see"}),
        ("Die Volkszählung verkauft Daten an Ärzte", {"die", "volkszählung", "verkauft", "daten", "ärzte"}),
        ("国勢調査の回答が保険会社に売られるらしい。データ", {"国勢調査", "回答", "保険会社", "データ"}),
        ("سمعت أن مكتب التعداد يبيع بياناتنا", {"سمعت", "مكتب", "التعداد", "يبيع", "بياناتنا"}),
        ("हिन्दी में जनगणना", {"हिन्दी", "में", "जनगणना"}),
        ("통계청이 판다", {"통계청이", "판다"}),
        ("ＦＵＬＬ　ＷＩＤＴＨ", {"full", "width"}),
        ("\ud800 lone \udfff", {"lone"}),
        ("", set[str]()),
    ],
)
def test_terms_of_a_text(text: str, terms: set[str]) -> None:
    assert terms_of(text) == terms


def test_chinese_words_are_cut_into_pairs_and_joined_again_where_they_are_equally_frequent() -> None:
    pairs = terms_of("人口普查数据被出售")
    assert joined(dict.fromkeys(pairs, 40.0) | {"census": 3.0}) == {"人口普查数据被出售": 40.0, "census": 3.0}
    assert joined({"人口": 40.0, "口普": 10.0}) == {"人口": 40.0, "口普": 10.0}


@given(st.text(max_size=400))
def test_any_text_gives_bounded_terms(text: str) -> None:
    terms = terms_of(text)
    assert len(terms) <= 48
    assert all(2 <= len(term) <= 40 for term in terms)


def test_the_state_stays_small() -> None:
    detector = spike()
    tell(detector, calm(96, each_hour=60))
    assert sum(map(len, snapshot(detector).values())) < 12_000
