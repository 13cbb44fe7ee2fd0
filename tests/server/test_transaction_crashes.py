"""The broker dies, loses power, or its disk fails once, between any two steps of a transaction and its end.

The N-th call to the file system is the one, for N = 1, 2, ... from the transaction's first write to the record of its
completion. Then the transaction is whole or not at all: records in two partitions and the offset of a group; whole when its
commit was acknowledged, and not at all when it was aborted or its end never asked for. Nothing hangs: readers of what is
committed get to the end in a time that the clock bounds, the producer begins anew, and its next transaction works.

That holds of the death of the process, and of a loss of power when each append is flushed before it is acknowledged
(`flush.messages=1`). Without that a loss of power takes from each log what was not flushed, as in Kafka with one replica; the
last test says what still holds.

By default each call goes wrong in one of several ways in turn, and where there are many, one call of several does; with
KAFKA_COMPAT_EVERY_CALL=1 all calls in all ways.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest

from kafka_compat.filesystem import Effect, Fault, MemoryFileSystem
from kafka_compat.protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    TopicRequest,
)
from kafka_compat.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from kafka_compat.storage.interface import StorageError
from kafka_compat.testing import Cluster, ManualClock
from tests.support.transaction_steps import (
    CONFIGS,
    GROUP,
    PARTITIONS,
    PIECES,
    TIMEOUT_MS,
    TOPIC,
    TOPICS,
    Piece,
    Refused,
    Steps,
    Way,
)
from tests.support.wire_client import WireClient

# What a medium brings with it that fails: once at any call, and for good when the broker stops.
_HALTED = pytest.mark.expects_errors("not closed cleanly|cannot be flushed", maybe=True)

EVERY_CALL = bool(os.environ.get("KAFKA_COMPAT_EVERY_CALL"))
PATIENT, IMPATIENT = 100, 1  # tries
FLUSHED_MS = 6_000
# Until the coordinator has looked for transactions that take too long, and ended them.
TIMED_OUT_MS = TIMEOUT_MS + 11_000
BEFORE, UNDER_TEST, AFTER = 1, 2, 3
OFFSET: Piece = (GROUP, 0)
DURABLE = {"log.flush.interval.messages": 1}


class ThreadedMemoryFileSystem(MemoryFileSystem):
    """In memory, but handled like a disk: syncs are group commits on threads, and appends wait for them."""

    blocking = True


@contextmanager
def world(
    file_system: MemoryFileSystem, clock: ManualClock, way: Way, configs: Mapping[str, int]
) -> Iterator[tuple[Cluster, Steps]]:
    """A cluster, and a patient client of it; it need not stop in order, for its medium may be gone."""
    cluster = Cluster(topics=TOPICS, configs={**CONFIGS, **configs}, clock=clock, file_system=file_system)
    with suppress(StorageError), cluster, WireClient(cluster.bootstrap) as client:
        yield cluster, Steps(client, way, clock, lambda: cluster.advance(100), PATIENT)


@dataclass
class Round:
    """One transaction, and what is known of it.

    Attributes:
        flushes: whether logs are flushed before, amid and after the transaction, which has them write snapshots.
        is_sent: its end was asked for.
        is_acknowledged: its end was acknowledged.
    """

    way: Way
    is_commit: bool
    flushes: bool
    configs: Mapping[str, int]
    is_sent: bool = False
    is_acknowledged: bool = False

    def begin(self, cluster: Cluster, steps: Steps) -> None:
        """What was before: one committed transaction."""
        steps.init()
        steps.write(BEFORE)
        steps.end(is_commit=True)
        cluster.advance(FLUSHED_MS if self.flushes else 100)

    def play(self, cluster: Cluster, steps: Steps) -> None:
        """The transaction, until nothing is left to do of it.

        Raises:
            Refused: it goes no further.
        """
        pause: Callable[[], None] = (lambda: cluster.advance(FLUSHED_MS)) if self.flushes else (lambda: None)
        steps.write(UNDER_TEST, pause=pause)
        self.is_sent = True
        steps.end(is_commit=self.is_commit)
        self.is_acknowledged = True
        cluster.advance(0)
        pause()

    def check(self, steps: Steps) -> None:
        """Readers get to the end, and see the transaction whole or not at all."""
        assert steps.held_back() == []
        seen = steps.committed()
        pieces: set[Piece] = seen.pop(UNDER_TEST, set())
        before = seen.pop(BEFORE)
        assert not seen
        assert before == PIECES - (pieces & {OFFSET})
        if not self.is_sent or not self.is_commit:
            assert pieces == set()
        elif self.is_acknowledged:
            assert pieces == PIECES
        else:
            assert pieces in (set(), PIECES)

    def go_on(self, cluster: Cluster, steps: Steps) -> None:
        """The producer's next transaction works."""
        steps.write(AFTER)
        steps.end(is_commit=True)
        cluster.advance(100)
        assert steps.held_back() == []
        assert steps.committed()[AFTER] == PIECES


