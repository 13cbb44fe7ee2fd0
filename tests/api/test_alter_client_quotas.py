from __future__ import annotations

import pytest

from kafka_compat.api.handlers import alter_client_quotas
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasRequestEntityData,
    AlterClientQuotasRequestEntryData,
    AlterClientQuotasResponse,
    OpData,
)
from tests.api.worlds import Turns, World

COUNT = 3_000
RATE = "producer_byte_rate"
Entity = tuple[tuple[str, str | None], ...]
Ops = tuple[tuple[str, float | None], ...]
BOB: Entity = (("user", "bob"),)
ADDRESS: Entity = (("ip", "1.2.3.4"),)


def alteration(*entries: tuple[Entity, Ops], validate_only: bool = False) -> AlterClientQuotasRequest:
    """None removes."""
    return AlterClientQuotasRequest(
        entries=[
            AlterClientQuotasRequestEntryData(
                entity=[AlterClientQuotasRequestEntityData(entity_type=kind, entity_name=name) for kind, name in entity],
                ops=[OpData(key=key, value=-1.0 if value is None else value, remove=value is None) for key, value in ops],
            )
            for entity, ops in entries
        ],
        validate_only=validate_only,
    )


Answers = list[tuple[Entity, int, str | None]]


def answers_of(response: AlterClientQuotasResponse) -> Answers:
    return [
        (tuple((part.entity_type, part.entity_name) for part in entry.entity), entry.error_code, entry.error_message)
        for entry in response.entries
    ]


def answers(world: World, request: AlterClientQuotasRequest, version: int = 1) -> Answers:
    return answers_of(world.call(request, version, AlterClientQuotasResponse))


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("validate_only", [False, True])
def test_quotas_are_not_stored(world: World, version: int, validate_only: bool) -> None:
    request = alteration((BOB, ((RATE, 5.0), ("nope", None))), (ADDRESS, ((RATE, None),)), validate_only=validate_only)
    assert answers(world, request, version) == [
        (BOB, ErrorCode.UNSUPPORTED_VERSION, "This broker does not store client quotas"),
        (ADDRESS, ErrorCode.NONE, None),
    ]


@pytest.mark.parametrize(
    ("entity", "message"),
    [
        ((), "Invalid empty client quota entity"),
        ((("user", ""),), "Empty user not supported"),
        ((("group", "bob"),), "Unhandled client quota entity type: group"),
        ((*BOB, *ADDRESS), "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId"),
        ((("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")), "Unhandled client quota entity type: a"),
    ],
)
def test_invalid_entity(world: World, entity: Entity, message: str) -> None:
    assert answers(world, alteration((entity, ((RATE, 5.0),)))) == [(entity, ErrorCode.INVALID_REQUEST, message)]


@pytest.mark.parametrize(
    ("entity", "key", "value", "message"),
    [
        (BOB, "nope", 1.0, "Invalid configuration key nope"),
        (BOB, "connection_creation_rate", 1.0, "Invalid configuration key connection_creation_rate"),
        (ADDRESS, RATE, 1.0, f"Invalid configuration key {RATE}"),
        (BOB, RATE, 0.0, f"Quota {RATE} must be greater than 0"),
        (BOB, RATE, 1.5, f"{RATE} cannot be a fractional value."),
        (BOB, RATE, 1e19, f"Proposed value for {RATE} is too large for a LONG."),
        (ADDRESS, "connection_creation_rate", 3e9, "Proposed value for connection_creation_rate is too large for an INT."),
        (BOB, "request_percentage", -1.0, "Quota request_percentage must be greater than 0"),
    ],
)
def test_invalid_value(world: World, entity: Entity, key: str, value: float, message: str) -> None:
    request = alteration((entity, (("consumer_byte_rate" if entity is BOB else "nope", None), (key, value))))
    assert answers(world, request) == [(entity, ErrorCode.INVALID_REQUEST, message)]


@pytest.mark.parametrize("value", [1.5, 1e300, float("inf"), float("nan")])
def test_percentage_is_any_positive_number(world: World, value: float) -> None:
    (answer,) = answers(world, alteration((BOB, (("request_percentage", value),))))
    assert answer[1] == ErrorCode.UNSUPPORTED_VERSION


def test_what_comes_twice(world: World) -> None:
    eve: Entity = (("user", None), ("client-id", "eve"))
    request = alteration((BOB, ()), (eve, ((RATE, None), (RATE, None))), (BOB, ((RATE, 5.0),)), ((("user", "x"), *BOB), ()))
    assert answers(world, request) == [
        (BOB, ErrorCode.INVALID_REQUEST, "Ignoring duplicate entity ClientQuotaEntity(entries={user=bob})"),
        (eve, ErrorCode.INVALID_REQUEST, "Ignoring duplicate entity ClientQuotaEntity(entries={user=null, client-id=eve})"),
    ]


def test_refusal_is_of_each_entry() -> None:
    answer = alter_client_quotas.refuse(alteration((BOB, ()), (ADDRESS, ())), 1, ErrorCode.NOT_CONTROLLER, "why")
    assert isinstance(answer, AlterClientQuotasResponse)
    assert answers_of(answer) == [(BOB, ErrorCode.NOT_CONTROLLER, "why"), (ADDRESS, ErrorCode.NOT_CONTROLLER, "why")]


WIDE: dict[str, tuple[tuple[Entity, Ops], ...]] = {
    "entries": tuple(((("user", f"user-{number}"),), ()) for number in range(COUNT)),
    "types": ((tuple((f"type-{number}", None) for number in range(COUNT)), ()),),
    "quotas": ((BOB, tuple((f"quota-{number}", None) for number in range(COUNT))),),
}


@pytest.mark.parametrize("case", WIDE)
def test_others_get_their_turn(world: World, turns: Turns, case: str) -> None:
    assert [entity for entity, _, _ in answers(world, alteration(*WIDE[case]))] == [entity for entity, _ in WIDE[case]]
    assert turns.count >= COUNT // 16


def test_others_get_their_turn_among_empty_entries(world: World, turns: Turns) -> None:
    (answer,) = answers(world, alteration(*[((), ())] * COUNT))
    assert answer[1] == ErrorCode.INVALID_REQUEST
    assert turns.count >= COUNT // 16
