"""DeleteRecords and OffsetForLeaderEpoch against Apache Kafka."""

from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.metadata import MetadataResponse
from kafka_compat.protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.records.builder import build_batch
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.requests import delete_records, metadata_of


def _produce(both: Both, name: str, batches: int) -> None:
    for _ in range(batches):
        batch = build_batch([(1_000, b"k", b"v", ())], base_offset=0)
        request = ProduceRequest(
            acks=-1,
            timeout_ms=10_000,
            topic_data=[
                TopicProduceData(name=name, partition_data=[PartitionProduceData(index=0, records=memoryview(bytes(batch)))])
            ],
        )
        for side in both.sides:
            answer = side.call(request, 9, ProduceResponse).responses[0].partition_responses[0]
            assert answer.error_code == 0, f"{side.kind}: {answer}"


def test_delete_records(both: Both) -> None:
    name = both.create_topic(both.name("records"), 2)
    _produce(both, name, 10)
    versions = range(3)
    for offset in (0, 3, 3, 2, 11, -2, 1 << 40):
        both.compare(f"to {offset}", delete_records((name, 0, offset)), versions, expect=ANY_ERROR)
    both.compare("unknown topic", delete_records(("nope", 0, 1)), versions, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("bad name", delete_records(("a/b", 0, 1)), versions, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("unknown partition", delete_records((name, 2, 1)), versions, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("negative partition", delete_records((name, -1, 1)), versions, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    for side in both.sides:
        side.call(metadata_of("__consumer_offsets", create=True), 12, MetadataResponse)
        both.wait_for_leaders(side, "__consumer_offsets", 50)
    both.compare("internal", delete_records(("__consumer_offsets", 0, 0)), versions, expect={ErrorCode.INVALID_TOPIC_EXCEPTION})
    both.compare("empty partition", delete_records((name, 1, 1)), versions, expect={ErrorCode.OFFSET_OUT_OF_RANGE})
    both.compare("none", delete_records(), versions)
    both.compare(
        "several",
        delete_records((name, 0, 5), ("nope", 0, 1)),
        versions,
        unordered=("topics",),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION},
    )
    both.compare("twice", delete_records((name, 0, 6), (name, 0, 7)), versions)
    both.compare("to the end", delete_records((name, 0, -1)), versions)
    compacted = both.create_topic(both.name("compacted"), configs={"cleanup.policy": "compact"})
    both.compare("compacted", delete_records((compacted, 0, 0)), versions, expect={ErrorCode.POLICY_VIOLATION})
    mixed = both.create_topic(both.name("compacted"), configs={"cleanup.policy": "compact,delete"})
    both.compare("compacted and deleted", delete_records((mixed, 0, 0)), versions)


def _epochs(name: str, epoch: int, current: int = -1, partition: int = 0, replica: int = -1) -> OffsetForLeaderEpochRequest:
    wanted = OffsetForLeaderPartition(partition=partition, current_leader_epoch=current, leader_epoch=epoch)
    return OffsetForLeaderEpochRequest(replica_id=replica, topics=[OffsetForLeaderTopic(topic=name, partitions=[wanted])])


def test_offset_for_leader_epoch(both: Both) -> None:
    name, empty = both.create_topic(both.name("epochs"), 2), both.create_topic(both.name("epochs"))
    _produce(both, name, 3)
    versions = range(2, 5)
    for epoch in (-2, -1, 0, 1, 5):
        both.compare(f"epoch {epoch}", _epochs(name, epoch), versions)
        both.compare(f"epoch {epoch} of an empty log", _epochs(empty, epoch), versions)
    for current in (-2, 0, 1, 9):
        both.compare(f"current epoch {current}", _epochs(name, 0, current), versions, expect=ANY_ERROR)
    both.compare("unknown topic", _epochs("nope", 0), versions, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("unknown partition", _epochs(name, 0, partition=9), versions, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("negative partition", _epochs(name, 0, partition=-1), versions, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("as a follower", _epochs(name, 0, replica=1), versions)
    both.compare("as an unknown follower", _epochs(name, 0, replica=9), versions)
    twice = _epochs(name, 0)
    twice.topics.append(twice.topics[0])
    twice.topics.append(_epochs(empty, 0).topics[0])
    both.compare("twice", twice, versions)
    both.compare("records deleted", delete_records((name, 0, -1)), [2])
    for epoch in (-1, 0, 1):
        both.compare(f"epoch {epoch} after deletion", _epochs(name, epoch), versions)
