from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.expire_delegation_token import ExpireDelegationTokenRequest, ExpireDelegationTokenResponse
from tests.api.worlds import World


@pytest.mark.parametrize("version", [1, 2])
def test_who_has_not_authenticated_may_not(world: World, version: int) -> None:
    answer = world.call(ExpireDelegationTokenRequest(hmac=b"token"), version, ExpireDelegationTokenResponse)
    assert answer == ExpireDelegationTokenResponse(
        error_code=ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, expiry_timestamp_ms=-1
    )
