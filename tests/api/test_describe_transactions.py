from __future__ import annotations

from kafka_compat.api.handlers import describe_transactions
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    TransactionState,
)
from tests.api.worlds import Turns, World

COUNT = 3_000


def test_ids_that_nobody_uses(world: World) -> None:
    """As long as nobody ever asked for a coordinator nobody is one."""
    world.transactional_id()
    request = DescribeTransactionsRequest(transactional_ids=["a", "", "b", "a"])
    answer = world.call(request, 0, DescribeTransactionsResponse)
    missing, invalid = ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, ErrorCode.INVALID_REQUEST
    assert answer.transaction_states == [
        TransactionState(error_code=code, transactional_id=name)
        for name, code in (("a", missing), ("", invalid), ("b", missing), ("a", missing))
    ]
    assert world.call(DescribeTransactionsRequest(), 0, DescribeTransactionsResponse).transaction_states == []


def test_every_id_fails_together() -> None:
    request = DescribeTransactionsRequest(transactional_ids=["a", "b"])
    answer = describe_transactions.refuse(request, 0, ErrorCode.COORDINATOR_NOT_AVAILABLE, None)
    assert answer == DescribeTransactionsResponse(
        transaction_states=[
            TransactionState(error_code=ErrorCode.COORDINATOR_NOT_AVAILABLE, transactional_id=name) for name in ("a", "b")
        ]
    )


def test_others_get_their_turn(world: World, turns: Turns) -> None:
    request = DescribeTransactionsRequest(transactional_ids=[f"id-{number}" for number in range(COUNT)])
    answer = world.call(request, 0, DescribeTransactionsResponse)
    assert [state.transactional_id for state in answer.transaction_states] == request.transactional_ids
    assert turns.count >= COUNT // 16
