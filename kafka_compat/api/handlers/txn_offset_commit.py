"""TxnOffsetCommit 0-5: where a group goes on, if a producer's transaction commits (KIP-98).

v2 adds leader epochs, v3 is flexible and brings member, instance and generation, so that who has left the group is fenced
(KIP-447), v4 knows TRANSACTION_ABORTABLE (KIP-890), v5 makes the group's partition of __consumer_offsets part of the
transaction where it is not yet; before, AddOffsetsToTxn has done that. Offsets are committed for whatever has the topic's name:
Kafka keeps no topic id with them. Needs WRITE on the transactional id, READ on the group, and on each topic.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorization import is_authorized, require
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.offset_commits import commit_what_exists
from kafka_compat.api.offset_topics import find_topic
from kafka_compat.coordinator.group.offset_values import OffsetCommit, OffsetsToCommit, OffsetsTransaction
from kafka_compat.ids import ZERO_TOPIC_ID
from kafka_compat.metadata.image import Topic
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
)
from kafka_compat.security.acl import AclOperation, AclResource

# KAFKA-7296: older producers may crash when the coordinator says that it loads.
_FIRST_VERSION_OF_LOADING: Final = 2
_FIRST_VERSION_WITH_ABORTABLE: Final = 4
_FIRST_VERSION_THAT_ADDS: Final = 5


async def handle(context: RequestContext, request: TxnOffsetCommitRequest) -> Response:
    """Commit what exists into the transaction; the answer goes out when it is durable."""
    require(context, AclOperation.WRITE, AclResource.TRANSACTIONAL_ID, request.transactional_id)
    require(context, AclOperation.READ, AclResource.GROUP, request.group_id)
    services = context.services
    image = services.image
    pace = Pace()

    def find(wanted: TxnOffsetCommitRequestTopic) -> tuple[Topic | None, ErrorCode]:
        if not is_authorized(context, AclOperation.READ, AclResource.TOPIC, wanted.name):
            return None, ErrorCode.TOPIC_AUTHORIZATION_FAILED
        return find_topic(image, wanted.name, ZERO_TOPIC_ID, by_id=False)

    transaction = OffsetsTransaction(
        transactional_id=request.transactional_id,
        producer_id=request.producer_id,
        producer_epoch=request.producer_epoch,
        adds=context.version >= _FIRST_VERSION_THAT_ADDS,
        knows_abortable=context.version >= _FIRST_VERSION_WITH_ABORTABLE,
    )

    async def commit(offsets: OffsetsToCommit) -> list[ErrorCode]:
        commit = OffsetCommit(
            group_id=request.group_id,
            member_id=request.member_id,
            instance_id=request.group_instance_id,
            generation_id=request.generation_id,
            offsets=offsets,
            is_transactional=True,
        )
        codes = await services.groups.commit_offsets_in_transaction(commit, transaction, services.verification)
        return [_mapped(code, context.version) for code in codes] if any(codes) else codes

    committed = await commit_what_exists(
        request.topics,
        find,
        commit,
        pace,
        with_topic_ids=False,
    )
    topics = []
    async for wanted, outcomes in pace.over(committed):
        partitions = [
            TxnOffsetCommitResponsePartition(partition_index=index, error_code=code)
            async for index, code in pace.over(outcomes)
        ]
        topics.append(TxnOffsetCommitResponseTopic(name=wanted.name, partitions=partitions))
    return TxnOffsetCommitResponse(topics=topics)


def refuse(request: TxnOffsetCommitRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """No partition was committed because of `error_code`."""
    return TxnOffsetCommitResponse(
        topics=[
            TxnOffsetCommitResponseTopic(
                name=topic.name,
                partitions=[
                    TxnOffsetCommitResponsePartition(partition_index=partition.partition_index, error_code=error_code)
                    for partition in topic.partitions
                ],
            )
            for topic in request.topics
        ]
    )


def _mapped(code: ErrorCode, version: int) -> ErrorCode:
    if code is ErrorCode.GROUP_ID_NOT_FOUND:
        return ErrorCode.ILLEGAL_GENERATION
    if code is ErrorCode.COORDINATOR_LOAD_IN_PROGRESS and version < _FIRST_VERSION_OF_LOADING:
        return ErrorCode.COORDINATOR_NOT_AVAILABLE
    return code
