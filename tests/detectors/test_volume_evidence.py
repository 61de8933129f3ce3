"""The evidence of a rise: how many against how many, and what grew more than the rest."""

from datetime import timedelta

import msgspec
import pytest

from detectors.mention import Author
from detectors.rendering import as_text
from tests.detectors.rising import (
    BEGINS,
    HOUR,
    MINUTE,
    START,
    calm,
    later,
    mention,
    named,
    person,
    rise,
    shares,
    spike,
    tell,
    told,
)


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
