"""What the page of a backtest says."""

import re
from datetime import timedelta

from alerting.alert import Severity, State
from detectors.detection import Effect, Share
from detectors.volume.bins import bin_of
from streams.backtest.known import Known
from streams.backtest.labels import Label
from streams.backtest.page import MOST_CARDS, OPEN_CARDS, page
from streams.backtest.run import Report
from streams.backtest.series import Series
from tests.building import alert, claim, evidence, time
from tests.streams.pages import FIRST, Outline, label, report, series, words


def test_it_begins_with_the_answer() -> None:
    said = words(page(report([alert(), alert(severity=Severity.INFO, subject="n-1")]), "census.yaml over march.jsonl"))
    assert "In 3 days it would have told 1 story, made of 2 alerts." in said
    assert "census.yaml over march.jsonl 30 Mar 2030, 01:00 to 2 Apr 2030, 02:00 (Europe/Berlin)" in said
    assert "alerts, 1 of them critical 2 alerts a day 0.67 from the first mention to the alert (median) 6 min" in said


def test_it_says_where_nothing_was_found() -> None:
    assert "In 3 days it would have stayed silent." in words(page(report(), "quiet"))
    assert "No alerts." in words(page(report(), "quiet"))
    assert "Nothing was said in this recording." in words(page(Report(), "empty"))
    unmatched = report(series={"census": series(), "health": Series()})
    unmatched.matches["health"] = 0
    assert "health Nothing in the recording matched this monitor." in words(page(unmatched, "one of two"))


def test_what_could_not_be_used_is_told() -> None:
    spoilt = report(clocks_ahead=1, repeats=2, too_late=3)
    spoilt.malformed.update({"not_json": 4})
    said = words(page(spoilt, "spoilt"))
    assert "4 lines could not be read. 1 time in the future, not believed. 2 repeats left out." in said
    assert "3 mentions came too late to count." in said


def test_a_chart_tells_its_peak_by_the_clocks_of_the_place() -> None:
    told = page(report([alert()]), "peak")
    assert "Highest: 204 in an hour, Mon 1 Apr 13:00, where 4 would be usual." in words(told)
    assert "Highest: 200 in 5 minutes, Mon 1 Apr 13:50" in words(told)
    assert "Close up: Mon 1 Apr, 10:00 to 16:00" in words(told)


def test_a_monitor_that_only_learnt_has_no_line_of_what_is_usual() -> None:
    new = series()
    new.usual = {}
    told = page(report(series={"census": new}), "new")
    assert "learning" in words(told)
    assert "would be usual" not in words(told)
    assert re.search(r'class="usual" d=""', told)


def test_a_card_has_what_a_lead_asks_for() -> None:
    full = alert(
        state=State.RESOLVED,
        evidence=evidence(claim=claim(), shares=(Share(dimension="term", name="insurers", mentions=90, usual=1.5),)),
    )
    said = words(page(report([full]), "one"))
    for expected in (
        "1 Critical · volume spike Mon 1 Apr, 13:50",
        "118 mentions in 5 minutes, where 13 are usual.",
        "Mentions 252, usually 65 (3.9 ×)",
        "Authors 204",
        "Told 13:57, 7 min after it began",
        "Lasted 15 min, until Mon 1 Apr, 14:05",
        "Marked wide reach",
        "Channels bluesky, news, youtube",
        "Matches a fact-checked claim “The census office sells answers to insurance companies.”",
        "No evidence, says Example Fact Check (97 % sure that it is this claim) · factcheck.example/census-sale",
        "Approved answer, from press@census.example",
        "First · 01 Apr 13:51 CEST · bluesky · ada.example",
        "国勢調査の回答が保険会社に売られるらしい。",
        "Terms insurers (90, usually 1.5)",
        "12 % are near-copies of each other",
        "It would not have fired below 61 mentions in 5 minutes.",
        "Whether accounts that are not public say the same.",
    ):
        assert expected in said


