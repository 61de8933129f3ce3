import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from alerting.alert import Alert, Severity
from detectors.detection import Exemplar
from streams.backtest.comparing import Comparison, Difference, compare, printed
from streams.backtest.known import Known
from streams.backtest.run import Backtest, Report
from streams.monitors import monitors
from streams.queries.matching import Matcher
from streams.queries.query import parse
from streams.settings.loading import load
from tests.building import Time, alert, claim, evidence, exemplar, time

START = datetime(2026, 3, 2, tzinfo=UTC)


def report(*known: tuple[Alert, Time], monitors: Sequence[str] = ("census",)) -> Report:
    """Alerts, each with when it was known."""
    return Report(
        known=[Known(alert=each, known_at=time(at)) for each, at in known],
        matches=Counter(dict.fromkeys(monitors, 5)),
    )


def rise(start: Time, last: Time | None = None, **changes: Any) -> Alert:
    last_at = time(last or start)
    known: dict[str, Any] = {"starts_at": time(start), "last_at": last_at, "resolved_at": last_at + timedelta(hours=2)}
    return alert(**(known | changes))


def narrative(start: Time, subject: str, *shown: Exemplar, **changes: Any) -> Alert:
    known: dict[str, Any] = {"detector": "narrative", "subject": subject, "evidence": evidence(exemplars=shown)}
    return rise(start, **(known | changes))


def only(comparison: Comparison) -> Difference:
    (difference,) = comparison.differences
    return difference


def text_of(comparison: Comparison, width: int = 100) -> str:
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(printed(comparison))
    return captured.get()


def test_the_same_report_has_only_kept_alerts() -> None:
    same = report((rise("10:00"), "10:02"), (rise("18:00"), "18:01"))
    assert [each.kind for each in compare(same, same).differences] == ["kept", "kept"]


def test_an_alert_that_starts_while_the_other_fires_is_the_same_later() -> None:
    found = only(compare(report((rise("10:40"), "10:41")), report((rise("10:00"), "10:01"))))
    assert (found.kind, found.sooner) == ("later", -timedelta(minutes=40))


def test_an_alert_is_the_same_even_where_one_config_lets_it_end_soon() -> None:
    short = rise("10:00", "10:05", resolved_at=time("10:06"))
    assert only(compare(report((rise("10:20"), "10:20")), report((short, "10:00")))).kind == "later"


def test_an_alert_of_another_time_or_detector_is_not_the_same() -> None:
    ours = report((rise("10:00"), "10:00"), (narrative("18:00", "n-1"), "18:00"))
    comparison = compare(ours, report((rise("18:00"), "18:00")))
    assert sorted(each.kind for each in comparison.differences) == ["gained", "gained", "lost"]


def test_the_nearest_in_time_find_each_other() -> None:
    ours = report((rise("10:00", "14:00"), "10:00"), (rise("16:30"), "16:30"))
    others = report((rise("10:10", "13:00"), "10:10"), (rise("15:30", "17:00"), "15:30"))
    told = [(each.kind, each.sooner) for each in compare(ours, others).differences]
    assert told == [("earlier", timedelta(minutes=10)), ("later", -timedelta(hours=1))]


def test_to_be_told_once_of_an_episode_and_not_again_is_no_loss() -> None:
    once = report((rise("10:00", "10:10"), "10:02"))
    again = rise("10:00", "20:30")
    twice = report((rise("10:00", "10:10"), "10:02"))
    twice.known.append(Known(alert=again, known_at=time("20:03"), came_back_at=time("20:00")))
    assert [each.kind for each in compare(once, twice).differences] == ["kept", "joined"]
    assert [each.kind for each in compare(twice, once).differences] == ["kept", "split"]


def test_two_alerts_that_are_told_as_one_are_not_lost() -> None:
    whole = report((rise("10:00", "20:00"), "10:00"))
    parts = report((rise("10:00", "11:00"), "10:00"), (rise("17:00"), "17:03"))
    assert [each.kind for each in compare(whole, parts).differences] == ["kept", "joined"]
    assert [each.kind for each in compare(parts, whole).differences] == ["kept", "split"]
    assert "joined to 01 Apr 10:00" in text_of(compare(whole, parts))
    assert "1 alert, 2 with the other config: 1 kept, 1 joined" in text_of(compare(whole, parts))
    assert "split from 01 Apr 10:00" in text_of(compare(parts, whole))


def test_narratives_with_other_ids_are_the_same_by_what_they_quote() -> None:
    first, other = exemplar("They sell us!", mention_id="m-1"), exemplar("The form has no end", mention_id="m-2")
    copy = exemplar("they SELL us", mention_id="m-3")
    ours = report((narrative("10:00", "n-1", first), "10:00"), (narrative("10:00", "n-2", other), "10:05"))
    others = report((narrative("10:00", "n-8", copy, other), "10:10"), (narrative("10:00", "n-9", first), "10:20"))
    pairs = [(each.kind, each.ours, each.others) for each in compare(ours, others).differences]
    assert [kind for kind, _, _ in pairs] == ["earlier", "earlier"]
    assert [(a and a.alert.subject, b and b.alert.subject) for _, a, b in pairs] == [("n-1", "n-9"), ("n-2", "n-8")]


