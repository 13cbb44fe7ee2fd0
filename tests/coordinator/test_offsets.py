"""Committed offsets: what a commit writes, what a fetch sees, what transactions, deletions and time do to them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.offset_records import CommitSize
from kafka_compat.coordinator.group.offset_values import FetchedOffset, OffsetCommit, OffsetToCommit
from kafka_compat.coordinator.group.offsets import OffsetStore
from kafka_compat.coordinator.group.table import GroupTable
from kafka_compat.coordinator.ports import CoordinatorRecord
from kafka_compat.coordinator.records import decode_record
from kafka_compat.ids import ZERO_TOPIC_ID, TopicId
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.records.group_metadata import GroupMetadataKey
from kafka_compat.protocol.records.offset_commit import OffsetCommitKey, OffsetCommitValue
from kafka_compat.records.builder import build_batch
from tests.coordinator.any_group import AnyGroup

SCHEMAS = {1: ("OffsetCommitKey", "OffsetCommitValue")}
ORDERS = TopicId(b"orders".ljust(16))
OTHER_ORDERS = TopicId(b"orders again".ljust(16))
NOTHING = FetchedOffset(0)
MINUTE_MS = 60_000
MAX_INT64 = (1 << 63) - 1
RETENTION_MS = 10 * MINUTE_MS


class World:
    """A store whose records are replayed at once, as the runtime does."""

    def __init__(self) -> None:
        self.groups = GroupTable(AnyGroup)
        self.log: list[tuple[CoordinatorRecord, int | None]] = []
        self.config = BrokerConfig({"node.id": "1", "offsets.retention.minutes": "10", "offset.metadata.max.bytes": "4"})
        self.store = OffsetStore(self.config, self.groups)

    def commit(
        self,
        offset: int,
        *,
        group: str = "g",
        topic: str = "orders",
        partition: int = 0,
        metadata: str | None = "",
        topic_id: TopicId = ORDERS,
        producer: int | None = None,
        now_ms: int = 0,
        retention_ms: int = -1,
    ) -> ErrorCode:
        wanted = OffsetToCommit(
            topic=topic, partition=partition, offset=offset, leader_epoch=3, metadata=metadata, topic_id=topic_id
        )
        commit = OffsetCommit(
            group_id=group, offsets=[wanted], is_transactional=producer is not None, retention_ms=retention_ms
        )
        outcome = self.store.commit(commit, now_ms)
        self.replay(outcome.records, producer)
        return outcome.value[0]

    def replay(self, records: Iterable[CoordinatorRecord], producer: int | None = None) -> None:
        for record in records:
            self.log.append((record, producer))
            decoded = decode_record(SCHEMAS, *record)
            if decoded is None:
                continue
            key, value = decoded
            assert isinstance(key, OffsetCommitKey)
            assert value is None or isinstance(value, OffsetCommitValue)
            self.store.replay(key, value, producer, 0)

    def group(self, group_id: str = "g") -> AnyGroup:
        """The group, which is made when it is not there."""
        self.groups.ensure(group_id, 0)
        group = self.groups.of_kind(group_id, AnyGroup)
        assert group is not None
        return group

    def offset(self, group: str = "g", topic: str = "orders", partition: int = 0) -> int:
        return self.store.fetch(group, topic, [partition])[0].offset

    def expire(self, now_ms: int, *groups: str) -> list[tuple[str, ...]]:
        """Expire; what was deleted: offsets as (group, topic, partition), groups as (group,)."""
        records = self.store.expire([self.group(group_id) for group_id in groups or ("g",)], now_ms)
        self.replay(records)
        deleted: list[tuple[str, ...]] = []
        for key, value in records:
            assert value is None
            decoded = decode_record({**SCHEMAS, 2: ("GroupMetadataKey", "GroupMetadataValue")}, key, None)
            assert decoded is not None
            match decoded[0]:
                case OffsetCommitKey() as offset:
                    deleted.append((offset.group, offset.topic, str(offset.partition)))
                case GroupMetadataKey() as group:
                    deleted.append((group.group,))
                case _:
                    pytest.fail("a record of another type")
        return deleted


@pytest.fixture
def world() -> World:
    return World()


def test_a_commit_keeps_offset_leader_epoch_and_metadata(world: World) -> None:
    assert world.commit(5, metadata="memo") == ErrorCode.NONE
    assert world.store.fetch("g", "orders", [0, 1]) == [FetchedOffset(0, 5, 3, "memo"), FetchedOffset(1)]
    assert world.store.fetch_all("g") == {"orders": [FetchedOffset(0, 5, 3, "memo")]}


def test_no_metadata_is_empty_metadata(world: World) -> None:
    world.commit(5, metadata=None)
    assert world.store.fetch("g", "orders", [0])[0].metadata == ""


@pytest.mark.parametrize(("metadata", "code"), [("éééé", 0), ("12345", 12), ("😀😀", 0), ("😀😀😀", 12)])
def test_the_limit_of_metadata_counts_utf_16_units(world: World, metadata: str, code: int) -> None:
    """Kafka compares String.length() with offset.metadata.max.bytes."""
    assert world.commit(5, metadata=metadata) == code
    assert world.offset() == (-1 if code else 5)


def test_what_the_group_refuses_writes_nothing(world: World) -> None:
    world.group().refusal = ErrorCode.ILLEGAL_GENERATION
    with pytest.raises(KafkaError) as refused:
        world.commit(5)
    assert refused.value.error_code == ErrorCode.ILLEGAL_GENERATION
    assert world.log == []


def test_replaying_a_commit_makes_the_group(world: World) -> None:
    world.commit(5, group="simple")
    assert [group.group_id for group in world.groups.all()] == ["simple"]


def test_values_are_version_4_and_version_1_with_a_retention_of_the_client(world: World) -> None:
    """Kafka 4.3 writes the topic id; only version 1 can say when an offset expires."""
    world.commit(5)
    world.commit(6, retention_ms=MINUTE_MS)
    assert [value[:2] for (_, value), _ in world.log if value is not None] == [b"\x00\x04", b"\x00\x01"]


def test_offsets_of_an_earlier_topic_of_that_name_do_not_count(world: World) -> None:
    world.commit(5)
    assert world.store.fetch("g", "orders", [0], topic_id=OTHER_ORDERS) == [NOTHING]
    assert world.store.fetch("g", "orders", [0], topic_id=ORDERS)[0].offset == 5
    assert world.store.fetch("g", "orders", [0], topic_id=ZERO_TOPIC_ID)[0].offset == 5


# --- transactions


def test_offsets_of_a_transaction_count_when_it_commits(world: World) -> None:
    world.commit(5)
    world.commit(9, producer=7)
    assert world.offset() == 5
    world.store.replay_end_transaction(7, is_commit=True)
    assert world.offset() == 9


def test_offsets_of_an_aborted_transaction_never_count(world: World) -> None:
    world.commit(9, producer=7)
    world.store.replay_end_transaction(7, is_commit=False)
    assert world.offset() == -1
    assert world.store.fetch("g", "orders", [0], require_stable=True) == [NOTHING]


def test_a_later_plain_commit_wins_over_a_transaction_that_ends_after_it(world: World) -> None:
    world.commit(9, producer=7)
    world.commit(5)
    world.store.replay_end_transaction(7, is_commit=True)
    assert world.offset() == 5


def test_stable_offsets_wait_for_the_end_of_transactions(world: World) -> None:
    world.commit(5)
    world.commit(9, producer=7)
    unstable = FetchedOffset(0, error_code=ErrorCode.UNSTABLE_OFFSET_COMMIT)
    assert world.store.fetch("g", "orders", [0, 1], require_stable=True) == [unstable, FetchedOffset(1)]
    assert world.store.fetch_all("g", require_stable=True) == {"orders": [unstable]}
    assert world.offset() == 5


# --- deletion


def test_delete_writes_tombstones_for_what_there_is(world: World) -> None:
    world.commit(5)
    world.commit(6, partition=1, producer=7)
    outcome = world.store.delete("g", [("orders", 0), ("orders", 1), ("orders", 2)])
    assert outcome.value == [ErrorCode.NONE] * 3
    assert len(outcome.records) == 2
    world.replay(outcome.records)
    world.store.replay_end_transaction(7, is_commit=True)
    assert world.store.fetch_all("g") == {}


def test_offsets_of_subscribed_topics_are_not_deleted(world: World) -> None:
    world.commit(5)
    world.group().subscribed = {"orders"}
    outcome = world.store.delete("g", [("orders", 0)])
    assert (outcome.value, list(outcome.records)) == ([ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC], [])


def test_delete_all_has_one_tombstone_per_partition(world: World) -> None:
    world.commit(5)
    world.commit(6, producer=7)
    world.commit(6, partition=1, producer=7)
    world.commit(8, group="another")
    records = world.store.delete_all("g")
    assert len(records) == 2
    world.replay(records)
    assert world.store.fetch_all("g") == {}
    assert world.offset("another") == 8


def test_a_deleted_topic_takes_its_offsets_along_in_every_group(world: World) -> None:
    world.commit(5, group="a")
    world.commit(6, group="b", topic_id=ZERO_TOPIC_ID)
    world.commit(7, group="c", topic_id=OTHER_ORDERS)
    world.commit(8, group="a", topic="payments")
    world.commit(9, group="d", producer=7)
    world.replay(world.store.delete_topics({"orders": ORDERS, "other": OTHER_ORDERS}))
    world.store.replay_end_transaction(7, is_commit=True)
    assert [world.offset(group) for group in "abcd"] == [-1, -1, 7, -1]
    assert world.offset("a", "payments") == 8


# --- expiry


def test_an_offset_expires_at_its_retention_and_its_group_with_the_last(world: World) -> None:
    world.commit(5, now_ms=0)
    world.commit(6, partition=1, now_ms=MINUTE_MS)
    assert world.expire(RETENTION_MS - 1) == []
    assert world.expire(RETENTION_MS) == [("g", "orders", "0")]
    assert world.expire(RETENTION_MS + MINUTE_MS) == [("g", "orders", "1"), ("g",)]


def test_a_group_with_members_outlives_its_offsets(world: World) -> None:
    world.commit(5)
    world.group().is_empty = False
    assert world.expire(RETENTION_MS) == [("g", "orders", "0")]


def test_offsets_of_a_group_that_expires_nothing_stay(world: World) -> None:
    world.commit(5)
    world.group().expires = False
    assert world.expire(RETENTION_MS * 100) == []


def test_retention_counts_from_when_the_group_says(world: World) -> None:
    world.commit(5)
    world.group().expiry_base_ms = MINUTE_MS
    assert world.expire(RETENTION_MS) == []
    assert world.expire(RETENTION_MS + MINUTE_MS) == [("g", "orders", "0"), ("g",)]


def test_subscribed_topics_and_pending_transactions_keep_offsets(world: World) -> None:
    world.commit(5)
    world.commit(5, topic="payments")
    world.commit(9, topic="payments", producer=7)
    world.group().subscribed = {"orders"}
    assert world.expire(RETENTION_MS) == []
    world.store.replay_end_transaction(7, is_commit=False)
    assert world.expire(RETENTION_MS) == [("g", "payments", "0")]


def test_a_retention_of_the_client_counts_in_place_of_the_brokers(world: World) -> None:
    """OffsetCommit before version 5 names one."""
    world.commit(5, retention_ms=100)
    assert world.expire(99) == []
    assert world.expire(100) == [("g", "orders", "0"), ("g",)]


def test_an_empty_group_without_offsets_goes(world: World) -> None:
    assert world.expire(0, "empty") == [("empty",)]


def test_a_pending_transaction_keeps_its_group(world: World) -> None:
    world.commit(9, producer=7)
    assert world.expire(RETENTION_MS) == []


@pytest.mark.parametrize("retention_ms", [MAX_INT64, MAX_INT64 - 5, -(1 << 63), -2, 0])
def test_a_retention_that_leaves_int64_wraps_as_in_java(world: World, retention_ms: int) -> None:
    """The reference adds two longs: the offset is committed, and gone with the next look for expired ones."""
    now_ms = 1_700_000_000_000
    assert world.commit(5, retention_ms=retention_ms, now_ms=now_ms) == ErrorCode.NONE
    stored = world.store.get("g", "orders", 0)
    assert stored is not None
    assert stored.expire_timestamp_ms == (now_ms + retention_ms + (1 << 63)) % (1 << 64) - (1 << 63)
    world.replay(world.store.expire([world.group()], now_ms))
    assert world.store.get("g", "orders", 0) is None


@pytest.mark.parametrize("retention_ms", [-1, 1_000])
@pytest.mark.parametrize("metadata", ["", "memo", "ä" * 70, "x" * 127, "x" * 200, "x" * 5000])
def test_the_size_of_a_commit_is_known_before_its_records_are_made(world: World, metadata: str, retention_ms: int) -> None:
    offsets = [OffsetToCommit(topic=f"t{n % 7}", partition=n, offset=n, metadata=metadata) for n in range(300)]
    commit = OffsetCommit(group_id="größer", retention_ms=retention_ms, offsets=offsets)
    size = CommitSize(commit, metadata_max_bytes=4096)
    for offset in offsets:
        size.add(offset.topic, offset.metadata)
    records = OffsetStore(BrokerConfig({"node.id": "1"}), world.groups).commit(commit, 5).records
    assert size.batch_bytes == len(build_batch([(5, key, value, ()) for key, value in records]))
