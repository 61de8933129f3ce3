"""Metrics that are asked for at each scrape: what a worker lost to another it no longer tells."""

from collections.abc import Callable, Iterable, Iterator
from itertools import product

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerting.alert import Alert, Severity
from alerting.precision import Precision
from streams.settings.config import Config


class Firing(Collector):
    """How many alerts fire. Every series of the config is there, at 0 where nothing does."""

    def __init__(self, config: Config, alerts: Callable[[], Iterable[Alert]]) -> None:
        self._series = [
            (monitor, detector, severity.label)
            for (monitor, detector), severity in product(_found_by(config), Severity)
        ]
        self._alerts = alerts

    def collect(self) -> Iterator[Metric]:
        firing = dict.fromkeys(self._series, 0)
        for alert in self._alerts():
            # A detector that was just taken out of the config may still have an alert that fires.
            labels = alert.monitor, alert.detector, alert.severity.label
            firing[labels] = firing.get(labels, 0) + 1
        family = GaugeMetricFamily(
            "groundswell_alerts_firing", "Alerts that fire now.", labels=["monitor", "detector", "severity"]
        )
        for each, count in firing.items():
            family.add_metric(each, count)
        yield family


class Verdicts(Collector):
    """What people thought of what they were told, by the detectors that found it, since the monitor began.

    `verdicts` gives monitors, each with what is known of one of its detectors.
    """

    def __init__(self, config: Config, verdicts: Callable[[], Iterable[tuple[str, Precision]]]) -> None:
        self._series = list(_found_by(config))
        self._verdicts = verdicts

    def collect(self) -> Iterator[Metric]:
        known = {(monitor, found.detector): found for monitor, found in self._verdicts()}
        family = GaugeMetricFamily(
            "groundswell_verdicts",
            "Verdicts of people on stories, each person's last, by the detectors that found them.",
            labels=["monitor", "detector", "verdict"],
        )
        for monitor, detector in dict.fromkeys([*self._series, *known]):
            found = known.get((monitor, detector), Precision(detector=detector, useful=0, not_useful=0))
            family.add_metric([monitor, detector, "useful"], found.useful)
            family.add_metric([monitor, detector, "not_useful"], found.not_useful)
        yield family


def _found_by(config: Config) -> Iterator[tuple[str, str]]:
    return ((monitor.name, detector) for monitor in config.monitors for detector in monitor.detectors)
