"""A client's view of a cluster in the test process, in few words."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseTopic,
)
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.testing.cluster import Cluster
from tests.support.wire_client import WireClient

R = TypeVar("R", bound=Message)

_numbers = itertools.count(1)


def commit_of(group: str, *topics: tuple[str, Sequence[tuple[int, int]]], metadata: str = "") -> OffsetCommitRequest:
    """A commit from outside of the group's membership: of each topic (partition, offset) pairs."""
    return OffsetCommitRequest(
        group_id=group,
        topics=[
            OffsetCommitRequestTopic(
                name=name,
                partitions=[
                    OffsetCommitRequestPartition(partition_index=index, committed_offset=offset, committed_metadata=metadata)
                    for index, offset in partitions
                ],
            )
            for name, partitions in topics
        ],
    )


class Turns:
    """Stands in for asyncio in `pacing` and counts how often long work let the loop go round."""

    def __init__(self) -> None:
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, delay_s: float) -> None:
        self.count += 1
        await asyncio.sleep(delay_s)


class World:
    """One connection to each broker of a cluster, opened when it is first used; closes them at the end."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._clients: dict[int, WireClient] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for client in self._clients.values():
            client.close()

    def client(self, broker: int = 0) -> WireClient:
        """A connection to the broker at this index."""
        if broker not in self._clients:
            self._clients[broker] = WireClient(self.cluster.bootstrap.split(",")[broker])
        return self._clients[broker]

    def call(self, request: Message, version: int, response_type: type[R], *, broker: int = 0) -> R:
        """Send to a broker and return its response."""
        return self.client(broker).call(request, version, response_type)

    def topic(
        self,
        stem: str = "topic",
        partitions: int = 1,
        *,
        configs: Mapping[str, str] | None = None,
        assignments: Sequence[Sequence[int]] | None = None,
    ) -> str:
        """Make a topic with a name of its own; `assignments` are the replicas of each partition."""
        name = f"{stem}-{next(_numbers)}"
        topic = CreatableTopic(
            name=name,
            num_partitions=partitions if assignments is None else -1,
            replication_factor=1 if assignments is None else -1,
            assignments=[
                CreatableReplicaAssignment(partition_index=index, broker_ids=list(replicas))
                for index, replicas in enumerate(assignments or ())
            ],
            configs=[CreatableTopicConfig(name=key, value=value) for key, value in (configs or {}).items()],
        )
        made = self.call(CreateTopicsRequest(topics=[topic], timeout_ms=10_000), 7, CreateTopicsResponse).topics[0]
        assert made.error_code == 0, made
        return name

    def topic_id(self, name: str) -> bytes:
        """The topic's id."""
        return self.metadata(name).topic_id

    def group(self, stem: str = "group") -> str:
        """A group id of its own; the coordinators are there when this returns."""
        name = f"{stem}-{next(_numbers)}"
        answer = self.call(FindCoordinatorRequest(coordinator_keys=[name]), 4, FindCoordinatorResponse)
        assert answer.coordinators[0].error_code == 0, answer
        return name

    def transactional_id(self, stem: str = "id") -> str:
        """A transactional id of its own; its coordinator is there when this returns."""
        name = f"{stem}-{next(_numbers)}"
        answer = self.call(FindCoordinatorRequest(key_type=1, coordinator_keys=[name]), 4, FindCoordinatorResponse)
        assert answer.coordinators[0].error_code == 0, answer
        return name

    def metadata(self, name: str, *, broker: int = 0) -> MetadataResponseTopic:
        """What Metadata v12 says of a topic; creates nothing."""
        request = MetadataRequest(topics=[MetadataRequestTopic(name=name)], allow_auto_topic_creation=False)
        return self.call(request, 12, MetadataResponse, broker=broker).topics[0]

    def produce(self, name: str, records: int = 1, *, partition: int = 0, broker: int = 0, key: bytes | None = None) -> None:
        """Append batches of one record each."""
        for _ in range(records):
            batch = memoryview(bytes(build_batch([(1_000, key, b"value", ())], base_offset=0)))
            data = TopicProduceData(name=name, partition_data=[PartitionProduceData(index=partition, records=batch)])
            request = ProduceRequest(acks=-1, timeout_ms=10_000, topic_data=[data])
            answer = self.call(request, 9, ProduceResponse, broker=broker).responses[0].partition_responses[0]
            assert answer.error_code == 0, answer
