"""The configs of a topic: checked overrides, and the values in effect above the broker's defaults."""

from __future__ import annotations

from collections.abc import Mapping

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.table import TOPIC_CONFIGS, TOPIC_SYNONYMS
from kafka_compat.config.values import ConfigValue, invalid_value

_RESOLVED_BY_BROKER = {
    "flush.ms": "log_flush_interval_ms",
    "retention.ms": "log_retention_ms",
    "segment.jitter.ms": "log_roll_jitter_ms",
    "segment.ms": "log_roll_ms",
}


def topic_default(broker: BrokerConfig, name: str) -> ConfigValue | None:
    """The value of a topic config without an override. Source: `AbstractKafkaConfig.extractLogConfigMap`."""
    if name in _RESOLVED_BY_BROKER:
        value: int = getattr(broker, _RESOLVED_BY_BROKER[name])
        return value
    synonym = TOPIC_SYNONYMS.get(name)
    return TOPIC_CONFIGS[name].default_value() if synonym is None else broker.get(synonym)


def parse_topic_overrides(overrides: Mapping[str, str]) -> dict[str, ConfigValue]:
    """The typed overrides; raises InvalidConfig for an unknown name or a value that is not allowed."""
    for name in overrides:
        if name not in TOPIC_CONFIGS:
            raise InvalidConfig(f"Unknown topic config name: {name}")
    return {name: TOPIC_CONFIGS[name].parse(text) for name, text in overrides.items()}


def validate_topic_overrides(
    overrides: Mapping[str, str], broker: BrokerConfig, existing: Mapping[str, str] | None = None
) -> None:
    """Raise InvalidConfig with Kafka's message unless the topic may have exactly these overrides.

    `existing` are the overrides before the change, None for a new topic. Source: `LogConfig.validate`. (A null value never
    gets here: the handlers refuse it with INVALID_REQUEST.)
    """
    config = TopicConfig(broker, overrides)
    if config.min_compaction_lag_ms > config.max_compaction_lag_ms:
        raise InvalidConfig(
            f"conflict topic config setting min.compaction.lag.ms ({config.min_compaction_lag_ms}) > "
            f"max.compaction.lag.ms ({config.max_compaction_lag_ms})"
        )
    if config.remote_storage_enable:
        _check_remote(config, broker)
    elif _was_remote(existing) and not config.remote_log_delete_on_disable:
        raise InvalidConfig(
            "It is invalid to disable remote storage without deleting remote data. "
            "If you want to keep the remote data and turn to read only, please set "
            "`remote.storage.enable=true,remote.log.copy.disable=true`. "
            "If you want to disable remote storage and delete all remote data, please set "
            "`remote.storage.enable=false,remote.log.delete.on.disable=true`."
        )


def _was_remote(existing: Mapping[str, str] | None) -> bool:
    return existing is not None and existing.get("remote.storage.enable", "false").lower() == "true"


def _check_remote(config: TopicConfig, broker: BrokerConfig) -> None:
    if broker.get("remote.log.storage.system.enable") is not True:
        raise InvalidConfig(
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
        )
    if config.is_compacted:
        raise InvalidConfig(
            "Remote log storage only supports topics with cleanup.policy=delete or cleanup.policy being an empty list."
        )
    _check_local_retention("bytes", config.local_retention_bytes, config.retention_bytes)
    _check_local_retention("ms", config.local_retention_ms, config.retention_ms)
    if config.remote_log_copy_disable:
        _check_same_retention("bytes", config.local_retention_bytes, config.retention_bytes)
        _check_same_retention("ms", config.local_retention_ms, config.retention_ms)


def _check_local_retention(unit: str, local: int, total: int) -> None:
    if total == -1 or local == -2 or (unit == "bytes" and total < -1):
        return
    name = f"local.retention.{unit}"
    if local == -1:
        raise invalid_value(name, local, f"Value must not be -1 as retention.{unit} value is set as {total}.")
    if local > total:
        raise invalid_value(name, local, f"Value must not be more than retention.{unit} property value: {total}")


def _check_same_retention(unit: str, local: int, total: int) -> None:
    if local not in (-2, total):
        raise InvalidConfig(
            f"When `remote.log.copy.disable` is set to true, the `local.retention.{unit}` and `retention.{unit}` must be set "
            "to the identical value because there will be no more logs copied to the remote storage."
        )


