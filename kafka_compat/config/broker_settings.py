"""The broker configs this broker acts on, as typed attributes."""

from __future__ import annotations

from typing import Generic, TypeVar

from kafka_compat.config.values import ConfigValue

_T = TypeVar("_T", bool, int, float, str, tuple[str, ...])


class _Setting(Generic[_T]):
    """Reads one broker config; the attribute's type is the table's (a test compares them)."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, settings: BrokerSettings, owner: type[BrokerSettings] | None = None) -> _T:
        value: _T = settings.get(self.name)  # type: ignore[assignment]
        return value


class BrokerSettings:
    """What the other layers ask a `BrokerConfig`; each attribute is named like its config, which says what it means."""

    def get(self, name: str) -> ConfigValue | None:
        """The value in effect of the broker config `name`, None when there is none."""
        raise NotImplementedError

    add_partitions_to_txn_retry_backoff_max_ms: _Setting[int] = _Setting("add.partitions.to.txn.retry.backoff.max.ms")
    add_partitions_to_txn_retry_backoff_ms: _Setting[int] = _Setting("add.partitions.to.txn.retry.backoff.ms")
    authorizer_class_name: _Setting[str] = _Setting("authorizer.class.name")
    auto_create_topics_enable: _Setting[bool] = _Setting("auto.create.topics.enable")
    auto_leader_rebalance_enable: _Setting[bool] = _Setting("auto.leader.rebalance.enable")
    compression_gzip_level: _Setting[int] = _Setting("compression.gzip.level")
    compression_lz4_level: _Setting[int] = _Setting("compression.lz4.level")
    compression_type: _Setting[str] = _Setting("compression.type")
    compression_zstd_level: _Setting[int] = _Setting("compression.zstd.level")
    connection_failed_authentication_delay_ms: _Setting[int] = _Setting("connection.failed.authentication.delay.ms")
    connections_max_idle_ms: _Setting[int] = _Setting("connections.max.idle.ms")
    controller_quota_window_num: _Setting[int] = _Setting("controller.quota.window.num")
    controller_quota_window_size_seconds: _Setting[int] = _Setting("controller.quota.window.size.seconds")
    default_replication_factor: _Setting[int] = _Setting("default.replication.factor")
    delegation_token_expiry_check_interval_ms: _Setting[int] = _Setting("delegation.token.expiry.check.interval.ms")
    delegation_token_expiry_time_ms: _Setting[int] = _Setting("delegation.token.expiry.time.ms")
    delegation_token_max_lifetime_ms: _Setting[int] = _Setting("delegation.token.max.lifetime.ms")
    delete_topic_enable: _Setting[bool] = _Setting("delete.topic.enable")
    fetch_max_bytes: _Setting[int] = _Setting("fetch.max.bytes")
    group_consumer_assignment_interval_ms: _Setting[int] = _Setting("group.consumer.assignment.interval.ms")
    group_consumer_assignors: _Setting[tuple[str, ...]] = _Setting("group.consumer.assignors")
    group_consumer_heartbeat_interval_ms: _Setting[int] = _Setting("group.consumer.heartbeat.interval.ms")
    group_consumer_max_assignment_interval_ms: _Setting[int] = _Setting("group.consumer.max.assignment.interval.ms")
    group_consumer_max_heartbeat_interval_ms: _Setting[int] = _Setting("group.consumer.max.heartbeat.interval.ms")
    group_consumer_max_session_timeout_ms: _Setting[int] = _Setting("group.consumer.max.session.timeout.ms")
    group_consumer_max_size: _Setting[int] = _Setting("group.consumer.max.size")
    group_consumer_migration_policy: _Setting[str] = _Setting("group.consumer.migration.policy")
    group_consumer_min_assignment_interval_ms: _Setting[int] = _Setting("group.consumer.min.assignment.interval.ms")
    group_consumer_min_heartbeat_interval_ms: _Setting[int] = _Setting("group.consumer.min.heartbeat.interval.ms")
    group_consumer_min_session_timeout_ms: _Setting[int] = _Setting("group.consumer.min.session.timeout.ms")
    group_consumer_regex_refresh_interval_ms: _Setting[int] = _Setting("group.consumer.regex.refresh.interval.ms")
    group_consumer_session_timeout_ms: _Setting[int] = _Setting("group.consumer.session.timeout.ms")
    group_coordinator_rebalance_protocols: _Setting[tuple[str, ...]] = _Setting("group.coordinator.rebalance.protocols")
    group_initial_rebalance_delay_ms: _Setting[int] = _Setting("group.initial.rebalance.delay.ms")
    group_max_session_timeout_ms: _Setting[int] = _Setting("group.max.session.timeout.ms")
    group_max_size: _Setting[int] = _Setting("group.max.size")
    group_min_session_timeout_ms: _Setting[int] = _Setting("group.min.session.timeout.ms")
    group_share_assignment_interval_ms: _Setting[int] = _Setting("group.share.assignment.interval.ms")
    group_share_assignors: _Setting[tuple[str, ...]] = _Setting("group.share.assignors")
    group_share_delivery_count_limit: _Setting[int] = _Setting("group.share.delivery.count.limit")
    group_share_heartbeat_interval_ms: _Setting[int] = _Setting("group.share.heartbeat.interval.ms")
    group_share_max_assignment_interval_ms: _Setting[int] = _Setting("group.share.max.assignment.interval.ms")
    group_share_max_delivery_count_limit: _Setting[int] = _Setting("group.share.max.delivery.count.limit")
    group_share_max_heartbeat_interval_ms: _Setting[int] = _Setting("group.share.max.heartbeat.interval.ms")
    group_share_max_partition_max_record_locks: _Setting[int] = _Setting("group.share.max.partition.max.record.locks")
    group_share_max_record_lock_duration_ms: _Setting[int] = _Setting("group.share.max.record.lock.duration.ms")
    group_share_max_session_timeout_ms: _Setting[int] = _Setting("group.share.max.session.timeout.ms")
    group_share_max_share_sessions: _Setting[int] = _Setting("group.share.max.share.sessions")
    group_share_max_size: _Setting[int] = _Setting("group.share.max.size")
    group_share_min_assignment_interval_ms: _Setting[int] = _Setting("group.share.min.assignment.interval.ms")
    group_share_min_delivery_count_limit: _Setting[int] = _Setting("group.share.min.delivery.count.limit")
    group_share_min_heartbeat_interval_ms: _Setting[int] = _Setting("group.share.min.heartbeat.interval.ms")
    group_share_min_partition_max_record_locks: _Setting[int] = _Setting("group.share.min.partition.max.record.locks")
    group_share_min_record_lock_duration_ms: _Setting[int] = _Setting("group.share.min.record.lock.duration.ms")
    group_share_min_session_timeout_ms: _Setting[int] = _Setting("group.share.min.session.timeout.ms")
    group_share_partition_max_record_locks: _Setting[int] = _Setting("group.share.partition.max.record.locks")
    group_share_record_lock_duration_ms: _Setting[int] = _Setting("group.share.record.lock.duration.ms")
    group_share_session_timeout_ms: _Setting[int] = _Setting("group.share.session.timeout.ms")
    group_streams_assignment_interval_ms: _Setting[int] = _Setting("group.streams.assignment.interval.ms")
    group_streams_heartbeat_interval_ms: _Setting[int] = _Setting("group.streams.heartbeat.interval.ms")
    group_streams_initial_rebalance_delay_ms: _Setting[int] = _Setting("group.streams.initial.rebalance.delay.ms")
    group_streams_max_assignment_interval_ms: _Setting[int] = _Setting("group.streams.max.assignment.interval.ms")
    group_streams_max_heartbeat_interval_ms: _Setting[int] = _Setting("group.streams.max.heartbeat.interval.ms")
    group_streams_max_session_timeout_ms: _Setting[int] = _Setting("group.streams.max.session.timeout.ms")
    group_streams_max_size: _Setting[int] = _Setting("group.streams.max.size")
    group_streams_max_standby_replicas: _Setting[int] = _Setting("group.streams.max.standby.replicas")
    group_streams_min_assignment_interval_ms: _Setting[int] = _Setting("group.streams.min.assignment.interval.ms")
    group_streams_min_heartbeat_interval_ms: _Setting[int] = _Setting("group.streams.min.heartbeat.interval.ms")
    group_streams_min_session_timeout_ms: _Setting[int] = _Setting("group.streams.min.session.timeout.ms")
    group_streams_num_standby_replicas: _Setting[int] = _Setting("group.streams.num.standby.replicas")
    group_streams_session_timeout_ms: _Setting[int] = _Setting("group.streams.session.timeout.ms")
    leader_imbalance_check_interval_seconds: _Setting[int] = _Setting("leader.imbalance.check.interval.seconds")
    log_cleaner_backoff_ms: _Setting[int] = _Setting("log.cleaner.backoff.ms")
    log_cleaner_dedupe_buffer_size: _Setting[int] = _Setting("log.cleaner.dedupe.buffer.size")
    log_cleaner_delete_retention_ms: _Setting[int] = _Setting("log.cleaner.delete.retention.ms")
    log_cleaner_enable: _Setting[bool] = _Setting("log.cleaner.enable")
    log_cleaner_io_buffer_load_factor: _Setting[float] = _Setting("log.cleaner.io.buffer.load.factor")
    log_cleaner_io_buffer_size: _Setting[int] = _Setting("log.cleaner.io.buffer.size")
    log_cleaner_io_max_bytes_per_second: _Setting[float] = _Setting("log.cleaner.io.max.bytes.per.second")
    log_cleaner_max_compaction_lag_ms: _Setting[int] = _Setting("log.cleaner.max.compaction.lag.ms")
    log_cleaner_min_cleanable_ratio: _Setting[float] = _Setting("log.cleaner.min.cleanable.ratio")
    log_cleaner_min_compaction_lag_ms: _Setting[int] = _Setting("log.cleaner.min.compaction.lag.ms")
    log_cleanup_policy: _Setting[tuple[str, ...]] = _Setting("log.cleanup.policy")
    log_flush_interval_messages: _Setting[int] = _Setting("log.flush.interval.messages")
    log_flush_scheduler_interval_ms: _Setting[int] = _Setting("log.flush.scheduler.interval.ms")
    log_index_interval_bytes: _Setting[int] = _Setting("log.index.interval.bytes")
    log_index_size_max_bytes: _Setting[int] = _Setting("log.index.size.max.bytes")
    log_message_timestamp_after_max_ms: _Setting[int] = _Setting("log.message.timestamp.after.max.ms")
    log_message_timestamp_before_max_ms: _Setting[int] = _Setting("log.message.timestamp.before.max.ms")
    log_message_timestamp_type: _Setting[str] = _Setting("log.message.timestamp.type")
    log_retention_bytes: _Setting[int] = _Setting("log.retention.bytes")
    log_retention_check_interval_ms: _Setting[int] = _Setting("log.retention.check.interval.ms")
    log_segment_bytes: _Setting[int] = _Setting("log.segment.bytes")
    log_segment_delete_delay_ms: _Setting[int] = _Setting("log.segment.delete.delay.ms")
    max_connection_creation_rate: _Setting[int] = _Setting("max.connection.creation.rate")
    max_connections: _Setting[int] = _Setting("max.connections")
    max_connections_per_ip: _Setting[int] = _Setting("max.connections.per.ip")
    max_connections_per_ip_overrides: _Setting[str] = _Setting("max.connections.per.ip.overrides")
    max_incremental_fetch_session_cache_slots: _Setting[int] = _Setting("max.incremental.fetch.session.cache.slots")
    max_request_partition_size_limit: _Setting[int] = _Setting("max.request.partition.size.limit")
    message_max_bytes: _Setting[int] = _Setting("message.max.bytes")
    min_insync_replicas: _Setting[int] = _Setting("min.insync.replicas")
    node_id: _Setting[int] = _Setting("node.id")
    num_partitions: _Setting[int] = _Setting("num.partitions")
    offset_metadata_max_bytes: _Setting[int] = _Setting("offset.metadata.max.bytes")
    offsets_commit_timeout_ms: _Setting[int] = _Setting("offsets.commit.timeout.ms")
    offsets_retention_check_interval_ms: _Setting[int] = _Setting("offsets.retention.check.interval.ms")
    offsets_retention_minutes: _Setting[int] = _Setting("offsets.retention.minutes")
    offsets_topic_num_partitions: _Setting[int] = _Setting("offsets.topic.num.partitions")
    offsets_topic_replication_factor: _Setting[int] = _Setting("offsets.topic.replication.factor")
    offsets_topic_segment_bytes: _Setting[int] = _Setting("offsets.topic.segment.bytes")
    producer_id_expiration_check_interval_ms: _Setting[int] = _Setting("producer.id.expiration.check.interval.ms")
    producer_id_expiration_ms: _Setting[int] = _Setting("producer.id.expiration.ms")
    queued_max_request_bytes: _Setting[int] = _Setting("queued.max.request.bytes")
    quota_window_num: _Setting[int] = _Setting("quota.window.num")
    quota_window_size_seconds: _Setting[int] = _Setting("quota.window.size.seconds")
    replica_lag_time_max_ms: _Setting[int] = _Setting("replica.lag.time.max.ms")
    share_coordinator_snapshot_update_records_per_snapshot: _Setting[int] = _Setting(
        "share.coordinator.snapshot.update.records.per.snapshot"
    )
    share_coordinator_state_topic_min_isr: _Setting[int] = _Setting("share.coordinator.state.topic.min.isr")
    share_coordinator_state_topic_num_partitions: _Setting[int] = _Setting("share.coordinator.state.topic.num.partitions")
    share_coordinator_state_topic_replication_factor: _Setting[int] = _Setting(
        "share.coordinator.state.topic.replication.factor"
    )
    share_coordinator_state_topic_segment_bytes: _Setting[int] = _Setting("share.coordinator.state.topic.segment.bytes")
    share_coordinator_write_timeout_ms: _Setting[int] = _Setting("share.coordinator.write.timeout.ms")
    socket_request_max_bytes: _Setting[int] = _Setting("socket.request.max.bytes")
    telemetry_max_bytes: _Setting[int] = _Setting("telemetry.max.bytes")
    transaction_abort_timed_out_transaction_cleanup_interval_ms: _Setting[int] = _Setting(
        "transaction.abort.timed.out.transaction.cleanup.interval.ms"
    )
    transaction_max_timeout_ms: _Setting[int] = _Setting("transaction.max.timeout.ms")
    transaction_partition_verification_enable: _Setting[bool] = _Setting("transaction.partition.verification.enable")
    transaction_remove_expired_transaction_cleanup_interval_ms: _Setting[int] = _Setting(
        "transaction.remove.expired.transaction.cleanup.interval.ms"
    )
    transaction_state_log_min_isr: _Setting[int] = _Setting("transaction.state.log.min.isr")
    transaction_state_log_num_partitions: _Setting[int] = _Setting("transaction.state.log.num.partitions")
    transaction_state_log_replication_factor: _Setting[int] = _Setting("transaction.state.log.replication.factor")
    transaction_state_log_segment_bytes: _Setting[int] = _Setting("transaction.state.log.segment.bytes")
    transaction_two_phase_commit_enable: _Setting[bool] = _Setting("transaction.two.phase.commit.enable")
    transactional_id_expiration_ms: _Setting[int] = _Setting("transactional.id.expiration.ms")
    unclean_leader_election_enable: _Setting[bool] = _Setting("unclean.leader.election.enable")
    unclean_leader_election_interval_ms: _Setting[int] = _Setting("unclean.leader.election.interval.ms")

    @property
    def broker_rack(self) -> str | None:
        """The rack of this broker, None when it has none."""
        rack = self.get("broker.rack")
        return None if rack is None else str(rack)

    @property
    def delegation_token_secret_key(self) -> str | None:
        """What the secrets of delegation tokens are made with; None: there are none."""
        value = self.get("delegation.token.secret.key")
        return None if value is None else str(value)

    @property
    def replica_selector_class(self) -> str | None:
        """RackAwareReplicaSelector's name when the leader sends consumers to a replica of their rack, None when it does not."""
        selector = self.get("replica.selector.class")
        return None if selector is None else str(selector)

    @property
    def log_retention_ms(self) -> int:
        """How long records are kept, in ms, from the finest setting there is; -1 is for ever."""
        retention_ms = self._first(
            ("log.retention.ms", 1), ("log.retention.minutes", 60_000), ("log.retention.hours", 3_600_000)
        )
        return retention_ms if retention_ms >= 0 else -1

    @property
    def log_roll_ms(self) -> int:
        """Age in ms at which a segment is closed, from the finest setting there is."""
        return self._first(("log.roll.ms", 1), ("log.roll.hours", 3_600_000))

    @property
    def log_roll_jitter_ms(self) -> int:
        """Most random time in ms that is taken off `log_roll_ms`, from the finest setting there is."""
        return self._first(("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", 3_600_000))

    @property
    def log_flush_interval_ms(self) -> int:
        """Longest time in ms that an appended record stays unflushed; the scheduler's interval unless set."""
        return self._first(("log.flush.interval.ms", 1), ("log.flush.scheduler.interval.ms", 1))

    def _first(self, *names_and_units: tuple[str, int]) -> int:
        for name, unit_ms in names_and_units:
            value = self.get(name)
            if value is not None:
                assert isinstance(value, int)
                return value * unit_ms
        raise AssertionError("the last of a chain has a default")
