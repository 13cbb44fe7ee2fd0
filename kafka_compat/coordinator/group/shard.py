"""One shard of the group coordinator: the groups and offsets whose records are in one partition of __consumer_offsets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.classic.group import ClassicGroup
from kafka_compat.coordinator.group.classic.machine import ClassicMachine
from kafka_compat.coordinator.group.offset_values import OffsetCommit
from kafka_compat.coordinator.group.offsets import OffsetStore
from kafka_compat.coordinator.group.table import GroupTable
from kafka_compat.coordinator.ports import Calculations, CoordinatorRecord, Outcome, Timers, TopicsView
from kafka_compat.coordinator.records import decode_record
from kafka_compat.ids import TopicId
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.records.group_metadata import GroupMetadataKey, GroupMetadataValue
from kafka_compat.protocol.records.offset_commit import OffsetCommitKey, OffsetCommitValue

# Record type -> names of the key and value schemas. Type 0 is what Kafka wrote before 0.9, with the layout of type 1.
_SCHEMAS: Final = {
    0: ("OffsetCommitKey", "OffsetCommitValue"),
    1: ("OffsetCommitKey", "OffsetCommitValue"),
    2: ("GroupMetadataKey", "GroupMetadataValue"),
}
_EXPIRY_TIMER: Final = ("expire-offsets",)
_SETTLING_TIMER: Final = ("settle-offsets",)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPorts:
    """What a shard's machines may ask of their surroundings; each is given what it needs.

    Attributes:
        config: of the broker.
        timers: of the shard.
        calculations: of the shard.
        topics: which exist, with how many partitions.
        max_record_bytes: what the shard's log takes at most.
    """

    config: BrokerConfig
    timers: Timers[GroupShard]
    calculations: Calculations[GroupShard]
    topics: TopicsView
    max_record_bytes: Callable[[], int] = lambda: sys.maxsize


class GroupShard:
    """State machine of one partition of __consumer_offsets.

    A kind of group has its machine here, its record types in `_SCHEMAS` and `replay`, and its groups in the table.

    Attributes:
        groups: of all kinds.
        offsets: what they have committed.
        classic: what members of classic groups ask for.
    """

    def __init__(self, ports: GroupPorts) -> None:
        self._ports = ports
        self.groups = GroupTable(ClassicGroup.simple)
        self.offsets = OffsetStore(ports.config, self.groups)
        self.classic = ClassicMachine(ports.timers, ports.config, self.groups, ports.max_record_bytes)

    # --- operations that concern groups of all kinds

    def commit_offsets(self, commit: OffsetCommit, now_ms: int) -> Outcome[list[ErrorCode]]:
        """OffsetCommit: one code per offset; see `OffsetStore.commit`."""
        outcome = self.offsets.commit(commit, now_ms)
        self._has_committed(commit)
        return outcome

    def refuse_commit(self, commit: OffsetCommit, now_ms: int) -> Outcome[list[ErrorCode]]:
        """Refuse a commit whose records do not fit one batch (`CommitSize`), as the log would; its offsets do not matter.

        Raises:
            KafkaError: what the group refuses, and UNKNOWN_SERVER_ERROR otherwise.
        """
        self.offsets.check_commit(commit)
        self._has_committed(commit)
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)

    def _has_committed(self, commit: OffsetCommit) -> None:
        # In the classic protocol alone a commit is a sign of life.
        if not commit.is_transactional:
            self.classic.has_committed(commit.group_id, commit.member_id)

    def delete_groups(self, group_ids: Sequence[str]) -> Outcome[list[tuple[str, ErrorCode]]]:
        """DeleteGroups: tombstones of each group that may be deleted, and of its offsets; one code per group."""
        records: list[CoordinatorRecord] = []
        results: list[tuple[str, ErrorCode]] = []
        for group_id in group_ids:
            error_code = ErrorCode.NONE
            try:
                group = self.groups.existing(group_id)
                group.check_delete()
            except KafkaError as error:
                error_code = error.error_code
            else:
                records += [*self.offsets.delete_all(group_id), *group.tombstones()]
            results.append((group_id, error_code))
        return Outcome(results, records)

    def on_topics_deleted(self, deleted: Mapping[str, TopicId]) -> Outcome[None]:
        """Offsets of topics (name to id) that are gone go as well, in every group."""
        return Outcome(None, self.offsets.delete_topics(deleted), is_atomic=False)

    def expire(self, now_ms: int) -> Outcome[None]:
        """Delete offsets past their retention and the empty groups without any; then wait for the next turn."""
        self._schedule_expiry()
        return Outcome(None, self.offsets.expire(self.groups.all(), now_ms), is_atomic=False)

    def settle(self, now_ms: int) -> Outcome[None]:
        """Work off some of what wide transactions have left, and the rest later: nobody waits for it."""
        if self.offsets.settle_some():
            self._ports.timers.schedule(_SETTLING_TIMER, 0, GroupShard.settle)
        return Outcome(None)

    def _schedule_expiry(self) -> None:
        interval_ms = self._ports.config.offsets_retention_check_interval_ms
        self._ports.timers.schedule(_EXPIRY_TIMER, interval_ms, GroupShard.expire)

    # --- StateMachine

    def replay(self, key: bytes, value: bytes | None, producer_id: int | None, now_ms: int) -> None:
        """Take over one record; types of a newer Kafka are left alone."""
        decoded = decode_record(_SCHEMAS, key, value)
        match decoded:
            case (OffsetCommitKey() as offset_key, None | OffsetCommitValue() as offset):
                self.offsets.replay(offset_key, offset, producer_id, now_ms)
            case (GroupMetadataKey() as group_key, None | GroupMetadataValue() as group):
                self.classic.replay_group_metadata(group_key.group, group, now_ms)
            case _:
                pass

    def replay_end_transaction(self, producer_id: int, is_commit: bool) -> None:
        """Offsets of the producer's transaction count now, or never did."""
        self.offsets.replay_end_transaction(producer_id, is_commit)
        if self.offsets.has_unsettled:
            self._ports.timers.schedule(_SETTLING_TIMER, 0, GroupShard.settle)

    def on_loaded(self, now_ms: int) -> None:
        """Start sessions and the periodic expiry."""
        self.classic.on_loaded(now_ms)
        self.settle(now_ms)
        self._schedule_expiry()

    def on_unloaded(self) -> None:
        """Send members away."""
        self.classic.on_unloaded()
