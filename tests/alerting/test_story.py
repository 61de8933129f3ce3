from datetime import UTC, datetime, timedelta

import pytest

from alerting.alert import Alert, Severity, State
from alerting.firing import begin, end
from alerting.story import StoryState, can_join, headline, most_pressing_first, story_id, story_of, updated
from detectors.detection import Detection, Effect, Evidence, MatchedClaim
from tests import building
from tests.building import claim

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def detection(
    detector: str,
    subject: str = "",
    *effects: Effect,
    score: float = 0.6,
    summary: str = "s",
    claim: MatchedClaim | None = None,
) -> Detection:
    return Detection(
        detector=detector,
        subject=subject,
        kind="k",
        starts_at=NOON,
        at=NOON,
        level=1,
        score=score,
        effects=effects,
        evidence=Evidence(summary=summary, mentions=10, since=NOON, counterfactual="", claim=claim),
    )


def alert(
    detector: str,
    subject: str = "",
    *effects: Effect,
    score: float = 0.6,
    summary: str = "s",
    claim: MatchedClaim | None = None,
    over: bool = False,
) -> Alert:
    firing = begin("census", detection(detector, subject, *effects, score=score, summary=summary, claim=claim), "s")
    return (end(firing, NOON) if over else firing).alert


def state(severity: Severity, state: State = State.FIRING) -> StoryState:
    return StoryState(id="s", state=state, severity=severity, heard_at=NOON)


RISE, TALE = alert("volume"), alert("tales", "n1")
SALE, GUESS, DRONES = claim(id="sale"), claim(id="sale", certain=False), claim(id="drones")
SOLD, SOLD_AGAIN = alert("tales", "n1", claim=SALE), alert("tales", "n2", claim=SALE)


@pytest.mark.parametrize(
    ("new", "alerts", "joins"),
    [
        (detection("tales", "n1"), [RISE], True),
        (detection("volume"), [TALE], True),
        (detection("tales", "n2"), [RISE, TALE], False),
        (detection("tales", "n2"), [TALE], False),
        (detection("accounts", "n1"), [TALE], True),
        (detection("accounts", "n2"), [RISE, TALE], False),
        (detection("accounts"), [RISE], True),
        (detection("tales", "n2", claim=SALE), [RISE, SOLD], True),
        (detection("tales", "n2", claim=GUESS), [SOLD], False),
        (detection("tales", "n2", claim=DRONES), [SOLD], False),
        (detection("tales", "n3"), [SOLD, SOLD_AGAIN], False),
        (detection("volume"), [SOLD, SOLD_AGAIN], True),
        (detection("volume"), [RISE, TALE], False),
        (detection("tales", "n1", Effect.OPERATIONS), [RISE], False),
        (detection("tales", "n1"), [alert("volume", "", Effect.OPERATIONS)], False),
    ],
    ids=[
        "a narrative joins a rise",
        "a rise joins a narrative",
        "a second narrative does not",
        "two narratives never",
        "another detector on the same narrative does",
        "another detector on another narrative does not",
        "two findings about the whole monitor do",
        "a further narrative that repeats the same claim does",
        "one that perhaps repeats it does not",
        "one that repeats another does not",
        "one that repeats none does not",
        "a rise joins the narratives of a claim",
        "a second alert of a detector does not",
        "operations join nothing",
        "nothing joins operations",
    ],
)
def test_what_belongs_to_one_story(new: Detection, alerts: list[Alert], joins: bool) -> None:
    assert can_join(new, alerts) is joins


def test_a_story_fires_as_long_as_one_of_its_alerts_does() -> None:
    over = alert("volume", over=True)
    assert updated(state(Severity.WARNING), [over, TALE]).state is State.FIRING
    assert updated(state(Severity.WARNING), [over]).state is State.RESOLVED


def test_a_story_stays_as_severe_as_its_most_severe_alert_was() -> None:
    assert updated(state(Severity.CRITICAL), [TALE]).severity is Severity.CRITICAL
    assert updated(state(Severity.CRITICAL), [alert("volume", over=True)]).severity is Severity.CRITICAL


def test_a_story_that_comes_back_is_as_severe_as_what_came_back() -> None:
    assert updated(state(Severity.CRITICAL, State.RESOLVED), [TALE]).severity is Severity.WARNING


def test_the_most_pressing_alert_speaks_for_the_story() -> None:
    loud = alert("tales", "n1", score=0.9, summary="a narrative spreads")
    over = alert("volume", score=0.7, over=True)
    assert most_pressing_first([over, RISE, loud]) == (loud, RISE, over)
    told = story_of(state(Severity.CRITICAL), [RISE, loud], "Census Office", "pr-lead")
    assert told.headline == "census: a narrative spreads"


def test_a_headline_is_one_line_of_at_most_150_characters() -> None:
    long = headline(alert("volume", summary="mentions rose,\n and rose, " * 30))
    assert len(long) <= 150
    assert "\n" not in long
    assert headline(alert("volume", summary="61 mentions.")) == "census: 61 mentions"


def test_a_headline_says_what_is_said_and_how_many_say_it() -> None:
    of_claim = building.alert(subject="n1", evidence=building.evidence(claim=claim()))
    assert headline(of_claim) == (
        "census: Known claim: “The census office sells answers to insurance companies.” · "
        "252 mentions by 204 authors in 15 min"
    )
    possible = building.alert(subject="n1", evidence=building.evidence(claim=claim(certain=False)))
    assert headline(possible).startswith("census: Possibly a known claim: “")
    denied = building.alert(subject="n1", effects=(Effect.BEING_DEBUNKED,), evidence=building.evidence(claim=claim()))
    assert headline(denied).startswith("census: Known claim, being debunked: “The census office sells")
    unlikely = building.alert(subject="n1", evidence=building.evidence(claim=claim(certain=False, probability=0.6)))
    assert headline(unlikely).startswith("census: “国勢調査の回答が保険会社に売られるらしい。")
    unverified = building.alert(subject="n1", effects=(Effect.COORDINATED,), evidence=building.evidence(authors=None))
    said = "国勢調査の回答が保険会社に売られるらしい。本当なら許せない。"
    assert headline(unverified) == f"census: Coordinated posting: “{said}” · 252 mentions in 15 min"


def test_a_headline_quotes_hostile_text_as_literal_text_and_never_half_a_letter() -> None:
    text = "\u202e<!channel>\x1b[2J\n" + "👩‍👩‍👧‍👦" * 40
    said = building.exemplar(text)
    shown = headline(building.alert(subject="n1", evidence=building.evidence(exemplars=(said,))))
    assert "<!channel>" in shown  # whoever shows it escapes it
    assert not {"\u202e", "\x1b", "\n"}.intersection(shown)
    assert shown.count("👩‍👩‍👧‍👦") * 3 == shown.count("\u200d") > 0


def test_the_same_alert_founds_another_story_another_time() -> None:
    assert story_id("f", NOON) == story_id("f", NOON.astimezone())
    assert story_id("f", NOON) != story_id("f", NOON + timedelta(seconds=1))
