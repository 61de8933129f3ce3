import random
import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from detectors.contract import MonitorContext
from detectors.detection import Detection, Effect
from detectors.known_claim import KnownClaim
from detectors.mention import Author, Encoding, Mention
from detectors.narrative import NarrativeDetector
from detectors.narratives.lexical import cleaned, words
from detectors.narratives.stance import stance
from detectors.snapshot import snapshot

START = datetime(2026, 3, 2, tzinfo=UTC)
LATER = START + timedelta(hours=40)
MINUTE = timedelta(minutes=1)
RUMOUR = "The census office sells all our answers to insurance companies"
Params = NarrativeDetector.Params


def encoded(text: str) -> bytes:
    """A stand-in for a model: texts are as close as they share words of some length."""
    long = [word for word in words(cleaned(text)) if len(word) > 3] or ["nothing"]
    total = np.sum([np.random.default_rng(zlib.crc32(word.encode())).standard_normal(64) for word in long], axis=0)
    return bytes((total / np.linalg.norm(total)).astype("<f2").tobytes())


def mention(text: str, at: datetime, who: object = "ada", **changes: Any) -> Mention:
    known: dict[str, Any] = {
        "id": f"{who}/{at.isoformat()}/{zlib.crc32(text.encode())}",
        "channel": "bluesky",
        "author": Author(id=f"author-{who}", handle=f"{who}.example", followers=100),
        "encoding": Encoding(model="fake", language="en", vector=encoded(text)),
    }
    return Mention(at=at, text=text, **(known | changes))


def rumour(
    count: int, at: datetime = LATER, text: str = RUMOUR, every: timedelta = MINUTE, **changes: Any
) -> list[Mention]:
    """By as many people, each with a word of their own."""
    return [mention(f"{text} says person{n}", at + n * every, f"r{n}", **changes) for n in range(count)]


def chatter(hours: float, each_hour: float = 3, seed: int = 1, start: datetime = START) -> list[Mention]:
    """Everyday questions, at a steady rate."""
    dice = random.Random(seed)
    asked = ("How do I fill in the form online", "When does the hotline open in the morning",
             "My letter has not come by post yet", "Where can I find the code for my household")  # fmt: skip
    times = sorted(start + timedelta(hours=hours) * dice.random() for _ in range(int(hours * each_hour * len(asked))))
    return [
        mention(f"{dice.choice(asked)} {dice.choice(('please', 'thanks', 'anyone', 'hello'))}", at, f"c{number}")
        for number, at in enumerate(times)
    ]


def hear(
    mentions: Iterable[Mention], params: Params | None = None, claims: tuple[KnownClaim, ...] = (), at_once: int = 20
) -> tuple[list[Detection], NarrativeDetector]:
    detector = NarrativeDetector(MonitorContext(claims=claims), params or Params())
    ordered = sorted(mentions, key=lambda each: each.at)
    found: list[Detection] = []
    for first in range(0, len(ordered), at_once):
        for each in ordered[first : first + at_once]:
            detector.observe(each)
        found += detector.advance(ordered[first : first + at_once][-1].at - timedelta(seconds=30))
    return [*found, *detector.advance(ordered[-1].at + timedelta(hours=1))], detector


def known(text: str = RUMOUR) -> KnownClaim:
    return KnownClaim(
        id="sale", claim=text, verdict="No evidence", checked_by="Checkers", answer="It is not sold.",
        vectors=(encoded(text),),
    )  # fmt: skip


def test_a_new_story_is_told_once_it_has_enough_mentions_and_again_when_it_doubles() -> None:
    found, _ = hear([*chatter(44), *rumour(33)])
    assert [each.level for each in found] == [1, 2, 3]
    assert [each.evidence.mentions for each in found] == [8, 16, 32]
    assert len({(each.subject, each.starts_at) for each in found}) == 1
    assert found[0].starts_at == LATER
    assert found[0].at == LATER + 7 * MINUTE
    assert found[0].kind == "unverified"


def test_everyday_talk_at_a_steady_rate_is_never_told() -> None:
    for seed in range(3):
        assert hear(chatter(24 * 8, seed=seed), Params(sensitivity="high"))[0] == []


