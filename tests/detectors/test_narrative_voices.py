"""Crowd or chorus: who is behind a narrative, and how that weighs."""

from datetime import timedelta

import pytest
from msgspec import structs

from alerting.alert import Severity
from alerting.severity import severity_of
from detectors.detection import Detection, Effect
from detectors.mention import Author, Mention
from detectors.narratives.stance.reading import stance
from tests.detectors.talk import LATER, MINUTE, RUMOUR, START, chatter, hear, known, mention, rumour

SECOND = timedelta(seconds=1)


def test_a_new_channel_or_language_is_told_when_two_have_spoken_there() -> None:
    more = [mention(f"{RUMOUR} heard{n}", LATER + (20 + n) * MINUTE, f"y{n}", channel="youtube") for n in range(2)]
    found, _ = hear([*chatter(44), *rumour(10), *more])
    assert [each.evidence.mentions for each in found] == [8, 12]
    assert found[1].evidence.channels == ("bluesky", "youtube")


def test_four_channels_are_far_where_one_is_usual_and_not_where_all_talk_is_spread_over_seven() -> None:
    def over(mentions: list[Mention], count: int) -> list[Mention]:
        return [structs.replace(each, channel=f"channel{number % count}") for number, each in enumerate(mentions)]

    told = over(rumour(12), 4)
    far, _ = hear([*chatter(44), *told])
    usual, _ = hear([*over(chatter(44), 7), *told])
    assert Effect.WIDE_REACH in far[-1].effects
    assert not any(Effect.WIDE_REACH in each.effects for each in usual)
    assert severity_of(far[-1]) > severity_of(usual[-1])


def test_several_accounts_that_post_the_same_within_a_minute_twice_are_coordinated() -> None:
    texts = (
        f"{RUMOUR} share before they delete",
        "Insurance companies quietly pay whatever census clerks deliver every single night",
    )
    chorus = [
        mention(text, LATER + number * timedelta(hours=1) + timedelta(seconds=5 * n), f"bot{n}")
        for number, text in enumerate(texts)
        for n in range(6)
    ]
    found, _ = hear([*chatter(44), *chorus])
    assert "coordinated" in {each.kind for each in found}
    assert Effect.COORDINATED in found[-1].effects


def test_one_text_in_many_waves_of_the_same_accounts_is_coordinated_and_in_waves_of_others_is_not() -> None:
    def waves(same: bool) -> list[Mention]:
        return [
            mention(f"{RUMOUR} share before they delete it {tail}", LATER + wave * 9 * MINUTE + timedelta(seconds=n),
                    f"bot{n}" if same else f"person{wave}-{n}")
            for wave in range(6) for n, tail in enumerate(("please", "now", "wow", "sad", "hey", "yes"))
        ]  # fmt: skip

    chorus, _ = hear([*chatter(44), *waves(same=True)])
    crowd, _ = hear([*chatter(44), *waves(same=False)])
    assert Effect.COORDINATED in chorus[-1].effects
    assert not any(Effect.COORDINATED in each.effects for each in crowd)


def crowd(people: int, posts: int, **changes: object) -> list[Mention]:
    """So many posts by so many people, in an hour."""
    return [
        mention(f"{RUMOUR} says number{n}", LATER + n * timedelta(hours=1) / posts, f"r{n % people}", **changes)
        for n in range(posts)
    ]


def signal(found: list[Detection], name: str) -> tuple[float, float | None, str]:
    [one] = [each for each in found[-1].evidence.signals if each.name == name]
    return one.value, one.usual, one.text


def test_five_hundred_posts_by_six_accounts_do_not_page_like_480_people() -> None:
    chorus, _ = hear([*chatter(44), *crowd(6, 500)], claims=(known(),))
    people, _ = hear([*chatter(44), *crowd(480, 500)], claims=(known(),))
    alone, _ = hear([*chatter(44), *crowd(6, 500)])
    assert max(severity_of(each) for each in people) is Severity.CRITICAL
    assert max(severity_of(each) for each in chorus) < Severity.CRITICAL
    assert max(severity_of(each) for each in alone) < Severity.CRITICAL
    assert max(each.level for each in alone) == 1
    assert max(each.level for each in people) > 5
    value, usual, text = signal(alone, "authors")
    assert value == 6 / alone[-1].evidence.mentions
    assert usual == pytest.approx(1, abs=0.2)
    assert text.startswith("6 authors wrote")


def test_what_is_coordinated_scores_no_more_for_it() -> None:
    def told(texts: tuple[str, ...]) -> Detection:
        waves = [
            mention(text, LATER + number * 9 * MINUTE + n * SECOND, f"bot{n}")
            for number, text in enumerate(texts)
            for n in range(12)
        ]
        return hear([*chatter(44), *waves])[0][-1]

    chorus = told((f"{RUMOUR} share before they delete it", f"{RUMOUR} share it before tomorrow"))
    crowd = hear([*chatter(44), *rumour(24)])[0][-1]
    assert Effect.COORDINATED in chorus.effects
    assert chorus.score <= crowd.score


