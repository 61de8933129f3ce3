"""The metrics of the stage `notify`: what is told, held, waited for and clicked, by receiver."""

from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from alerting.alert import Gate
from alerting.slack_actions import Refusal
from streams.monitors import route_name
from streams.settings.config import Config
from streams.stages.allowance import Allowance

CLICK_OUTCOMES = ("accepted", "repeat", "failed", "forged", "opened", "not_opened")
"""Of clicks that were not refused by `alerting/slack_actions.py`."""
LATENCY_SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86400)


class NotifyMetrics:
    """The part of `Metrics` that only this stage has."""

    def about_notify(self, config: Config, at: CollectorRegistry) -> None:
        """Register them."""
        names = [receiver.name for receiver in config.receivers]
        self.notifications = Counter(
            "groundswell_notifications", "Notifications by what became of them.", ["receiver", "outcome"], registry=at
        )
        for name, outcome in product(names, ("delivered", "again", "refused", "superseded", "repeat", "held")):
            self.notifications.labels(name, outcome)
        self.waiting = Gauge("groundswell_notifications_waiting", "Stories yet to be told.", ["receiver"], registry=at)
        for name in names:
            self.waiting.labels(name)
        self.notification_delay = Histogram(
            "groundswell_notification_delay_seconds",
            "From the arrival of the mention behind a notification until the receiver had it.",
            ["receiver"],
            buckets=LATENCY_SECONDS,
            registry=at,
        )
        self.event_to_notification = Histogram(
            "groundswell_event_to_notification_seconds",
            "From the event time at which a notification was decided until the receiver had it.",
            ["receiver"],
            buckets=LATENCY_SECONDS,
            registry=at,
        )
        self.clicks = Counter(
            "groundswell_slack_clicks", "Clicks in Slack, by what became of them.", ["outcome"], registry=at
        )
        for outcome in (*CLICK_OUTCOMES, *(refusal.value for refusal in Refusal)):
            self.clicks.labels(outcome)
        self.slack_connected = Gauge(
            "groundswell_slack_connected",
            "Whether clicks in Slack are heard over Socket Mode; there is none for receivers without a token for it.",
            ["receiver"],
            registry=at,
        )
        for name in names:
            self.notification_delay.labels(name)
            self.event_to_notification.labels(name)
        self._about_interruptions(config, at)

    def spent(self, allowance: Allowance, receiver: str, interruptions: int) -> None:
        """So many interruptions of the day are spent; none are left to tell of where there is no budget."""
        self.interruptions.labels(allowance.route, receiver).set(interruptions)
        if allowance.interrupts_a_day is not None:
            left = max(0, allowance.interrupts_a_day - interruptions)
            self.interruptions_left.labels(allowance.route, receiver).set(left)

    def given_up(self, receiver: str) -> None:
        """Another worker has the receiver's partition now."""
        self.waiting.labels(receiver).set(0)
        self.refused.labels(receiver).set(0)
        for number, route in enumerate(self._routes, start=1):
            if receiver in route.receivers:
                self.interruptions.labels(route_name(route, number), receiver).set(0)
                # None left is an alarm: who does not count them must not say so.
                self.interruptions_left.remove(route_name(route, number), receiver)

    def _about_interruptions(self, config: Config, at: CollectorRegistry) -> None:
        names = [receiver.name for receiver in config.receivers]
        self.refused = Gauge(
            "groundswell_receiver_refused",
            "1 where a receiver takes nothing: somebody must act.",
            ["receiver"],
            registry=at,
        )
        self.held = Counter(
            "groundswell_notifications_held",
            "Notifications that called nobody, by what held them back.",
            ["receiver", "gate"],
            registry=at,
        )
        self.digested = Counter(
            "groundswell_digest_stories", "Stories that were told in digests.", ["receiver"], registry=at
        )
        for name in names:
            self.refused.labels(name)
            self.digested.labels(name)
            for gate in Gate:
                self.held.labels(name, gate.value)
        self.interruptions = Gauge(
            "groundswell_interruptions_today",
            "Interruptions that a route has spent of its day's budget.",
            ["route", "receiver"],
            registry=at,
        )
        self.interruptions_left = Gauge(
            "groundswell_interruptions_left",
            "Interruptions that are left of a route's day, for critical stories; only at the worker that counts them.",
            ["route", "receiver"],
            registry=at,
        )
        self._routes = config.routes
        for number, route in enumerate(config.routes, start=1):
            for name in route.receivers:
                self.interruptions.labels(route_name(route, number), name)
