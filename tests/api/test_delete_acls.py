from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_acls import (
    DeleteAclsFilter,
    DeleteAclsFilterResult,
    DeleteAclsRequest,
    DeleteAclsResponse,
)
from tests.api.worlds import Turns, World
from tests.support.wire_client import ConnectionClosed

COUNT = 3_000
REFUSED = DeleteAclsFilterResult(error_code=ErrorCode.SECURITY_DISABLED, error_message="No Authorizer is configured.")


def matching(*, permission_type: int = 1) -> DeleteAclsFilter:
    return DeleteAclsFilter(
        resource_type_filter=1, pattern_type_filter=1, operation=1, permission_type=permission_type, host_filter=None
    )


@pytest.mark.parametrize("version", [1, 2, 3])
def test_each_is_refused(world: World, version: int) -> None:
    answer = world.call(DeleteAclsRequest(filters=[matching()] * 2), version, DeleteAclsResponse)
    assert answer.filter_results == [REFUSED] * 2
    assert world.call(DeleteAclsRequest(), version, DeleteAclsResponse).filter_results == []


@pytest.mark.parametrize("others", [0, COUNT])
def test_unknown_element_closes_the_connection(world: World, others: int) -> None:
    request = DeleteAclsRequest(filters=[*[matching()] * others, matching(permission_type=0)])
    with pytest.raises(ConnectionClosed):
        world.call(request, 3, DeleteAclsResponse)


def test_others_get_their_turn(world: World, turns: Turns) -> None:
    answer = world.call(DeleteAclsRequest(filters=[matching()] * COUNT), 3, DeleteAclsResponse)
    assert answer.filter_results == [REFUSED] * COUNT
    assert turns.count >= COUNT // 16
