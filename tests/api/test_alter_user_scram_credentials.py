from __future__ import annotations

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
from tests.api.worlds import Turns, World

COUNT = 3_000
SHA_256, SHA_512 = 1, 2


def alteration(
    deletions: Sequence[tuple[str, int]] = (), upsertions: Sequence[tuple[str, int, int]] = ()
) -> AlterUserScramCredentialsRequest:
    return AlterUserScramCredentialsRequest(
        deletions=[ScramCredentialDeletion(name=name, mechanism=mechanism) for name, mechanism in deletions],
        upsertions=[
            ScramCredentialUpsertion(name=name, mechanism=mechanism, iterations=iterations)
            for name, mechanism, iterations in upsertions
        ],
    )


def answers(world: World, request: AlterUserScramCredentialsRequest) -> dict[str, int]:
    response = world.call(request, 0, AlterUserScramCredentialsResponse)
    assert len({result.user for result in response.results}) == len(response.results)
    return {result.user: result.error_code for result in response.results}


@pytest.mark.parametrize("mechanism", [SHA_256, SHA_512])
@pytest.mark.parametrize(
    ("iterations", "error_code"),
    [
        (4095, ErrorCode.UNACCEPTABLE_CREDENTIAL),
        (4096, ErrorCode.UNSUPPORTED_VERSION),
        (16384, ErrorCode.UNSUPPORTED_VERSION),
        (16385, ErrorCode.UNACCEPTABLE_CREDENTIAL),
    ],
)
def test_credentials_are_not_stored(world: World, mechanism: int, iterations: int, error_code: ErrorCode) -> None:
    assert answers(world, alteration(upsertions=[("bob", mechanism, iterations)])) == {"bob": error_code}
    assert answers(world, alteration([("bob", mechanism)])) == {"bob": ErrorCode.RESOURCE_NOT_FOUND}


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
