"""OffsetCommit records: one committed offset each, and how many bytes a commit of many makes.

Value version 4, as Apache Kafka 4.3 writes it; version 1 when the client has named a retention time, for only that one can say
when an offset expires. Source: GroupCoordinatorRecordHelpers.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.coordinator.group.offset_values import DEFAULT_RETENTION_MS, OffsetCommit
from kafka_compat.coordinator.ports import CoordinatorRecord
from kafka_compat.coordinator.records import encode_record
from kafka_compat.protocol.records.offset_commit import OffsetCommitKey, OffsetCommitValue
from kafka_compat.records.batch import HEADER_SIZE

# An expire timestamp exists in version 1 only, a topic id from 4 on.
_VERSION_WITH_EXPIRE_TIMESTAMP: Final = 1
_VERSION: Final = 4

NO_EXPIRY: Final = -1


def offset_record(group_id: str, topic: str, partition: int, value: OffsetCommitValue | None) -> CoordinatorRecord:
    """What sets the offset of a partition; without a value, what deletes it."""
    key = OffsetCommitKey(group=group_id, topic=topic, partition=partition)
    has_expiry = value is not None and value.expire_timestamp != NO_EXPIRY
    return encode_record(key, value, _VERSION_WITH_EXPIRE_TIMESTAMP if has_expiry else _VERSION)


def is_too_much_metadata(metadata: str, max_units: int) -> bool:
    """Whether an offset's metadata is more than `offset.metadata.max.bytes` allows: UTF-16 units, whatever that name says."""
    # Java's String.length()
    return (len(metadata) if metadata.isascii() else len(metadata.encode("utf-16-le", "surrogatepass")) // 2) > max_units


class CommitSize:
    """How large the batch of a commit becomes, known before any record is made.

    Args:
        commit: the group and the retention time; its offsets do not count.
        metadata_max_bytes: offset.metadata.max.bytes: an offset with more is not written.
    """

    __slots__ = ("_count", "_empty_key_bytes", "_empty_value_bytes", "_is_compact", "_metadata_max_bytes", "batch_bytes")

    def __init__(self, commit: OffsetCommit, metadata_max_bytes: int) -> None:
        expire_timestamp = NO_EXPIRY if commit.retention_ms == DEFAULT_RETENTION_MS else 0
        value = OffsetCommitValue(offset=0, metadata="", commit_timestamp=0, expire_timestamp=expire_timestamp)
        key, encoded = offset_record(commit.group_id, "", 0, value)
        assert encoded is not None
        self._empty_key_bytes = len(key)
        self._empty_value_bytes = len(encoded)
        self._is_compact = expire_timestamp == NO_EXPIRY
        self._metadata_max_bytes = metadata_max_bytes
        self._count = 0
        self.batch_bytes = HEADER_SIZE

    def add(self, topic: str, metadata: str | None) -> None:
        """Count one offset."""
        metadata = metadata or ""
        if is_too_much_metadata(metadata, self._metadata_max_bytes):
            return
        key_bytes = self._empty_key_bytes + len(topic)
        metadata_bytes = len(metadata) if metadata.isascii() else len(metadata.encode())
        value_bytes = self._empty_value_bytes + metadata_bytes
        if self._is_compact:
            # The length of a compact string takes a byte in the empty value.
            value_bytes += _varint_bytes(metadata_bytes + 1) - 1
        # Attributes, timestamp delta and the number of headers take a byte each; numbers are zigzagged.
        body = 3 + _varint_bytes(2 * self._count) + _varint_bytes(2 * key_bytes) + key_bytes
        body += _varint_bytes(2 * value_bytes) + value_bytes
        self.batch_bytes += _varint_bytes(2 * body) + body
        self._count += 1


def _varint_bytes(value: int) -> int:
    return max(1, (value.bit_length() + 6) // 7)
