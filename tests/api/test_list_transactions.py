from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from tests.api.worlds import Turns, World

COUNT = 3_000


@pytest.mark.parametrize("version", [0, 1, 2])
def test_list_is_empty(world: World, version: int) -> None:
    request = ListTransactionsRequest(state_filters=["Ongoing", "Dead"], producer_id_filters=[1])
    assert world.call(request, version, ListTransactionsResponse) == ListTransactionsResponse(
        unknown_state_filters=[], transaction_states=[]
    )


def test_states_that_do_not_exist_are_named_once(world: World) -> None:
    request = ListTransactionsRequest(state_filters=["nope", "Empty", "ongoing", "nope"])
    answer = world.call(request, 2, ListTransactionsResponse)
    assert answer.unknown_state_filters == ["nope", "ongoing"]


@pytest.mark.parametrize(
    ("pattern", "error_code"),
    [
        (None, ErrorCode.NONE),
        ("", ErrorCode.NONE),
        ("orders-.*", ErrorCode.NONE),
        ("a|" * 2_000, ErrorCode.NONE),
        ("(", ErrorCode.INVALID_REGULAR_EXPRESSION),
        ("(" * 32_000, ErrorCode.INVALID_REGULAR_EXPRESSION),
    ],
)
def test_pattern(world: World, pattern: str | None, error_code: ErrorCode) -> None:
    request = ListTransactionsRequest(state_filters=["nope"], transactional_id_pattern=pattern)
    answer = world.call(request, 2, ListTransactionsResponse)
    assert answer.error_code == error_code
    assert answer.unknown_state_filters == ([] if error_code else ["nope"])


def test_others_get_their_turn(world: World, turns: Turns) -> None:
    request = ListTransactionsRequest(state_filters=[f"state-{number}" for number in range(COUNT)])
    assert len(world.call(request, 2, ListTransactionsResponse).unknown_state_filters) == COUNT
    assert turns.count >= COUNT // 16
