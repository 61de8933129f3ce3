import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from streams.kafka.client import AccessError, UnreachableError, access, admin, for_aiokafka, for_kafka_python
from streams.settings.config import Kafka, Security

SERVERS = "one.example:9092, two.example:9092"


def secured(**settings: Any) -> Kafka:
    return Kafka(bootstrap=SERVERS, security=Security(username="groundswell", **settings))


def test_a_kafka_that_lets_everybody_in_is_told_no_credentials() -> None:
    reached = access(Kafka(bootstrap="localhost:9092"))
    assert for_aiokafka(reached) == {
        "bootstrap_servers": ["localhost:9092"],
        "client_id": "groundswell",
        "security_protocol": "PLAINTEXT",
    }
    assert for_kafka_python(reached)["sasl_mechanism"] is None


def test_a_password_over_tls_is_mapped_for_both_libraries(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    reached = access(secured(protocol="SASL_SSL", password_file=str(tmp_path / "password")))
    for settings in (for_aiokafka(reached), for_kafka_python(reached)):
        assert settings["bootstrap_servers"] == ["one.example:9092", "two.example:9092"]
        assert settings["security_protocol"] == "SASL_SSL"
        assert settings["sasl_mechanism"] == "SCRAM-SHA-512"
        assert settings["sasl_plain_username"] == "groundswell"
        assert settings["sasl_plain_password"] == "open sesame"
        assert settings["ssl_context"].check_hostname


async def test_both_libraries_take_the_settings(tmp_path: Path) -> None:
    from aiokafka import AIOKafkaProducer
    from kafka import KafkaAdminClient

    (tmp_path / "password").write_text("open sesame\n")
    reached = access(secured(protocol="SASL_SSL", password_file=str(tmp_path / "password")))
    await AIOKafkaProducer(**for_aiokafka(reached)).stop()
    assert set(for_kafka_python(reached)) <= set(KafkaAdminClient.DEFAULT_CONFIG)


def test_a_password_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "open sesame")
    reached = access(secured(protocol="SASL_PLAINTEXT", mechanism="PLAIN", password_env="KAFKA_PASSWORD"))
    assert (reached.mechanism, reached.password) == ("PLAIN", "open sesame")


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "open sesame")
    reached = access(secured(protocol="SASL_PLAINTEXT", password_env="KAFKA_PASSWORD"))
    assert "sesame" not in repr(reached)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"password_env": "NOT_SET"}, "the Kafka password is missing: set the environment variable NOT_SET"),
        ({"password_file": "/nowhere/password"}, "cannot be read from /nowhere/password: No such file"),
        ({"password_file": "/dev/null"}, "/dev/null is empty"),
        ({}, "the Kafka password is missing: name a file or an environment variable"),
    ],
)
def test_a_missing_password_is_named_with_its_place(settings: dict[str, str], said: str) -> None:
    with pytest.raises(AccessError, match=said):
        access(secured(protocol="SASL_SSL", **settings))


def test_a_missing_username_is_said() -> None:
    with pytest.raises(AccessError, match="SASL_SSL needs a username"):
        access(Kafka(bootstrap=SERVERS, security=Security(protocol="SASL_SSL", password_env="HOME")))


def test_a_missing_certificate_is_named() -> None:
    with pytest.raises(AccessError, match=r"/nowhere/ca\.pem: No such file or directory"):
        access(Kafka(bootstrap=SERVERS, security=Security(protocol="SSL", ca_file="/nowhere/ca.pem")))


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(AccessError, match=r"ca\.pem: no valid certificate or key"):
        access(Kafka(bootstrap=SERVERS, security=Security(protocol="SSL", ca_file=str(tmp_path / "ca.pem"))))


def test_without_a_configured_kafka_and_a_local_one_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"groundswell broker start.*kafka\.bootstrap"):
        access(Kafka(), local=tmp_path)


def test_a_kafka_that_does_not_answer_is_waited_for_and_then_named() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{reserved.getsockname()[1]}"
        began = time.monotonic()
        with (
            pytest.raises(UnreachableError, match=rf"did not answer within 1 s \({nobody}: Connection refused\). Does"),
            admin(access(Kafka(bootstrap=nobody)), patience=timedelta(seconds=1)),
        ):
            pass
        assert time.monotonic() - began >= 1


@pytest.mark.kafka
def test_a_kafka_that_speaks_otherwise_is_named_with_what_to_check(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "open sesame")
    security = Security(protocol="SASL_PLAINTEXT", username="groundswell", password_env="KAFKA_PASSWORD")
    with (
        pytest.raises(
            UnreachableError, match=r"does not let us in\. .*groundswell by SCRAM-SHA-512, and is the password"
        ),
        admin(access(Kafka(bootstrap=kafka, security=security)), patience=timedelta(seconds=1)),
    ):
        pass
