"""Requests through a real connection, as a broker's counters and a log of requests see them."""

from __future__ import annotations

import pytest

from kafka_compat.api.observers import End
from kafka_compat.api.request_counters import ApiCounts
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from kafka_compat.testing import Kafka
from tests.support.wire_client import WireClient

WAIT_MS = 30


def test_a_broker_counts_its_requests_and_a_log_tells_them_apart() -> None:
    partition = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1000)
    fetch = FetchRequest(
        max_wait_ms=WAIT_MS, min_bytes=1, max_bytes=1000, topics=[FetchTopic(topic="t", partitions=[partition])]
    )
    versions = ApiVersionsRequest(client_software_name="some-client", client_software_version="1.2")

    async def look() -> list[ApiCounts]:
        return kafka.cluster.brokers[0].counters.snapshot()

    with Kafka(topics={"t": 1}) as kafka:
        with WireClient(kafka.bootstrap_servers) as client:
            assert client.call(versions, 3, ApiVersionsResponse).error_code == 0
            client.send(fetch, 4)
            answer_bytes = len(client.receive_frame())
            port = client.socket.getsockname()[1]
        snapshot = kafka.cluster.run(look())
        found = kafka.requests.all()
    counted = {counts.api_key: counts for counts in snapshot}
    assert [entry.api for entry in found] == ["ApiVersions", "Fetch"]
    fetched = found[1]
    assert (fetched.session.host, fetched.session.port, fetched.session.listener) == ("127.0.0.1", port, "PLAINTEXT")
    assert (fetched.session.software_name, fetched.session.software_version) == ("some-client", "1.2")
    assert fetched.duration_ms > WAIT_MS * 0.9, "a fetch that waits is under way"
    assert (fetched.answer_bytes, fetched.end) == (answer_bytes, End.ANSWERED)
    counts = counted[ApiKey.FETCH]
    assert (counts.requests, counts.ends[End.ANSWERED]) == (1, 1)
    assert (counts.request_bytes, counts.answer_bytes) == (fetched.request_bytes, answer_bytes)
    assert counts.duration_ns == pytest.approx(fetched.duration_ms * 1e6)
    assert counts.histogram[-1][0] > counts.duration_ns
