"""What is measured: each workload is a function from a bootstrap address and a number of records to a rate."""

from __future__ import annotations

import re
import struct
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

import confluent_kafka

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import decode_response
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.fetch import FetchResponse
from kafka_compat.records.builder import build_batch
from scripts.bench_support.quotas import (
    java_producer_at_quota,
    librdkafka_consumer_at_quota,
    librdkafka_producer_at_quota,
)
from scripts.bench_support.rebalance import MEMBERS, PARTITIONS, rebalances_per_s
from scripts.bench_support.transactions import librdkafka_transactions, raw_transactions
from scripts.reference_broker import java_command
from tests.support.load import fetch_frame, pipelined, produce_frame
from tests.support.wire_client import WireClient

_JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-Xshare:auto")
_JAVA_TIMEOUT_S = 600
_SENT = re.compile(r"(\d+) records sent, ([\d.,]+) records/sec")
_FETCH_VERSION = 12
_PRODUCE_VERSION = 9
_BATCH_HEADER_BYTES = 61
_BASE_OFFSET_AND_LENGTH = struct.Struct(">qi")
_INT32 = struct.Struct(">i")


@dataclass(frozen=True)
class Workload:
    """One row of the table.

    Attributes:
        name: for the table.
        unit: of the rate.
        records: how many the full form takes; the quick form takes a tenth.
        run: (bootstrap, topic, records) -> rate.
        reads: of a topic that an earlier workload filled, named here; it then reads all of that.
        needs: an API without which it is left out.
        partitions: of its topic.
        when_asked: whether it is left out unless `--match` names it.
    """

    name: str
    unit: str
    records: int
    run: Callable[[str, str, int], float]
    reads: str | None = None
    needs: ApiKey | None = None
    partitions: int = 1
    when_asked: bool = False


def supported(bootstrap: str) -> set[int]:
    """API keys that the broker lists."""
    request = ApiVersionsRequest(client_software_name="bench", client_software_version="1")
    with WireClient(bootstrap) as client:
        return {api.api_key for api in client.call(request, 3, ApiVersionsResponse).api_keys}


def java_producer(record_size: int, *properties: str) -> Callable[[str, str, int], float]:
    """Kafka's own kafka-producer-perf-test."""

    def run(bootstrap: str, topic: str, records: int) -> float:
        arguments = ["--bootstrap-server", bootstrap, "--topic", topic, "--num-records", str(records)]
        arguments += ["--record-size", str(record_size), "--throughput", "-1", "--command-property", *properties]
        out = _java("org.apache.kafka.tools.ProducerPerformance", *arguments)
        found = _SENT.findall(out)
        assert found, out
        assert int(found[-1][0]) == records, out
        return float(found[-1][1].replace(",", ""))

    return run


def java_consumer(bootstrap: str, topic: str, records: int) -> float:
    """Kafka's own kafka-consumer-perf-test; its fetch rate, in which joining the group does not count."""
    arguments = ["--bootstrap-server", bootstrap, "--topic", topic, "--num-records", str(records), "--hide-header"]
    out = _java("org.apache.kafka.tools.ConsumerPerformance", *arguments)
    # start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
    rows = [line.split(", ") for line in out.splitlines() if line.count(", ") >= 9]
    assert rows, out
    assert int(rows[-1][4]) >= records, out
    return float(rows[-1][9])


