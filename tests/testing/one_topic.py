"""Produce to a topic `t` and fetch from it, one request each."""

from __future__ import annotations

from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.records.reader import iter_records
from tests.support.wire_client import WireClient


def produce_request(value: bytes, partition: int = 0) -> ProduceRequest:
    batch = build_batch([(1_704_067_200_000, None, value, ())])
    data = [TopicProduceData(name="t", partition_data=[PartitionProduceData(index=partition, records=batch)])]
    return ProduceRequest(acks=-1, timeout_ms=1000, topic_data=data)


def produce(client: WireClient, value: bytes, partition: int = 0) -> int:
    """Error code of producing one record."""
    response = client.call(produce_request(value, partition), 9, ProduceResponse)
    return response.responses[0].partition_responses[0].error_code


def values(client: WireClient, partition: int = 0) -> list[bytes | None]:
    wanted = FetchPartition(partition=partition, fetch_offset=0, partition_max_bytes=1 << 20)
    request = FetchRequest(max_bytes=1 << 20, topics=[FetchTopic(topic="t", partitions=[wanted])])
    response = client.call(request, 12, FetchResponse)
    records = response.responses[0].partitions[0].records
    assert isinstance(records, bytes | memoryview)
    return [record.value for record in iter_records(records)]
