"""InitProducerId 0-5: a producer id and an epoch (KIP-98).

v3 carries what a producer takes itself for, so that it can raise its epoch by itself (KIP-360); v4 says PRODUCER_FENCED where
older clients know INVALID_PRODUCER_EPOCH only. v6 (two-phase commits, KIP-939) is not listed by Kafka 4.3 either.

Without a transactional id Kafka ignores producer id and epoch and gives a new id, and so do we. With one, the producer before
is fenced, and its transaction aborted: CONCURRENT_TRANSACTIONS until that is done.

A transactional id needs WRITE on it; a producer without one WRITE on some topic, or IDEMPOTENT_WRITE on the cluster (KIP-679).
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorization import is_authorized_for_any, is_authorized_for_cluster, require
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.transactions import fenced_code
from kafka_compat.coordinator.transaction.values import NOBODY, InitRequest, ProducerIdAndEpoch
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_VERSION_WITH_FENCED: Final = 4


async def handle(context: RequestContext, request: InitProducerIdRequest) -> Response:
    """Give out a producer id that nobody ever had, or the next epoch of a transactional id's."""
    if request.transactional_id is not None:
        require(context, AclOperation.WRITE, AclResource.TRANSACTIONAL_ID, request.transactional_id)
    elif not is_authorized_for_cluster(context, AclOperation.IDEMPOTENT_WRITE) and not is_authorized_for_any(
        context, AclOperation.WRITE, AclResource.TOPIC
    ):
        raise KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    named = ProducerIdAndEpoch(request.producer_id, request.producer_epoch)
    # Either both are given or none.
    if named != NOBODY and (named.producer_id == NOBODY.producer_id or named.producer_epoch == NOBODY.producer_epoch):
        raise KafkaError(ErrorCode.INVALID_REQUEST)
    if request.transactional_id is None:
        producer_id = await context.services.controller.next_producer_id()
        return InitProducerIdResponse(producer_id=producer_id, producer_epoch=0)
    try:
        producer = await context.services.transactions.init_producer_id(
            InitRequest(
                transactional_id=request.transactional_id,
                timeout_ms=request.transaction_timeout_ms,
                expected=None if named == NOBODY else named,
            )
        )
    except KafkaError as error:
        code = fenced_code(error.error_code, is_known=context.version >= _FIRST_VERSION_WITH_FENCED)
        return refuse(request, context.version, code, None)
    return InitProducerIdResponse(producer_id=producer.producer_id, producer_epoch=producer.producer_epoch)


def refuse(request: InitProducerIdRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error and no producer id."""
    return InitProducerIdResponse(error_code=error_code, producer_epoch=-1)
