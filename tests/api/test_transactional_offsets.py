"""Offsets of transactions in the log: restarts, compaction and markers find them as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.manual_clock import ManualClock
from tests.api.offset_transactions import CONFIGS, Transactions
from tests.api.worlds import World, commit_of
from tests.support.config_requests import TOPIC, set_configs

UNSTABLE = ErrorCode.UNSTABLE_OFFSET_COMMIT
OFFSETS_TOPIC = "__consumer_offsets"

Open = Callable[[], Transactions]


@pytest.fixture
def start() -> Iterator[Open]:
    """Starts a broker over the same files, in place of the one before."""
    file_system, clock = MemoryFileSystem(), ManualClock()
    with ExitStack() as running:

        def start() -> Transactions:
            running.close()
            topics = {"orders": 4}
            cluster = running.enter_context(Cluster(topics=topics, configs=CONFIGS, clock=clock, file_system=file_system))
            world = running.enter_context(World(cluster))
            world.group()
            return Transactions(world)

        yield start


@pytest.mark.parametrize("is_commit", [True, False])
def test_a_transaction_can_end_after_a_restart(start: Open, is_commit: bool) -> None:
    transactions = start()
    assert transactions.commit("g", ("orders", [(0, 5), (1, 6)])) == [("orders", [(0, 0), (1, 0)])]
    transactions = start()
    assert transactions.fetch("g", "orders", 0, 1) == [(-1, UNSTABLE), (-1, UNSTABLE)]
    transactions.end(is_commit=is_commit)
    expected = [(5, 0), (6, 0)] if is_commit else [(-1, 0), (-1, 0)]
    assert transactions.fetch("g", "orders", 0, 1) == expected
    assert start().fetch("g", "orders", 0, 1) == expected


def test_plain_commits_and_transactions_are_in_the_order_of_the_log(start: Open) -> None:
    transactions = start()

    def plain(partition: int, offset: int) -> None:
        transactions.world.call(commit_of("g", ("orders", [(partition, offset)])), 7, OffsetCommitResponse)

    plain(0, 1)
    transactions.commit("g", ("orders", [(0, 2), (1, 2), (2, 2)]))
    plain(1, 3)
    transactions.commit("g", ("orders", [(2, 4)]), producer_id=8)
    transactions.end(is_commit=True, producer_id=8)
    assert transactions.fetch("g", "orders", 0, 1, 2, stable=False) == [(1, 0), (3, 0), (4, 0)]
    transactions.end(is_commit=True)
    expected = [(2, 0), (3, 0), (4, 0)]
    assert transactions.fetch("g", "orders", 0, 1, 2) == expected
    assert start().fetch("g", "orders", 0, 1, 2) == expected


def test_a_compacted_log_has_the_same_offsets(start: Open) -> None:
    """What was aborted goes, markers with what they have ended, and open transactions stay as they are."""
    transactions = start()
    world = transactions.world
    set_configs(
        world.client(),
        TOPIC,
        OFFSETS_TOPIC,
        {"internal.segment.bytes": "2000", "min.cleanable.dirty.ratio": "0", "delete.retention.ms": "0"},
    )
    for number in range(120):
        is_commit = number % 3 > 0
        transactions.commit("g", ("orders", [(number % 2, number)]))
        transactions.end(is_commit=is_commit)
    transactions.commit("other", ("orders", [(3, 3)]), producer_id=8)
    transactions.end(is_commit=False, producer_id=8)
    transactions.commit("g", ("orders", [(2, 7)]), producer_id=9)
    for number in range(60):
        transactions.commit("later", ("orders", [(0, number)]))
        transactions.end(is_commit=True)
    log = world.cluster.state.logs.get(OFFSETS_TOPIC, 0)
    assert log is not None
    before = log.size_in_bytes
    for _ in range(3):
        world.cluster.advance(60_000)
    assert log.size_in_bytes < before * 0.7

    def check(transactions: Transactions) -> None:
        assert transactions.fetch("g", "orders", 0, 1, 2) == [(118, 0), (119, 0), (-1, UNSTABLE)]
        assert transactions.fetch("other", "orders", 3) == [(-1, 0)]
        assert transactions.fetch("later", "orders", 0) == [(59, 0)]

    check(transactions)
    transactions = start()
    check(transactions)
    transactions.end(is_commit=True, producer_id=9)
    assert transactions.fetch("g", "orders", 2) == [(7, 0)]
    assert start().fetch("g", "orders", 2) == [(7, 0)]


def test_a_wide_transaction_is_settled_though_nobody_looks(start: Open) -> None:
    transactions = start()
    topic = transactions.world.topic(partitions=1_200)
    transactions.commit("g", (topic, [(n, n) for n in range(1_200)]))
    transactions.end(is_commit=True)
    transactions.world.cluster.advance(0)

    async def unsettled() -> bool:
        runtime = transactions.services.groups._runtime
        return await runtime.read(0, lambda shard, _: shard.offsets.has_unsettled)

    assert not transactions.world.cluster.run(unsettled())
    assert start().fetch("g", topic, 0, 1_199) == [(0, 0), (1_199, 0)]


def test_deletions_take_pending_offsets_along(start: Open) -> None:
    transactions = start()
    transactions.commit("g", ("orders", [(0, 5), (1, 6)]))
    services = transactions.services

    async def delete() -> tuple[list[ErrorCode], dict[str, ErrorCode]]:
        return await services.groups.delete_offsets("g", [("orders", 0)]), await services.groups.delete_groups(["g"])

    assert transactions.world.cluster.run(delete()) == ([ErrorCode.NONE], {"g": ErrorCode.NONE})
    transactions.end(is_commit=True)
    assert transactions.fetch("g", "orders", 0, 1) == [(-1, 0), (-1, 0)]
    assert start().fetch("g", "orders", 0, 1) == [(-1, 0), (-1, 0)]
