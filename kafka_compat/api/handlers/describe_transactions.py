"""DescribeTransactions 0: the state of transactional ids (KIP-664).

There are no transactions yet, so that no id is known: TRANSACTIONAL_ID_NOT_FOUND, and INVALID_REQUEST for the empty one. An id
that comes twice is answered twice.
"""

from __future__ import annotations

from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    TransactionState,
)


def handle(context: RequestContext, request: DescribeTransactionsRequest) -> Answer:
    """Answer that the ids are not known."""
    return in_slices(_response(request))


def refuse(request: DescribeTransactionsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every id failed with `error_code`."""
    return DescribeTransactionsResponse(
        transaction_states=[
            TransactionState(error_code=error_code, transactional_id=transactional_id)
            for transactional_id in request.transactional_ids
        ]
    )


def _response(request: DescribeTransactionsRequest) -> Work[Response]:
    states: list[TransactionState] = []
    known: dict[str, TransactionState] = {}
    for transactional_id in request.transactional_ids:
        state = known.get(transactional_id)
        if state is None:
            error_code = ErrorCode.TRANSACTIONAL_ID_NOT_FOUND if transactional_id else ErrorCode.INVALID_REQUEST
            state = known[transactional_id] = TransactionState(error_code=error_code, transactional_id=transactional_id)
        states.append(state)
        yield
    return DescribeTransactionsResponse(transaction_states=states)
