"""The example recording: it is what its program writes, and it tells the story that the demonstration shows."""

import gzip
import importlib.util
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from alerting.alert import Alert, Severity
from detectors.mention import Mention
from streams.backtest.run import Backtest, Report
from streams.encoding.claim_vectors import encode_claims
from streams.encoding.encoder import Encoder
from streams.ingesting import moved
from streams.monitors import monitors
from streams.queries.matching import Matcher
from streams.queries.query import parse
from streams.reading import Malformed, read_mention
from streams.settings.loading import base_folder, load, load_claims_of

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
EVENING = datetime(2026, 3, 16, 16, 0, tzinfo=UTC)
STARTED_AT = datetime(2026, 11, 1, tzinfo=UTC)


def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("census_recording", EXAMPLES / "census_recording.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def recording() -> list[bytes]:
    return gzip.decompress((EXAMPLES / "census.jsonl.gz").read_bytes()).splitlines()


def backtest(encoder: Encoder, later: timedelta = timedelta(0)) -> Report:
    path = EXAMPLES / "census.yaml"
    config = load(path)
    claims = encode_claims(load_claims_of(config, base_folder(path)), encoder)
    matcher = Matcher({monitor.name: parse(monitor.query) for monitor in config.monitors})
    lines = [moved(line, later) for line in recording()]
    return Backtest(monitors(config, claims), matcher, encoder, STARTED_AT).run(lines)


@pytest.fixture(scope="module")
def report(encoder: Encoder) -> Report:
    return backtest(encoder)


def about(report: Report, claim: str) -> list[Alert]:
    return [alert for alert in report.alerts if (found := alert.evidence.claim) and found.id == claim and found.certain]


def test_the_recording_is_what_its_program_writes() -> None:
    assert program().Recording().lines() == recording()


def test_the_recording_stands_in_order_of_time_and_names_only_example_hosts() -> None:
    read = [read_mention(line, STARTED_AT) for line in recording()]
    mentions = [each for each in read if isinstance(each, Mention) and not each.id.startswith("odd:")]
    assert len(mentions) > 3500
    assert [each.at for each in mentions] == sorted(each.at for each in mentions)
    hosts = {link.split("/")[2] for each in mentions for link in (each.url or "", *each.links) if link}
    assert all(host.endswith((".example.org", ".example.net", "evil.example")) for host in hosts)


def test_the_recording_holds_every_kind_of_bad_line() -> None:
    read = [read_mention(line, STARTED_AT) for line in recording()]
    reasons = {each.reason for each in read if isinstance(each, Malformed)}
    assert reasons == {"not_json", "wrong_type", "missing_field", "bad_value"}
    assert any(isinstance(each, Mention) and each.clock_ahead for each in read)
    assert any(isinstance(each, Mention) and each.at.year == 1970 for each in read)


def test_two_calm_weeks_give_no_alert(report: Report) -> None:
    assert [alert.evidence.summary for alert in report.alerts if alert.starts_at < EVENING] == []


def test_the_rise_is_told(report: Report) -> None:
    assert [alert.monitor for alert in report.alerts if alert.detector == "volume_spike"] == ["census"]


def test_the_claim_of_the_crowd_is_matched_and_comes_with_the_approved_answer(report: Report) -> None:
    told = about(report, "census-immigration")
    assert told
    assert max(alert.severity for alert in told) == Severity.CRITICAL
    assert all(
        alert.evidence.claim and "The Census Act forbids" in (alert.evidence.claim.answer or "") for alert in told
    )


def test_what_the_model_does_not_cover_is_told_as_matched_by_letters(report: Report) -> None:
    by_letters = [alert for alert in report.alerts if "matched by letters only" in alert.evidence.summary]
    assert {language for alert in by_letters for language in alert.evidence.languages} >= {"de", "es"}


def test_the_claim_of_the_chorus_is_matched_and_told_as_coordinated(report: Report) -> None:
    told = about(report, "census-bank-pin")
    assert told
    assert any("coordinated" in alert.effects for alert in told)


def test_each_claim_is_told_by_one_monitor(report: Report) -> None:
    """The second one hears of other things: what two monitors hear is told twice."""
    for claim in ("census-immigration", "census-bank-pin"):
        assert {alert.monitor for alert in about(report, claim)} <= {"census"}
    assert 0 < report.matches["census-website"] < report.matches["census"] / 20


def test_the_hour_at_which_the_demonstration_runs_makes_no_difference(encoder: Encoder, report: Report) -> None:
    """Its times are moved to the present, so that quiet nights and busy evenings fall on other hours."""
    later = timedelta(days=100, hours=5, minutes=37)
    moved_report = backtest(encoder, later)
    assert [alert.starts_at for alert in moved_report.alerts if alert.starts_at < EVENING + later] == []
    assert {alert.detector for alert in moved_report.alerts} == {"volume_spike", "narrative"}
    assert about(moved_report, "census-immigration")
