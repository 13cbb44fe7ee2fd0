"""BrokerConfig: levels, synonyms in several units, rules between configs. Messages are Apache Kafka 4.3.1's."""

from unittest.mock import patch

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig


def test_defaults() -> None:
    config = BrokerConfig()
    assert config.num_partitions == 1
    assert config.message_max_bytes == 1_048_588
    assert config.log_retention_ms == 7 * 24 * 3_600_000
    assert config.log_roll_ms == 7 * 24 * 3_600_000
    assert config.log_roll_jitter_ms == 0
    assert config.log_flush_interval_ms == (1 << 63) - 1
    assert config.group_consumer_assignors == ("uniform", "range")
    assert config.broker_rack is None
    assert config.get("log.cleaner.io.max.bytes.per.second") == pytest.approx(1.7976931348623157e308)


def test_the_finest_unit_wins() -> None:
    static = {"log.retention.hours": "3", "log.retention.minutes": "5", "log.roll.hours": "2", "log.roll.jitter.hours": "1"}
    config = BrokerConfig(static | {"log.flush.scheduler.interval.ms": "77"})
    assert config.log_retention_ms == 5 * 60_000
    assert config.log_roll_ms == 2 * 3_600_000
    assert config.log_roll_jitter_ms == 3_600_000
    assert config.log_flush_interval_ms == 77


@pytest.mark.parametrize("name", ["log.retention.ms", "log.retention.minutes", "log.retention.hours"])
def test_any_negative_retention_is_for_ever(name: str) -> None:
    assert BrokerConfig({name: "-5"}).log_retention_ms == -1


def test_a_dynamic_coarse_unit_beats_a_static_fine_one() -> None:
    config = BrokerConfig({"log.roll.ms": "5"})
    config.set_dynamic({"log.roll.hours": "1"}, {})
    assert config.log_roll_ms == 3_600_000


def test_levels() -> None:
    config = BrokerConfig({"message.max.bytes": "1"})
    config.set_dynamic({"message.max.bytes": "2"}, {})
    assert (config.message_max_bytes, config.version) == (2, 1)
    config.set_dynamic({"message.max.bytes": "2"}, {"message.max.bytes": "3"})
    assert config.message_max_bytes == 3
    config.set_dynamic({}, {})
    assert (config.message_max_bytes, config.version) == (1, 3)


def test_dynamic_values_that_no_longer_parse_are_left_out() -> None:
    config = BrokerConfig()
    config.set_dynamic({"message.max.bytes": "many", "foo": "kept"}, {})
    assert config.message_max_bytes == 1_048_588
    assert dict(config.dynamic_default) == {"foo": "kept"}
    assert config.get("foo") == "kept"


def test_an_undeclared_name_that_is_not_set_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        BrokerConfig().get("no.such.config")


def test_node_id_and_broker_id_stand_for_each_other() -> None:
    assert BrokerConfig({"broker.id": "4"}).node_id == 4
    assert BrokerConfig({"node.id": "4"}).get("broker.id") == 4


@pytest.mark.parametrize(
    ("configs", "message"),
    [
        ({"log.segment.bytes": "100"}, "Invalid value 100 for configuration log.segment.bytes: Value must be at least 1048576"),
        ({"log.retention.ms": "abc"}, "Invalid value abc for configuration log.retention.ms: Not a number of type LONG"),
        (
            {"log.retention.ms": "0"},
            "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
        ),
        (
            {"log.retention.hours": "0"},
            "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
        ),
        ({"log.roll.ms": "0"}, "requirement failed: log.roll.ms must be greater than or equal to 1"),
        ({"log.roll.jitter.ms": "-1"}, "requirement failed: log.roll.jitter.ms must be greater than or equal to 0"),
        ({"node.id": "1", "broker.id": "2"}, "You must set `node.id` to the same value as `broker.id`."),
        ({"log.cleaner.threads": "0"}, "/ by zero"),
        (
            {"log.cleaner.dedupe.buffer.size": "10"},
            "requirement failed: log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.",
        ),
        ({"offsets.topic.compression.codec": "9"}, "Unknown compression type id: 9"),
        (
            {"replica.fetch.wait.max.ms": "40000"},
            (
                "requirement failed: replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms "
                "to prevent unnecessary socket timeouts"
            ),
        ),
        (
            {"queued.max.request.bytes": "5"},
            "requirement failed: queued.max.request.bytes must be larger or equal to socket.request.max.bytes",
        ),
        (
            {"max.connections.per.ip": "0"},
            (
                "requirement failed: max.connections.per.ip can be set to zero only if "
                "max.connections.per.ip.overrides property is set."
            ),
        ),
        (
            {"max.connections.per.ip.overrides": "x"},
            "Error parsing configuration property 'max.connections.per.ip.overrides': begin 0, end -1, length 1",
        ),
        ({"max.connections.per.ip.overrides": "localhost:a"}, 'For input string: "a"'),
        ({"group.coordinator.rebalance.protocols": "consumer"}, "Disabling the 'classic' protocol is not supported."),
        (
            {"group.consumer.heartbeat.interval.ms": "1"},
            "group.consumer.heartbeat.interval.ms must be greater than or equal to group.consumer.min.heartbeat.interval.ms",
        ),
        (
            {"group.consumer.session.timeout.ms": "1"},
            "group.consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
        ),
        (
            {"group.consumer.min.heartbeat.interval.ms": "6000", "group.consumer.max.heartbeat.interval.ms": "5000"},
            (
                "group.consumer.max.heartbeat.interval.ms must be greater than or equal to "
                "group.consumer.min.heartbeat.interval.ms"
            ),
        ),
        (
            {"group.consumer.assignment.interval.ms": "99999999"},
            "group.consumer.assignment.interval.ms must be less than or equal to group.consumer.max.assignment.interval.ms",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_kafka_does_not_start_with(configs: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        BrokerConfig(configs)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "configs",
    [
        {"log.flush.interval.ms": "-1"},
        {"unknown.key": "x"},
        {"group.min.session.timeout.ms": "10", "group.max.session.timeout.ms": "5"},
        {"log.cleaner.min.compaction.lag.ms": "10", "log.cleaner.max.compaction.lag.ms": "5"},
        {"max.connections.per.ip": "0", "max.connections.per.ip.overrides": "localhost:5"},
    ],
    ids=" ".join,
)
def test_what_kafka_does_start_with(configs: dict[str, str]) -> None:
    BrokerConfig(configs)


def test_what_happens_while_a_value_is_read_for_the_first_time_is_not_blamed_on_it() -> None:
    """Garbage may be collected then, and its warnings be errors: a test run showed one as a config's KeyError."""
    config = BrokerConfig()
    config.set_dynamic({}, {})
    with patch.object(config, "_parse", side_effect=ZeroDivisionError), pytest.raises(ZeroDivisionError) as caught:
        config.get("num.partitions")
    assert caught.value.__context__ is None
