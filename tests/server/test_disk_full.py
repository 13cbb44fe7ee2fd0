"""A disk without room: the write is refused, nothing of it is ever seen, and service goes on by itself when there is room.

A limit on the size of files stands in for the disk: as with a full disk, the system writes what fits and then refuses.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

if sys.platform != "linux":
    pytest.skip("only Linux changes the limits of another process", allow_module_level=True)

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.records.reader import iter_records
from tests.support.processes import ServeProcess
from tests.support.wire_client import WireClient

ROOM_BYTES = 200_000
RECORD_BYTES = 15_000
RESUME_LIMIT_S = 15
UNLIMITED = psutil.RLIM_INFINITY


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ServeProcess]:
    process = ServeProcess(tmp_path, [sys.executable, "-m", "kafka_compat.cli.main"], ["--topic", "t:1", "--topic", "other:1"])
    process.start()
    yield process
    process.kill()


def leave_room(broker: ServeProcess, size: int) -> None:
    psutil.Process(broker.pid).rlimit(psutil.RLIMIT_FSIZE, (size, UNLIMITED))


def produce(client: WireClient, number: int, topic: str = "t") -> ErrorCode:
    value = str(number).encode().ljust(RECORD_BYTES, b".")
    records = build_batch([(int(time.time() * 1000), None, value, ())])
    data = PartitionProduceData(index=0, records=records)
    request = ProduceRequest(acks=-1, timeout_ms=30_000, topic_data=[TopicProduceData(name=topic, partition_data=[data])])
    response = client.call(request, 9, ProduceResponse)
    return ErrorCode(response.responses[0].partition_responses[0].error_code)


def consume(client: WireClient) -> tuple[ErrorCode, int, list[int]]:
    """Error, high watermark, and the numbers in the log from its beginning."""
    numbers: list[int] = []
    while True:
        wanted = FetchPartition(partition=0, fetch_offset=len(numbers), partition_max_bytes=1 << 20)
        topics = [FetchTopic(topic="t", partitions=[wanted])]
        answer = client.call(FetchRequest(max_wait_ms=0, max_bytes=1 << 20, topics=topics), 11, FetchResponse)
        partition = answer.responses[0].partitions[0]
        records = partition.records
        if not isinstance(records, memoryview) or not len(records):
            return ErrorCode(partition.error_code), partition.high_watermark, numbers
        for record in iter_records(bytes(records)):
            assert record.offset == len(numbers)
            numbers.append(int((record.value or b"").rstrip(b".")))


def fill(client: WireClient) -> list[int]:
    """The numbers that were acknowledged until one was refused for want of room."""
    acknowledged: list[int] = []
    for number in range(2 * ROOM_BYTES // RECORD_BYTES):
        code = produce(client, number)
        if code != ErrorCode.NONE:
            assert code == ErrorCode.KAFKA_STORAGE_ERROR
            return acknowledged
        acknowledged.append(number)
    raise AssertionError("the disk did not get full")


def wait_until_readable(client: WireClient) -> list[int]:
    deadline = time.monotonic() + RESUME_LIMIT_S
    while True:
        code, high_watermark, numbers = consume(client)
        if code == ErrorCode.NONE:
            assert high_watermark == len(numbers)
            return numbers
        assert code == ErrorCode.KAFKA_STORAGE_ERROR
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_until_writable(client: WireClient, number: int) -> None:
    deadline = time.monotonic() + RESUME_LIMIT_S
    while (code := produce(client, number)) != ErrorCode.NONE:
        assert code == ErrorCode.KAFKA_STORAGE_ERROR
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_write_without_room_is_refused_and_leaves_nothing_behind(broker: ServeProcess) -> None:
    with WireClient(broker.bootstrap) as client:
        leave_room(broker, ROOM_BYTES)
        acknowledged = fill(client)
        assert acknowledged
        assert produce(client, 1000, topic="other") == ErrorCode.NONE  # a partition with room goes on
        assert wait_until_readable(client) == acknowledged
        assert produce(client, 1001) == ErrorCode.KAFKA_STORAGE_ERROR
        assert wait_until_readable(client) == acknowledged


def test_service_resumes_when_there_is_room(broker: ServeProcess) -> None:
    with WireClient(broker.bootstrap) as client:
        leave_room(broker, ROOM_BYTES)
        acknowledged = fill(client)
        leave_room(broker, UNLIMITED)
        wait_until_writable(client, 1000)
        assert wait_until_readable(client) == [*acknowledged, 1000]


def test_a_stop_and_a_kill_on_a_full_disk_keep_what_was_acknowledged(broker: ServeProcess) -> None:
    with WireClient(broker.bootstrap) as client:
        leave_room(broker, ROOM_BYTES)
        acknowledged = fill(client)
    exit_code, _ = broker.stop()
    assert exit_code == 0, broker.log_text()
    broker.start()
    with WireClient(broker.bootstrap) as client:
        assert wait_until_readable(client) == acknowledged
        leave_room(broker, ROOM_BYTES)
        assert produce(client, 1000) == ErrorCode.KAFKA_STORAGE_ERROR
    broker.kill()
    broker.start()
    with WireClient(broker.bootstrap) as client:
        assert wait_until_readable(client) == acknowledged
        wait_until_writable(client, 1000)
        assert wait_until_readable(client) == [*acknowledged, 1000]
