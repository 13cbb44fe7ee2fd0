"""A group of a kind that nobody knows."""

from __future__ import annotations

from kafka_compat.coordinator.ports import CoordinatorRecord
from kafka_compat.coordinator.records import encode_record
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.records.group_metadata import GroupMetadataKey


class AnyGroup:
    """A group that allows what the test says."""

    def __init__(self, group_id: str, now_ms: int = 0) -> None:
        self.group_id = group_id
        self.type_name = "any"
        self.protocol_type: str | None = None
        self.state_name = "Any"
        self.is_empty = True
        self.refusal: ErrorCode | None = None
        self.subscribed: set[str] = set()
        self.expires = True
        # When the retention of the group's offsets begins in place of their commit.
        self.expiry_base_ms: int | None = None

    def check_offset_commit(
        self, member_id: str, instance_id: str | None, generation_id: int, *, is_transactional: bool
    ) -> None:
        if self.refusal is not None:
            raise KafkaError(self.refusal)

    def check_offset_delete(self) -> None:
        if self.refusal is not None:
            raise KafkaError(self.refusal)

    def check_delete(self) -> None:
        if self.refusal is not None:
            raise KafkaError(self.refusal)

    def is_subscribed(self, topic: str) -> bool:
        return topic in self.subscribed

    def offset_expiry_base_ms(self, commit_timestamp_ms: int) -> int | None:
        base_ms = commit_timestamp_ms if self.expiry_base_ms is None else self.expiry_base_ms
        return base_ms if self.expires else None

    def tombstones(self) -> list[CoordinatorRecord]:
        return [encode_record(GroupMetadataKey(group=self.group_id), None, 0)]
