from __future__ import annotations

from kafka_compat.api.handlers import describe_user_scram_credentials
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    ScramCredentialDeletion,
    ScramCredentialUpsertion,
)
from kafka_compat.protocol.messages.describe_user_scram_credentials import (
    CredentialInfo,
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    DescribeUserScramCredentialsResult,
    UserName,
)
from tests.api.worlds import Turns, World

COUNT = 3_000


def of(*names: str) -> DescribeUserScramCredentialsRequest:
    return DescribeUserScramCredentialsRequest(users=[UserName(name=name) for name in names])


def test_everybody_who_has_any(world: World) -> None:
    upsertion = ScramCredentialUpsertion(name="described", mechanism=1, iterations=4096, salt=b"s", salted_password=b"p")
    world.call(AlterUserScramCredentialsRequest(upsertions=[upsertion]), 0, AlterUserScramCredentialsResponse)
    result = DescribeUserScramCredentialsResult(
        user="described", credential_infos=[CredentialInfo(mechanism=1, iterations=4096)]
    )
    for everybody in (DescribeUserScramCredentialsRequest(users=None), of()):
        assert result in world.call(everybody, 0, DescribeUserScramCredentialsResponse).results
    deletion = ScramCredentialDeletion(name="described", mechanism=1)
    world.call(AlterUserScramCredentialsRequest(deletions=[deletion]), 0, AlterUserScramCredentialsResponse)
    for everybody in (DescribeUserScramCredentialsRequest(users=None), of()):
        results = world.call(everybody, 0, DescribeUserScramCredentialsResponse).results
        assert "described" not in {each.user for each in results}


def test_users_that_are_named(world: World) -> None:
    answer = world.call(of("bob", "eve", "bob", "bob"), 0, DescribeUserScramCredentialsResponse)
    assert answer.results == [
        DescribeUserScramCredentialsResult(
            user="bob",
            error_code=ErrorCode.DUPLICATE_RESOURCE,
            error_message="Cannot describe SCRAM credentials for the same user twice in a single request: bob",
        ),
        DescribeUserScramCredentialsResult(
            user="eve",
            error_code=ErrorCode.RESOURCE_NOT_FOUND,
            error_message="Attempt to describe a user credential that does not exist: eve",
        ),
    ]


def test_refusal_is_of_the_whole_and_once_more_of_each_user() -> None:
    answer = describe_user_scram_credentials.refuse(of("bob"), 0, ErrorCode.UNKNOWN_SERVER_ERROR, "why")
    assert answer == DescribeUserScramCredentialsResponse(
        error_code=ErrorCode.UNKNOWN_SERVER_ERROR,
        error_message="why",
        results=[DescribeUserScramCredentialsResult(error_code=ErrorCode.UNKNOWN_SERVER_ERROR, error_message="why")],
    )


def test_others_get_their_turn(world: World, turns: Turns) -> None:
    answer = world.call(of(*map(str, range(COUNT))), 0, DescribeUserScramCredentialsResponse)
    assert [result.user for result in answer.results] == [*map(str, range(COUNT))]
    assert turns.count >= COUNT // 16
