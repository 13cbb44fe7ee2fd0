"""Transactional batches and markers as clients and coordinators send them, and a coordinator that answers what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from kafka_compat.coordinator.transaction.ports import TopicPartition
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from kafka_compat.records.builder import build_batch
from kafka_compat.testing import Cluster
from tests.support.wire_client import WireClient

T0_MS = 1_704_067_200_000


class FakeCoordinator:
    """The `Verification` port: answers `codes` in turn, then NONE; while `is_held`, not before `release`.

    Attributes:
        asked: (producer id, epoch, partitions, adds) of each question.
    """

    def __init__(self, *codes: ErrorCode) -> None:
        self.codes = list(codes)
        self.asked: list[tuple[int, int, list[TopicPartition], bool]] = []
        self.is_held = False
        self._held: list[tuple[asyncio.Future[Mapping[TopicPartition, ErrorCode]], dict[TopicPartition, ErrorCode]]] = []

    def add_or_verify(
        self,
        transactional_id: str,
        producer_id: int,
        producer_epoch: int,
        partitions: Sequence[TopicPartition],
        *,
        adds: bool,
    ) -> asyncio.Future[Mapping[TopicPartition, ErrorCode]]:
        self.asked.append((producer_id, producer_epoch, list(partitions), adds))
        answer: asyncio.Future[Mapping[TopicPartition, ErrorCode]] = asyncio.get_running_loop().create_future()
        codes = dict.fromkeys(partitions, self.codes.pop(0) if self.codes else ErrorCode.NONE)
        if self.is_held:
            self._held.append((answer, codes))
        else:
            answer.set_result(codes)
        return answer

    async def release(self) -> None:
        for answer, codes in self._held:
            answer.set_result(codes)
        self._held.clear()

    def install(self, cluster: Cluster) -> FakeCoordinator:
        """Become the coordinator that the brokers of `cluster` ask."""
        for broker in cluster.brokers:
            assert broker.services is not None
            broker.services.verification = self
        return self


def batch(producer_id: int, *, epoch: int = 0, sequence: int = 0, transactional: bool = True, value: bytes = b"v") -> bytearray:
    """One record of a producer."""
    return build_batch(
        [(T0_MS, b"k", value, ())],
        producer_id=producer_id,
        producer_epoch=epoch if producer_id >= 0 else -1,
        base_sequence=sequence if producer_id >= 0 else -1,
        transactional=transactional,
    )


def produce_request(
    *batches: tuple[str, int, bytes | bytearray], transactional_id: str | None = "tid", acks: int = -1
) -> ProduceRequest:
    """Batches by topic and partition."""
    return ProduceRequest(
        transactional_id=transactional_id,
        acks=acks,
        timeout_ms=1000,
        topic_data=[
            TopicProduceData(name=name, partition_data=[PartitionProduceData(index=index, records=records)])
            for name, index, records in batches
        ],
    )


def produce(
    client: WireClient, *batches: tuple[str, int, bytes | bytearray], version: int = 12
) -> list[PartitionProduceResponse]:
    """The answers to each partition."""
    response = client.call(produce_request(*batches), version, ProduceResponse)
    return [partition for topic in response.responses for partition in topic.partition_responses]


def marker(
    producer_id: int,
    *partitions: tuple[str, int],
    epoch: int = 0,
    commit: bool = False,
    coordinator_epoch: int = 0,
    transaction_version: int = 0,
) -> WritableTxnMarker:
    """One marker."""
    return WritableTxnMarker(
        producer_id=producer_id,
        producer_epoch=epoch,
        transaction_result=commit,
        topics=[WritableTxnMarkerTopic(name=name, partition_indexes=[index]) for name, index in partitions],
        coordinator_epoch=coordinator_epoch,
        transaction_version=transaction_version,
    )


def write_markers(
    client: WireClient, *markers: WritableTxnMarker, version: int = 2
) -> dict[int, dict[tuple[str, int], ErrorCode]]:
    """The codes by producer id and partition."""
    response = client.call(WriteTxnMarkersRequest(markers=list(markers)), version, WriteTxnMarkersResponse)
    return {
        result.producer_id: {
            (topic.name, partition.partition_index): ErrorCode(partition.error_code)
            for topic in result.topics
            for partition in topic.partitions
        }
        for result in response.markers
    }
