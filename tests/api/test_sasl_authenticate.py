from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from tests.api.worlds import World


@pytest.mark.parametrize("version", [0, 1, 2])
def test_plaintext_listener_authenticates_nobody(world: World, version: int) -> None:
    answer = world.call(SaslAuthenticateRequest(auth_bytes=b"\0bob\0secret"), version, SaslAuthenticateResponse)
    assert (answer.error_code, answer.auth_bytes) == (ErrorCode.ILLEGAL_SASL_STATE, b"")
