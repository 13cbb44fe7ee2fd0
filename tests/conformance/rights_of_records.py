"""What users send to read and write records, in the clear, by id and as somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic, ReplicaState
from kafka_compat.protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from kafka_compat.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
)
from kafka_compat.records.builder import build_batch
from tests.conformance.requests import delete_records, list_offsets
from tests.conformance.rights_ground import GONE, GONE_TXN, HERE, IDLE, OTHER, OTHER_IDLE, STRANGER, Case, Ground

# To be written to; and to be read, where nobody writes.
WRITTEN: Final = {"here": (IDLE,), "gone": (GONE,), "mixed": (OTHER_IDLE, IDLE, GONE)}
READ: Final = {"here": (HERE,), "gone": (GONE,), "mixed": (OTHER, HERE, GONE)}

_OFFSETS: Final = {"base_offset": "<offset>", "log_start_offset": "<offset>"}
_FIRST_PRODUCE_BY_ID: Final = 13
_FIRST_WITH_REPLICA_STATE: Final = 15

PLAIN: Final = bytes(build_batch([(1_000, None, b"value", ())]))
IDEMPOTENT: Final = bytes(build_batch([(1_000, None, b"value", ())], producer_id=STRANGER, producer_epoch=0, base_sequence=0))
TRANSACTIONAL: Final = bytes(
    build_batch([(1_000, None, b"value", ())], producer_id=STRANGER, producer_epoch=0, base_sequence=0, transactional=True)
)


def produce(
    ground: Ground, version: int, topics: Sequence[str], batch: bytes, transactional_id: str | None = None
) -> ProduceRequest:
    """The batch for each topic."""
    is_by_id = version >= _FIRST_PRODUCE_BY_ID
    return ProduceRequest(
        transactional_id=transactional_id,
        acks=-1,
        timeout_ms=10_000,
        topic_data=[
            TopicProduceData(
                name="" if is_by_id else name,
                topic_id=ground.topic_id(name),
                partition_data=[PartitionProduceData(index=0, records=memoryview(batch))],
            )
            for name in topics
        ],
    )


def fetch(ground: Ground, version: int, topics: Sequence[str], replica_id: int = -1) -> FetchRequest:
    """From the beginning, without waiting; a replica says its id where the version has it."""
    request = FetchRequest(
        min_bytes=1,
        max_bytes=1 << 20,
        topics=[
            FetchTopic(
                topic=name,
                topic_id=ground.topic_id(name),
                partitions=[FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1 << 16)],
            )
            for name in topics
        ],
    )
    if version >= _FIRST_WITH_REPLICA_STATE:
        request.replica_state = ReplicaState(replica_id=replica_id)
    else:
        request.replica_id = replica_id
    return request


def leader_epochs(topics: Sequence[str]) -> OffsetForLeaderEpochRequest:
    """Where the first epoch of each topic ended."""
    return OffsetForLeaderEpochRequest(
        replica_id=-2,
        topics=[
            OffsetForLeaderTopic(topic=name, partitions=[OffsetForLeaderPartition(partition=0, leader_epoch=0)])
            for name in topics
        ],
    )


def _produced(label: str, topics: Sequence[str]) -> Iterator[Case]:
    def case(form: str, batch: bytes, transactional_id: str | None) -> Case:
        return Case(
            ApiKey.PRODUCE,
            f"{form} {label}",
            lambda ground, version: produce(ground, version, topics, batch, transactional_id),
            (11, 13),
            unordered=("responses",),
            replace=_OFFSETS,
        )

    yield case("plain", PLAIN, None)
    yield case("plain with an id", PLAIN, GONE_TXN)
    # Again and again the same sequence number: the first is appended, and the others answered as it was.
    yield case("idempotent", IDEMPOTENT, None)
    yield case("transactional", TRANSACTIONAL, GONE_TXN)
    yield case("transactional without an id", TRANSACTIONAL, None)


def _fetched(label: str, topics: Sequence[str], replica_id: int) -> Case:
    return Case(
        ApiKey.FETCH,
        f"{label} as {replica_id}",
        lambda ground, version: fetch(ground, version, topics, replica_id),
        (4, 12, 18),
    )


def _read(label: str, topics: Sequence[str]) -> Iterator[Case]:
    wanted = [(name, [(0, -1)]) for name in topics]
    yield Case(ApiKey.LIST_OFFSETS, label, lambda ground, version: list_offsets(wanted), (1, 11), ("topics",))
    yield Case(ApiKey.OFFSET_FOR_LEADER_EPOCH, label, lambda ground, version: leader_epochs(topics))


def _changed(label: str, topics: Sequence[str]) -> Iterator[Case]:
    offsets = [(name, 0, 0) for name in topics]
    yield Case(ApiKey.DELETE_RECORDS, label, lambda ground, version: delete_records(*offsets), unordered=("topics",))
    written = [WritableTxnMarkerTopic(name=name, partition_indexes=[0]) for name in topics]
    marker = WritableTxnMarker(producer_id=STRANGER, producer_epoch=0, topics=written)
    yield Case(
        ApiKey.WRITE_TXN_MARKERS,
        label,
        lambda ground, version: WriteTxnMarkersRequest(markers=[marker]),
        unordered=("topics",),
    )


def _cases() -> Iterator[Case]:
    for label, topics in READ.items():
        yield from _read(label, topics)
        for replica_id in (-1, 0, 1):
            yield _fetched(label, topics, replica_id)
    for label, topics in WRITTEN.items():
        yield from _changed(label, topics)
        yield from _produced(label, topics)


CASES: Final = tuple(_cases())
