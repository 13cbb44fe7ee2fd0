"""What clients are told: by their own names, quick, without settings that they refuse. The real ones: interop_tests."""

from __future__ import annotations

import re

import pytest

from kafka_compat.testing import Kafka
from kafka_compat.testing.client_configs import client_config

SERVERS = "127.0.0.1:1,127.0.0.1:2"


def test_each_client_gets_its_own_form_of_the_addresses() -> None:
    for client in ("confluent", "java"):
        assert client_config(client, SERVERS, {})["bootstrap.servers"] == SERVERS
    for client in ("kafka-python", "aiokafka"):
        assert client_config(client, SERVERS, {})["bootstrap_servers"] == SERVERS.split(",")
    assert client_config("kafkajs", SERVERS, {"clientId": "app"})["brokers"] == SERVERS.split(",")


def test_what_is_added_wins_and_none_takes_away() -> None:
    config = client_config("confluent", SERVERS, {"client_id": "app", "retry.backoff.ms": 7, "linger.ms": None})
    assert (config["client.id"], config["retry.backoff.ms"]) == ("app", 7)
    assert "linger.ms" not in config


@pytest.mark.parametrize(
    ("client", "of_a_consumer", "waits", "lingers"),
    [
        ("confluent", {"group_id": "g"}, "fetch.wait.max.ms", "linger.ms"),
        ("java", {"auto.offset.reset": "earliest"}, "fetch.max.wait.ms", "linger.ms"),
        ("kafka-python", {"group_id": "g"}, "fetch_max_wait_ms", "linger_ms"),
        ("aiokafka", {"group_id": "g"}, "fetch_max_wait_ms", "linger_ms"),
    ],
)
def test_a_consumers_settings_are_for_consumers(client: str, of_a_consumer: dict[str, str], waits: str, lingers: str) -> None:
    assert waits not in client_config(client, SERVERS, {"client.id": "app"})
    config = client_config(client, SERVERS, of_a_consumer)
    assert waits in config
    assert lingers not in config


@pytest.mark.parametrize("client", ["confluent", "java", "kafka-python", "aiokafka"])
def test_consumers_commit_soon_unless_told_otherwise(client: str) -> None:
    name = "auto.commit.interval.ms" if client in ("confluent", "java") else "auto_commit_interval_ms"
    assert int(client_config(client, SERVERS, {"group_id": "g"})[name]) == 100
    assert int(client_config(client, SERVERS, {"group_id": "g", name: 5000})[name]) == 5000
    assert name not in client_config(client, SERVERS, {})


def test_java_gets_text_and_no_heartbeats_of_its_own_where_the_broker_says_how_often() -> None:
    config = client_config("java", SERVERS, {"group_id": "g", "enable_auto_commit": False, "max_poll_records": 10})
    assert {type(value) for value in config.values()} == {str}
    assert (config["enable.auto.commit"], config["heartbeat.interval.ms"]) == ("false", "100")
    assert "heartbeat.interval.ms" not in client_config("java", SERVERS, {"group.id": "g", "group.protocol": "consumer"})


def test_other_clients_are_refused() -> None:
    with Kafka() as kafka, pytest.raises(ValueError, match=re.escape('config knows the clients "confluent", "kafka-python"')):
        kafka.config("sarama")
