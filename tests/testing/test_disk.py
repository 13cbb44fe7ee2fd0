"""A disk that goes wrong below a cluster, as clients see it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kafka_compat.filesystem import OsFileSystem
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.protocol.messages.produce import ProduceResponse
from kafka_compat.testing import Kafka
from kafka_compat.testing.disk import DiskFaults
from tests.support.waiting import until
from tests.support.wire_client import WireClient
from tests.testing.one_topic import produce, produce_request, values

# What a broker says of a disk that fails.
pytestmark = pytest.mark.expects_errors("offline|cannot be|failed|No space left|Input/output error", maybe=True)


@pytest.fixture(params=["memory", "folder"])
def kafka(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kafka]:
    with Kafka(topics={"t": 2, "other": 1}, data_dir=None if request.param == "memory" else tmp_path / "data") as running:
        yield running


@pytest.fixture
def client(kafka: Kafka) -> Iterator[WireClient]:
    with WireClient(kafka.bootstrap_servers) as connected:
        yield connected


def produce_to(client: WireClient, topic: str, value: bytes) -> int:
    request = produce_request(value)
    request.topic_data[0].name = topic
    return client.call(request, 9, ProduceResponse).responses[0].partition_responses[0].error_code


def test_a_full_disk_refuses_and_service_goes_on_when_there_is_room(kafka: Kafka, client: WireClient) -> None:
    assert produce(client, b"before") == ErrorCode.NONE
    fault = kafka.faults.disk.full()
    assert produce(client, b"refused") == ErrorCode.KAFKA_STORAGE_ERROR
    fault.wait()
    assert fault.hits >= 1
    fault.remove()
    until(lambda: produce(client, b"after") == ErrorCode.NONE)
    assert values(client) == [b"before", b"after"]


def test_only_one_topic_or_partition_has_no_room(kafka: Kafka, client: WireClient) -> None:
    fault = kafka.faults.disk.full("t", 0)
    assert produce(client, b"x", 0) == ErrorCode.KAFKA_STORAGE_ERROR
    assert produce(client, b"x", 1) == ErrorCode.NONE
    assert produce_to(client, "other", b"x") == ErrorCode.NONE
    kafka.faults.disk.full("t")
    assert produce(client, b"x", 1) == ErrorCode.KAFKA_STORAGE_ERROR
    assert produce_to(client, "other", b"x") == ErrorCode.NONE
    assert "disk fault full of t-0" in repr(fault)
    kafka.faults.clear()
    until(lambda: produce(client, b"y", 0) == ErrorCode.NONE)
    assert values(client) == [b"y"]


def test_the_nth_write_fails(kafka: Kafka, client: WireClient) -> None:
    fault = kafka.faults.disk.fail("write", topic="t", partition=0, on_call=3)
    codes = [produce(client, b"%d" % number) for number in range(3)]
    assert codes == [0, 0, ErrorCode.KAFKA_STORAGE_ERROR]
    assert fault.hits == 1
    until(lambda: produce(client, b"3") == ErrorCode.NONE)
    assert values(client) == [b"0", b"1", b"3"]


def test_a_sync_that_fails_takes_the_log_offline(tmp_path: Path) -> None:
    for folder in (None, tmp_path / "data"):
        options: dict[str, Any] = {"configs": {"log.flush.interval.messages": 1}, "data_dir": folder}
        with Kafka(topics={"t": 1}, **options) as kafka, WireClient(kafka.bootstrap_servers) as client:
            assert produce(client, b"before") == ErrorCode.NONE
            fault = kafka.faults.disk.fail("sync", topic="t")
            assert produce(client, b"lost") == ErrorCode.KAFKA_STORAGE_ERROR
            fault.wait()
            until(lambda: produce(client, b"after") == ErrorCode.NONE)
            assert values(client)[0] == b"before"
            assert values(client)[-1] == b"after"


def test_a_topic_without_room_is_made_and_served_when_there_is(kafka: Kafka, client: WireClient) -> None:
    kafka.faults.disk.fail("create", topic="new", times=None)
    topics = [CreatableTopic(name="new", num_partitions=1, replication_factor=1)]
    client.call(CreateTopicsRequest(topics=topics, timeout_ms=1000), 5, CreateTopicsResponse)
    metadata = client.call(MetadataRequest(topics=None), 9, MetadataResponse)
    assert "new" in {topic.name for topic in metadata.topics}
    assert produce_to(client, "new", b"x") == ErrorCode.KAFKA_STORAGE_ERROR
    kafka.faults.clear()
    until(lambda: produce_to(client, "new", b"x") == ErrorCode.NONE)


def test_a_slow_disk_holds_up_who_writes_and_no_one_else(kafka: Kafka, client: WireClient) -> None:
    fault = kafka.faults.disk.slow(0.2, topic="t")
    began_s = time.monotonic()
    assert produce_to(client, "other", b"x") == ErrorCode.NONE
    assert time.monotonic() - began_s < 0.15
    client.send(produce_request(b"x"), 9)
    fault.wait()
    with WireClient(kafka.bootstrap_servers) as other:
        began_s = time.monotonic()
        other.call(MetadataRequest(topics=None), 9, MetadataResponse)
        assert time.monotonic() - began_s < 0.15
    client.receive_frame()
    assert fault.hits == 1
    fault.remove()
    kafka.faults.disk.slow(0.05)
    assert produce(client, b"y") == ErrorCode.NONE


def test_a_reset_makes_the_disk_well(kafka: Kafka) -> None:
    kafka.faults.disk.full()
    kafka.faults.disk.fail("sync", times=None)
    kafka.reset()
    with WireClient(kafka.bootstrap_servers) as client:
        assert produce(client, b"x") == ErrorCode.NONE
        assert values(client) == [b"x"]


def test_what_no_call_has_met(kafka: Kafka) -> None:
    fault = kafka.faults.disk.fail("rename", topic="t")
    assert kafka.faults.unfired() == [fault]
    with pytest.raises(TimeoutError, match=re.escape("<disk fault rename EIO of t: 0 hits> after 0.01 s, not 1: 0 calls")):
        fault.wait(0.01)
    fault.remove()
    fault.remove()
    assert kafka.faults.unfired() == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"operation": "read"}, "a disk fails at one of create, write, truncate, sync, rename, remove, not at 'read'"),
        ({"error": "EWHAT"}, "error is the name of one of the system's errors such as \"EIO\", not 'EWHAT'"),
        ({"on_call": 0}, "on_call is a whole number from 1, not 0"),
        ({"times": 0}, "times is a whole number from 1, not 0"),
        ({"partition": 1}, "partition is one of a topic, and goes with it"),
    ],
)
def test_what_is_no_fault_of_a_disk_is_refused(kafka: Kafka, words: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        kafka.faults.disk.fail(**words)


def test_a_file_system_without_faults_says_so(kafka: Kafka) -> None:
    disk = DiskFaults(kafka.faults, OsFileSystem())
    with pytest.raises(RuntimeError, match="the cluster's own file system, OsFileSystem, has no faults"):
        disk.full()