def test_narratives_about_different_things_are_not_the_same() -> None:
    ours = report((narrative("10:00", "n-1", exemplar("They sell us!", mention_id="m-1")), "10:00"))
    others = report((narrative("10:00", "n-2", exemplar("The form has no end", mention_id="m-2")), "10:00"))
    assert sorted(each.kind for each in compare(ours, others).differences) == ["gained", "lost"]


def test_the_claim_decides_before_the_quotes() -> None:
    shown = (exemplar(mention_id="m-1"),)
    sale, pin = claim(id="sale"), claim(id="pin")
    ours = report((narrative("10:00", "n-1", evidence=evidence(exemplars=shown, claim=sale)), "10:00"))
    same = report((narrative("10:00", "n-2", evidence=evidence(exemplars=(), claim=sale)), "10:00"))
    other = report((narrative("10:00", "n-3", evidence=evidence(exemplars=shown, claim=pin)), "10:00"))
    assert only(compare(ours, same)).kind == "kept"
    assert sorted(each.kind for each in compare(ours, other).differences) == ["gained", "lost"]


def test_a_change_of_severity_is_told() -> None:
    ours, others = rise("10:00"), rise("10:00", severity=Severity.INFO)
    comparison = compare(report((ours, "10:00")), report((others, "10:00")))
    assert [each.severer_by for each in comparison.of("severer")] == [2]
    assert comparison.of("milder") == []
    assert "info → critical" in text_of(comparison)
    assert "1 kept (1 severer)" in text_of(comparison)


def test_a_monitor_that_only_one_config_has_is_named() -> None:
    ours = report((rise("10:00", monitor="new"), "10:00"), monitors=("census", "new"))
    others = report((rise("10:00", monitor="old"), "10:00"), monitors=("census", "old"))
    comparison = compare(ours, others)
    assert (comparison.only_ours, comparison.only_others) == (("new",), ("old",))
    assert (len(comparison.of("gained")), len(comparison.of("lost"))) == (1, 1)
    text = text_of(comparison)
    assert "new: 1 alert; the other config has no such monitor" in text
    assert "old: 1 alert lost; this config has no such monitor" in text
    assert "census: no alert in either" in text


def test_nothing_of_what_strangers_wrote_reaches_the_terminal_as_it_came() -> None:
    told = rise("10:00", evidence=evidence("\x1b[31mred [bold]and loud[/bold]"))
    text = text_of(compare(report((told, "10:00")), report()))
    assert "\x1b" not in text
    assert "[bold]and loud[/bold]" in text


def test_no_line_of_it_is_wider_than_a_narrow_terminal() -> None:
    comparison = compare(report((rise("10:00"), "10:00")), report((rise("10:20"), "10:20"), (rise("18:00"), "18:00")))
    assert max(map(len, text_of(comparison, 80).splitlines())) <= 80


CONFIG = """
organisation: {{name: Census Office}}
monitors:
  - {{name: census, query: census, detectors: {{volume_spike: {{sensitivity: {sensitivity}}}}}}}
receivers: [{{name: console, type: terminal}}]
routes: [{{receivers: [console]}}]
"""


@pytest.fixture(scope="module")
def recording() -> list[bytes]:
    """Ten days of about ten mentions in five minutes, a crisis on the eighth, and a smaller one on the ninth."""
    chance, lines = random.Random(1), []
    for minute in range(10 * 1440):
        at = START + timedelta(minutes=minute)
        day, hour = divmod(minute / 60, 24)
        rate = 2 * (6 if day == 8 and 14 <= hour < 17 else 2.2 if day == 9 and 10 <= hour < 12 else 1)
        for number in range(sum(chance.random() < rate / 20 for _ in range(20))):
            said = {"id": f"{minute}-{number}", "channel": "x", "at": at.isoformat(), "text": "the census"}
            lines.append(json.dumps(said).encode())
    return lines


def judged(sensitivity: str, recording: Sequence[bytes], folder: Path) -> Report:
    path = folder / f"{sensitivity}.yaml"
    path.write_text(CONFIG.format(sensitivity=sensitivity))
    config = load(path)
    matcher = Matcher({monitor.name: parse(monitor.query) for monitor in config.monitors})
    return Backtest(monitors(config, ()), matcher, None, START + timedelta(days=365)).run(recording)


def test_two_sensitivities_over_a_recording(recording: list[bytes], tmp_path: Path) -> None:
    low, high = judged("low", recording, tmp_path), judged("high", recording, tmp_path)
    proposal = compare(high, low)
    assert all(known.known_at >= known.began_at for known in high.known)
    assert proposal.of("lost") == []
    assert proposal.of("gained")
    crisis = START + timedelta(days=8, hours=14)
    kept = [each.ours for each in proposal.differences if each.ours is not None and each.others is not None]
    assert [each for each in kept if crisis <= each.known_at <= crisis + timedelta(minutes=30)]
    assert proposal.of("later") == []
    back = compare(low, high)
    assert (back.of("gained"), len(back.of("lost"))) == ([], len(proposal.of("gained")))
