from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_acls import (
    AclCreation,
    AclCreationResult,
    CreateAclsRequest,
    CreateAclsResponse,
)
from tests.api.worlds import Turns, World
from tests.support.wire_client import ConnectionClosed

COUNT = 3_000
REFUSED = AclCreationResult(error_code=ErrorCode.SECURITY_DISABLED, error_message="No Authorizer is configured.")


def creation(*, operation: int = 3) -> AclCreation:
    return AclCreation(
        resource_type=2, resource_name="orders", principal="User:bob", host="*", operation=operation, permission_type=3
    )


@pytest.mark.parametrize("version", [1, 2, 3])
def test_each_is_refused(world: World, version: int) -> None:
    answer = world.call(CreateAclsRequest(creations=[creation()] * 2), version, CreateAclsResponse)
    assert answer.results == [REFUSED] * 2
    assert world.call(CreateAclsRequest(), version, CreateAclsResponse).results == []


@pytest.mark.parametrize("others", [0, COUNT])
def test_unknown_element_closes_the_connection(world: World, others: int) -> None:
    request = CreateAclsRequest(creations=[*[creation()] * others, creation(operation=0)])
    with pytest.raises(ConnectionClosed):
        world.call(request, 3, CreateAclsResponse)


def test_others_get_their_turn(world: World, turns: Turns) -> None:
    answer = world.call(CreateAclsRequest(creations=[creation()] * COUNT), 3, CreateAclsResponse)
    assert answer.results == [REFUSED] * COUNT
    assert turns.count >= COUNT // 16
