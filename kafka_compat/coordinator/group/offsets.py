"""Committed offsets of the groups of one shard: commit, fetch, delete, expire; offsets of open transactions wait apart.

Theory of operation. An operation decides and returns OffsetCommit records (a key of group, topic and partition; a tombstone
deletes); only `replay` changes the store. Offsets that came with a producer's transaction are kept per producer id until its
end marker: a commit moves those that are newer than what the group has, an abort drops them. While they wait, a fetch that asks
for stable offsets is told UNSTABLE_OFFSET_COMMIT (KIP-447), and neither expiry nor a deletion of the group overlooks them.

An offset remembers the id of the topic it was committed for: a topic that is made again under the same name does not inherit
the offsets of the one before.

Source: Kafka's OffsetMetadataManager and OffsetExpirationConditionImpl.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.offset_table import CommittedOffset, OffsetTable
from kafka_compat.coordinator.ports import CoordinatorRecord, Outcome
from kafka_compat.coordinator.records import encode_record
from kafka_compat.ids import ZERO_TOPIC_ID, TopicId
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.records.offset_commit import OffsetCommitKey, OffsetCommitValue
from kafka_compat.records.batch import HEADER_SIZE

# OffsetCommitRequest.DEFAULT_RETENTION_TIME: the broker's retention counts.
DEFAULT_RETENTION_MS: Final = -1

# An expire timestamp exists in version 1 only, a topic id from 4 on.
_VERSION_WITH_EXPIRE_TIMESTAMP: Final = 1
_VERSION: Final = 4

_NO_OFFSET: Final = -1
_NO_EPOCH: Final = -1
_NO_EXPIRY: Final = -1


class OffsetGroups(Protocol):
    """What the offsets of a group ask of its membership."""

    def check_offset_commit(
        self,
        group_id: str,
        member_id: str,
        instance_id: str | None,
        generation_id: int,
        *,
        is_transactional: bool,
        now_ms: int,
    ) -> None:
        """Refuse a commit that the group's state, members or generation forbid; keeps the member's session alive."""

    def check_offset_fetch(self, group_id: str) -> bool:
        """Whether the group exists."""

    def check_offset_delete(self, group_id: str) -> None:
        """Refuse with GROUP_ID_NOT_FOUND, or with NON_EMPTY_GROUP when nobody knows what the members consume."""

    def is_subscribed(self, group_id: str, topic: str) -> bool:
        """Whether a member of the group may consume the topic."""

    def ensure_simple_group(self, group_id: str, now_ms: int) -> None:
        """Make an empty group unless there is one."""

    def forget_simple_group(self, group_id: str) -> None:
        """Drop a group that was made for a commit which has failed."""

    def expiry_base_ms(self, group_id: str, commit_timestamp_ms: int) -> int | None:
        """Since when the retention of an offset counts that was committed then; None when it does not expire now."""

    def tombstones_if_empty(self, group_id: str) -> list[CoordinatorRecord]:
        """The group's tombstone when it has no members."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetToCommit:
    """One partition of a commit. `leader_epoch` -1: unknown."""

    topic: str
    partition: int
    offset: int
    leader_epoch: int = _NO_EPOCH
    metadata: str | None = ""
    topic_id: TopicId = ZERO_TOPIC_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetCommit:
    """A commit of a group. `generation_id` -1 and an empty `member_id`: from outside of the group's membership."""

    group_id: str
    member_id: str = ""
    instance_id: str | None = None
    generation_id: int = -1
    retention_ms: int = DEFAULT_RETENTION_MS
    offsets: Sequence[OffsetToCommit] = ()
    is_transactional: bool = False


@dataclass(frozen=True, slots=True)
class FetchedOffset:
    """The answer for one partition; offset and epoch -1 when nothing is committed."""

    partition: int
    offset: int = _NO_OFFSET
    leader_epoch: int = _NO_EPOCH
    metadata: str = ""
    error_code: ErrorCode = ErrorCode.NONE