def test_everyday_talk_that_grows_well_beyond_its_usual_is_told() -> None:
    more = rumour(60, text="How do I fill in the form online")
    found, _ = hear([*chatter(44), *more])
    assert found
    assert found[0].evidence.usual


def test_a_story_of_fewer_than_five_authors_is_not_told() -> None:
    few = [mention(f"{RUMOUR} number {n}", LATER + n * MINUTE, f"r{n % 4}") for n in range(40)]
    assert hear([*chatter(44), *few])[0] == []


def test_nothing_is_told_in_the_first_day() -> None:
    assert hear([*chatter(20), *rumour(200, START + timedelta(hours=3), every=timedelta(seconds=9))])[0] == []


@pytest.mark.parametrize("at_once", [1, 7, 1000])
def test_the_size_of_steps_makes_no_difference(at_once: int) -> None:
    stream = [*chatter(50), *rumour(40)]
    (found, detector), (expected, other) = (
        hear(stream, claims=(known(),), at_once=at_once),
        hear(stream, claims=(known(),)),
    )
    assert found == expected
    assert snapshot(detector) == snapshot(other)


def test_a_story_that_repeats_a_known_claim_says_so_and_carries_the_answer() -> None:
    found, _ = hear([*chatter(44), *rumour(20)], claims=(known(), known("Drones film every single house from above")))
    first = found[0]
    assert first.kind == "known_claim"
    assert first.evidence.mentions < 8, "a known claim needs only the authors"
    assert first.evidence.claim is not None
    assert first.evidence.claim.id == "sale"
    assert first.evidence.claim.answer == "It is not sold."
    assert Effect.KNOWN_CLAIM in first.effects


def test_a_story_that_most_deny_is_told_as_such_and_scores_low() -> None:
    denied, _ = hear([*chatter(44), *rumour(20, text=f"This is not true, debunked long ago: {RUMOUR}")])
    plain, _ = hear([*chatter(44), *rumour(20)])
    assert {each.kind for each in denied} == {"being_debunked"}
    assert Effect.BEING_DEBUNKED in denied[-1].effects
    assert denied[-1].score < plain[-1].score


def test_a_new_channel_or_language_is_told_when_two_have_spoken_there() -> None:
    more = [mention(f"{RUMOUR} heard{n}", LATER + (20 + n) * MINUTE, f"y{n}", channel="youtube") for n in range(2)]
    found, _ = hear([*chatter(44), *rumour(10), *more])
    assert [each.evidence.mentions for each in found] == [8, 12]
    assert found[1].evidence.channels == ("bluesky", "youtube")


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


def about_one_subject(text: str) -> bytes:
    """As `encoded`, but all texts are alike, as those of one subject are to a model."""
    own, subject = np.frombuffer(encoded(text), "<f2").astype(float), np.full(64, 1 / 8)
    total = 0.6**0.5 * own + 0.5**0.5 * subject
    return bytes((total / np.linalg.norm(total)).astype("<f2").tobytes())


def test_in_a_monitor_about_one_subject_stories_stay_apart_once_it_is_known() -> None:
    dice = random.Random(2)
    calm = [" ".join(f"{dice.choice('abcdefgh')}{dice.randrange(40)}word" for _ in range(7)) for _ in range(400)]
    said = [*((text, START + n * 6 * MINUTE) for n, text in enumerate(calm))]
    rumours = (RUMOUR, "Bank account PIN codes demanded everywhere online")
    said += [(f"{text} person{n}", LATER + n * MINUTE) for n in range(12) for text in rumours]
    encodings = {text: Encoding(model="fake", language="en", vector=about_one_subject(text)) for text, _ in said}
    found, _ = hear([mention(text, at, text, encoding=encodings[text]) for text, at in said])
    first = {each.evidence.exemplars[0].text for each in found}
    assert first == {f"{text} person0" for text in rumours}


def test_texts_without_vectors_are_gathered_by_their_letters_and_told_with_that_caveat() -> None:
    text = "国勢調査の回答が保険会社に売られているらしい。本当なら許せない。"
    uncovered = Encoding(model="fake", language="ja", uncovered="language")
    told = [mention(f"{text}{'！' * (n % 3)}", LATER + n * MINUTE, f"j{n}", encoding=uncovered) for n in range(12)]
    other = [mention(other, LATER + n * MINUTE, f"o{n}", encoding=None) for n, other in enumerate((
        "今日は天気がとても良いので公園を散歩しました。", "駅前の新しいラーメン屋はいつも行列ができている。",
        "来週の会議の資料をまだ準備していません。"))]  # fmt: skip
    found, detector = hear([*chatter(44), *told, *other])
    assert len(found) == 1
    assert "letters only" in found[0].evidence.summary
    assert any("letters only" in each for each in found[0].evidence.unknown)
    assert len([each for each in detector.state.narratives.values() if each.space == "letters"]) == 4


