"""Incremental changes and what may change while the broker runs, in Apache Kafka 4.3.1's words."""

import pytest

from kafka_compat.config.alter import AlterOp, altered, validate_dynamic_broker_configs, validate_elr
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig, InvalidConfigRequest
from kafka_compat.config.key import Scope

SET, DELETE, APPEND, SUBTRACT = AlterOp


@pytest.mark.parametrize(
    ("scope", "current", "operation", "result"),
    [
        (Scope.TOPIC, {}, ("retention.ms", SET, "5"), {"retention.ms": "5"}),
        (Scope.TOPIC, {"retention.ms": "5"}, ("retention.ms", DELETE, None), {}),
        (Scope.TOPIC, {}, ("foo", DELETE, None), {}),
        (Scope.TOPIC, {}, ("cleanup.policy", APPEND, "compact"), {"cleanup.policy": "delete,compact"}),
        (Scope.TOPIC, {}, ("cleanup.policy", APPEND, "delete"), {"cleanup.policy": "delete"}),
        (
            Scope.TOPIC,
            {"cleanup.policy": "delete,compact"},
            ("cleanup.policy", SUBTRACT, "delete"),
            {"cleanup.policy": "compact"},
        ),
        (Scope.TOPIC, {"cleanup.policy": "compact"}, ("cleanup.policy", SUBTRACT, "compact"), {"cleanup.policy": ""}),
        (Scope.TOPIC, {}, ("cleanup.policy", SUBTRACT, "foo"), {"cleanup.policy": "delete"}),
        (Scope.TOPIC, {}, ("cleanup.policy", APPEND, ""), {"cleanup.policy": "delete,"}),
        (Scope.BROKER, {}, ("log.cleanup.policy", APPEND, "compact"), {"log.cleanup.policy": "delete,compact"}),
    ],
)
def test_operations(
    scope: Scope, current: dict[str, str], operation: tuple[str, AlterOp, str | None], result: dict[str, str]
) -> None:
    assert altered(scope, current, [operation]) == result


@pytest.mark.parametrize(
    ("scope", "name", "operation", "message"),
    [
        (Scope.TOPIC, "retention.ms", APPEND, "Can't APPEND to key retention.ms because its type is not LIST."),
        (Scope.TOPIC, "foo", SUBTRACT, "Can't SUBTRACT to key foo because its type is not LIST."),
        (
            Scope.GROUP,
            "consumer.session.timeout.ms",
            APPEND,
            "Can't APPEND to key consumer.session.timeout.ms because its type is not LIST.",
        ),
        (Scope.CLIENT_METRICS, "metrics", APPEND, "Can't APPEND to key metrics because its type is not LIST."),
        (
            Scope.BROKER,
            "message.max.bytes",
            APPEND,
            "Config value append is not allowed for config key: message.max.bytes",
        ),
        (Scope.BROKER, "foo", SUBTRACT, "Unknown config name: foo"),
    ],
)
def test_only_lists_are_appended_to(scope: Scope, name: str, operation: AlterOp, message: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        altered(scope, {}, [(name, operation, "5")])
    assert str(refused.value) == message


THREADS = "Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation failed for"
WRAPPED = "for configuration Invalid dynamic configuration"


@pytest.mark.parametrize(
    ("configs", "message"),
    [
        ({"log.retention.hours": "5"}, "Cannot update these configs dynamically: [log.retention.hours]"),
        (
            {"num.partitions": "3", "log.dirs": "3"},
            "Cannot update these configs dynamically: [num.partitions, log.dirs]",
        ),
        (
            {"ssl.keystore.location": "/x"},
            (
                "These security configs can be dynamically updated only per-listener using the listener prefix: "
                "[ssl.keystore.location]"
            ),
        ),
        ({"log.retention.ms": "abc"}, "Invalid value abc for configuration log.retention.ms: Not a number of type LONG"),
        (
            {"log.retention.ms": "0"},
            "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
        ),
        ({"num.io.threads": "0"}, "Invalid value 0 for configuration num.io.threads: Value must be at least 1"),
        (
            {"num.io.threads": "100"},
            f"{THREADS} num.io.threads=100, value should not be greater than double the current value 8 {WRAPPED}",
        ),
        (
            {"num.io.threads": "1"},
            f"{THREADS} num.io.threads=1, value should be at least half the current value 8 {WRAPPED}",
        ),
        ({"log.cleaner.threads": "0"}, "/ by zero"),
        (
            {"log.cleaner.threads": "7"},
            (
                "Invalid value org.apache.kafka.common.config.ConfigException: "
                f"Log cleaner threads cannot be increased to more than double the current value 1 {WRAPPED}"
            ),
        ),
        (
            {"follower.replication.throttled.rate": "-1"},
            "Invalid value -1 for configuration follower.replication.throttled.rate: Value must be at least 0",
        ),
        (
            {"principal.builder.class": "foo"},
            "Invalid value foo for configuration principal.builder.class: Class foo could not be found.",
        ),
        (
            {"log.local.retention.bytes": "-1", "log.retention.bytes": "100"},
            (
                "Invalid value org.apache.kafka.common.config.ConfigException: "
                "Invalid value -1 for configuration log.local.retention.bytes: "
                f"Value must not be -1 as log.retention.bytes value is set as 100. {WRAPPED}"
            ),
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_refused_of_a_running_broker(configs: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidConfigRequest) as refused:
        validate_dynamic_broker_configs(BrokerConfig(), configs, per_broker=True)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "name", ["listeners", "sasl.jaas.config", "cordoned.log.dirs", "listener.name.plaintext.ssl.keystore.type"]
)
def test_some_configs_are_never_the_clusters(name: str) -> None:
    with pytest.raises(InvalidConfigRequest) as refused:
        validate_dynamic_broker_configs(BrokerConfig(), {name: "x"}, per_broker=False)
    reason = "Cannot update these configs at default cluster level, broker id must be specified"
    assert str(refused.value) == f"{reason}: [{name}]"


@pytest.mark.parametrize(
    "configs",
    [
        {"foo": "1"},
        {"log.retention.ms": "-2"},
        {"log.local.retention.ms": "-2"},
        {"unclean.leader.election.enable": "true"},
        {"leader.replication.throttled.rate": "5"},
        {"listener.name.plaintext.max.connections": "5"},
        {"log.cleanup.policy": ""},
        {"log.cleaner.min.compaction.lag.ms": "10", "log.cleaner.max.compaction.lag.ms": "5"},
        {"num.io.threads": "16"},
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("per_broker", [True, False])
def test_accepted_of_a_running_broker(configs: dict[str, str], per_broker: bool) -> None:
    validate_dynamic_broker_configs(BrokerConfig(), configs, per_broker=per_broker)


def test_nothing_changes_by_checking() -> None:
    config = BrokerConfig()
    validate_dynamic_broker_configs(config, {"message.max.bytes": "5"}, per_broker=True)
    assert (config.message_max_bytes, config.version) == (1_048_588, 0)


def test_min_insync_replicas_belongs_to_the_cluster() -> None:
    validate_elr({}, {"min.insync.replicas": "2"}, per_broker=False)
    with pytest.raises(InvalidConfig, match=r"Broker-level min.insync.replicas cannot be altered while ELR is enabled"):
        validate_elr({}, {"min.insync.replicas": "2"}, per_broker=True)
    with pytest.raises(InvalidConfig, match=r"Cluster-level min.insync.replicas cannot be removed while ELR is enabled"):
        validate_elr({"min.insync.replicas": "2"}, {}, per_broker=False)
