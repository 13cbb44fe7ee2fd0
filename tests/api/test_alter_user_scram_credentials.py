from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from kafka_compat.api.handlers import alter_user_scram_credentials
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    ScramCredentialDeletion,
    ScramCredentialUpsertion,
)
from kafka_compat.protocol.messages.describe_user_scram_credentials import (
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    UserName,
)
from tests.api.worlds import Turns, World

COUNT = 3_000

_numbers = itertools.count()
SHA_256, SHA_512 = 1, 2


def alteration(
    deletions: Sequence[tuple[str, int]] = (), upsertions: Sequence[tuple[str, int, int]] = ()
) -> AlterUserScramCredentialsRequest:
    return AlterUserScramCredentialsRequest(
        deletions=[ScramCredentialDeletion(name=name, mechanism=mechanism) for name, mechanism in deletions],
        upsertions=[
            ScramCredentialUpsertion(
                name=name, mechanism=mechanism, iterations=iterations, salt=b"salt", salted_password=b"salted"
            )
            for name, mechanism, iterations in upsertions
        ],
    )


@pytest.fixture
def user() -> str:
    """A name that no other test has."""
    return f"somebody-{next(_numbers)}"


def described(world: World, *names: str) -> dict[str, dict[int, int]]:
    """Iterations by mechanism, by user."""
    request = DescribeUserScramCredentialsRequest(users=[UserName(name=name) for name in names])
    response = world.call(request, 0, DescribeUserScramCredentialsResponse)
    return {result.user: {info.mechanism: info.iterations for info in result.credential_infos} for result in response.results}


def answers(world: World, request: AlterUserScramCredentialsRequest) -> dict[str, int]:
    response = world.call(request, 0, AlterUserScramCredentialsResponse)
    assert len({result.user for result in response.results}) == len(response.results)
    return {result.user: result.error_code for result in response.results}


@pytest.mark.parametrize("mechanism", [SHA_256, SHA_512])
@pytest.mark.parametrize(
    ("iterations", "error_code"),
    [
        (4095, ErrorCode.UNACCEPTABLE_CREDENTIAL),
        (4096, ErrorCode.NONE),
        (16384, ErrorCode.NONE),
        (16385, ErrorCode.UNACCEPTABLE_CREDENTIAL),
    ],
)
def test_credentials_are_stored_until_they_are_deleted(
    world: World, user: str, mechanism: int, iterations: int, error_code: ErrorCode
) -> None:
    assert answers(world, alteration(upsertions=[(user, mechanism, iterations)])) == {user: error_code}
    other = {SHA_256: SHA_512, SHA_512: SHA_256}[mechanism]
    is_stored = error_code is ErrorCode.NONE
    assert described(world, user) == ({user: {mechanism: iterations}} if is_stored else {user: {}})
    assert answers(world, alteration([(user, other)])) == {user: ErrorCode.RESOURCE_NOT_FOUND}
    deleted = ErrorCode.NONE if is_stored else ErrorCode.RESOURCE_NOT_FOUND
    assert answers(world, alteration([(user, mechanism)])) == {user: deleted}
    assert answers(world, alteration([(user, mechanism)])) == {user: ErrorCode.RESOURCE_NOT_FOUND}
    assert described(world, user) == {user: {}}


def test_a_user_has_a_password_for_each_mechanism(world: World, user: str) -> None:
    for upsertion in ((user, SHA_256, 4096), (user, SHA_512, 8192), (user, SHA_256, 5000), (f"{user}-2", SHA_256, 4096)):
        assert answers(world, alteration(upsertions=[upsertion])) == {upsertion[0]: ErrorCode.NONE}
    everybody = described(world)
    assert (everybody[user], everybody[f"{user}-2"]) == ({SHA_256: 5000, SHA_512: 8192}, {SHA_256: 4096})
    assert described(world, user) == {user: {SHA_256: 5000, SHA_512: 8192}}


def test_a_user_is_changed_once_in_a_request_or_not_at_all(world: World, user: str) -> None:
    assert answers(world, alteration(upsertions=[(user, SHA_256, 4096)])) == {user: ErrorCode.NONE}
    both = (user, SHA_256), (user, SHA_512)
    for request in (
        alteration([both[0]], [(*both[1], 4096)]),
        alteration([both[0], both[0]]),
        alteration([both[0], both[1]]),
        alteration(upsertions=[(*both[0], 8192), (*both[1], 8192)]),
    ):
        assert answers(world, request) == {user: ErrorCode.DUPLICATE_RESOURCE}
    # But who is refused is looked at no more.
    assert answers(world, alteration([both[1], both[0]])) == {user: ErrorCode.RESOURCE_NOT_FOUND}
    assert described(world, user) == {user: {SHA_256: 4096}}


def test_nothing_makes_no_key(world: World, user: str) -> None:
    request = alteration(upsertions=[(user, SHA_256, 4096)])
    request.upsertions[0].salted_password = b""
    assert answers(world, request) == {user: ErrorCode.UNKNOWN_SERVER_ERROR}


def test_first_refusal_counts(world: World) -> None:
    request = alteration(
        [("gone", SHA_256), ("gone", 9), ("odd", 9), ("", SHA_512)],
        [
            ("gone", SHA_256, 4096),
            ("odd", SHA_256, 4096),
            ("", 9, 0),
            ("twice", SHA_256, 4096),
            ("twice", 9, 0),
            ("twice", 9, 0),
        ],
    )
    assert answers(world, request) == {
        "gone": ErrorCode.RESOURCE_NOT_FOUND,
        "odd": ErrorCode.UNSUPPORTED_SASL_MECHANISM,
        "": ErrorCode.UNACCEPTABLE_CREDENTIAL,
        "twice": ErrorCode.DUPLICATE_RESOURCE,
    }
    assert answers(world, alteration()) == {}


def test_refusal_is_of_each_user() -> None:
    request = alteration([("bob", SHA_256)], [("eve", SHA_256, 4096), ("bob", SHA_512, 4096)])
    answer = alter_user_scram_credentials.refuse(request, 0, ErrorCode.NOT_CONTROLLER, "why")
    assert isinstance(answer, AlterUserScramCredentialsResponse)
    assert [(result.user, result.error_code, result.error_message) for result in answer.results] == [
        ("bob", ErrorCode.NOT_CONTROLLER, "why"),
        ("eve", ErrorCode.NOT_CONTROLLER, "why"),
    ]


def test_others_get_their_turn(world: World, turns: Turns) -> None:
    names = [f"user-{number}" for number in range(COUNT)]
    request = alteration([(name, SHA_256) for name in names], [(f"new-{name}", SHA_256, 4096) for name in names])
    assert len(answers(world, request)) == 2 * COUNT
    assert turns.count >= 2 * COUNT // 16