class TopicConfig:
    """What is in effect for one topic. Attributes are named like the configs, with underscores; times are in ms.

    A snapshot: build a new one when the overrides change or when `broker_version` is not `BrokerConfig.version` any more.
    """

    __slots__ = (
        "broker_version",
        "compression_gzip_level",
        "compression_lz4_level",
        "compression_type",
        "compression_zstd_level",
        "delete_retention_ms",
        "file_delete_delay_ms",
        "flush_messages",
        "flush_ms",
        "index_interval_bytes",
        "is_compacted",
        "is_deleted",
        "is_log_append_time",
        "local_retention_bytes",
        "local_retention_ms",
        "max_compaction_lag_ms",
        "max_message_bytes",
        "message_timestamp_after_max_ms",
        "message_timestamp_before_max_ms",
        "message_timestamp_type",
        "min_cleanable_dirty_ratio",
        "min_compaction_lag_ms",
        "min_insync_replicas",
        "preallocate",
        "remote_log_copy_disable",
        "remote_log_delete_on_disable",
        "remote_storage_enable",
        "retention_bytes",
        "retention_ms",
        "segment_bytes",
        "segment_index_bytes",
        "segment_jitter_ms",
        "segment_ms",
        "unclean_leader_election_enable",
    )

    def __init__(self, broker: BrokerConfig, overrides: Mapping[str, str] | None = None) -> None:
        """Resolve the configs; raises InvalidConfig for overrides that `parse_topic_overrides` refuses."""
        parsed = parse_topic_overrides(overrides or {})

        def number(name: str) -> int:
            value = parsed.get(name)
            if value is None:
                value = topic_default(broker, name)
            assert isinstance(value, int)
            return value

        def flag(name: str) -> bool:
            return bool(parsed.get(name, topic_default(broker, name)))

        def text(name: str) -> str:
            return str(parsed.get(name, topic_default(broker, name)))

        policies = parsed.get("cleanup.policy", topic_default(broker, "cleanup.policy"))
        assert isinstance(policies, tuple)
        ratio = parsed.get("min.cleanable.dirty.ratio", topic_default(broker, "min.cleanable.dirty.ratio"))
        assert isinstance(ratio, float)

        self.broker_version = broker.version
        # Neither policy: records stay for ever (KIP-1161 allows an empty cleanup.policy).
        self.is_compacted = "compact" in policies
        self.is_deleted = "delete" in policies
        self.max_message_bytes = number("max.message.bytes")
        # Tests of Kafka's own clients go below the minimum of segment.bytes with the internal config.
        self.segment_bytes = number("internal.segment.bytes" if "internal.segment.bytes" in parsed else "segment.bytes")
        self.segment_ms = number("segment.ms")
        self.segment_jitter_ms = number("segment.jitter.ms")
        self.segment_index_bytes = number("segment.index.bytes")
        self.index_interval_bytes = number("index.interval.bytes")
        self.retention_ms = number("retention.ms")
        self.retention_bytes = number("retention.bytes")
        self.compression_type = text("compression.type")
        self.compression_gzip_level = number("compression.gzip.level")
        self.compression_lz4_level = number("compression.lz4.level")
        self.compression_zstd_level = number("compression.zstd.level")
        self.message_timestamp_type = text("message.timestamp.type")
        self.is_log_append_time = self.message_timestamp_type == "LogAppendTime"
        self.message_timestamp_before_max_ms = number("message.timestamp.before.max.ms")
        self.message_timestamp_after_max_ms = number("message.timestamp.after.max.ms")
        self.min_insync_replicas = number("min.insync.replicas")
        self.flush_messages = number("flush.messages")
        self.flush_ms = number("flush.ms")
        self.file_delete_delay_ms = number("file.delete.delay.ms")
        self.min_cleanable_dirty_ratio = ratio
        self.min_compaction_lag_ms = number("min.compaction.lag.ms")
        self.max_compaction_lag_ms = number("max.compaction.lag.ms")
        self.delete_retention_ms = number("delete.retention.ms")
        self.preallocate = flag("preallocate")
        self.unclean_leader_election_enable = flag("unclean.leader.election.enable")
        self.remote_storage_enable = flag("remote.storage.enable")
        self.remote_log_copy_disable = flag("remote.log.copy.disable")
        self.remote_log_delete_on_disable = flag("remote.log.delete.on.disable")
        self.local_retention_ms = number("local.retention.ms")
        self.local_retention_bytes = number("local.retention.bytes")

    @property
    def max_segment_ms(self) -> int:
        """Age in ms at which a segment is closed; compaction with a maximal lag asks for more. `LogConfig.maxSegmentMs`."""
        if self.is_compacted and self.max_compaction_lag_ms > 0:
            return min(self.max_compaction_lag_ms, self.segment_ms)
        return self.segment_ms