def test_vectors_of_different_models_never_meet() -> None:
    newer = Encoding(model="newer", language="en", vector=encoded(RUMOUR))
    _, detector = hear([*chatter(2), *rumour(3, START), *rumour(3, START + 9 * MINUTE, encoding=newer)])
    spaces = {each.space for each in detector.state.narratives.values() if "sells" in each.first.text}
    assert len(spaces) == 2


def test_a_late_mention_joins_its_story_and_is_counted_where_it_belongs() -> None:
    found, detector = hear([*chatter(44), *rumour(10)])
    story = found[0].subject
    before = detector.state.narratives[story].tally.mentions
    detector.observe(mention(f"{RUMOUR} late", LATER - 20 * MINUTE, "late"))
    detector.advance(LATER + timedelta(hours=30))
    tally = detector.state.narratives[story].tally
    assert tally.mentions == before + 1
    assert tally.first_at == LATER - 20 * MINUTE


def test_the_same_text_again_adds_to_the_counts_and_not_to_the_direction() -> None:
    _, detector = hear([mention(RUMOUR + "!" * (n % 2 + 1), START + n * MINUTE, f"r{n}") for n in range(50)])
    [narrative] = detector.state.narratives.values()
    assert (narrative.weight, narrative.tally.mentions, narrative.tally.near_duplicates) == (1, 50, 49)


def test_what_is_idle_is_forgotten_and_ids_are_not_used_again() -> None:
    first = {*hear(rumour(3, START))[1].state.narratives}
    _, detector = hear([*rumour(3, START), *rumour(3, START + timedelta(days=9))])
    assert len(detector.state.narratives) == 1
    assert not first & detector.state.narratives.keys()


def test_a_row_of_the_state_is_small_whatever_is_said() -> None:
    hostile = [
        mention(
            "😀" * 20_000 + RUMOUR,
            LATER + n * MINUTE,
            "😀" * 300 + str(n),
            channel="频" * 900,
            url="https://x/" + "é" * 9000,
        )
        for n in range(60)
    ]
    found, detector = hear([*chatter(44), *hostile, *rumour(200, every=timedelta(seconds=20))])
    assert found
    assert max(len(row) for row in snapshot(detector).values()) < 20_000
    assert max(len(msgspec.msgpack.encode(each)) for each in found) < 32_000


def test_wordings_are_bounded_however_many_different_things_are_said() -> None:
    dice = random.Random(4)
    said = [
        mention(" ".join(f"w{dice.randrange(10**6)}word" for _ in range(9)), START + n * timedelta(seconds=1), n)
        for n in range(3500)
    ]
    _, detector = hear(said, at_once=500)
    assert len(detector.state.wordings) <= 2000
    assert len(detector.state.narratives) <= 2000


def exemplar_roles(found: Sequence[Detection]) -> set[str]:
    return {each.role for each in found[-1].evidence.exemplars}


def test_the_evidence_shows_first_typical_widest_newest_and_most_different() -> None:
    star = mention(f"{RUMOUR} dear followers", LATER + 5 * MINUTE, "star", author=Author(id="star", followers=500_000))
    odd = [mention(f"{RUMOUR} therefore burn letters tonight everywhere", LATER + n * MINUTE, f"o{n}") for n in (3, 4)]
    found, _ = hear([*chatter(44), *rumour(33), star, *odd])
    assert {"first", "newest", "widest reach"} <= exemplar_roles(found)
    assert Effect.WIDE_REACH in found[-1].effects
    assert all(len(each.evidence.timeline) <= 20 for each in found)
    assert "would have stayed quiet below 8 mentions" in found[0].evidence.counterfactual


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


@pytest.mark.parametrize("wrong", [{"window": timedelta(minutes=5)}, {"forget_after": timedelta(days=90)}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Params(**wrong)
