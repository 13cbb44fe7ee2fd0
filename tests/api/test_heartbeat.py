from __future__ import annotations

import asyncio

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from tests.api.group_members import Members

E = ErrorCode


def test_a_member_learns_what_it_has_to_do(members: Members) -> None:
    member = members.stable(instance_id="one")
    assert member.heartbeat() == E.NONE
    for changed, code in (
        ({"group_id": ""}, E.INVALID_GROUP_ID),
        ({"group_id": "unknown"}, E.UNKNOWN_MEMBER_ID),
        ({"generation_id": 9}, E.ILLEGAL_GENERATION),
        ({"member_id": "stranger"}, E.FENCED_INSTANCE_ID),
    ):
        assert member.heartbeat(**changed) == code, changed
    newcomer = members.new()
    newcomer.joined(newcomer.begin_join())
    assert member.heartbeat() == E.NONE
    newcomer.begin_join()
    while member.heartbeat() == E.NONE:
        pass  # until the join has arrived
    assert member.heartbeat() == E.REBALANCE_IN_PROGRESS


@pytest.mark.parametrize("code", [E.COORDINATOR_LOAD_IN_PROGRESS, E.NOT_COORDINATOR])
def test_while_its_group_loads_a_member_is_told_nothing_new(
    members: Members, monkeypatch: pytest.MonkeyPatch, code: ErrorCode
) -> None:
    member = members.stable()
    services = members.cluster.brokers[0].services
    assert services is not None

    def refuse(_: object) -> asyncio.Future[None]:
        refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        refused.set_exception(KafkaError(code))
        return refused

    monkeypatch.setattr(services.groups, "heartbeat", refuse)
    assert member.heartbeat() == (E.NONE if code == E.COORDINATOR_LOAD_IN_PROGRESS else code)
