from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from alerting.alert import Severity
from alerting.precision import Precision
from streams.settings.config import Config, MonitorSettings, Organisation, Route, Slack, Terminal
from streams.stages.allowance import allowances
from streams.stages.collectors import Firing, Verdicts
from streams.stages.metrics import CHANNELS, Metrics, age_seconds, channel_label
from streams.stages.starting import STAGES
from tests.building import alert

CONFIG = Config(
    organisation=Organisation(name="Census Office"),
    monitors=(
        MonitorSettings(name="census", query="census", detectors={"volume_spike": None, "narrative": None}),
        MonitorSettings(name="health", query="health", detectors={"volume_spike": None}),
    ),
    receivers=(Terminal(name="console"), Slack(name="comms", channel="C1")),
    routes=(Route(receivers=("console", "comms")),),
)
Sample = tuple[str, frozenset[tuple[str, str]]]


def samples(metrics: Metrics) -> dict[Sample, float]:
    text = generate_latest(metrics.registry).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


@pytest.mark.parametrize("stage", STAGES)
def test_every_series_exists_from_the_start_at_zero(stage: str) -> None:
    found = samples(Metrics(CONFIG, stage))
    assert {name for (name, _), at in found.items() if at != 0} == {"groundswell_build_info"}
    families = {name for name, _ in found}
    assert "groundswell_dead_letters_total" in families
    assert all(name.startswith("groundswell_") for name in families)


@pytest.mark.parametrize(
    ("stage", "name", "labels"),
    [
        ("match", "groundswell_mentions_total", {"channel": "bluesky", "outcome": "matched"}),
        ("match", "groundswell_mentions_total", {"channel": "other", "outcome": "unmatched"}),
        ("match", "groundswell_matches_total", {"monitor": "health"}),
        ("match", "groundswell_encoded_texts_total", {"outcome": "cached"}),
        ("match", "groundswell_dead_letters_total", {"reason": "too_large"}),
        ("detect", "groundswell_heard_mentions_total", {"monitor": "health", "outcome": "too_late"}),
        ("detect", "groundswell_detections_total", {"monitor": "census", "detector": "narrative"}),
        ("detect", "groundswell_suppressed_total", {"monitor": "census", "why": "unrouted"}),
        ("detect", "groundswell_notifications_decided_total", {"receiver": "comms", "reason": "escalated"}),
        ("notify", "groundswell_notifications_total", {"receiver": "comms", "outcome": "refused"}),
        ("notify", "groundswell_notifications_waiting", {"receiver": "console"}),
        ("notify", "groundswell_notification_delay_seconds_count", {"receiver": "console"}),
        ("notify", "groundswell_event_to_notification_seconds_count", {"receiver": "comms"}),
    ],
)
def test_what_an_alarm_may_ask_for_is_there_before_it_happens(stage: str, name: str, labels: dict[str, str]) -> None:
    assert value(Metrics(CONFIG, stage), name, **labels) == 0


def test_a_detector_that_a_monitor_does_not_have_has_no_series() -> None:
    assert (
        value(Metrics(CONFIG, "detect"), "groundswell_detections_total", monitor="health", detector="narrative") is None
    )


@pytest.mark.parametrize("stage", STAGES)
def test_each_worker_has_a_registry_of_its_own(stage: str) -> None:
    assert Metrics(CONFIG, stage).registry is not Metrics(CONFIG, stage).registry
    given = CollectorRegistry()
    assert Metrics(CONFIG, stage, given).registry is given


@pytest.mark.parametrize("channel", ["Bluesky", 'x"} 1\n', "nobody's", "", "bluesky\0"])
def test_a_channel_that_is_not_known_is_called_other(channel: str) -> None:
    assert channel_label(channel) == "other"


def test_known_channels_have_labels_of_their_own() -> None:
    assert {channel_label(channel) for channel in CHANNELS} == CHANNELS


def test_firing_alerts_are_counted_at_each_scrape() -> None:
    metrics = Metrics(CONFIG, "detect")
    firing = [alert(severity=Severity.CRITICAL), alert(subject="n", severity=Severity.CRITICAL)]
    metrics.show(Firing(CONFIG, lambda: firing))
    labels = {"monitor": "census", "detector": "volume_spike"}
    assert value(metrics, "groundswell_alerts_firing", **labels, severity="critical") == 2
    assert value(metrics, "groundswell_alerts_firing", **labels, severity="life_safety") == 0
    firing.clear()
    assert value(metrics, "groundswell_alerts_firing", **labels, severity="critical") == 0


def test_an_alert_of_a_detector_that_was_just_taken_out_does_not_stop_the_metrics() -> None:
    metrics = Metrics(CONFIG, "detect")
    metrics.show(Firing(CONFIG, lambda: [alert(monitor="health", detector="narrative", severity=Severity.INFO)]))
    labels = {"monitor": "health", "detector": "narrative", "severity": "info"}
    assert value(metrics, "groundswell_alerts_firing", **labels) == 1


def test_verdicts_are_told_by_monitor_and_detector() -> None:
    metrics = Metrics(CONFIG, "detect")
    found = Precision(detector="volume_spike", useful=3, not_useful=1)
    metrics.show(Verdicts(CONFIG, lambda: [("census", found)]))
    labels = {"detector": "volume_spike", "verdict": "useful"}
    assert value(metrics, "groundswell_verdicts", monitor="census", **labels) == 3
    assert value(metrics, "groundswell_verdicts", monitor="health", **labels) == 0


def test_an_age_is_never_negative() -> None:
    assert age_seconds(datetime.now(UTC) + timedelta(hours=1)) == 0
    assert 3599 < age_seconds(datetime.now(UTC) - timedelta(hours=1)) < 3700
    assert age_seconds(datetime(1970, 1, 1, tzinfo=UTC)) > 1e9


def test_a_budget_of_which_nothing_is_left_is_not_shown_before_it_is_known_or_by_who_does_not_count_it() -> None:
    metrics, labels = Metrics(CONFIG, "notify"), {"route": "route-1", "receiver": "comms"}
    assert value(metrics, "groundswell_interruptions_left", **labels) is None
    allowance = allowances(CONFIG)["route-1"]
    metrics.spent(allowance, "comms", 3)
    assert value(metrics, "groundswell_interruptions_left", **labels) == 7
    for _ in range(2):
        metrics.given_up("comms")
        assert value(metrics, "groundswell_interruptions_left", **labels) is None
        assert value(metrics, "groundswell_interruptions_today", **labels) == 0


def test_when_a_series_began_is_not_told_for_each_of_them() -> None:
    assert "_created" not in generate_latest(Metrics(CONFIG, "match").registry).decode()
