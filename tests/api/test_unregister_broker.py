from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.unregister_broker import UnregisterBrokerRequest, UnregisterBrokerResponse
from tests.api.worlds import World


def test_broker_that_runs_stays(world: World) -> None:
    answer = world.call(UnregisterBrokerRequest(broker_id=1), 0, UnregisterBrokerResponse)
    assert answer.error_code == ErrorCode.INVALID_REQUEST


def test_unknown_broker(world: World) -> None:
    answer = world.call(UnregisterBrokerRequest(broker_id=9), 0, UnregisterBrokerResponse)
    assert answer.error_code == ErrorCode.BROKER_ID_NOT_REGISTERED
