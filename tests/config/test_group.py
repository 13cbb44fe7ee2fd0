"""Group and client-metrics configs, in Apache Kafka 4.3.1's words."""

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig, InvalidConfigRequest
from kafka_compat.config.group import (
    GroupConfig,
    parse_match_patterns,
    validate_client_metrics,
    validate_group_overrides,
)


def test_the_broker_gives_the_defaults() -> None:
    config = GroupConfig(
        BrokerConfig({"group.consumer.session.timeout.ms": "50000"}), {"share.isolation.level": "read_committed"}
    )
    assert config.get_int("consumer.session.timeout.ms") == 50_000
    assert config.get("share.isolation.level") == "read_committed"
    assert config.get("share.auto.offset.reset") == "latest"


@pytest.mark.parametrize(
    ("overrides", "effective"),
    [
        ({"consumer.session.timeout.ms": "1"}, 45_000),
        ({"consumer.session.timeout.ms": "50000"}, 50_000),
        ({"consumer.heartbeat.interval.ms": "100000"}, 15_000),
        ({"share.delivery.count.limit": "100"}, 10),
        ({"streams.num.standby.replicas": "10"}, 2),
    ],
)
def test_an_override_stays_within_the_brokers_limits(overrides: dict[str, str], effective: int) -> None:
    (name,) = overrides
    assert GroupConfig(BrokerConfig(), overrides).get_int(name) == effective


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"foo": "1"}, "Unknown group config name: foo"),
        (
            {"consumer.session.timeout.ms": "1"},
            "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
        ),
        (
            {"consumer.session.timeout.ms": "50000", "consumer.heartbeat.interval.ms": "60000"},
            "consumer.heartbeat.interval.ms must be less than or equal to group.consumer.max.heartbeat.interval.ms",
        ),
        (
            {"share.record.lock.duration.ms": "1000"},
            "share.record.lock.duration.ms must be greater than or equal to group.share.min.record.lock.duration.ms",
        ),
        (
            {"share.record.lock.duration.ms": "999"},
            "Invalid value 999 for configuration share.record.lock.duration.ms: Value must be at least 1000",
        ),
        (
            {"share.delivery.count.limit": "100"},
            "share.delivery.count.limit must be less than or equal to group.share.max.delivery.count.limit",
        ),
        (
            {"streams.num.standby.replicas": "10"},
            "streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas",
        ),
        (
            {"share.isolation.level": "x"},
            "Invalid value x for configuration share.isolation.level: String must be one of: read_committed, read_uncommitted",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_refused_of_a_group(overrides: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        validate_group_overrides(overrides, BrokerConfig())
    assert str(refused.value) == message


def test_a_session_outlasts_a_heartbeat() -> None:
    broker = BrokerConfig({"group.consumer.min.session.timeout.ms": "10", "group.consumer.min.heartbeat.interval.ms": "10"})
    overrides = {"consumer.session.timeout.ms": "5000", "consumer.heartbeat.interval.ms": "5000"}
    with pytest.raises(InvalidConfig, match=r"consumer\.session\.timeout\.ms must be greater than consumer\.heartbeat"):
        validate_group_overrides(overrides, broker)


@pytest.mark.parametrize(
    ("configs", "message"),
    [
        ({"foo": "1"}, "Unknown client metrics configuration: foo"),
        ({"interval.ms": "99"}, "Invalid value 99 for interval.ms, interval must be between 100 and 3600000 (1 hour)"),
        (
            {"interval.ms": "3600001"},
            "Invalid value 3600001 for interval.ms, interval must be between 100 and 3600000 (1 hour)",
        ),
    ],
)
def test_refused_of_a_client_metrics_subscription(configs: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidConfigRequest) as refused:
        validate_client_metrics(configs)
    assert str(refused.value) == message


@pytest.mark.parametrize("pattern", ["a", "foo=a", "client_id=[", "client_id=a=b"])
def test_illegal_match_patterns(pattern: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        validate_client_metrics({"match": pattern})
    assert str(refused.value) == f"Illegal client matching pattern: {pattern}"


def test_client_metrics_accepted() -> None:
    for configs in ({}, {"metrics": "a,a"}, {"metrics": ""}, {"metrics": "*"}, {"match": "client_id=a,client_id=b"}):
        validate_client_metrics(configs)
    assert parse_match_patterns(("client_id = a.*",))["client_id"].fullmatch("abc")