def test_an_alert_that_comes_back_begins_where_it_comes_back() -> None:
    again = alert(last_at=time("18:30"))
    begun = Known(alert=alert(), known_at=time("11:57"))
    told = report(known=[begun, Known(alert=again, known_at=time("18:02"), came_back_at=time("18:00"))])
    said = words(page(told, "back"))
    assert "alerts, 2 of them critical, 1 again 2" in said
    assert "from the first mention to the alert (median) 6 min" in said
    assert "Told 20:02, 2 min after it came back Again it began Mon 1 Apr, 13:50, and was over in between" in said
    assert "Lasted 30 min, and still fires when the recording ends" in said
    assert "2 Critical · volume spike Mon 1 Apr, 20:00" in said


def test_what_concerns_the_system_stands_apart_at_the_end() -> None:
    silence = alert(
        detector="silence", effects=(Effect.OPERATIONS,), starts_at=FIRST, evidence=evidence("Nothing is heard.")
    )
    told = page(report([silence, alert()]), "both")
    said = words(told)
    assert "made of 1 alert. both" in said
    assert "1 more alert for those who run the system." in said
    assert said.index("1 Critical · volume spike") < said.index("1 alert for those who run the system 2 ")
    assert not re.search(r'href="#alert-2"', told)
    alone = words(page(report([silence], notifications=[]), "alone"))
    assert "it would have stayed silent. alone" in alone
    assert "No alerts about what was said." in alone


def test_the_most_severe_come_first_and_the_rest_is_folded() -> None:
    many = [
        alert(subject=f"n-{number}", starts_at=FIRST + timedelta(minutes=10 * number), severity=Severity.INFO)
        for number in range(MOST_CARDS + 40)
    ]
    many[50] = alert(subject="n-50", starts_at=many[50].starts_at, severity=Severity.CRITICAL)
    told = page(report(many), "many")
    ids = [each for each in Outline(told).ids if each]
    assert ids[: OPEN_CARDS + 1] == ["alert-51", *(f"alert-{number}" for number in range(1, OPEN_CARDS + 1))]
    assert len(ids) == MOST_CARDS
    assert f"{MOST_CARDS - OPEN_CARDS} more alerts" in words(told)
    assert "40 less severe ones are left out here" in words(told)


def test_every_mark_leads_to_a_card() -> None:
    many = [alert(subject=f"n-{number}", starts_at=FIRST + timedelta(minutes=number)) for number in range(9)]
    outline = Outline(page(report(many), "marks"))
    targets = {link["href"] for link in outline.links if "aria-label" in link}
    assert targets
    assert targets <= {f"#{each}" for each in outline.ids}


def test_simple_rules_stand_beside_the_config() -> None:
    both = report([alert()], series={"census": series()}, detectors={"census": ("volume_spike",)})
    said = words(page(both, "figures"))
    assert re.search(r"volume spike 1 0\.33 \d+ min \d+ min", said)
    assert "This config 1 0.33" in said
    assert "null never alerts 0 0.00" in said
    assert "Without labels nobody can say" in said
    held = words(page(both, "figures", [label()]))
    assert "Held against 1 labelled window" in held
    assert "This config 1 0.33 100% 100% 1 h 57 min" in held


def test_labels_are_shown_where_they_hold() -> None:
    both = report([alert()], series={"census": series(), "health": series()})
    told = page(both, "labels", [label()])
    assert words(told).count("1 labelled window L1 Mon 1 Apr, 12:00 to 15:00: the letter of the agency") == 1


def test_a_long_recording_makes_no_large_page() -> None:
    first = time("2020-01-01T00:00:00")
    long = Series(usual={bin_of(first) + number: 3.0 for number in range(0, 3650 * 288, 12)})
    long.mentions.update({bin_of(first) + number: number % 97 for number in range(0, 3650 * 288, 12)})
    alerts = [
        alert(subject=f"n-{number}", starts_at=at, last_at=at)
        for number, at in ((number, first + timedelta(hours=80 * number)) for number in range(1000))
    ]
    labels = [Label(start=each.starts_at, end=each.last_at, what="x" * 300) for each in alerts[:100]]
    last = first + timedelta(days=3650)
    told = page(report(alerts, series={"census": long}, first=first, last=last), "long", labels)
    assert len(told) < 700_000


def test_times_are_those_of_the_monitor() -> None:
    told = page(report([alert()]), "times")
    assert "All times are those of Europe/Berlin." in words(told)
