from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_delegation_token import (
    DescribeDelegationTokenOwner,
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)
from tests.api.worlds import World

BOB = DescribeDelegationTokenOwner(principal_type="User", principal_name="bob")


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("owners", [None, [], [BOB]])
def test_who_has_not_authenticated_sees_none(
    world: World, version: int, owners: list[DescribeDelegationTokenOwner] | None
) -> None:
    answer = world.call(DescribeDelegationTokenRequest(owners=owners), version, DescribeDelegationTokenResponse)
    assert answer == DescribeDelegationTokenResponse(error_code=ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, tokens=[])
