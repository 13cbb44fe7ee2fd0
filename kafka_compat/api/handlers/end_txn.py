"""EndTxn 0-5: a transaction is to be committed or aborted (KIP-98).

v2 says PRODUCER_FENCED where older clients know INVALID_PRODUCER_EPOCH only (KIP-588), v4 may say TRANSACTION_ABORTABLE; v5 is
of clients of transaction version 2, whose epoch rises with each end: the answer has the next producer id and epoch (KIP-890).
The answer comes when the decision is durable; CONCURRENT_TRANSACTIONS as long as markers of an earlier one are being written.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from kafka_compat.api.authorization import require
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.transactions import FIRST_VERSION_WITH_FENCED, fenced_code
from kafka_compat.coordinator.transaction.values import EndRequest, ProducerIdAndEpoch
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_VERSION_WITH_BUMP: Final = 5


def handle(context: RequestContext, request: EndTxnRequest) -> Answer:
    """Decide; the answer waits for no markers."""
    require(context, AclOperation.WRITE, AclResource.TRANSACTIONAL_ID, request.transactional_id)
    try:
        ended = context.services.transactions.end(
            EndRequest(
                transactional_id=request.transactional_id,
                producer=ProducerIdAndEpoch(request.producer_id, request.producer_epoch),
                is_commit=request.committed,
                bumps_epoch=context.version >= _FIRST_VERSION_WITH_BUMP,
            )
        )
        if not ended.done():
            return _when_durable(context, request, ended)
        return _answer(ended.result())
    except KafkaError as error:
        return _refusal(context, request, error)


async def _when_durable(context: RequestContext, request: EndTxnRequest, ended: Awaitable[ProducerIdAndEpoch]) -> Response:
    try:
        return _answer(await ended)
    except KafkaError as error:
        return _refusal(context, request, error)


def _answer(producer: ProducerIdAndEpoch) -> Response:
    return EndTxnResponse(producer_id=producer.producer_id, producer_epoch=producer.producer_epoch)


def _refusal(context: RequestContext, request: EndTxnRequest, error: KafkaError) -> Response:
    code = fenced_code(error.error_code, is_known=context.version >= FIRST_VERSION_WITH_FENCED)
    return refuse(request, context.version, code, None)


def refuse(request: EndTxnRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone."""
    return EndTxnResponse(error_code=error_code)
