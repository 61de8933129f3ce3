"""How to reach Kafka and prove who we are, in the words of each client library that we use.

AccessError          nothing can be asked: no address, a secret or a certificate is missing
└── UnreachableError Kafka does not answer, or does not let us in
"""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streams.kafka import broker
from streams.kafka.admin import connect
from streams.settings.config import Kafka, Security
from streams.settings.secret import SecretError, read_secret

if TYPE_CHECKING:
    from kafka import KafkaAdminClient


_HANDSHAKE = timedelta(seconds=10)


class AccessError(Exception):
    """Kafka cannot be used as configured; says why, and what to do."""


class UnreachableError(AccessError):
    """Kafka does not answer, or refuses us."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """A Kafka's address and our credentials, all secrets read."""

    bootstrap: str
    """`host:port`, several with commas."""
    protocol: str = "PLAINTEXT"
    mechanism: str | None = None
    """None where no password is asked for."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)


def access(kafka: Kafka, *, local: Path = broker.DEFAULT_DATA) -> Access:
    """Read the secrets and find the address: the configured one, else that of the local broker in the folder `local`.

    Raises `AccessError`.
    """
    security = kafka.security
    asks_password = security.protocol.startswith("SASL")
    return Access(
        bootstrap=kafka.bootstrap or _local_bootstrap(local),
        protocol=security.protocol,
        mechanism=security.mechanism if asks_password else None,
        username=security.username if asks_password else None,
        password=_password(security) if asks_password else None,
        tls=_tls(security) if security.protocol.endswith("SSL") else None,
    )


def for_kafka_python(access: Access) -> dict[str, Any]:
    """Arguments of `KafkaProducer`, `KafkaConsumer` and `KafkaAdminClient`."""
    return _settings(access)


def for_aiokafka(access: Access) -> dict[str, Any]:
    """Arguments of `AIOKafkaProducer` and `AIOKafkaConsumer`."""
    # aiokafka looks at the mechanism only where SASL is spoken, and refuses None.
    return {name: value for name, value in _settings(access).items() if value is not None}


@contextmanager
def admin(access: Access, *, patience: timedelta = timedelta(seconds=30)) -> Iterator["KafkaAdminClient"]:
    """A client that creates and describes topics, connected. Raises `UnreachableError` when patience ends."""
    _wait_for_a_server(access, patience)
    from kafka.errors import KafkaError

    try:
        client = connect(for_kafka_python(access), min(patience, _HANDSHAKE))
    except KafkaError as error:
        raise UnreachableError(_not_let_in(access, error)) from error
    with client:
        yield client


def _local_bootstrap(local: Path) -> str:
    bootstrap = broker.running_bootstrap(local)
    if bootstrap is None:
        raise UnreachableError(
            f"no Kafka is configured, and the local one in {local} does not run: start it with "
            "`groundswell broker start`, or set kafka.bootstrap in the config to one that you have"
        )
    return bootstrap


def _password(security: Security) -> str:
    if not security.username:
        raise AccessError(f"kafka.security: {security.protocol} needs a username")
    try:
        return read_secret("the Kafka password", file=security.password_file, env=security.password_env)
    except SecretError as error:
        raise AccessError(f"kafka.security: {error}") from None


def _tls(security: Security) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=security.ca_file)
        if security.cert_file is not None:
            context.load_cert_chain(security.cert_file, security.key_file, password=_no_passphrase)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(filter(None, (security.ca_file, security.cert_file, security.key_file)))
        reason = error.strerror if isinstance(error, FileNotFoundError) else f"no valid certificate or key ({error})"
        raise AccessError(f"kafka.security: {files}: {reason}") from None
    return context


def _no_passphrase() -> str:
    # Without this, OpenSSL would ask on the terminal.
    raise AccessError("kafka.security: key_file is encrypted; give one that is not, and guard it by file permissions")


def _settings(access: Access) -> dict[str, Any]:
    return {
        "bootstrap_servers": _servers(access),
        "client_id": "groundswell",
        "security_protocol": access.protocol,
        "ssl_context": access.tls,
        "sasl_mechanism": access.mechanism,
        "sasl_plain_username": access.username,
        "sasl_plain_password": access.password,
    }


def _wait_for_a_server(access: Access, patience: timedelta) -> None:
    # By ourselves: kafka-python keeps a socket for each attempt that fails, and does not say why it failed.
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        refusals = []
        for server in _servers(access):
            host, _, port = server.rpartition(":")
            try:
                socket.create_connection((host.strip("[]"), int(port)), timeout=3).close()
                return
            except (OSError, ValueError) as error:
                refusals.append(f"{server}: {getattr(error, 'strerror', None) or error}")
        if time.monotonic() > deadline:
            raise UnreachableError(
                f"Kafka did not answer within {patience.total_seconds():.0f} s ({'; '.join(refusals)}). "
                "Does it run, and is the address right?"
            )
        time.sleep(0.5)


def _servers(access: Access) -> list[str]:
    return [server.strip() for server in access.bootstrap.split(",")]


def _not_let_in(access: Access, error: Exception) -> str:
    from kafka.errors import KafkaTimeoutError

    if not isinstance(error, KafkaTimeoutError):
        return f"Kafka at {access.bootstrap} does not let us in: {error}"
    # kafka-python tries a refused password again until its time is over.
    doubt = f"Does it speak {access.protocol} there?"
    if access.username is not None:
        doubt += f" Does it know {access.username} by {access.mechanism}, and is the password right?"
    return f"Kafka at {access.bootstrap} listens, but does not let us in. {doubt}"
