"""How close to their quota clients come: bytes a second as percent of what is configured, over a minute.

It is a little more than all, on both brokers: who has been idle may send at once what ten seconds give.
"""

from __future__ import annotations

import re
import time
from typing import Final

import confluent_kafka

from scripts.reference_broker import run_tool
from tests.support.quota_requests import set_quotas
from tests.support.wire_client import WireClient

RECORD_BYTES: Final = 1_000
# What all records of a workload take at the rate of the quota.
_DURATION_S: Final = 60
_SENT: Final = re.compile(r"(\d+) records sent, ([\d.,]+) records/sec")


def _set_quota(bootstrap: str, client_id: str, kind: str, records: int) -> None:
    with WireClient(bootstrap) as client:
        set_quotas(client, (("client-id", client_id),), **{kind: float(records * RECORD_BYTES // _DURATION_S)})
    time.sleep(1)  # the reference's broker follows its metadata log


def _percent(elapsed_s: float) -> float:
    """Of the quota."""
    return 100 * _DURATION_S / elapsed_s


def java_producer_at_quota(bootstrap: str, topic: str, records: int) -> float:
    """Kafka's own kafka-producer-perf-test."""
    _set_quota(bootstrap, "quota-java", "producer_byte_rate", records)
    arguments = ["--bootstrap-server", bootstrap, "--topic", topic, "--num-records", str(records), "--throughput", "-1"]
    arguments += ["--record-size", str(RECORD_BYTES), "--command-property", "client.id=quota-java", "batch.size=16384"]
    done = run_tool("org.apache.kafka.tools.ProducerPerformance", *arguments, timeout_s=300)
    found = _SENT.findall(done.stdout)
    assert found, done.stdout + done.stderr
    return _percent(records / float(found[-1][1].replace(",", "")))


def _produce(bootstrap: str, topic: str, records: int, client_id: str) -> float:
    """Seconds until all are acknowledged."""
    settings = {
        "bootstrap.servers": bootstrap,
        "client.id": client_id,
        "linger.ms": 5,
        "batch.size": 16_384,
        "queue.buffering.max.messages": 1_000_000,
        "message.timeout.ms": 300_000,
    }
    producer = confluent_kafka.Producer(settings)
    value = b"x" * RECORD_BYTES
    began_s = time.perf_counter()
    for _ in range(records):
        producer.produce(topic, value)
    assert producer.flush(300) == 0
    return time.perf_counter() - began_s


def librdkafka_producer_at_quota(bootstrap: str, topic: str, records: int) -> float:
    """librdkafka through confluent-kafka."""
    _set_quota(bootstrap, "quota-producer", "producer_byte_rate", records)
    return _percent(_produce(bootstrap, topic, records, "quota-producer"))


def librdkafka_consumer_at_quota(bootstrap: str, topic: str, records: int) -> float:
    """A librdkafka consumer of a topic that is filled before."""
    _produce(bootstrap, topic, records, "quota-filler")
    _set_quota(bootstrap, "quota-consumer", "consumer_byte_rate", records)
    settings = {
        "bootstrap.servers": bootstrap,
        "client.id": "quota-consumer",
        "group.id": "quota",
        "enable.auto.commit": False,
        "fetch.message.max.bytes": 65_536,
        "queued.max.messages.kbytes": 1_024,
    }
    consumer = confluent_kafka.Consumer(settings)
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    try:
        began_s = time.perf_counter()
        seen = 0
        while seen < records:
            messages = consumer.consume(min(1_000, records - seen), 60)
            assert messages, f"{seen} of {records} records"
            seen += len(messages)
        return _percent(time.perf_counter() - began_s)
    finally:
        consumer.close()
