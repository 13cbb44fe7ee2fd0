"""AddOffsetsToTxn 0-4: the offsets of a group become part of a transaction (KIP-98).

v2 says PRODUCER_FENCED where older clients know INVALID_PRODUCER_EPOCH only (KIP-588), v4 may say TRANSACTION_ABORTABLE
(KIP-890). What is added is the group's partition of __consumer_offsets. Clients of transaction version 2 do not ask: their
TxnOffsetCommit adds it. Needs WRITE on the transactional id and READ on the group.
"""

from __future__ import annotations

from kafka_compat.api.authorization import require
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.transactions import FIRST_VERSION_WITH_FENCED, fenced_code
from kafka_compat.coordinator.transaction.values import Partitions, ProducerIdAndEpoch
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from kafka_compat.protocol.topic_names import CONSUMER_OFFSETS
from kafka_compat.security.acl import AclOperation, AclResource


async def handle(context: RequestContext, request: AddOffsetsToTxnRequest) -> Response:
    """Add the group's partition; nobody asks whether there is such a group."""
    require(context, AclOperation.WRITE, AclResource.TRANSACTIONAL_ID, request.transactional_id)
    require(context, AclOperation.READ, AclResource.GROUP, request.group_id)
    services = context.services
    partitions: Partitions = {CONSUMER_OFFSETS: frozenset({services.groups.partition_of(request.group_id)})}
    producer = ProducerIdAndEpoch(request.producer_id, request.producer_epoch)
    try:
        await services.transactions.add_partitions(request.transactional_id, producer, partitions, client_version=0)
    except KafkaError as error:
        code = fenced_code(error.error_code, is_known=context.version >= FIRST_VERSION_WITH_FENCED)
        return refuse(request, context.version, code, None)
    return AddOffsetsToTxnResponse()


def refuse(request: AddOffsetsToTxnRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone."""
    return AddOffsetsToTxnResponse(error_code=error_code)
