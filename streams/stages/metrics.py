"""All metrics; those of `notify` alone are in `notify_metrics.py`.

Labels come from config or from closed lists, never from mentions.

Times of things are timestamps, never ages, so that a stopped process shows as one that gets older.
"""

from datetime import UTC, datetime
from importlib.metadata import version
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, disable_created_metrics
from prometheus_client.registry import Collector

from alerting.alert import Reason
from alerting.gates import GATES_OF_MONITORS
from alerting.outcome import Suppression
from detectors.mention import Encoding
from streams import reading
from streams.encoding.languages import UNKNOWN
from streams.encoding.outcomes import outcome_of
from streams.settings.config import Config
from streams.settings.plan import covered_languages
from streams.stages.notify_metrics import LATENCY_SECONDS, NotifyMetrics

WORK_SECONDS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)
CHANNELS = frozenset(
    {
        "bluesky",
        "mastodon",
        "news",
        "hackernews",
        "youtube",
        "x",
        "reddit",
        "threads",
        "telegram",
        "facebook",
        "instagram",
    }
    | {"tiktok", "gdelt", "blog", "forum", "podcast", "tip", "web", "other"}
)


# When each series began: half of the page, and nobody asks for it.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics(NotifyMetrics):
    """What one worker tells Prometheus; every series exists from the start, at 0."""

    def __init__(self, config: Config, stage: str, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self.stage = stage
        self._about_every_stage()
        match stage:
            case "match":
                self._about_match(config)
            case "detect":
                self._about_detect(config)
            case "notify":
                self.about_notify(config, self.registry)
                self._about_stages_with_state()

    def _about_every_stage(self) -> None:
        at = self.registry
        build = Info("groundswell_build", "Which version runs.", registry=at)
        build.info({"version": version("groundswell"), "stage": self.stage})
        self.dead_letters = Counter(
            "groundswell_dead_letters", "Records, or lines of them, that could not be read.", ["reason"], registry=at
        )
        for reason in reading.REASONS:
            self.dead_letters.labels(reason)
        self.lag = Gauge("groundswell_lag_records", "Records of the input not yet read.", registry=at)
        self.partitions = Gauge("groundswell_partitions", "Partitions of the input that this worker has.", registry=at)
        self.last_record = Gauge(
            "groundswell_last_record_timestamp_seconds", "When the last record was taken in.", registry=at
        )
        self.mention_age = Histogram(
            "groundswell_mention_age_seconds",
            "From the arrival of a mention until this stage was done with it.",
            buckets=LATENCY_SECONDS,
            registry=at,
        )

    def _about_match(self, config: Config) -> None:
        at = self.registry
        self.mentions = Counter(
            "groundswell_mentions", "Mentions read, by what became of them.", ["channel", "outcome"], registry=at
        )
        for channel, outcome in product(sorted(CHANNELS), ("matched", "unmatched", "synthetic")):
            self.mentions.labels(channel, outcome)
        self.matches = Counter("groundswell_matches", "Mentions that matched a monitor.", ["monitor"], registry=at)
        for monitor in config.monitors:
            self.matches.labels(monitor.name)
        self.encoded = Counter(
            "groundswell_encoded_texts",
            "Texts that came to the encoder, by what became of them.",
            ["outcome"],
            registry=at,
        )
        for outcome in ("encoded", "cached", "language", "uncalibrated", "shattered", "no_words"):
            self.encoded.labels(outcome)
        self._languages = covered_languages(config) | {UNKNOWN}
        self.compared = Counter(
            "groundswell_compared_mentions",
            "Mentions that came to the encoder, by language and by what they are compared: what the model does not "
            "cover by letters alone.",
            ["language", "outcome"],
            registry=at,
        )
        for language, outcome in product(sorted(self._languages | {"other"}), ("encoded", "letters", "no_words")):
            self.compared.labels(language, outcome)
        self.clocks_ahead = Counter(
            "groundswell_clocks_ahead", "Mentions that claimed to be from the future.", registry=at
        )
        self.encoding = Histogram(
            "groundswell_encoding_seconds", "Encoding one batch of texts.", buckets=WORK_SECONDS, registry=at
        )

    def _about_detect(self, config: Config) -> None:
        at = self.registry
        names = [monitor.name for monitor in config.monitors]
        self.heard = Counter(
            "groundswell_heard_mentions",
            "Mentions of a monitor, by what became of them.",
            ["monitor", "outcome"],
            registry=at,
        )
        for name, outcome in product(names, ("heard", "repeat", "late", "too_late")):
            self.heard.labels(name, outcome)
        self.detections = Counter(
            "groundswell_detections", "Findings of the detectors.", ["monitor", "detector"], registry=at
        )
        for monitor in config.monitors:
            for detector in monitor.detectors:
                self.detections.labels(monitor.name, detector)
        self.suppressed = Counter(
            "groundswell_suppressed", "Detections that led to nothing, or to less.", ["monitor", "why"], registry=at
        )
        for name, why in product(names, Suppression):
            self.suppressed.labels(name, why.value)
        self.decided = Counter(
            "groundswell_notifications_decided", "Notifications put in the outbox.", ["receiver", "reason"], registry=at
        )
        for receiver, reason in product(config.receivers, Reason):
            self.decided.labels(receiver.name, reason.value)
        self.held_tellings = Counter(
            "groundswell_held_tellings",
            "Tellings that interrupted nobody, by the gate that was closed.",
            ["monitor", "gate"],
            registry=at,
        )
        for name, gate in product(names, GATES_OF_MONITORS):
            self.held_tellings.labels(name, gate.value)
        self.watermark = Gauge(
            "groundswell_watermark_timestamp_seconds",
            "Event time before which nothing more is expected: the least over this worker's partitions.",
            registry=at,
        )
        self.claims = Gauge("groundswell_claims", "Known claims, with which narratives are compared.", registry=at)
        self.bad_claims = Gauge(
            "groundswell_claims_left_out", "Rows of the claims files that are wrong and left out.", registry=at
        )
        self.claims_reloaded = Gauge(
            "groundswell_claims_last_reload_successful",
            "1, or 0 where the claims files as they are now cannot be used and those known before stay.",
            registry=at,
        )
        self.claims_reloaded_at = Gauge(
            "groundswell_claims_last_reload_success_timestamp_seconds",
            "When the claims files were last read and used.",
            registry=at,
        )
        self.judging = Histogram(
            "groundswell_judging_seconds", "Taking in one record.", buckets=WORK_SECONDS, registry=at
        )
        self._about_stages_with_state()

    def _about_stages_with_state(self) -> None:
        at = self.registry
        self.heartbeat = Gauge(
            "groundswell_heartbeat_timestamp_seconds", "Clock of the newest tick from the stage before.", registry=at
        )
        self._newest_tick = 0.0
        self.warm_ups = Counter(
            "groundswell_warm_ups", "Parts of the saved state that did not fit and are learned anew.", registry=at
        )
        self.checkpoint_seconds = Histogram(
            "groundswell_checkpoint_seconds", "Saving the state of one partition.", buckets=WORK_SECONDS, registry=at
        )
        self.checkpoint_bytes = Counter("groundswell_checkpoint_bytes", "State written to Kafka.", registry=at)
        self.take_over_seconds = Histogram(
            "groundswell_take_over_seconds", "Reading the state of one partition.", buckets=WORK_SECONDS, registry=at
        )

    def count_compared(self, encoding: Encoding) -> None:
        """By a language that config or the model declares; all others are one."""
        outcome = outcome_of(encoding)
        self.compared.labels(
            encoding.language if encoding.language in self._languages else "other",
            outcome if outcome in ("encoded", "no_words") else "letters",
        ).inc()

    def ticked(self, clock: datetime) -> None:
        """A tick came. Of a partition that is behind it may be an old one."""
        self._newest_tick = max(self._newest_tick, clock.timestamp())
        self.heartbeat.set(self._newest_tick)

    def claims_known(self, claims: int, left_out: int) -> None:
        """The claims files were read, and can be used."""
        self.claims.set(claims)
        self.bad_claims.set(left_out)
        self.claims_reloaded.set(1)
        self.claims_reloaded_at.set_to_current_time()

    def checkpointed(self, seconds: float, size_bytes: int) -> None:
        self.checkpoint_seconds.observe(seconds)
        self.checkpoint_bytes.inc(size_bytes)

    def show(self, collector: Collector) -> None:
        """Serve what is asked for at each scrape."""
        self.registry.register(collector)


def channel_label(channel: str) -> str:
    """A channel as a label: one that we know, or `other`."""
    return channel if channel in CHANNELS else "other"


def age_seconds(arrived_at: datetime) -> float:
    """How long ago that was, never negative."""
    return max(0.0, (datetime.now(UTC) - arrived_at).total_seconds())