class CommitSize:
    """How large the batch of a commit becomes, known before any record is made.

    Args:
        commit: the group and the retention time; its offsets do not count.
        metadata_max_bytes: offset.metadata.max.bytes: an offset with more is not written.
    """

    __slots__ = ("_count", "_empty_key_bytes", "_empty_value_bytes", "_is_compact", "_metadata_max_bytes", "batch_bytes")

    def __init__(self, commit: OffsetCommit, metadata_max_bytes: int) -> None:
        expire_timestamp = _NO_EXPIRY if commit.retention_ms == DEFAULT_RETENTION_MS else 0
        value = OffsetCommitValue(offset=0, metadata="", commit_timestamp=0, expire_timestamp=expire_timestamp)
        key, encoded = _record(commit.group_id, "", 0, value)
        assert encoded is not None
        self._empty_key_bytes = len(key)
        self._empty_value_bytes = len(encoded)
        self._is_compact = expire_timestamp == _NO_EXPIRY
        self._metadata_max_bytes = metadata_max_bytes
        self._count = 0
        self.batch_bytes = HEADER_SIZE

    def add(self, topic: str, metadata: str | None) -> None:
        """Count one offset."""
        metadata = metadata or ""
        if _utf16_units(metadata) > self._metadata_max_bytes:
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


