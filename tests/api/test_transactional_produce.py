"""Transactional batches while there is no transaction coordinator: refused, or nobody could ever end their transaction."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.records.builder import build_batch
from kafka_compat.testing import Cluster
from tests.support.wire_client import WireClient


def produce(client: WireClient, version: int, *, producer_id: int, transactional: bool) -> PartitionProduceResponse:
    batch = build_batch(
        [(1_704_067_200_000, None, b"v", ())],
        producer_id=producer_id,
        producer_epoch=0 if producer_id >= 0 else -1,
        base_sequence=0 if producer_id >= 0 else -1,
        transactional=transactional,
    )
    topics = [TopicProduceData(name="t", partition_data=[PartitionProduceData(index=0, records=batch)])]
    request = ProduceRequest(transactional_id="tid", acks=-1, timeout_ms=1000, topic_data=topics)
    return client.call(request, version, ProduceResponse).responses[0].partition_responses[0]


@pytest.mark.parametrize("version", [3, 9, 12])
def test_a_batch_of_no_known_transaction_is_refused_and_blocks_nobody(version: int) -> None:
    """As Kafka answers while it finds no coordinator to verify the partition with (KIP-890)."""
    with Cluster(topics={"t": 1}) as cluster, WireClient(cluster.bootstrap) as client:
        refused = produce(client, version, producer_id=7, transactional=True)
        assert (refused.error_code, refused.base_offset) == (ErrorCode.NOT_ENOUGH_REPLICAS, -1)
        if version >= 8:
            assert refused.error_message is not None
            assert refused.error_message.endswith("COORDINATOR_NOT_AVAILABLE")
        assert produce(client, version, producer_id=-1, transactional=False).error_code == ErrorCode.NONE
        wanted = ListOffsetsTopic(name="t", partitions=[ListOffsetsPartition(partition_index=0, timestamp=-1)])
        latest = client.call(ListOffsetsRequest(isolation_level=1, topics=[wanted]), 7, ListOffsetsResponse)
        assert latest.topics[0].partitions[0].offset == 1
