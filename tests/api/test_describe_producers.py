from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    ProducerState,
    TopicRequest,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from tests.api.worlds import World


def test_idempotent_producer_is_listed(world: World) -> None:
    name = world.topic()
    batch = build_batch([(4_000, None, b"v", ())] * 3, base_offset=0, producer_id=77, producer_epoch=2, base_sequence=0)
    data = TopicProduceData(name=name, partition_data=[PartitionProduceData(index=0, records=memoryview(bytes(batch)))])
    world.call(ProduceRequest(acks=-1, timeout_ms=10_000, topic_data=[data]), 9, ProduceResponse)
    request = DescribeProducersRequest(topics=[TopicRequest(name=name, partition_indexes=[0, 1])])
    found, missing = world.call(request, 0, DescribeProducersResponse).topics[0].partitions
    assert found.active_producers == [
        ProducerState(
            producer_id=77,
            producer_epoch=2,
            last_sequence=2,
            last_timestamp=4_000,
            coordinator_epoch=-1,
            current_txn_start_offset=-1,
        )
    ]
    assert missing.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