class OffsetStore:
    """All committed offsets of one shard; synchronous."""

    def __init__(self, config: BrokerConfig, groups: OffsetGroups) -> None:
        self._config = config
        self._groups = groups
        self._committed = OffsetTable()
        # Producer id -> what its open transaction has written here.
        self._pending: dict[int, OffsetTable] = {}
        # Order of replay, which is the order in the log: which of two values of a partition is the newer one.
        self._sequence = 0

    # --- operations

    def commit(self, commit: OffsetCommit, now_ms: int) -> Outcome[list[ErrorCode]]:
        """One code per offset: NONE or OFFSET_METADATA_TOO_LARGE. A group that was made for it goes if the log refuses it.

        Raises:
            KafkaError: what the membership refuses (`OffsetGroups.check_offset_commit`).
        """
        is_new_group = not self._groups.check_offset_fetch(commit.group_id)
        self._groups.check_offset_commit(
            commit.group_id,
            commit.member_id,
            commit.instance_id,
            commit.generation_id,
            is_transactional=commit.is_transactional,
            now_ms=now_ms,
        )
        has_expiry = commit.retention_ms != DEFAULT_RETENTION_MS
        records: list[CoordinatorRecord] = []
        codes: list[ErrorCode] = []
        for wanted in commit.offsets:
            metadata = wanted.metadata or ""
            if _utf16_units(metadata) > self._config.offset_metadata_max_bytes:
                codes.append(ErrorCode.OFFSET_METADATA_TOO_LARGE)
                continue
            codes.append(ErrorCode.NONE)
            value = OffsetCommitValue(
                offset=wanted.offset,
                leader_epoch=wanted.leader_epoch,
                metadata=metadata,
                commit_timestamp=now_ms,
                expire_timestamp=_java_sum(now_ms, commit.retention_ms) if has_expiry else _NO_EXPIRY,
                topic_id=wanted.topic_id,
            )
            records.append(_record(commit.group_id, wanted.topic, wanted.partition, value))
        if not (is_new_group and records):
            return Outcome(codes, records)

        def written(error: KafkaError | None) -> None:
            if error is not None:
                self._groups.forget_simple_group(commit.group_id)

        return Outcome(codes, records, [written])

    def refuse_too_large(self, commit: OffsetCommit, now_ms: int) -> Outcome[None]:
        """Refuse a commit whose records do not fit one batch (`CommitSize`), as the log would; nothing changes.

        Raises:
            KafkaError: what the membership refuses, and UNKNOWN_SERVER_ERROR otherwise.
        """
        is_new_group = not self._groups.check_offset_fetch(commit.group_id)
        self.commit(replace(commit, offsets=()), now_ms)
        if is_new_group:
            self._groups.forget_simple_group(commit.group_id)
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)

    def fetch(
        self,
        group_id: str,
        topic: str,
        partitions: Sequence[int],
        *,
        topic_id: TopicId = ZERO_TOPIC_ID,
        require_stable: bool = False,
    ) -> list[FetchedOffset]:
        """One answer per partition, in order. An offset that was committed for another id of the topic does not count."""
        answers = []
        for partition in partitions:
            if require_stable and self._is_pending(group_id, topic, partition):
                answers.append(FetchedOffset(partition, error_code=ErrorCode.UNSTABLE_OFFSET_COMMIT))
                continue
            found = self._committed.get(group_id, topic, partition)
            if found is None or _belongs_to_another(found.topic_id, topic_id):
                answers.append(FetchedOffset(partition))
            else:
                answers.append(FetchedOffset(partition, found.offset, found.leader_epoch, found.metadata))
        return answers

    def fetch_all(self, group_id: str, *, require_stable: bool = False) -> dict[str, list[FetchedOffset]]:
        """Everything that the group has committed, by topic."""
        return {
            topic: self.fetch(group_id, topic, list(partitions), require_stable=require_stable)
            for topic, partitions in self._committed.of_group(group_id).items()
        }

    def committed_partitions(self, group_id: str) -> list[tuple[str, list[int]]]:
        """Topics and partitions that the group has committed offsets of."""
        return [(topic, list(partitions)) for topic, partitions in self._committed.of_group(group_id).items()]

    def has_group(self, group_id: str) -> bool:
        """Whether the group exists; one that does not has no offsets, which is no error."""
        return self._groups.check_offset_fetch(group_id)

    def delete(self, group_id: str, partitions: Sequence[tuple[str, int]]) -> Outcome[list[ErrorCode]]:
        """Delete offsets; one code per partition: NONE (also when there was none) or GROUP_SUBSCRIBED_TO_TOPIC.

        Raises:
            KafkaError: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP.
        """
        self._groups.check_offset_delete(group_id)
        records: list[CoordinatorRecord] = []
        codes: list[ErrorCode] = []
        for topic, partition in partitions:
            if self._groups.is_subscribed(group_id, topic):
                codes.append(ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC)
                continue
            codes.append(ErrorCode.NONE)
            if self._committed.get(group_id, topic, partition) or self._is_pending(group_id, topic, partition):
                records.append(_record(group_id, topic, partition, None))
        return Outcome(codes, records)

    def delete_all(self, group_id: str) -> list[CoordinatorRecord]:
        """Tombstones for all offsets of a group that is being deleted, pending ones included."""
        partitions = dict.fromkeys(self._committed.partitions_of(group_id))
        for table in self._pending.values():
            partitions.update(dict.fromkeys(table.partitions_of(group_id)))
        return [_record(group_id, topic, partition, None) for topic, partition in partitions]

    def delete_topics(self, topics: Mapping[str, TopicId]) -> list[CoordinatorRecord]:
        """Tombstones for all offsets of topics that were deleted, in every group."""
        gone: dict[tuple[str, str, int], None] = {}
        for table in (self._committed, *self._pending.values()):
            for group_id, topic, partition, offset in table.of_topics(topics.keys()):
                if offset.topic_id in (ZERO_TOPIC_ID, topics[topic]):
                    gone[group_id, topic, partition] = None
        return [_record(group_id, topic, partition, None) for group_id, topic, partition in gone]

    def expire(self, group_ids: Iterable[str], now_ms: int) -> list[CoordinatorRecord]:
        """Tombstones for offsets past their retention, and for the empty groups that are left without any."""
        records: list[CoordinatorRecord] = []
        for group_id in group_ids:
            expired = list(self._expired(group_id, now_ms))
            records += (_record(group_id, topic, partition, None) for topic, partition in expired)
            if len(expired) == self._committed.count(group_id) and not self._has_pending(group_id):
                records += self._groups.tombstones_if_empty(group_id)
        return records

    # --- state

    def replay(self, key: OffsetCommitKey, value: OffsetCommitValue | None, producer_id: int | None, now_ms: int) -> None:
        """Take over one record."""
        self._sequence += 1
        if value is None:
            self._committed.remove(key.group, key.topic, key.partition)
            for table in self._pending.values():
                table.remove(key.group, key.topic, key.partition)
            return
        self._groups.ensure_simple_group(key.group, now_ms)
        offset = CommittedOffset(
            offset=value.offset,
            leader_epoch=value.leader_epoch,
            metadata=value.metadata,
            commit_timestamp_ms=value.commit_timestamp,
            expire_timestamp_ms=value.expire_timestamp,
            topic_id=TopicId(value.topic_id),
            sequence=self._sequence,
        )
        table = self._committed if producer_id is None else self._pending.setdefault(producer_id, OffsetTable())
        table.put(key.group, key.topic, key.partition, offset)

    def replay_end_transaction(self, producer_id: int, is_commit: bool) -> None:
        """Move or drop what the producer's transaction has written."""
        table = self._pending.pop(producer_id, None)
        if table is None or not is_commit:
            return
        for group_id, topic, partition, offset in table.all():
            current = self._committed.get(group_id, topic, partition)
            # A plain commit that came later in the log counts, although the transaction ended after it.
            if current is None or current.sequence < offset.sequence:
                self._committed.put(group_id, topic, partition, offset)

    def get(self, group_id: str, topic: str, partition: int) -> CommittedOffset | None:
        """What is committed, None when nothing is."""
        return self._committed.get(group_id, topic, partition)

    def _has_pending(self, group_id: str) -> bool:
        """Whether open transactions have offsets of the group."""
        return any(table.of_group(group_id) for table in self._pending.values())

    def _is_pending(self, group_id: str, topic: str, partition: int) -> bool:
        return any(table.get(group_id, topic, partition) is not None for table in self._pending.values())

    def _expired(self, group_id: str, now_ms: int) -> Iterator[tuple[str, int]]:
        retention_ms = self._config.offsets_retention_minutes * 60_000
        for topic, partitions in self._committed.of_group(group_id).items():
            if self._groups.is_subscribed(group_id, topic):
                continue
            for partition, offset in partitions.items():
                base_ms = self._groups.expiry_base_ms(group_id, offset.commit_timestamp_ms)
                if base_ms is None or self._is_pending(group_id, topic, partition):
                    continue
                if offset.expire_timestamp_ms != _NO_EXPIRY:
                    is_expired = now_ms >= offset.expire_timestamp_ms
                else:
                    is_expired = now_ms - base_ms >= retention_ms
                if is_expired:
                    yield topic, partition


def _record(group_id: str, topic: str, partition: int, value: OffsetCommitValue | None) -> CoordinatorRecord:
    key = OffsetCommitKey(group=group_id, topic=topic, partition=partition)
    has_expiry = value is not None and value.expire_timestamp != _NO_EXPIRY
    return encode_record(key, value, _VERSION_WITH_EXPIRE_TIMESTAMP if has_expiry else _VERSION)


def _java_sum(one: int, other: int) -> int:
    """The sum of two int64 as Java has it: a retention that reaches beyond the last time wraps, and is over at once."""
    return (one + other + (1 << 63)) % (1 << 64) - (1 << 63)


def _varint_bytes(value: int) -> int:
    return max(1, (value.bit_length() + 6) // 7)


def _utf16_units(text: str) -> int:
    # What Kafka compares with offset.metadata.max.bytes, whatever that name says: Java's String.length().
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _belongs_to_another(committed_for: TopicId, asked_for: TopicId) -> bool:
    return ZERO_TOPIC_ID not in (committed_for, asked_for) and committed_for != asked_for
