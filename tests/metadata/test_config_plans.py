"""Which alterations of configs are refused, and what the others change."""

from __future__ import annotations

import asyncio
import threading

import pytest

from kafka_compat.config.alter import AlterOp
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.ids import BrokerId, TopicId, TopicName
from kafka_compat.metadata import config_plans
from kafka_compat.metadata.changes import ConfigsChanged, TopicCreated
from kafka_compat.metadata.config_plans import Alteration, Operation, plan_alterations
from kafka_compat.metadata.config_resources import ResourceType, parse_node_id, resource_type
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.tasks import Supervisor

NODE = BrokerId(1)
TOPIC, BROKER = int(ResourceType.TOPIC), int(ResourceType.BROKER)


def _image() -> ClusterImage:
    image = ClusterImage()
    image.apply(TopicCreated(TopicName("orders"), TopicId(bytes(range(16))), [[NODE]], [0], [0]))
    image.apply(ConfigsChanged(TOPIC, "orders", {"retention.ms": "5000"}))
    image.apply(ConfigsChanged(BROKER, "", {"min.insync.replicas": "1"}))
    return image


def _set(name: str, value: str | None) -> Operation:
    return Operation(name, AlterOp.SET, value)


def _plan(*alterations: Alteration) -> tuple[list[KafkaError | None], list[ConfigsChanged]]:
    async def plan() -> tuple[list[KafkaError | None], list[ConfigsChanged]]:
        threads = Supervisor("test")
        return await plan_alterations(
            _image(), BrokerConfig({"node.id": "1"}), NODE, alterations, lambda _: None, lambda _: None, threads.in_thread
        )

    return asyncio.run(plan())


def _codes(outcomes: list[KafkaError | None]) -> list[ErrorCode | None]:
    return [None if outcome is None else outcome.error_code for outcome in outcomes]


def test_each_resource_fails_alone() -> None:
    outcomes, changes = _plan(
        Alteration(TOPIC, "orders", [_set("segment.ms", "100")]),
        Alteration(TOPIC, "missing", [_set("segment.ms", "100")]),
        Alteration(BROKER, "2", []),
        Alteration(5, "x", []),
    )
    assert _codes(outcomes) == [
        None,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.INVALID_REQUEST,
        ErrorCode.INVALID_REQUEST,
    ]
    assert changes == [ConfigsChanged(TOPIC, "orders", {"retention.ms": "5000", "segment.ms": "100"})]


def test_legacy_alteration_replaces_all_overrides() -> None:
    _, changes = _plan(Alteration(TOPIC, "orders", [_set("segment.ms", "100")], replaces=True))
    assert changes == [ConfigsChanged(TOPIC, "orders", {"segment.ms": "100"})]


def test_nothing_is_written_when_nothing_changes() -> None:
    outcomes, changes = _plan(Alteration(TOPIC, "orders", [_set("retention.ms", "5000")]))
    assert outcomes == [None]
    assert changes == []


def test_a_resource_named_twice_fails_each_time() -> None:
    twice = Alteration(TOPIC, "orders", [])
    outcomes, changes = _plan(twice, twice)
    assert [str(outcome) for outcome in outcomes] == ["INVALID_REQUEST: Each resource must appear at most once."] * 2
    assert changes == []


def test_an_unknown_operation_fails_everything_that_kafka_forwards_to_its_controller() -> None:
    outcomes, changes = _plan(
        Alteration(TOPIC, "orders", [_set("segment.ms", "100")]),
        Alteration(TOPIC, "missing", [Operation("segment.ms", 9, "100")]),
        Alteration(5, "x", []),
    )
    assert _codes(outcomes) == [ErrorCode.UNKNOWN_SERVER_ERROR, ErrorCode.UNKNOWN_SERVER_ERROR, ErrorCode.INVALID_REQUEST]
    assert changes == []


def test_read_only_broker_configs_are_refused_at_both_levels() -> None:
    for name in ("", "1"):
        (outcome,), _ = _plan(Alteration(BROKER, name, [_set("num.partitions", "3")]))
        assert isinstance(outcome, KafkaError)
        assert outcome.message == "Cannot update these configs dynamically: [num.partitions]"


def test_loggers_are_no_resource_of_the_legacy_request() -> None:
    logger = Alteration(ResourceType.BROKER_LOGGER, "1", [])
    legacy = Alteration(ResourceType.BROKER_LOGGER, "1", [], replaces=True)
    assert _codes(_plan(logger)[0]) == [None]
    assert _codes(_plan(legacy)[0]) == [ErrorCode.INVALID_REQUEST]


def test_names_of_brokers_are_read_as_java_does() -> None:
    assert [parse_node_id(name) for name in ("1", "+1", "01", "-1")] == [1, 1, 1, -1]
    assert [parse_node_id(name) for name in ("", "x", "1.0", " 1", "2147483648", "१")] == [None] * 6


def test_codes_that_are_no_resource_type_are_unknown() -> None:
    assert [resource_type(code) for code in (2, 3, -1, 64)] == [ResourceType.TOPIC, *[ResourceType.UNKNOWN] * 3]


@pytest.mark.parametrize("replaces", [True, False])
def test_more_changes_than_records_of_one_request_fail_together(replaces: bool) -> None:
    """Each config that gets another value is a record of Kafka's controller, which writes 10,000 for a request."""
    operations = [Operation("consumer.session.timeout.ms", AlterOp.SET, "45000")]
    groups = [Alteration(ResourceType.GROUP, f"g{n}", operations, replaces=replaces) for n in range(10_001)]
    unknown = Alteration(ResourceType.TOPIC, "unknown", [], replaces=replaces)
    outcomes, changes = _plan(*groups[:10_000], unknown)
    assert _codes(outcomes) == [None] * 10_000 + [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
    assert len(changes) == 10_000
    outcomes, changes = _plan(*groups, unknown)
    assert _codes(outcomes) == [ErrorCode.POLICY_VIOLATION] * 10_002
    assert not changes


@pytest.mark.parametrize(("kind", "name"), [(TOPIC, "orders"), (BROKER, ""), (BROKER, "1")])
@pytest.mark.parametrize("replaces", [False, True])
def test_what_has_very_many_operations_is_decided_in_a_thread(
    monkeypatch: pytest.MonkeyPatch, kind: int, name: str, replaces: bool
) -> None:
    deciding: list[threading.Thread] = []

    def note_thread(*_: object, **__: object) -> None:
        deciding.append(threading.current_thread())

    for work in ("validate_dynamic_broker_configs", "validate_topic_overrides"):
        monkeypatch.setattr(config_plans, work, note_thread)
    operations = [_set(f"unknown.{number}", "1") for number in range(300)]
    if (kind, name) == (BROKER, ""):
        operations.append(_set("min.insync.replicas", "1"))
    outcomes, changes = _plan(Alteration(kind, name, operations, replaces=replaces))
    assert outcomes == [None]
    assert len(changes[0].configs) >= 300
    assert deciding
    assert threading.main_thread() not in deciding
