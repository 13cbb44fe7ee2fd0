"""One shard of the group coordinator: the groups and offsets whose records are in one partition of __consumer_offsets."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.classic.machine import ClassicMachine
from kafka_compat.coordinator.group.offsets import OffsetStore
from kafka_compat.coordinator.ports import CoordinatorRecord, Outcome, Timers
from kafka_compat.coordinator.records import decode_record
from kafka_compat.protocol.records.group_metadata import GroupMetadataKey, GroupMetadataValue
from kafka_compat.protocol.records.offset_commit import OffsetCommitKey, OffsetCommitValue

# Record type -> names of the key and value schemas. Type 0 is what Kafka wrote before 0.9, with the layout of type 1.
_SCHEMAS: Final = {
    0: ("OffsetCommitKey", "OffsetCommitValue"),
    1: ("OffsetCommitKey", "OffsetCommitValue"),
    2: ("GroupMetadataKey", "GroupMetadataValue"),
}
_EXPIRY_TIMER: Final = ("expire-offsets",)


class GroupShard:
    """State machine of one partition of __consumer_offsets."""

    def __init__(
        self, timers: Timers[GroupShard], config: BrokerConfig, max_record_bytes: Callable[[], int] = lambda: sys.maxsize
    ) -> None:
        self._timers = timers
        self._config = config
        self.classic = ClassicMachine(timers, config, self, max_record_bytes)
        self.offsets = OffsetStore(config, self.classic)

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

    def on_loaded(self, now_ms: int) -> None:
        """Start sessions and the periodic expiry."""
        self.classic.on_loaded(now_ms)
        self._schedule_expiry()

    def on_unloaded(self) -> None:
        """Send members away."""
        self.classic.on_unloaded()

    def expire(self, now_ms: int) -> Outcome[None]:
        """Delete offsets past their retention and the empty groups without any; then wait for the next turn."""
        self._schedule_expiry()
        group_ids = [group.group_id for group in self.classic.list((), ())]
        return Outcome(None, self.offsets.expire(group_ids, now_ms), is_atomic=False)

    def delete_all(self, group_id: str) -> list[CoordinatorRecord]:
        """Tombstones for every committed and pending offset of a group that is being deleted."""
        return self.offsets.delete_all(group_id)

    def _schedule_expiry(self) -> None:
        self._timers.schedule(_EXPIRY_TIMER, self._config.offsets_retention_check_interval_ms, GroupShard.expire)
