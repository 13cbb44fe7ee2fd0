"""Segments that are not the last are old data, which goes to clients from their files: what arrives is what was produced."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

import pytest

from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from tests.support.brokers import OurBroker, start_ours
from tests.support.storage_worlds import last_offset, split
from tests.support.wire_client import WireClient, create_topic

TOPIC = "old"
PARTITIONS = 3
# Behind the base offset and the leader epoch, which the broker sets.
_STAMPED = 16


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurBroker]:
    with start_ours(tmp_path_factory.mktemp("old"), "--set", "log.segment.bytes=1048576") as broker:
        create_topic(broker.bootstrap, TOPIC, PARTITIONS)
        yield broker


@pytest.fixture(scope="module")
def produced(broker: OurBroker) -> list[list[bytes]]:
    """Batches of 1 to 400 kB, about 8 MB to a partition: what each partition holds."""
    chance = random.Random(5)
    partitions: list[list[bytes]] = [[] for _ in range(PARTITIONS)]
    with WireClient(broker.bootstrap) as client:
        for _ in range(60):
            data = []
            for index, batches in enumerate(partitions):
                values = [chance.randbytes(chance.randrange(1, 2000)) for _ in range(chance.choice([1, 20, 400]))]
                batch = bytes(build_batch([(1_700_000_000_000, None, value, ()) for value in values]))
                batches.append(batch)
                data.append(PartitionProduceData(index=index, records=batch))
            request = ProduceRequest(acks=-1, timeout_ms=30_000, topic_data=[TopicProduceData(name=TOPIC, partition_data=data)])
            answer = client.call(request, 9, ProduceResponse)
            assert {partition.error_code for partition in answer.responses[0].partition_responses} == {0}
    return partitions


@pytest.mark.parametrize("max_bytes", [1, 70_000, 300_000, 1 << 20, 5 << 20])
def test_a_reader_from_the_beginning_gets_every_batch(broker: OurBroker, produced: list[list[bytes]], max_bytes: int) -> None:
    partitions = range(PARTITIONS) if max_bytes > 1 else range(1)
    received: dict[int, bytearray] = {index: bytearray() for index in partitions}
    offsets = dict.fromkeys(partitions, 0)
    with WireClient(broker.bootstrap) as client:
        while missing := [index for index in partitions if len(received[index]) < sum(map(len, produced[index]))]:
            wanted = [
                FetchPartition(partition=index, fetch_offset=offsets[index], partition_max_bytes=max_bytes) for index in missing
            ]
            request = FetchRequest(
                max_wait_ms=500,
                min_bytes=1,
                max_bytes=50 << 20,
                session_id=0,
                session_epoch=-1,
                topics=[FetchTopic(topic=TOPIC, partitions=wanted)],
            )
            answer = client.call(request, 12, FetchResponse)
            got = 0
            for partition in answer.responses[0].partitions:
                assert partition.error_code == 0
                records = partition.records
                assert isinstance(records, bytes | memoryview)
                got += len(records)
                received[partition.partition_index] += records
                offsets[partition.partition_index] = next_offset(bytes(records), offsets[partition.partition_index])
            assert got > 0
    for index in partitions:
        position = 0
        for batch in produced[index]:
            found = received[index][position : position + len(batch)]
            assert found[_STAMPED:] == batch[_STAMPED:]
            position += len(batch)
        assert position == len(received[index])


def next_offset(records: bytes, before: int) -> int:
    """The offset behind the batches in `records`, which follow each other."""
    for batch in split(records):
        assert struct.unpack_from(">q", batch) == (before,)
        before = last_offset(batch) + 1
    return before