def test_accounts_that_share_the_same_link_in_other_words_within_a_minute_twice_are_coordinated() -> None:
    tails = ("wow", "sad", "please read", "no words", "now you know", "look at that", "thread", "must see")
    found, _ = hear(
        [
            *chatter(44),
            *(
                mention(f"{tails[n]} {tails[(n + wave) % 8]} {RUMOUR}", LATER + wave * 20 * MINUTE + n * 4 * SECOND,
                        f"bot{n}", links=(f"https://example.org/leak/{wave}",))
                for wave in range(3) for n in range(8)
            ),
        ]
    )  # fmt: skip
    assert Effect.COORDINATED in found[-1].effects
    assert "same text or link within a minute, the same ones each time" in signal(found, "synchrony")[2]


def test_five_signals_are_always_shown_in_one_order_beside_what_is_usual_here() -> None:
    young = Author(id="x", created_at=LATER - timedelta(days=3))
    old = Author(id="y", created_at=LATER - timedelta(days=3000))
    calm = [
        mention(f"the census letter number{n} is about street{n % 7}", START + n * 12 * MINUTE, f"c{n % 40}",
                author=Author(id=f"c{n % 40}", created_at=(young if n % 10 == 0 else old).created_at),
                channel=("bluesky", "news")[n % 2])
        for n in range(195)
    ]  # fmt: skip
    found, _ = hear([*calm, *rumour(12)])
    names = [each.name for each in found[-1].evidence.signals]
    assert names == ["authors", "near-duplicates", "new accounts", "synchrony", "spread"]
    usual = {each.name: each.usual for each in found[-1].evidence.signals}
    assert usual["authors"] == pytest.approx(1, abs=0.1)
    assert usual["new accounts"] == pytest.approx(0.1, abs=0.03)
    assert usual["spread"] == pytest.approx(2)
    assert usual["synchrony"] == 0


def test_a_story_that_floods_is_not_its_own_norm() -> None:
    before, detector = hear([*chatter(44), *crowd(6, 20)])
    flooded, other = hear([*chatter(44), *crowd(6, 900)])
    assert detector.state.norms.settled == other.state.norms.settled
    assert signal(before, "near-duplicates")[1] == signal(flooded, "near-duplicates")[1]


def test_what_is_usual_is_unknown_in_a_monitor_that_heard_little() -> None:
    found, _ = hear([*chatter(44, each_hour=0.1), *rumour(12)])
    assert {each.usual for each in found[-1].evidence.signals} == {None}
    assert any("too little has been heard" in each for each in found[-1].evidence.unknown)


def test_of_what_was_never_told_all_are_counted_who_ever_told_it() -> None:
    slow = rumour(40, START + timedelta(hours=2), every=timedelta(hours=2))
    found, detector = hear([*chatter(44), *slow])
    assert found == []
    [heard] = [each for each in detector.survey(authors=40) if RUMOUR in each.evidence.exemplars[0].text]
    assert (heard.evidence.mentions, heard.evidence.authors) == (40, 40)
    assert heard.starts_at == slow[0].at
    assert heard.kind == "unverified", "those of other days are not taken for one loud account"
    assert heard.level == 1, "it was never loud"


def test_of_one_account_no_three_are_spoken_of() -> None:
    _, detector = hear([*chatter(44), *crowd(1, 30)])
    [heard] = [each for each in detector.survey() if RUMOUR in each.evidence.exemplars[0].text]
    assert signal([heard], "authors")[2].startswith("1 author wrote 30 mentions;")


def replies_to(story: list[Mention], count: int, text: str) -> list[Mention]:
    """Replies by as many people, later than all of it."""
    at = story[-1].at + MINUTE
    return [mention(text, at + n * MINUTE, f"d{n}", in_reply_to=story[n % len(story)].id) for n in range(count)]


def test_replies_that_deny_count_for_the_narrative_that_they_answer() -> None:
    story = rumour(16)
    replies = replies_to(story, 40, "this is fake")
    found, _ = hear([*chatter(40), *story, *replies, *rumour(33, LATER + 60 * MINUTE)])
    told = [each for each in found if each.subject == found[0].subject]
    assert told[0].kind == "unverified"
    assert told[-1].kind == "being_debunked"
    assert any(": 40 of " in each for each in told[-1].evidence.unknown)


def test_what_answers_a_narrative_that_is_told_is_told_itself_only_when_it_is_twice_as_much() -> None:
    def subjects(replies: int) -> int:
        story = rumour(16)
        answers = replies_to(story, replies, "Shame that nobody cares about privacy nowadays anywhere")
        found, _ = hear([*chatter(40), *story, *answers])
        return len({each.subject for each in found if "form online" not in each.evidence.exemplars[0].text})

    assert subjects(12) == 1
    assert subjects(24) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("this was debunked last year", "denies"),
        ("eso es mentira", "denies"),
        ("これはデマです", "denies"),
        ("can anyone confirm this?", "asks"),
        ("stimmt das wirklich?", "asks"),
        ("they sell our answers", None),
        ("a fact checking tool", None),
    ],
)
def test_cues_of_denial_and_doubt(text: str, expected: str | None) -> None:
    assert stance(text) == expected
