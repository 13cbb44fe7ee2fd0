from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_acls import DescribeAclsRequest, DescribeAclsResponse
from tests.api.worlds import World
from tests.support.wire_client import ConnectionClosed

ANY = 1


@pytest.mark.parametrize("version", [1, 2, 3])
def test_there_is_no_authorizer(world: World, version: int) -> None:
    request = DescribeAclsRequest(
        resource_type_filter=ANY, pattern_type_filter=ANY, operation=ANY, permission_type=ANY, resource_name_filter=None
    )
    assert world.call(request, version, DescribeAclsResponse) == DescribeAclsResponse(
        error_code=ErrorCode.SECURITY_DISABLED, error_message="No Authorizer is configured on the broker"
    )


@pytest.mark.parametrize("unknown", ["resource_type_filter", "pattern_type_filter", "operation", "permission_type"])
def test_unknown_element_closes_the_connection(world: World, unknown: str) -> None:
    request = DescribeAclsRequest(resource_type_filter=ANY, pattern_type_filter=ANY, operation=ANY, permission_type=ANY)
    setattr(request, unknown, 0)
    with pytest.raises(ConnectionClosed):
        world.call(request, 3, DescribeAclsResponse)