# How a call goes wrong, and whether what is open then ends by its timeout or because the producer is back.
WAYS_TO_DIE = list(itertools.product((Effect.FAIL, Effect.TEAR), (False, True)))
# How a call goes wrong, and whether the broker is started again afterwards.
WAYS_TO_FAIL = list(itertools.product((Effect.FAIL, Effect.TEAR, Effect.LOSE), (False, True)))


def survivors(call: int) -> int | None:
    """What of the unsynced pages survives a loss of power: a seed, or None for nothing."""
    return call if call % 3 else None


def crash(
    round_: Round, call: int, effect: Effect, *, ends_by_timeout: bool, power_loss: bool, make: type[MemoryFileSystem]
) -> bool:
    """Die at one call, start again and check; False when the transaction needed fewer."""
    file_system, clock = make(), ManualClock()
    with world(file_system, clock, round_.way, round_.configs) as (cluster, steps):
        round_.begin(cluster, steps)
        file_system.inject(Fault(at_call=call, effect=effect, halt=True))
        steps.tries = IMPATIENT
        with suppress(Refused):
            round_.play(cluster, steps)
        has_died = file_system.faults.fired
        assert has_died or round_.is_acknowledged
        left = file_system.crash(power_loss=power_loss, seed=survivors(call))
    clock = ManualClock(clock.wall_ms())
    with world(left, clock, round_.way, round_.configs) as (cluster, steps):
        if ends_by_timeout:
            cluster.advance(TIMED_OUT_MS)
            round_.check(steps)
            steps.init()
        else:
            steps.init()
            cluster.advance(100)
            round_.check(steps)
        round_.go_on(cluster, steps)
    return has_died


def for_each_call(
    attempt: Callable[[int, Effect, bool], bool], ways: Sequence[tuple[Effect, bool]], *, least: int, step: int
) -> None:
    """`attempt` with N = 1, 2, ... until it says that there were fewer calls; more than `least` there must be."""
    step = 1 if EVERY_CALL else step
    for turn, call in enumerate(itertools.count(1 + random.randrange(step), step)):
        for effect, is_second in ways if EVERY_CALL else [ways[turn % len(ways)]]:
            try:
                has_fired = attempt(call, effect, is_second)
            except BaseException as error:
                error.add_note(f"call {call}, {effect}, {is_second}")
                raise
            if not has_fired:
                assert call > least
                return


@_HALTED
@pytest.mark.parametrize("flushes", [False, True], ids=["", "flushed"])
@pytest.mark.parametrize("is_commit", [True, False], ids=["commit", "abort"])
@pytest.mark.parametrize("way", Way)
def test_the_process_dies_and_the_transaction_is_whole_or_not_at_all(way: Way, is_commit: bool, flushes: bool) -> None:
    def attempt(call: int, effect: Effect, ends_by_timeout: bool) -> bool:
        round_ = Round(way, is_commit, flushes, {})
        return crash(round_, call, effect, ends_by_timeout=ends_by_timeout, power_loss=False, make=MemoryFileSystem)

    for_each_call(attempt, WAYS_TO_DIE, least=9, step=5 if flushes else 1)


@_HALTED
@pytest.mark.parametrize("make", [MemoryFileSystem, ThreadedMemoryFileSystem])
@pytest.mark.parametrize("is_commit", [True, False], ids=["commit", "abort"])
@pytest.mark.parametrize("way", Way)
def test_power_is_lost_and_what_is_flushed_at_once_is_whole_or_not_at_all(
    way: Way, is_commit: bool, make: type[MemoryFileSystem]
) -> None:
    def attempt(call: int, effect: Effect, ends_by_timeout: bool) -> bool:
        round_ = Round(way, is_commit, make is MemoryFileSystem, DURABLE)
        return crash(round_, call, effect, ends_by_timeout=ends_by_timeout, power_loss=True, make=make)

    for_each_call(attempt, WAYS_TO_DIE, least=18, step=5 if make is MemoryFileSystem else 2)


