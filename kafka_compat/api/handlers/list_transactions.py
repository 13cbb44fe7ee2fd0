"""ListTransactions 0-2: the transactional ids that this broker coordinates (KIP-664).

v1 filters by duration (KIP-994), v2 by a pattern of the whole id (KIP-1152).

States that do not exist are named in the answer, each once; when only such are asked for, nothing is listed. A pattern that is
no regular expression is INVALID_REGULAR_EXPRESSION. COORDINATOR_LOAD_IN_PROGRESS while anything that belongs here is loaded.

Ids that the client may not describe are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from kafka_compat.api.authorization import is_authorized_this_once
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.coordinator import re2_syntax
from kafka_compat.coordinator.re2_match import Matcher, PatternTooLarge
from kafka_compat.coordinator.transaction.states import STATE_NAMES
from kafka_compat.coordinator.transaction.values import ListFilter
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.list_transactions import (
    ListTransactionsRequest,
    ListTransactionsResponse,
    TransactionState,
)
from kafka_compat.security.acl import AclOperation, AclResource
from kafka_compat.tasks import Supervisor

_STATES: Final = frozenset(STATE_NAMES.values())
# A microsecond each.
_CHARACTERS_AT_ONCE: Final = 1_000
# An id takes some 5 us for each.
_STATES_AT_ONCE: Final = 50


class _Filter:
    """Which ids a pattern lets through."""

    def __init__(self, tasks: Supervisor, matcher: Matcher) -> None:
        self._tasks = tasks
        self._matcher = matcher

    @classmethod
    async def of(cls, tasks: Supervisor, pattern: str) -> _Filter:
        """Compile a pattern; raises INVALID_REGULAR_EXPRESSION."""
        compile_pattern = partial(_compiled, pattern)
        is_short = len(pattern) <= _CHARACTERS_AT_ONCE and "{" not in pattern
        return cls(tasks, compile_pattern() if is_short else await tasks.in_thread(compile_pattern))

    async def matching(self, listed: Sequence[TransactionState], pace: Pace) -> list[TransactionState]:
        """Those of `listed` whose id matches."""
        if self._matcher.states > _STATES_AT_ONCE:
            return await self._tasks.in_thread(
                lambda: [state for state in listed if self._matcher.matches(state.transactional_id)]
            )
        return [state async for state in pace.over(listed) if self._matcher.matches(state.transactional_id)]


def _compiled(pattern: str) -> Matcher:
    if not re2_syntax.is_valid(pattern):
        raise KafkaError(ErrorCode.INVALID_REGULAR_EXPRESSION)
    try:
        return Matcher(pattern)
    except PatternTooLarge as error:
        raise KafkaError(ErrorCode.INVALID_REGULAR_EXPRESSION) from error


async def handle(context: RequestContext, request: ListTransactionsRequest) -> Response:
    """List what the filters let through."""
    pattern = request.transactional_id_pattern
    by_pattern = await _Filter.of(context.services.tasks, pattern) if pattern else None
    pace = Pace()
    unknown: dict[str, None] = {}
    states: set[str] = set()
    async for state in pace.over(request.state_filters):
        if state in _STATES:
            states.add(state)
        else:
            unknown[state] = None
    wanted = ListFilter(
        states=states,
        has_states=bool(request.state_filters),
        producer_ids={producer_id async for producer_id in pace.over(request.producer_id_filters)},
        duration_ms=request.duration_filter,
    )
    listed = [
        TransactionState(
            transactional_id=listing.transactional_id, producer_id=listing.producer_id, transaction_state=listing.state
        )
        async for listing in context.services.transactions.list(wanted)
        if is_authorized_this_once(context, AclOperation.DESCRIBE, AclResource.TRANSACTIONAL_ID, listing.transactional_id)
    ]
    if by_pattern is not None:
        listed = await by_pattern.matching(listed, pace)
    return ListTransactionsResponse(unknown_state_filters=list(unknown), transaction_states=listed)


def refuse(request: ListTransactionsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone; there is no place for a message."""
    return ListTransactionsResponse(error_code=error_code)
