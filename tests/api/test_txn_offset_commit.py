"""TxnOffsetCommit over a coordinator of transactions that says what the test wants; the real one is in tests/conformance."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
)
from kafka_compat.testing.cluster import Cluster
from tests.api.offset_transactions import CONFIGS, Transactions
from tests.api.worlds import Turns, World, commit_of

VERSIONS = range(6)
OFFSETS_PARTITION = ("__consumer_offsets", 0)
UNSTABLE = ErrorCode.UNSTABLE_OFFSET_COMMIT


@pytest.fixture(scope="module")
def _one_shard() -> Iterator[Cluster]:
    with Cluster(configs=CONFIGS) as cluster:
        yield cluster


@pytest.fixture
def transactions(_one_shard: Cluster) -> Iterator[Transactions]:
    with World(_one_shard) as world:
        yield Transactions(world)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("is_commit", [True, False])
def test_offsets_count_when_the_transaction_commits(transactions: Transactions, version: int, is_commit: bool) -> None:
    world = transactions.world
    name, group = world.topic(partitions=2), world.group()
    world.call(commit_of(group, (name, [(0, 3)])), 7, OffsetCommitResponse)
    assert transactions.commit(group, (name, [(0, 5), (1, 6)]), version=version) == [(name, [(0, 0), (1, 0)])]
    assert transactions.coordinator.asked == [("tid", 7, 0, [OFFSETS_PARTITION], version == 5)]
    assert transactions.fetch(group, name, 0, 1) == [(-1, UNSTABLE), (-1, UNSTABLE)]
    assert transactions.fetch(group, name, 0, 1, stable=False) == [(3, 0), (-1, 0)]
    transactions.end(is_commit=is_commit)
    assert transactions.fetch(group, name, 0, 1) == ([(5, 0), (6, 0)] if is_commit else [(3, 0), (-1, 0)])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_transaction_is_verified_once(transactions: Transactions, version: int) -> None:
    world = transactions.world
    name, group = world.topic(), world.group()
    for offset in range(3):
        assert transactions.commit(group, (name, [(0, offset)]), version=version, producer_id=8) == [(name, [(0, 0)])]
    assert len(transactions.coordinator.asked) == 1
    transactions.end(is_commit=True, producer_id=8)
    assert transactions.fetch(group, name) == [(2, 0)]
    transactions.commit(group, (name, [(0, 9)]), version=version, producer_id=8)
    assert len(transactions.coordinator.asked) == 2
    transactions.end(is_commit=False, producer_id=8)


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        (ErrorCode.PRODUCER_FENCED, ErrorCode.INVALID_PRODUCER_EPOCH),
        (ErrorCode.INVALID_TXN_STATE, ErrorCode.INVALID_TXN_STATE),
        (ErrorCode.INVALID_PRODUCER_ID_MAPPING, ErrorCode.INVALID_PRODUCER_ID_MAPPING),
        (ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.CONCURRENT_TRANSACTIONS),
        (ErrorCode.NOT_COORDINATOR, ErrorCode.NOT_COORDINATOR),
        (ErrorCode.COORDINATOR_NOT_AVAILABLE, ErrorCode.COORDINATOR_NOT_AVAILABLE),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_coordinator_says_is_told(
    transactions: Transactions, version: int, answered: ErrorCode, told: ErrorCode
) -> None:
    name, group = transactions.world.topic(partitions=2), transactions.world.group()
    transactions.coordinator.code = answered
    assert transactions.commit(group, (name, [(0, 1), (1, 1)]), version=version) == [(name, [(0, told), (1, told)])]
    assert transactions.fetch(group, name) == [(-1, 0)]


@pytest.mark.parametrize("version", VERSIONS)
def test_codes_that_older_clients_do_not_know(transactions: Transactions, version: int) -> None:
    name, group = transactions.world.topic(), transactions.world.group()
    for code, old, first in (
        (ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.INVALID_TXN_STATE, 4),
        (ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.COORDINATOR_NOT_AVAILABLE, 2),
        (ErrorCode.NETWORK_EXCEPTION, ErrorCode.COORDINATOR_NOT_AVAILABLE, 2),
    ):
        transactions.coordinator.code = code
        new = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS if code == ErrorCode.NETWORK_EXCEPTION else code
        expected = new if version >= first else old
        assert transactions.commit(group, (name, [(0, 1)]), version=version) == [(name, [(0, expected)])]


def test_an_epoch_that_is_over_is_refused_before_anybody_is_asked(transactions: Transactions) -> None:
    name, group = transactions.world.topic(), transactions.world.group()
    transactions.end(is_commit=False, producer_id=9, epoch=4)
    for version in VERSIONS:
        assert transactions.commit(group, (name, [(0, 1)]), version=version, producer_id=9, epoch=3) == [
            (name, [(0, ErrorCode.INVALID_PRODUCER_EPOCH)])
        ]
    assert transactions.coordinator.asked == []


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_not_there_is_said_at_once(transactions: Transactions, version: int) -> None:
    name, group = transactions.world.topic(), transactions.world.group()
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert transactions.commit(group, ("no", [(0, 1)]), (name, [(1, 1)]), version=version) == [
        ("no", [(0, unknown)]),
        (name, [(1, unknown)]),
    ]
    assert transactions.coordinator.asked == []
    assert transactions.commit("", (name, [(0, 1)]), version=version) == [(name, [(0, ErrorCode.INVALID_GROUP_ID)])]
    assert transactions.coordinator.asked == []


@pytest.mark.parametrize("version", [3, 4, 5])
def test_generations_and_members_that_are_not_the_groups(transactions: Transactions, version: int) -> None:
    name, group = transactions.world.topic(), transactions.world.group()
    refused = transactions.commit(group, (name, [(0, 1)]), version=version, generation=1, member="m", producer_id=11)
    assert refused == [(name, [(0, ErrorCode.ILLEGAL_GENERATION)])]
    assert len(transactions.coordinator.asked) == 1
    transactions.world.call(commit_of(group, (name, [(0, 3)])), 7, OffsetCommitResponse)
    refused = transactions.commit(group, (name, [(0, 1)]), version=version, generation=1, member="m", producer_id=11)
    assert refused == [(name, [(0, ErrorCode.UNKNOWN_MEMBER_ID)])]


def test_a_wide_commit_is_written_in_parts_and_counts_at_once(transactions: Transactions, turns: Turns) -> None:
    name, group = transactions.world.topic(partitions=700), transactions.world.group()
    committed = transactions.commit(group, (name, [(n, n) for n in range(700)]), producer_id=12)
    assert committed == [(name, [(n, 0) for n in range(700)])]
    assert turns.count >= 700 // 250
    assert len(transactions.coordinator.asked) == 1
    assert {code for _, code in transactions.fetch(group, name, *range(700))} == {UNSTABLE}
    transactions.end(is_commit=True, producer_id=12)
    assert transactions.fetch(group, name, *range(700)) == [(n, 0) for n in range(700)]


def test_a_commit_above_max_message_bytes_is_refused_as_a_whole(transactions: Transactions) -> None:
    name, group = transactions.world.topic(), transactions.world.group()
    wide = [(0, n) for n in range(270)]
    refused = transactions.commit(group, (name, wide), producer_id=13, metadata="x" * 4000)
    assert refused == [(name, [(0, ErrorCode.UNKNOWN_SERVER_ERROR)] * 270)]
    assert transactions.fetch(group, name) == [(-1, 0)]


def test_a_topic_that_is_made_again_inherits_what_transactions_have_committed(transactions: Transactions) -> None:
    """TxnOffsetCommit has no topic ids, and Kafka looks none up: only the deletion takes the offsets away."""
    name, group = transactions.world.topic(), transactions.world.group()
    transactions.commit(group, (name, [(0, 5)]), producer_id=14)
    transactions.end(is_commit=True, producer_id=14)
    asked = OffsetFetchRequestTopics(topic_id=transactions.world.topic_id(name), partition_indexes=[0])
    request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=[asked])])
    (answered,) = transactions.world.call(request, 10, OffsetFetchResponse).groups
    assert answered.topics[0].partitions[0].committed_offset == 5


def test_without_verification_only_what_is_added_is_asked_about() -> None:
    configs = {**CONFIGS, "transaction.partition.verification.enable": "false"}
    with Cluster(configs=configs) as cluster, World(cluster) as world:
        transactions = Transactions(world)
        name, group = world.topic(), world.group()
        transactions.coordinator.code = ErrorCode.INVALID_TXN_STATE
        for version in range(5):
            assert transactions.commit(group, (name, [(0, version)]), version=version) == [(name, [(0, 0)])]
        transactions.end(is_commit=True)
        assert transactions.fetch(group, name) == [(4, 0)]
        assert transactions.coordinator.asked == []
        assert transactions.commit(group, (name, [(0, 5)])) == [(name, [(0, ErrorCode.INVALID_TXN_STATE)])]
        assert len(transactions.coordinator.asked) == 1
