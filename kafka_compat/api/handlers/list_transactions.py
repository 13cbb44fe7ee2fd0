"""ListTransactions 0-2: the transactional ids that this broker coordinates (KIP-664).

v1 filters by duration (KIP-994), v2 by a pattern of the id (KIP-1152).

There are no transactions yet, so that the list is empty whatever the filters. States that do not exist are named in the answer,
each once; a pattern that is no regular expression is INVALID_REGULAR_EXPRESSION.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.coordinator import re2_syntax
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse

# Kafka: TransactionState
_STATES: Final = frozenset(
    {
        "Empty",
        "Ongoing",
        "PrepareCommit",
        "PrepareAbort",
        "CompleteCommit",
        "CompleteAbort",
        "Dead",
        "PrepareEpochFence",
    }
)
# A microsecond each.
_CHARACTERS_AT_ONCE: Final = 1_000


async def handle(context: RequestContext, request: ListTransactionsRequest) -> Response:
    """List none."""
    pattern = request.transactional_id_pattern
    if pattern:
        check = partial(re2_syntax.is_valid, pattern)
        is_valid = check() if len(pattern) <= _CHARACTERS_AT_ONCE else await context.services.tasks.in_thread(check)
        if not is_valid:
            raise KafkaError(ErrorCode.INVALID_REGULAR_EXPRESSION)
    unknown: dict[str, None] = {}
    async for state in Pace().over(request.state_filters):
        if state not in _STATES:
            unknown[state] = None
    return ListTransactionsResponse(unknown_state_filters=list(unknown))


def refuse(request: ListTransactionsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone; there is no place for a message."""
    return ListTransactionsResponse(error_code=error_code)
