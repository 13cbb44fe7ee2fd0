"""Committed offsets of the groups of one shard: commit, fetch, delete, expire; offsets of open transactions wait apart.

Theory of operation. An operation decides and returns OffsetCommit records (a key of group, topic and partition; a tombstone
deletes); only `replay` changes the store. Offsets that came with a producer's transaction are kept apart until its end marker
(`pending_offsets.py`): a commit takes over those that are newer than what the group has, an abort drops them. While they wait,
a fetch that asks for stable offsets is told UNSTABLE_OFFSET_COMMIT (KIP-447), and neither expiry nor a deletion of the group
overlooks them.

An offset remembers the id of the topic it was committed for: a topic that is made again under the same name does not inherit
the offsets of the one before.

Source: Kafka's OffsetMetadataManager and OffsetExpirationConditionImpl.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.offset_records import NO_EXPIRY, is_too_much_metadata, offset_record
from kafka_compat.coordinator.group.offset_table import CommittedOffset, OffsetTable
from kafka_compat.coordinator.group.offset_values import DEFAULT_RETENTION_MS, FetchedOffset, OffsetCommit
from kafka_compat.coordinator.group.pending_offsets import OffsetKey, PendingOffsets
from kafka_compat.coordinator.group.table import Group, GroupTable
from kafka_compat.coordinator.ports import CoordinatorRecord, Outcome
from kafka_compat.ids import ZERO_TOPIC_ID, TopicId
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.records.offset_commit import OffsetCommitKey, OffsetCommitValue

_SETTLED_AT_ONCE: Final = 500


class OffsetStore:
    """All committed offsets of one shard; synchronous.

    Args:
        config: `offset.metadata.max.bytes`, `offsets.retention.minutes`.
        groups: of the shard, of all kinds.
    """

    def __init__(self, config: BrokerConfig, groups: GroupTable) -> None:
        self._config = config
        self._groups = groups
        self._committed = OffsetTable()
        self._pending = PendingOffsets(self._commit_pending)
        # Order of replay, which is the order in the log: which of two values of a partition is the newer one.
        self._sequence = 0

    # --- operations

    def check_commit(self, commit: OffsetCommit) -> None:
        """Refuse a commit that the group forbids. Who is no member may commit for a group that is not there.

        Raises:
            KafkaError: GROUP_ID_NOT_FOUND for an unknown group with a generation (OffsetCommit before version 9 and
                TxnOffsetCommit answer ILLEGAL_GENERATION in its place), and what `Group.check_offset_commit` raises.
        """
        group = self._groups.get(commit.group_id) if commit.generation_id < 0 else self._groups.existing(commit.group_id)
        if group is not None:
            group.check_offset_commit(
                commit.member_id, commit.instance_id, commit.generation_id, is_transactional=commit.is_transactional
            )

    def commit(self, commit: OffsetCommit, now_ms: int) -> Outcome[list[ErrorCode]]:
        """One code per offset: NONE or OFFSET_METADATA_TOO_LARGE. A group that is not there is made when it is replayed.

        Raises:
            KafkaError: as `check_commit`.
        """
        self.check_commit(commit)
        has_expiry = commit.retention_ms != DEFAULT_RETENTION_MS
        max_metadata = self._config.offset_metadata_max_bytes
        records: list[CoordinatorRecord] = []
        codes: list[ErrorCode] = []
        for wanted in commit.offsets:
            metadata = wanted.metadata or ""
            if is_too_much_metadata(metadata, max_metadata):
                codes.append(ErrorCode.OFFSET_METADATA_TOO_LARGE)
                continue
            codes.append(ErrorCode.NONE)
            value = OffsetCommitValue(
                offset=wanted.offset,
                leader_epoch=wanted.leader_epoch,
                metadata=metadata,
                commit_timestamp=now_ms,
                expire_timestamp=_java_sum(now_ms, commit.retention_ms) if has_expiry else NO_EXPIRY,
                topic_id=wanted.topic_id,
            )
            records.append(offset_record(commit.group_id, wanted.topic, wanted.partition, value))
        if not records:
            # Kafka, too, has the group from now on, though no record tells of it.
            self._groups.ensure(commit.group_id, now_ms)
        return Outcome(codes, records)

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
            # Asked in any case: a transaction that has ended may have been for this partition.
            is_pending = (group_id, topic, partition) in self._pending
            if require_stable and is_pending:
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
        self._pending.settle_all()
        return {
            topic: self.fetch(group_id, topic, list(partitions), require_stable=require_stable)
            for topic, partitions in self._committed.of_group(group_id).items()
        }

    def committed_partitions(self, group_id: str) -> list[tuple[str, list[int]]]:
        """Topics and partitions that the group has committed offsets of."""
        self._pending.settle_all()
        return [(topic, list(partitions)) for topic, partitions in self._committed.of_group(group_id).items()]

    def delete(self, group_id: str, partitions: Sequence[tuple[str, int]]) -> Outcome[list[ErrorCode]]:
        """Delete offsets; one code per partition: NONE (also when there was none) or GROUP_SUBSCRIBED_TO_TOPIC.

        Raises:
            KafkaError: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP.
        """
        group = self._groups.existing(group_id)
        group.check_offset_delete()
        records: list[CoordinatorRecord] = []
        codes: list[ErrorCode] = []
        for topic, partition in partitions:
            if group.is_subscribed(topic):
                codes.append(ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC)
                continue
            codes.append(ErrorCode.NONE)
            if (group_id, topic, partition) in self._pending or self._committed.get(group_id, topic, partition):
                records.append(offset_record(group_id, topic, partition, None))
        return Outcome(codes, records)

    def delete_all(self, group_id: str) -> list[CoordinatorRecord]:
        """Tombstones for all offsets of a group that is being deleted, pending ones included."""
        partitions = dict.fromkeys(self._pending.of_group(group_id))
        partitions.update(dict.fromkeys(self._committed.partitions_of(group_id)))
        return [offset_record(group_id, topic, partition, None) for topic, partition in partitions]

    def delete_topics(self, topics: Mapping[str, TopicId]) -> list[CoordinatorRecord]:
        """Tombstones for all offsets of topics that were deleted, in every group."""
        gone: dict[OffsetKey, None] = {}
        for of in (self._pending.of_topics, self._committed.of_topics):
            for key, offset in of(topics.keys()):
                if offset.topic_id in (ZERO_TOPIC_ID, topics[key[1]]):
                    gone[key] = None
        return [offset_record(group_id, topic, partition, None) for group_id, topic, partition in gone]

    def expire(self, groups: Iterable[Group], now_ms: int) -> list[CoordinatorRecord]:
        """Tombstones for offsets past their retention, and for the empty groups that are left without any."""
        records: list[CoordinatorRecord] = []
        self._pending.settle_all()
        for group in groups:
            group_id = group.group_id
            expired = list(self._expired(group, now_ms))
            records += (offset_record(group_id, topic, partition, None) for topic, partition in expired)
            if group.is_empty and len(expired) == self._committed.count(group_id) and not self._pending.has_group(group_id):
                records += group.tombstones()
        return records

    # --- state

    def replay(self, key: OffsetCommitKey, value: OffsetCommitValue | None, producer_id: int | None, now_ms: int) -> None:
        """Take over one record."""
        self._sequence += 1
        if value is None:
            self._pending.remove((key.group, key.topic, key.partition))
            self._committed.remove(key.group, key.topic, key.partition)
            return
        self._groups.ensure(key.group, now_ms)
        offset = CommittedOffset(
            offset=value.offset,
            leader_epoch=value.leader_epoch,
            metadata=value.metadata,
            commit_timestamp_ms=value.commit_timestamp,
            expire_timestamp_ms=value.expire_timestamp,
            topic_id=TopicId(value.topic_id),
            sequence=self._sequence,
        )
        if producer_id is None:
            self._committed.put(key.group, key.topic, key.partition, offset)
        else:
            self._pending.put(producer_id, (key.group, key.topic, key.partition), offset)

    def replay_end_transaction(self, producer_id: int, is_commit: bool) -> None:
        """What the producer's transaction has written counts now, or never did; what is left of it `settle_some` works off."""
        self._pending.end(producer_id, is_commit)

    @property
    def has_unsettled(self) -> bool:
        """Whether `settle_some` has anything to do."""
        return self._pending.has_unsettled

    def settle_some(self) -> bool:
        """Work off some of what ended transactions have left, for some hundred microseconds; False when nothing is left."""
        return self._pending.settle_some(_SETTLED_AT_ONCE)

    def get(self, group_id: str, topic: str, partition: int) -> CommittedOffset | None:
        """What is committed, None when nothing is."""
        self._pending.settle((group_id, topic, partition))
        return self._committed.get(group_id, topic, partition)

    def _commit_pending(self, key: OffsetKey, offset: CommittedOffset) -> None:
        current = self._committed.get(*key)
        # A plain commit that came later in the log counts, although the transaction ended after it.
        if current is None or current.sequence < offset.sequence:
            self._committed.put(*key, offset)

    def _expired(self, group: Group, now_ms: int) -> Iterator[tuple[str, int]]:
        retention_ms = self._config.offsets_retention_minutes * 60_000
        for topic, partitions in self._committed.of_group(group.group_id).items():
            if group.is_subscribed(topic):
                continue
            for partition, offset in partitions.items():
                base_ms = group.offset_expiry_base_ms(offset.commit_timestamp_ms)
                if base_ms is None or (group.group_id, topic, partition) in self._pending:
                    continue
                if offset.expire_timestamp_ms != NO_EXPIRY:
                    is_expired = now_ms >= offset.expire_timestamp_ms
                else:
                    is_expired = now_ms - base_ms >= retention_ms
                if is_expired:
                    yield topic, partition


def _java_sum(one: int, other: int) -> int:
    """The sum of two int64 as Java has it: a retention that reaches beyond the last time wraps, and is over at once."""
    return (one + other + (1 << 63)) % (1 << 64) - (1 << 63)


def _belongs_to_another(committed_for: TopicId, asked_for: TopicId) -> bool:
    return ZERO_TOPIC_ID not in (committed_for, asked_for) and committed_for != asked_for
