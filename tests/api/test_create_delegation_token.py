from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_delegation_token import (
    CreatableRenewers,
    CreateDelegationTokenRequest,
    CreateDelegationTokenResponse,
)
from tests.api.worlds import World

REFUSED = CreateDelegationTokenResponse(
    error_code=ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED,
    principal_type="User",
    principal_name="ANONYMOUS",
    issue_timestamp_ms=-1,
    expiry_timestamp_ms=-1,
    max_timestamp_ms=-1,
)


@pytest.mark.parametrize("version", [1, 2])
def test_who_has_not_authenticated_gets_none(world: World, version: int) -> None:
    request = CreateDelegationTokenRequest(renewers=[CreatableRenewers(principal_type="Group", principal_name="a")])
    assert world.call(request, version, CreateDelegationTokenResponse) == REFUSED


@pytest.mark.parametrize(
    ("name", "owner"), [("bob", ("Robot", "bob")), ("", ("User", "ANONYMOUS")), (None, ("User", "ANONYMOUS"))]
)
def test_answer_names_the_owner(world: World, name: str | None, owner: tuple[str, str]) -> None:
    request = CreateDelegationTokenRequest(owner_principal_type="Robot", owner_principal_name=name)
    answer = world.call(request, 3, CreateDelegationTokenResponse)
    assert answer.error_code == ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
    assert (answer.principal_type, answer.principal_name) == owner
    assert (answer.token_requester_principal_type, answer.token_requester_principal_name) == ("User", "ANONYMOUS")


def test_owner_without_a_type(world: World) -> None:
    request = CreateDelegationTokenRequest(owner_principal_type=None, owner_principal_name="bob")
    answer = world.call(request, 3, CreateDelegationTokenResponse)
    assert (answer.error_code, answer.principal_name) == (ErrorCode.UNKNOWN_SERVER_ERROR, "ANONYMOUS")
