from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from tests.api.worlds import World


@pytest.mark.parametrize("version", [0, 1])
def test_plaintext_listener_has_no_mechanisms(world: World, version: int) -> None:
    answer = world.call(SaslHandshakeRequest(mechanism="PLAIN"), version, SaslHandshakeResponse)
    assert answer == SaslHandshakeResponse(error_code=ErrorCode.ILLEGAL_SASL_STATE, mechanisms=[])
