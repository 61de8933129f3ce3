"""Which alerts a story is in Alertmanager: their labels, what they say, and when they end."""

from datetime import datetime

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.alert import Alert, Gate, Hold, Severity, State
from alerting.alertmanager_alerts import LabelSet, posted_alerts
from detectors.mention import Moment
from tests.alerting.label_sets import NARRATIVE, SPIKE, over, spike
from tests.building import alert, claim, evidence, exemplar, story, time

NOW = time("12:10")


def told(*alerts: Alert, before: frozenset[LabelSet] = frozenset(), now: Moment = NOW) -> dict[str, datetime | None]:
    """When each label set ends, as it is sent of a story; None for one that fires."""
    state = State.FIRING if any(one.state is State.FIRING for one in alerts) else State.RESOLVED
    sent = posted_alerts(story(alerts=alerts, state=state), before, now)
    return {f"{one.label_set.detector}={one.label_set.severity}": one.ends_at for one in sent}


def test_each_detector_of_a_story_is_an_alert_with_labels_that_stay() -> None:
    first, second = posted_alerts(story(), (), NOW)
    assert first.labels == {
        "alertname": "GroundswellVolumeSpike",
        "detector": "volume_spike",
        "monitor": "census",
        "severity": "critical",
        "story": "5f0c9ab1d2e34455",
        "organisation": "Census Office",
    }
    assert second.labels["alertname"] == "GroundswellNarrative"
    assert second.labels["severity"] == "warning"
    grown = story(headline="Census Office: twenty times the usual mentions", alerts=(spike(score=0.99, level=5),))
    assert posted_alerts(grown, (), NOW)[0].labels == first.labels


def test_annotations_say_what_a_person_needs() -> None:
    first, second = posted_alerts(story(), (), NOW)
    assert first.annotations["summary"].startswith("Critical: Census Office: nine times the usual mentions")
    assert first.annotations["description"] == "118 mentions in 5 minutes, where 13 are usual."
    assert "国勢調査" in first.annotations["evidence"]
    assert "bsky.example/profile/ada/post/1" in first.annotations["evidence"]
    assert first.annotations["claim"].startswith("Matches a fact-checked claim: The census office sells")
    assert first.annotations["approved_answer"].startswith("Answers are confidential by law")
    assert first.annotations["next_step"].startswith("Give the approved answer")
    assert second.annotations["description"].startswith("A narrative grew from 4 to 90")
    assert second.annotations["summary"].startswith("Warning: Census Office: nine times the usual mentions")


def test_an_end_says_that_it_is_one_and_a_rise_does_not() -> None:
    over_and_risen = frozenset({NARRATIVE, LabelSet("volume_spike", "warning")})
    ended = over(detector="narrative", severity=Severity.WARNING)
    firing, narrative, warned = posted_alerts(story(alerts=(spike(), ended)), over_and_risen, NOW)
    assert firing.annotations["summary"].startswith("Critical: ")
    assert narrative.annotations["summary"].startswith("Resolved: ")
    assert narrative.annotations["description"].startswith("Over since 01 Apr 12:08 UTC")
    assert warned.annotations["summary"].startswith("Critical: ")


def test_why_nobody_else_is_called_is_said() -> None:
    hold = Hold(gate=Gate.MUTED, why="Muted by <!here> until 14:00.")
    first, second = posted_alerts(story(), (), NOW, hold)
    assert first.annotations["held"] == second.annotations["held"] == "Muted by ‹!here› until 14:00."
    assert "held" not in first.labels


def test_a_severity_that_rises_ends_the_label_set_before_it() -> None:
    warned = frozenset({LabelSet("volume_spike", "warning")})
    assert told(spike(), before=warned) == {"volume_spike=critical": None, "volume_spike=warning": NOW}


def test_what_was_never_told_is_not_ended() -> None:
    assert told(spike()) == {"volume_spike=critical": None}
    assert told(spike(), over(detector="narrative")) == {"volume_spike=critical": None}


def test_what_is_over_ends_when_it_ended() -> None:
    assert told(over(), before=frozenset({SPIKE})) == {"volume_spike=critical": time("12:08")}
    ended = over(detector="narrative", severity=Severity.WARNING)
    both = told(spike(), ended, before=frozenset({SPIKE, NARRATIVE}))
    assert both == {"volume_spike=critical": None, "narrative=warning": time("12:08")}


def test_what_came_and_went_unheard_goes_on_record() -> None:
    assert told(over()) == {"volume_spike=critical": time("12:08")}


def test_two_narratives_of_one_claim_fire_until_both_are_over() -> None:
    first = alert(detector="narrative", subject="n-1", severity=Severity.WARNING, starts_at=time("11:40"))
    second = over(detector="narrative", subject="n-2", severity=Severity.WARNING)
    assert told(first, second, before=frozenset({NARRATIVE})) == {"narrative=warning": None}


def test_a_story_ahead_of_the_clock_on_the_wall_is_over_all_the_same() -> None:
    """Recordings may be of the future, and Alertmanager refuses what ends before it begins."""
    past = time("2026-01-01T00:00")
    (sent,) = posted_alerts(story(alerts=(over(),), state=State.RESOLVED), {SPIKE}, past)
    assert sent.ends_at == past
    assert sent.starts_at <= past


SENTENCES = st.text(st.characters(exclude_categories=()), max_size=80)


@given(SENTENCES, SENTENCES, SENTENCES)
@settings(max_examples=150)
def test_hostile_text_begins_no_tag_and_holds_no_control(quote: str, said: str, organisation: str) -> None:
    hostile = alert(
        evidence=evidence(said, exemplars=(exemplar(f"<!channel>{quote}", handle=said),), claim=claim(why=(quote,)))
    )
    for sent in posted_alerts(story(alerts=(hostile,), organisation=organisation, headline=said), (), NOW):
        for text in sent.annotations.values():
            assert not regex.search(r"[<>\p{Cs}\u202a-\u202e\u2066\u2067\x00-\x09\x0b-\x1f]", text)
            assert text.count("\u2068") == text.count("\u2069")  # ours, around names written from right to left
        assert not regex.search(r"[\p{Cc}\p{Cs}]", "".join(sent.labels.values()))