@_HALTED
@pytest.mark.parametrize("make", [MemoryFileSystem, ThreadedMemoryFileSystem])
@pytest.mark.parametrize("is_commit", [True, False], ids=["commit", "abort"])
@pytest.mark.parametrize("way", Way)
def test_one_call_fails_and_the_broker_goes_on(way: Way, is_commit: bool, make: type[MemoryFileSystem]) -> None:
    """Errors that clients try again are all that they get, and the transaction ends as they wished."""

    def attempt(call: int, effect: Effect, restarts: bool) -> bool:
        round_ = Round(way, is_commit, make is MemoryFileSystem, DURABLE)
        file_system, clock = make(), ManualClock()
        with world(file_system, clock, way, DURABLE) as (cluster, steps):
            round_.begin(cluster, steps)
            file_system.inject(Fault(at_call=call, effect=effect))
            round_.play(cluster, steps)
            has_failed = file_system.faults.fired
            file_system.inject(None)
            cluster.advance(5_000)
            round_.check(steps)
            if not restarts:
                round_.go_on(cluster, steps)
                return has_failed
            left = file_system.crash(power_loss=True, seed=survivors(call))
        with world(left, ManualClock(clock.wall_ms()), way, DURABLE) as (cluster, steps):
            steps.init()
            round_.check(steps)
            round_.go_on(cluster, steps)
        return has_failed

    for_each_call(attempt, WAYS_TO_FAIL, least=18, step=5 if make is MemoryFileSystem else 2)


@_HALTED
@pytest.mark.parametrize("flushes", [False, True], ids=["", "flushed"])
@pytest.mark.parametrize("is_commit", [True, False], ids=["commit", "abort"])
@pytest.mark.parametrize("way", Way)
def test_power_is_lost_and_of_what_is_not_flushed_each_partition_has_a_prefix(way: Way, is_commit: bool, flushes: bool) -> None:
    """Each log ends where the disk says, and they do not agree, as in Kafka with one replica.

    The coordinator may know of a commit whose records are gone, or may have forgotten that it was decided, or that there was a
    transaction: it aborts what it finds open, and what only a partition knows of hangs until `kafka-transactions` finds and
    aborts it; else the producer's next transaction would take it along. Then readers see of the transaction a prefix in each
    partition, and nothing whose commit was not asked for. What was flushed before is there, and the producer goes on.
    """

    def attempt(call: int, effect: Effect, _: bool) -> bool:
        round_ = Round(way, is_commit, flushes, {})
        file_system, clock = MemoryFileSystem(), ManualClock()
        with world(file_system, clock, way, {}) as (cluster, steps):
            round_.begin(cluster, steps)
            cluster.advance(FLUSHED_MS)
            file_system.inject(Fault(at_call=call, effect=effect, halt=True))
            steps.tries = IMPATIENT
            with suppress(Refused):
                round_.play(cluster, steps)
            has_died = file_system.faults.fired
            assert has_died or round_.is_acknowledged
            left = file_system.crash(power_loss=True, seed=survivors(call))
        clock = ManualClock(clock.wall_ms())
        with world(left, clock, way, {}) as (cluster, steps):
            cluster.advance(TIMED_OUT_MS)
            abort_hanging(steps.client)
            assert steps.held_back() == []
            seen = steps.committed()
            pieces: set[Piece] = seen.pop(UNDER_TEST, set())
            assert seen == {BEFORE: PIECES - (pieces & {OFFSET})}
            assert (round_.is_sent and round_.is_commit) or not pieces
            assert ("second", 0) not in pieces or ("first", 0) in pieces
            steps.init()
            round_.go_on(cluster, steps)
        return has_died

    for_each_call(attempt, WAYS_TO_DIE, least=9, step=5 if flushes else 1)


def abort_hanging(client: WireClient) -> None:
    """End what is open in partitions as `kafka-transactions abort` does."""
    for topic, partition in [*((TOPIC, partition) for partition in PARTITIONS), ("__consumer_offsets", 0)]:
        asked = TopicRequest(name=topic, partition_indexes=[partition])
        answer = client.call(DescribeProducersRequest(topics=[asked]), 0, DescribeProducersResponse)
        for producer in answer.topics[0].partitions[0].active_producers:
            if producer.current_txn_start_offset < 0:
                continue
            marker = WritableTxnMarker(
                producer_id=producer.producer_id,
                producer_epoch=producer.producer_epoch,
                coordinator_epoch=producer.coordinator_epoch,
                transaction_result=False,
                topics=[WritableTxnMarkerTopic(name=topic, partition_indexes=[partition])],
            )
            ended = client.call(WriteTxnMarkersRequest(markers=[marker]), 1, WriteTxnMarkersResponse)
            assert ended.markers[0].topics[0].partitions[0].error_code == 0