def _java(main_class: str, *arguments: str) -> str:
    command = java_command(main_class, *arguments, jvm_options=_JVM)
    done = subprocess.run(command, capture_output=True, text=True, timeout=_JAVA_TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def librdkafka_producer(record_size: int) -> Callable[[str, str, int], float]:
    """librdkafka through confluent-kafka; the Python side costs part of it on both brokers."""

    def run(bootstrap: str, topic: str, records: int) -> float:
        settings = {"bootstrap.servers": bootstrap, "acks": "all", "linger.ms": 5, "queue.buffering.max.messages": 1_000_000}
        producer = confluent_kafka.Producer(settings)
        value = b"x" * record_size
        began = time.perf_counter()
        for _ in range(records):
            while True:
                try:
                    producer.produce(topic, value)
                    break
                except BufferError:
                    producer.poll(0.01)
        assert producer.flush(300) == 0
        return records / (time.perf_counter() - began)

    return run


def librdkafka_consumer(bootstrap: str, topic: str, records: int) -> float:
    """A librdkafka consumer with an assigned partition."""
    settings = {"bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False, "check.crcs": False}
    consumer = confluent_kafka.Consumer(settings)
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    try:
        seen = len(consumer.consume(1, 60))
        began = time.perf_counter()
        while seen < records:
            messages = consumer.consume(min(10_000, records - seen), 60)
            assert messages, f"{seen} of {records} records"
            seen += len(messages)
        return records / (time.perf_counter() - began)
    finally:
        consumer.close()


def single_records(window: int, size: int = 100) -> Callable[[str, str, int], float]:
    """Requests per second of one record each (acks=1) with `window` of them on their way: the cost of a request."""

    def run(bootstrap: str, topic: str, records: int) -> float:
        frame = produce_frame(topic, 0, build_batch([(int(time.time() * 1000), None, b"x" * size, ())]), acks=1)
        return pipelined(bootstrap, frame, window, records)

    return run


def raw_fetch(bootstrap: str, topic: str, records: int) -> float:
    """Megabytes per second that one connection fetches, 1 MiB at a time, without looking at the records."""
    total = 0
    offset = 0
    with WireClient(bootstrap, timeout_s=60) as client:
        began = time.perf_counter()
        while offset < records:
            client.send_bytes(fetch_frame(topic, 0, offset, 1 << 20))
            response = decode_response(ApiKey.FETCH, _FETCH_VERSION, client.receive_frame())[1]
            assert isinstance(response, FetchResponse)
            records_read = response.responses[0].partitions[0].records
            assert isinstance(records_read, memoryview), f"nothing at offset {offset}"
            total += len(records_read)
            offset = _next_offset(records_read)
        return total / (time.perf_counter() - began) / 1e6


def _next_offset(batches: memoryview) -> int:
    """The offset behind the last whole batch."""
    position = offset = 0
    while len(batches) - position >= _BATCH_HEADER_BYTES:
        base_offset, length = _BASE_OFFSET_AND_LENGTH.unpack_from(batches, position)
        if len(batches) - position - 12 < length:
            break
        offset = base_offset + _INT32.unpack_from(batches, position + 23)[0] + 1
        position += 12 + length
    return int(offset)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


_JAVA_SMALL = "Java producer, 100 B, acks=all, 64 KiB batches"
_JAVA_SINGLE = "Java producer, 100 B, acks=all, a record per batch"
_LARGE_BATCHES = ("acks=all", "batch.size=65536")

WORKLOADS = [
    Workload(_JAVA_SMALL, "records/s", 2_000_000, java_producer(100, *_LARGE_BATCHES)),
    Workload("Java producer, 1 KiB, acks=all, 64 KiB batches", "records/s", 500_000, java_producer(1024, *_LARGE_BATCHES)),
    Workload(
        _JAVA_SINGLE,
        "records/s",
        200_000,
        java_producer(100, "acks=all", "batch.size=0", "linger.ms=0"),
    ),
    Workload("librdkafka producer, 100 B, acks=all", "records/s", 1_000_000, librdkafka_producer(100)),
    Workload("librdkafka producer, 1000 B, acks=all", "records/s", 500_000, librdkafka_producer(1000)),
    Workload("one record per request, 100 on their way", "requests/s", 100_000, single_records(100)),
    Workload("one record per request, one at a time", "requests/s", 20_000, single_records(1)),
    Workload("Java consumer, 100 B", "records/s", 2_000_000, java_consumer, reads=_JAVA_SMALL, needs=ApiKey.JOIN_GROUP),
    Workload("librdkafka consumer (assigned), 100 B", "records/s", 2_000_000, librdkafka_consumer, reads=_JAVA_SMALL),
    Workload("raw fetch of 1 MiB, batches of 100 B records", "MB/s", 2_000_000, raw_fetch, reads=_JAVA_SMALL),
    Workload("raw fetch of 1 MiB, a record per batch", "MB/s", 200_000, raw_fetch, reads=_JAVA_SINGLE),
    Workload(
        f"rebalance of {MEMBERS} members on {PARTITIONS} partitions",
        "rebalances/s",
        40,
        rebalances_per_s,
        needs=ApiKey.JOIN_GROUP,
        partitions=PARTITIONS,
    ),
    *(
        Workload(f"quotas: {who}", "% of quota", 100_000, run, needs=ApiKey.ALTER_CLIENT_QUOTAS, when_asked=True)
        for who, run in (
            ("Java producer", java_producer_at_quota),
            ("librdkafka producer", librdkafka_producer_at_quota),
            ("librdkafka consumer", librdkafka_consumer_at_quota),
        )
    ),
    *(
        Workload(
            f"transactions of {_counted(records, 'record')} over {_counted(partitions, 'partition')}, "
            f"{_counted(producers, 'producer')}",
            "transactions/s",
            transactions,
            raw_transactions(records, partitions, producers),
            needs=ApiKey.END_TXN,
            partitions=partitions,
        )
        for records, partitions, producers, transactions in (
            (1, 1, 1, 4_000),
            (1, 1, 10, 10_000),
            (100, 1, 10, 10_000),
            (100, 50, 10, 2_000),
        )
    ),
    *(
        Workload(
            f"librdkafka transactions of {_counted(records, 'record')} over {_counted(partitions, 'partition')}",
            "transactions/s",
            transactions,
            librdkafka_transactions(records, partitions),
            needs=ApiKey.END_TXN,
            partitions=partitions,
        )
        for records, partitions, transactions in ((1, 1, 1_000), (100, 50, 500))
    ),
]
