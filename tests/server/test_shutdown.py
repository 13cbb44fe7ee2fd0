"""SIGTERM to a broker that has work: it answers what it can, ends in time and leaves a clean end behind."""

from __future__ import annotations

import signal
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import decode_response, encode_request
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from tests.support.processes import ServeProcess
from tests.support.wire_client import ConnectionClosed, WireClient

STOP_LIMIT_S = 5
TERMINATED_AT_ONCE = 128 + signal.SIGTERM
LARGE_BATCHES = 30


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ServeProcess]:
    process = ServeProcess(
        tmp_path,
        [sys.executable, "-m", "kafka_compat.cli.main"],
        # Every append waits for the disk, so that a stop meets appends on their way there.
        ["--topic", "t:1", "--set", "log.flush.interval.messages=1"],
    )
    process.start()
    yield process
    process.kill()


def fetch_request(max_wait_ms: int, offset: int = 0, min_bytes: int = 1) -> FetchRequest:
    wanted = FetchPartition(partition=0, fetch_offset=offset, partition_max_bytes=1 << 26)
    topics = [FetchTopic(topic="t", partitions=[wanted])]
    return FetchRequest(max_wait_ms=max_wait_ms, min_bytes=min_bytes, max_bytes=1 << 26, topics=topics)


def produce_request(size: int) -> ProduceRequest:
    records = build_batch([(int(time.time() * 1000), b"k", b"v" * size, ())])
    data = PartitionProduceData(index=0, records=records)
    return ProduceRequest(acks=-1, timeout_ms=30_000, topic_data=[TopicProduceData(name="t", partition_data=[data])])


def next_response(client: WireClient) -> ProduceResponse | None:
    """None when the broker has closed the connection."""
    try:
        frame = client.receive_frame()
    except ConnectionClosed:
        return None
    response = decode_response(ApiKey.PRODUCE, 9, frame)[1]
    assert isinstance(response, ProduceResponse)
    return response


def end_offset(broker: ServeProcess) -> int:
    with WireClient(broker.bootstrap) as client:
        answer = client.call(fetch_request(max_wait_ms=0), 11, FetchResponse)
    return answer.responses[0].partitions[0].high_watermark


def wait_until_stopping(broker: ServeProcess) -> None:
    deadline = time.monotonic() + STOP_LIMIT_S
    while "Stopping" not in broker.log_text():
        assert time.monotonic() < deadline, broker.log_text()
        time.sleep(0.005)


def journal(broker: ServeProcess) -> str:
    return next(path for path in broker.data_dir.iterdir() if "journal" in path.name).read_text()


def test_a_stop_answers_long_polls_and_drops_half_frames(broker: ServeProcess) -> None:
    with WireClient(broker.bootstrap) as poller, WireClient(broker.bootstrap) as half, WireClient(broker.bootstrap) as idle:
        poll = fetch_request(max_wait_ms=600_000)
        poller.send(poll, 11)
        half.send_bytes(struct.pack(">i", 90_000_000) + b"\x00" * 100_000)
        idle.call(fetch_request(max_wait_ms=0), 11, FetchResponse)
        exit_code, took_s = broker.stop(timeout_s=30)
        assert exit_code == 0, broker.log_text()
        assert took_s < STOP_LIMIT_S
        assert poller.receive(poll, 11, FetchResponse).error_code == 0
        for client in (poller, half, idle):
            assert client.is_closed_by_peer()
    assert journal(broker).rstrip().endswith('["clean"]')
    assert "ERROR" not in broker.log_text()


def test_a_stop_keeps_every_append_that_it_acknowledges(broker: ServeProcess) -> None:
    """Produce requests in the pipe when the signal comes: answered ones are there after the next start, in order."""
    frame = encode_request(ApiKey.PRODUCE, 9, 1, "test", produce_request(100))
    highest = -1
    with WireClient(broker.bootstrap) as client:
        client.send_bytes(bytes(frame) * 500)
        while (response := next_response(client)) is not None:
            answer = response.responses[0].partition_responses[0]
            assert (answer.error_code, answer.base_offset) == (0, highest + 1)
            highest = answer.base_offset
            if highest == 20:
                broker.signal(signal.SIGTERM)
    assert broker.wait(STOP_LIMIT_S) == 0, broker.log_text()
    broker.start()
    assert end_offset(broker) >= highest + 1


def test_a_second_signal_ends_the_broker_at_once(broker: ServeProcess) -> None:
    """The first one waits for a client that does not take its answer."""
    with WireClient(broker.bootstrap) as client:
        for _ in range(LARGE_BATCHES):
            client.call(produce_request(900_000), 9, ProduceResponse)
        client.send(fetch_request(max_wait_ms=0), 11)  # more than the sockets' buffers hold, and not read
        end_offset_before = LARGE_BATCHES
        broker.signal(signal.SIGTERM)
        wait_until_stopping(broker)
        broker.signal(signal.SIGTERM)
        assert broker.wait(STOP_LIMIT_S) == TERMINATED_AT_ONCE
    broker.start()
    assert end_offset(broker) == end_offset_before


def test_a_client_that_does_not_read_cannot_hold_up_the_stop(broker: ServeProcess) -> None:
    with WireClient(broker.bootstrap) as client:
        for _ in range(LARGE_BATCHES):
            client.call(produce_request(900_000), 9, ProduceResponse)
        client.send(fetch_request(max_wait_ms=0), 11)
        exit_code, took_s = broker.stop(timeout_s=30)
    assert exit_code == 0, broker.log_text()
    assert took_s < STOP_LIMIT_S
    assert journal(broker).rstrip().endswith('["clean"]')
