"""What the fixtures promise each other, whatever worker a test runs in, and in whatever order."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from kafka_compat.testing import Kafka


@pytest.mark.parametrize("number", range(20))
def test_nothing_is_left_of_other_tests(kafka: Kafka, kafka_topic: str, number: int) -> None:
    assert set(kafka.topics) == {kafka_topic}
    kafka.produce(kafka_topic, str(number))
    kafka.produce("one-more", b"x")
    assert [record.value for record in kafka.records(kafka_topic)] == [str(number).encode()]


def test_clusters_know_nothing_of_each_other(kafka: Kafka, kafka_cluster: Callable[..., Kafka]) -> None:
    other = kafka_cluster(topics={"there": 1})
    assert other.bootstrap_servers != kafka.bootstrap_servers
    assert "there" not in kafka.topics


def test_a_subprocess(kafka: Kafka, kafka_env: dict[str, str], kafka_topic: str) -> None:
    code = f"""
import os
from confluent_kafka import Producer
producer = Producer({{"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]}})
producer.produce({kafka_topic!r}, b"from outside")
producer.flush()
"""
    subprocess.run([sys.executable, "-c", code], env=kafka_env, check=True, timeout=60)
    assert [record.value for record in kafka.wait_for_records(kafka_topic)] == [b"from outside"]
