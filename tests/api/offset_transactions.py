"""A producer's view of transactional offsets, over a coordinator of transactions that says what the test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kafka_compat.coordinator.transaction.ports import TopicPartition
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
)
from kafka_compat.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
)
from tests.api.worlds import World

CONFIGS = {"offsets.topic.num.partitions": "1"}


@dataclass
class Coordinator:
    """The `Verification` port: answers `code`, and knows what it was asked."""

    code: ErrorCode = ErrorCode.NONE
    asked: list[tuple[str, int, int, list[TopicPartition], bool]] = field(default_factory=list)

    def add_or_verify(
        self,
        transactional_id: str,
        producer_id: int,
        producer_epoch: int,
        partitions: Sequence[TopicPartition],
        *,
        adds: bool,
    ) -> asyncio.Future[Mapping[TopicPartition, ErrorCode]]:
        self.asked.append((transactional_id, producer_id, producer_epoch, list(partitions), adds))
        answer: asyncio.Future[Mapping[TopicPartition, ErrorCode]] = asyncio.get_running_loop().create_future()
        answer.set_result(dict.fromkeys(partitions, self.code))
        return answer


class Transactions:
    """A cluster with one shard of offsets, and a producer's view of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.coordinator = Coordinator()
        services = world.cluster.brokers[0].services
        assert services is not None
        self.services = services
        services.verification = self.coordinator

    def commit(
        self,
        group: str,
        *topics: tuple[str, Sequence[tuple[int, int]]],
        version: int = 5,
        producer_id: int = 7,
        epoch: int = 0,
        generation: int = -1,
        member: str = "",
        metadata: str | None = "",
    ) -> list[tuple[str, list[tuple[int, int]]]]:
        """Commit (partition, offset) pairs of each topic; the code of each partition."""
        request = TxnOffsetCommitRequest(
            transactional_id="tid",
            group_id=group,
            producer_id=producer_id,
            producer_epoch=epoch,
            generation_id=generation,
            member_id=member,
            topics=[
                TxnOffsetCommitRequestTopic(
                    name=name,
                    partitions=[
                        TxnOffsetCommitRequestPartition(
                            partition_index=index, committed_offset=offset, committed_metadata=metadata
                        )
                        for index, offset in partitions
                    ],
                )
                for name, partitions in topics
            ],
        )
        response = self.world.call(request, version, TxnOffsetCommitResponse)
        return [(topic.name, [(p.partition_index, p.error_code) for p in topic.partitions]) for topic in response.topics]

    def end(self, *, is_commit: bool, producer_id: int = 7, epoch: int = 0, coordinator_epoch: int = 0) -> None:
        async def end() -> None:
            await self.services.groups.complete_transaction(
                0, producer_id, epoch, coordinator_epoch, is_commit=is_commit, transaction_version=1
            )

        self.world.cluster.run(end())

    def fetch(self, group: str, topic: str, *partitions: int, stable: bool = True, version: int = 9) -> list[tuple[int, int]]:
        """(offset, code) of each partition."""
        asked = OffsetFetchRequestTopics(name=topic, partition_indexes=list(partitions) or [0])
        request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=[asked])], require_stable=stable)
        while True:
            (answered,) = self.world.call(request, version, OffsetFetchResponse).groups
            if answered.error_code != ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
                break
        return [(p.committed_offset, p.error_code) for p in answered.topics[0].partitions]
