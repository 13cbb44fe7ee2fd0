"""Topic configs: defaults from the broker, overrides, and what is refused in Apache Kafka 4.3.1's words."""

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.topic import TopicConfig, validate_topic_overrides

REMOTE = BrokerConfig({"remote.log.storage.system.enable": "true"})


def test_defaults_come_from_the_broker() -> None:
    config = TopicConfig(
        BrokerConfig(
            {
                "log.retention.hours": "2",
                "log.roll.hours": "3",
                "log.segment.bytes": "2000000",
                "log.cleanup.policy": "compact",
                "log.cleaner.min.cleanable.ratio": "0.25",
                "message.max.bytes": "10",
                "log.message.timestamp.type": "LogAppendTime",
                "compression.type": "gzip",
                "log.flush.interval.ms": "9",
                "log.preallocate": "true",
            }
        )
    )
    assert config.retention_ms == 2 * 3_600_000
    assert config.segment_ms == 3 * 3_600_000
    assert config.segment_bytes == 2_000_000
    assert (config.is_compacted, config.is_deleted) == (True, False)
    assert config.min_cleanable_dirty_ratio == 0.25
    assert config.max_message_bytes == 10
    assert config.is_log_append_time
    assert config.compression_type == "gzip"
    assert config.flush_ms == 9
    assert config.preallocate


def test_overrides_win() -> None:
    overrides = {"retention.ms": " 050 ", "cleanup.policy": " compact , delete ", "preallocate": " TRUE"}
    config = TopicConfig(BrokerConfig({"log.retention.ms": "7"}), overrides)
    assert config.retention_ms == 50
    assert (config.is_compacted, config.is_deleted) == (True, True)
    assert config.preallocate


def test_the_internal_segment_size_goes_below_the_minimum() -> None:
    assert TopicConfig(BrokerConfig(), {"internal.segment.bytes": "100"}).segment_bytes == 100


def test_an_empty_cleanup_policy_keeps_everything() -> None:
    config = TopicConfig(BrokerConfig(), {"cleanup.policy": ""})
    assert (config.is_compacted, config.is_deleted) == (False, False)


def test_compaction_with_a_maximal_lag_closes_segments_earlier() -> None:
    overrides = {"segment.ms": "100", "max.compaction.lag.ms": "10"}
    assert TopicConfig(BrokerConfig(), overrides).max_segment_ms == 100
    assert TopicConfig(BrokerConfig(), overrides | {"cleanup.policy": "compact"}).max_segment_ms == 10


def test_a_snapshot_knows_its_age() -> None:
    broker = BrokerConfig()
    config = TopicConfig(broker)
    broker.set_dynamic({"log.retention.ms": "5"}, {})
    assert config.broker_version != broker.version
    assert TopicConfig(broker).retention_ms == 5


THROTTLED = (
    "must be the literal '*' or a list of replicas in the following format: "
    "[partitionId]:[brokerId],[partitionId]:[brokerId],..."
)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"foo": "1"}, "Unknown topic config name: foo"),
        ({"retention.ms": "-2"}, "Invalid value -2 for configuration retention.ms: Value must be at least -1"),
        ({"retention.ms": ""}, "Invalid value  for configuration retention.ms: Not a number of type LONG"),
        (
            {"compression.type": "x"},
            (
                "Invalid value x for configuration compression.type: "
                "String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer"
            ),
        ),
        (
            {"cleanup.policy": "foo"},
            "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete",
        ),
        ({"cleanup.policy": "delete,"}, "Configuration 'cleanup.policy' values must not be empty."),
        ({"segment.bytes": "100"}, "Invalid value 100 for configuration segment.bytes: Value must be at least 1048576"),
        (
            {"min.cleanable.dirty.ratio": "1.5"},
            "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
        ),
        (
            {"min.compaction.lag.ms": "10", "max.compaction.lag.ms": "5"},
            "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)",
        ),
        (
            {"leader.replication.throttled.replicas": "1"},
            (
                "Invalid value [1] for configuration leader.replication.throttled.replicas: "
                f"leader.replication.throttled.replicas {THROTTLED}"
            ),
        ),
        (
            {"remote.storage.enable": "true"},
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_refused(overrides: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        validate_topic_overrides(overrides, BrokerConfig())
    assert str(refused.value) == message


ON = {"remote.storage.enable": "true"}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"cleanup.policy": "delete,compact"},
            "Remote log storage only supports topics with cleanup.policy=delete or cleanup.policy being an empty list.",
        ),
        (
            {"local.retention.ms": "-1"},
            (
                "Invalid value -1 for configuration local.retention.ms: "
                "Value must not be -1 as retention.ms value is set as 604800000."
            ),
        ),
        (
            {"retention.ms": "10", "local.retention.ms": "11"},
            (
                "Invalid value 11 for configuration local.retention.ms: "
                "Value must not be more than retention.ms property value: 10"
            ),
        ),
        (
            {"retention.bytes": "10", "local.retention.bytes": "11"},
            (
                "Invalid value 11 for configuration local.retention.bytes: "
                "Value must not be more than retention.bytes property value: 10"
            ),
        ),
        (
            {"remote.log.copy.disable": "true", "retention.ms": "10", "local.retention.ms": "9"},
            (
                "When `remote.log.copy.disable` is set to true, the `local.retention.ms` and `retention.ms` must be set to the "
                "identical value because there will be no more logs copied to the remote storage."
            ),
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_refused_of_a_tiered_topic(overrides: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        validate_topic_overrides(ON | overrides, REMOTE)
    assert str(refused.value) == message


def test_tiering_is_not_switched_off_without_saying_what_becomes_of_the_data() -> None:
    with pytest.raises(InvalidConfig, match="It is invalid to disable remote storage without deleting remote data"):
        validate_topic_overrides({}, REMOTE, existing=ON)
    validate_topic_overrides({"remote.log.delete.on.disable": "true"}, REMOTE, existing=ON)


@pytest.mark.parametrize(
    "overrides",
    [
        {"cleanup.policy": ""},
        {"cleanup.policy": "compact,compact"},
        {"retention.bytes": "-5"},
        {"internal.segment.bytes": "100"},
        {"min.cleanable.dirty.ratio": "NaN"},
        {"leader.replication.throttled.replicas": "*"},
        {"follower.replication.throttled.replicas": "0:1,0:1"},
        {"retention.ms": "5", "local.retention.ms": "10"},
        {"remote.log.copy.disable": "true"},
    ],
    ids=str,
)
def test_accepted(overrides: dict[str, str]) -> None:
    validate_topic_overrides(overrides, BrokerConfig())
