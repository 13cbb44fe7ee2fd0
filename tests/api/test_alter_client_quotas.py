from __future__ import annotations

import pytest

from kafka_compat.api.handlers import alter_client_quotas
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_client_quotas import AlterClientQuotasRequest, AlterClientQuotasResponse
from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import Turns, World
from tests.support.quota_requests import Entity, Ops, alteration

pytestmark = pytest.mark.kafka()

COUNT = 3_000
RATE = "producer_byte_rate"
BOB: Entity = (("user", "bob"),)
ADDRESS: Entity = (("ip", "1.2.3.4"),)


Answers = list[tuple[Entity, int, str | None]]


def answers_of(response: AlterClientQuotasResponse) -> Answers:
    return [
        (tuple((part.entity_type, part.entity_name) for part in entry.entity), entry.error_code, entry.error_message)
        for entry in response.entries
    ]


def answers(world: World, request: AlterClientQuotasRequest, version: int = 1) -> Answers:
    return answers_of(world.call(request, version, AlterClientQuotasResponse))


def stored(world: World) -> dict[Entity, dict[str, float]]:
    services = world.cluster.brokers[0].services
    assert services is not None
    return services.image.client_quotas


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("validate_only", [False, True])
def test_quotas_are_stored_unless_only_validated(world: World, version: int, validate_only: bool) -> None:
    request = alteration((BOB, ((RATE, 5.0), ("nope", None))), (ADDRESS, ((RATE, None),)), validate_only=validate_only)
    assert answers(world, request, version) == [(BOB, ErrorCode.NONE, None), (ADDRESS, ErrorCode.NONE, None)]
    assert stored(world) == ({} if validate_only else {BOB: {RATE: 5.0}})


def test_quotas_are_changed_one_by_one_and_removed(world: World) -> None:
    pair: Entity = (("user", None), ("client-id", "app"))
    key = tuple(sorted(pair))
    answers(world, alteration((pair, ((RATE, 5.0), ("request_percentage", 0.5)))))
    answers(world, alteration((pair, ((RATE, 7.0),))))
    assert stored(world) == {key: {RATE: 7.0, "request_percentage": 0.5}}
    answers(world, alteration((tuple(reversed(pair)), ((RATE, None),))))
    assert stored(world) == {key: {"request_percentage": 0.5}}
    answers(world, alteration((pair, (("request_percentage", None),))))
    assert stored(world) == {}


def test_quotas_survive_a_restart_and_take_effect() -> None:
    quotas = ((BOB, ((RATE, 5.0),)), (ADDRESS, (("connection_creation_rate", 3.0),)))
    with Cluster() as cluster, World(cluster) as world:
        answers(world, alteration(*quotas))
    with Cluster(file_system=cluster.file_system) as again, World(again) as world:
        assert stored(world) == {BOB: {RATE: 5.0}, ADDRESS: {"connection_creation_rate": 3.0}}
        services = again.brokers[0].services
        assert services is not None
        assert services.quotas is not None


def test_what_is_valid_is_stored_beside_what_is_not(world: World) -> None:
    request = alteration((BOB, ((RATE, 0.0), ("consumer_byte_rate", 3.0))), (ADDRESS, (("connection_creation_rate", 3.0),)))
    assert [code for _, code, _ in answers(world, request)] == [ErrorCode.INVALID_REQUEST, ErrorCode.NONE]
    assert stored(world) == {ADDRESS: {"connection_creation_rate": 3.0}}


def test_too_many_changes_at_once(world: World) -> None:
    entries = [((("user", f"user-{number}"),), ((RATE, 1.0), ("consumer_byte_rate", 1.0))) for number in range(5_001)]
    found = answers(world, alteration(*entries))
    assert {(code, message) for _, code, message in found} == {
        (ErrorCode.POLICY_VIOLATION, "Unable to perform excessively large batch operation.")
    }
    assert stored(world) == {}


@pytest.mark.parametrize(("name", "is_known"), [("localhost", True), ("::1", True), ("no such host", False)])
def test_address_may_be_a_name(world: World, name: str, is_known: bool) -> None:
    ((_, code, message),) = answers(world, alteration(((("ip", name),), (("connection_creation_rate", 3.0),))))
    assert code == (ErrorCode.NONE if is_known else ErrorCode.INVALID_REQUEST)
    assert message == (None if is_known else f"{name} is not a valid IP or resolvable host.")


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
    assert answer[1] == ErrorCode.NONE


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
