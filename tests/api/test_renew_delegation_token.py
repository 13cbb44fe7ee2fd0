from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.renew_delegation_token import RenewDelegationTokenRequest, RenewDelegationTokenResponse
from tests.api.worlds import World


@pytest.mark.parametrize("version", [1, 2])
def test_who_has_not_authenticated_may_not(world: World, version: int) -> None:
    answer = world.call(RenewDelegationTokenRequest(hmac=b"token"), version, RenewDelegationTokenResponse)
    assert answer == RenewDelegationTokenResponse(
        error_code=ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, expiry_timestamp_ms=-1
    )
