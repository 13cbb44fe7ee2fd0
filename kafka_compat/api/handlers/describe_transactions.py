"""DescribeTransactions 0: the state of transactional ids (KIP-664).

INVALID_REQUEST for the empty id, TRANSACTIONAL_ID_NOT_FOUND for one that nobody uses, NOT_COORDINATOR for those of other
brokers. An id that comes twice is looked up once and answered twice. The start time is that of the last transaction, also when
it is over.

Needs DESCRIBE on each id; topics that the client may not describe are left out.
"""

from __future__ import annotations

from kafka_compat.api.authorization import is_authorized, is_authorized_this_once
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    TopicData,
    TransactionState,
)
from kafka_compat.security.acl import AclOperation, AclResource


async def handle(context: RequestContext, request: DescribeTransactionsRequest) -> Response:
    """Look each id up."""
    states: list[TransactionState] = []
    known: dict[str, TransactionState] = {}
    async for transactional_id in Pace().over(request.transactional_ids):
        state = known.get(transactional_id)
        if state is None:
            state = known[transactional_id] = await _state(context, transactional_id)
        states.append(state)
    return DescribeTransactionsResponse(transaction_states=states)


def refuse(request: DescribeTransactionsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every id failed with `error_code`."""
    return DescribeTransactionsResponse(
        transaction_states=[
            TransactionState(error_code=error_code, transactional_id=transactional_id)
            for transactional_id in request.transactional_ids
        ]
    )


async def _state(context: RequestContext, transactional_id: str) -> TransactionState:
    if not is_authorized(context, AclOperation.DESCRIBE, AclResource.TRANSACTIONAL_ID, transactional_id):
        return TransactionState(error_code=ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, transactional_id=transactional_id)
    try:
        found = await context.services.transactions.describe(transactional_id)
    except KafkaError as error:
        return TransactionState(error_code=error.error_code, transactional_id=transactional_id)
    return TransactionState(
        transactional_id=transactional_id,
        transaction_state=found.state,
        transaction_timeout_ms=found.timeout_ms,
        transaction_start_time_ms=found.start_ms,
        producer_id=found.producer.producer_id,
        producer_epoch=found.producer.producer_epoch,
        topics=[
            TopicData(topic=topic, partitions=sorted(numbers))
            async for topic, numbers in Pace().over(list(found.partitions.items()))
            if is_authorized_this_once(context, AclOperation.DESCRIBE, AclResource.TOPIC, topic)
        ],
    )
