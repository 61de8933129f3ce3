"""Puts a stage together from a config file, when Kafka can be used.

CannotRun   a person must act before it makes sense to try again
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args

from msgspec import structs

from alerting.notifier import Notifier
from detectors.known_claim import KnownClaim
from detectors.narratives.clustering.calibration import Calibration
from detectors.registry import load_detectors
from streams.backtest.run import Backtest
from streams.calibrating.readiness import unsure_languages
from streams.calibrating.stored import calibrations_for
from streams.kafka import client as kafka_client
from streams.kafka import topics
from streams.kafka.client import Access, UnreachableError
from streams.pipeline import ModelChanged
from streams.settings.config import Config, Receiver, Slack, Terminal
from streams.settings.loading import base_folder, load, load_claims_of, read_claims_of
from streams.stages.assignment import Hole
from streams.stages.checkpoint import Fenced
from streams.stages.endpoint import CannotListen
from streams.stages.group import Orphaned
from streams.stages.notifiers import other_notifier
from streams.stages.slack_apps import bot_token, bot_token_now, hears_clicks, is_classic
from streams.stages.waiting import NoAnswer

if TYPE_CHECKING:
    from streams.encoding.encoder import Encoder

logger = logging.getLogger(__name__)

StageName = Literal["match", "detect", "notify"]
STAGES: tuple[StageName, ...] = get_args(StageName)

ASK_EVERY = timedelta(seconds=10)


class CannotRun(Exception):  # noqa: N818 - the house names errors for what is wrong
    """The worker would fail again in the same way; says what a person must do."""


def run_stage(stage: StageName, path: Path, loglevel: str, forget: Sequence[str] = ()) -> NoReturn:
    """Run one worker of a stage until it is stopped.

    `forget` names models as `encoder.forget` of the config does.

    Raises `ConfigError`, `AccessError`, `SecretError`, `EncoderUnavailable`, `CannotRun`: all for a person to read.
    """
    from streams import app

    config = load(path)
    encoder = structs.replace(config.encoder, forget=(*config.encoder.forget, *forget))
    config = structs.replace(config, encoder=encoder)
    access = wait_for_kafka(config, path)
    client = kafka_client.for_aiokafka(access)
    worker = _WORKERS[stage](config, path, client)
    group = f"{config.kafka.topic_prefix}{stage}"
    try:
        app.run(
            worker,
            access.bootstrap,
            group,
            client,
            config.kafka.session_timeout,
            loglevel,
            final=(ModelChanged,),
            explained=(UnreachableError, Hole, Orphaned, NoAnswer, Fenced, CannotListen),
        )
    except ModelChanged as error:
        again = " ".join(f"--forget-model {model}" for model in error.models)
        raise CannotRun(
            f"{error}. Either name that model again, or have its narratives forgotten: those of the new one then begin "
            f"with a day of learning, without alerts of narratives: groundswell run {path} {again}"
        ) from error


def wait_for_kafka(config: Config, path: Path, *, create_topics: bool = False) -> Access:
    """Wait, however long it takes, until Kafka answers, or the local broker runs; then see that the topics are there.
    `path` is the config's, to be named in a command that helps.

    Raises `AccessError` where waiting does not help, and `CannotRun` where the topics are missing, differ or cannot be
    created.
    """
    needed = topics.required(config.kafka)
    while True:
        tried_at = monotonic()
        try:
            access = kafka_client.access(config.kafka)
            with kafka_client.admin(access, patience=ASK_EVERY) as client:
                absent = topics.create_missing(client, needed) if create_topics else topics.missing(client, needed)
                wrong = topics.differences(client, needed)
                break
        except topics.TopicError as error:
            raise CannotRun(f"{error}. Correct kafka.replication or kafka.topic_prefix, or have it allowed") from error
        except UnreachableError as error:
            logger.warning("waiting for Kafka; nothing is lost meanwhile", extra={"why": str(error)})
            sleep(max(0.0, ASK_EVERY.total_seconds() - (monotonic() - tried_at)))
    if absent and not create_topics:
        names = ", ".join(topic.name for topic in absent)
        raise CannotRun(f"topics are missing ({names}): create them with `groundswell topics {path}`")
    if wrong:
        raise CannotRun("\n".join(str(difference) for difference in wrong))
    return access


def notifiers(config: Config) -> dict[str, Callable[[], Notifier]]:
    """How to tell each receiver. Raises `SecretError` where a secret is missing: now, and not at the first alert."""
    return {receiver.name: _notifier(config, receiver) for receiver in config.receivers}


def _notifier(config: Config, receiver: Receiver) -> Callable[[], Notifier]:
    if isinstance(receiver, Slack):
        from alerting.slack import SlackNotifier

        return partial(
            SlackNotifier,
            name=receiver.name,
            channel=receiver.channel,
            token=bot_token(receiver),
            read_token=partial(bot_token_now, receiver),
            base_url=receiver.base_url,
            buttons=hears_clicks(config, receiver),
            is_classic=is_classic(receiver),
        )
    if isinstance(receiver, Terminal):
        from alerting.terminal import TerminalNotifier

        return partial(TerminalNotifier, name=receiver.name, file=receiver.file)
    return other_notifier(receiver)


def backtest_of(path: Path) -> Backtest:
    """A backtest of the config in a file. Raises `ConfigError`, and `EncoderUnavailable` where that is needed."""
    return backtest_with(load(path), base_folder(path), path=path)


def backtest_with(
    config: Config, folder: Path, started_at: datetime | None = None, path: object = "CONFIG"
) -> Backtest:
    """As `backtest_of`, of a config whose relative paths begin at `folder`.

    Args:
        config: What is run.
        folder: Where its claims files are looked for.
        started_at: When it is taken to happen, for recordings that are made up; now where absent.
        path: The config's file, to be named in a command that would help.
    """
    from streams.monitors import matcher, monitors

    claims: Sequence[KnownClaim] = load_claims_of(config, folder)
    encoder = None
    calibrations: Sequence[Calibration] = ()
    if reads_vectors(config):
        from streams.encoding.claim_vectors import encode_claims

        encoder, calibrations = _encoder(config, path)
        claims = encode_claims(claims, encoder)
    return Backtest(monitors(config, claims, calibrations), matcher(config), encoder, started_at or datetime.now(UTC))


def reads_vectors(config: Config) -> set[str]:
    """The monitors that need the texts encoded."""
    known = load_detectors()
    return {monitor.name for monitor in config.monitors if any(known[name].reads_vectors for name in monitor.detectors)}


def _encoder(config: Config, path: object) -> "tuple[Encoder, tuple[Calibration, ...]]":
    """Open, for the languages that the model is calibrated for; and those calibrations."""
    from streams.encoding.encoder import open_encoder

    calibrations = calibrations_for(config.encoder, path)
    languages = frozenset(calibration.language for calibration in calibrations)
    return open_encoder(config.encoder, lambda model: languages), calibrations


def _match(config: Config, path: Path, client: Mapping[str, Any]) -> Any:
    from streams.monitors import matcher
    from streams.stages.workers import MatchWorker

    readers = reads_vectors(config)
    encoder = None
    if readers:
        encoder, _ = _encoder(config, path)
    return MatchWorker(config, client, topics.names(config.kafka), matcher(config), encoder, readers)


def _detect(config: Config, path: Path, client: Mapping[str, Any]) -> Any:
    from streams.encoding.claim_vectors import with_vectors
    from streams.monitors import monitors
    from streams.stages.claims_watch import ClaimsWatch, digest_of, tell_left_out
    from streams.stages.workers import DetectWorker

    folder = base_folder(path)
    digest = digest_of(config, folder)  # before they are read: what changes in between is read again
    read = read_claims_of(config, folder)
    tell_left_out(read)
    encodes = bool(reads_vectors(config))
    calibrations = calibrations_for(config.encoder, path) if encodes else ()
    if read.claims and (unsure := unsure_languages(calibrations)):
        logger.warning(
            "matches with known claims are only possible, never certain: see `groundswell check`",
            extra={"languages": " ".join(unsure)},
        )
    claims = with_vectors(read.claims, config.encoder) if encodes else read.claims
    watch = ClaimsWatch(config, folder, digest, claims, read.bad_rows, encodes=encodes)
    return DetectWorker(config, client, topics.names(config.kafka), monitors(config, claims, calibrations), watch)


def _notify(config: Config, path: Path, client: Mapping[str, Any]) -> Any:
    from streams.stages.workers import NotifyWorker

    return NotifyWorker(config, client, topics.names(config.kafka), notifiers(config))


_WORKERS: dict[StageName, Callable[[Config, Path, Mapping[str, Any]], Any]] = {
    "match": _match,
    "detect": _detect,
    "notify": _notify,
}
