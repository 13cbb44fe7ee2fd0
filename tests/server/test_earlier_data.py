"""A data directory of an earlier version is taken up: `tests/golden/data-directory.tar.gz`.

What wrote it did not register brokers in the metadata log. It ran twice, with offsets.topic.num.partitions=2 and
transaction.state.log.num.partitions=1. The first run had the topics plain (three partitions, one of them added), compacted and
gone, which was deleted; nine records in plain and in compacted; a transaction committed and one aborted, both in plain-0; and
the group readers, which committed and left. The second run had a transaction begin in plain-1, and was stopped.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic, OffsetFetchResponse
from kafka_compat.records.reader import iter_records
from tests.support.brokers import OurBroker, start_ours
from tests.support.wire_client import WireClient

DIRECTORY: Final = Path(__file__).resolve().parent.parent / "golden" / "data-directory.tar.gz"
# The records have the time at which they were written: nothing of it is to be too old.
_FOR_EVER: Final = (
    "offsets.retention.minutes=2147483647",
    "transactional.id.expiration.ms=2147483647",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=2147483647",
)
_READ_COMMITTED: Final = 1


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OurBroker]:
    with tarfile.open(DIRECTORY) as archive:
        archive.extractall(tmp_path / "data", filter="data")
    with start_ours(tmp_path, *(part for config in _FOR_EVER for part in ("--set", config))) as broker:
        yield broker


def partitions(client: WireClient) -> dict[str, list[tuple[int, int, list[int], list[int]]]]:
    """Of the topics that are not internal: leader, leader epoch, replicas and ISR of each partition."""
    answer = client.call(MetadataRequest(topics=None), 9, MetadataResponse)
    assert [broker.node_id for broker in answer.brokers] == [answer.controller_id] == [1]
    return {
        topic.name or "": [
            (each.leader_id, each.leader_epoch, each.replica_nodes, each.isr_nodes)
            for each in sorted(topic.partitions, key=lambda each: each.partition_index)
        ]
        for topic in answer.topics
        if not topic.is_internal
    }


def end_offset(client: WireClient, partition: int, isolation_level: int) -> int:
    """Of a partition of plain."""
    wanted = ListOffsetsTopic(name="plain", partitions=[ListOffsetsPartition(partition_index=partition, timestamp=-1)])
    request = ListOffsetsRequest(replica_id=-1, isolation_level=isolation_level, topics=[wanted])
    answer = client.call(request, 5, ListOffsetsResponse)
    assert answer.topics[0].partitions[0].error_code == 0
    return answer.topics[0].partitions[0].offset


def values(client: WireClient, topic: str, partition: int) -> tuple[list[bytes | None], list[int]]:
    """All records' values, and the first offsets of aborted transactions."""
    wanted = FetchPartition(partition=partition, fetch_offset=0, partition_max_bytes=1 << 20)
    request = FetchRequest(
        isolation_level=_READ_COMMITTED, max_bytes=1 << 20, topics=[FetchTopic(topic=topic, partitions=[wanted])]
    )
    answer = client.call(request, 11, FetchResponse).responses[0].partitions[0]
    assert answer.error_code == 0
    assert isinstance(answer.records, bytes | memoryview)
    found = [record.value for record in iter_records(answer.records)]
    return found, [each.first_offset for each in answer.aborted_transactions or ()]


def test_what_it_holds(broker: OurBroker) -> None:
    for starts in (2, 3):
        # As after every start: a broker that was away, and is back.
        state = (1, 2 * starts, [1], [1])
        with WireClient(broker.bootstrap) as client:
            assert partitions(client) == {"plain": [state, state, state], "compacted": [state]}
            found, aborted = values(client, "plain", 0)
            assert found[:4] == [b"plain 0", b"plain 3", b"plain 6", b"committed"]
            assert found[5] == b"aborted"
            assert aborted == [5]
            assert values(client, "plain", 2) == ([b"plain 2", b"plain 5", b"plain 8"], [])
            assert values(client, "compacted", 0)[0][-2:] == [b"value 7", b"value 8"]
            wanted = DescribeConfigsResource(resource_type=2, resource_name="plain", configuration_keys=["retention.ms"])
            described = client.call(DescribeConfigsRequest(resources=[wanted]), 4, DescribeConfigsResponse)
            assert [config.value for config in described.results[0].configs] == ["-1"]
        broker.restart()


def test_its_group(broker: OurBroker) -> None:
    topics = [OffsetFetchRequestTopic(name="plain", partition_indexes=[0, 1, 2])]
    with WireClient(broker.bootstrap) as client:
        answer = client.call(OffsetFetchRequest(group_id="readers", topics=topics), 7, OffsetFetchResponse)
    committed = [(each.committed_offset, each.metadata) for each in answer.topics[0].partitions]
    assert committed == [(1, "so far\0"), (2, "so far\0"), (3, "so far\0")]


def test_its_open_transaction_is_aborted_by_who_takes_its_id(broker: OurBroker) -> None:
    with WireClient(broker.bootstrap) as client:
        assert (end_offset(client, 1, 0), end_offset(client, 1, _READ_COMMITTED)) == (4, 3)
        request = InitProducerIdRequest(transactional_id="open", transaction_timeout_ms=60_000)
        while (answer := client.call(request, 3, InitProducerIdResponse)).error_code:
            pass  # CONCURRENT_TRANSACTIONS while it is being aborted
        assert answer.producer_epoch > 0
        assert (end_offset(client, 1, 0), end_offset(client, 1, _READ_COMMITTED)) == (5, 5)
        assert values(client, "plain", 1)[1] == [3]
